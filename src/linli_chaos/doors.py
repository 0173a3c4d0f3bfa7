"""What a seed asks of Linli, through its doors; each function runs in a child process of its own."""

from concurrent.futures import Executor
from typing import Any

from django.db import connection

from linli.access import api as access
from linli.connect import api as connect
from linli.customers import api as customers
from linli.customers.jobs import sweep_marks
from linli.groups import api as groups
from linli.ledger import api as ledger
from linli.messaging import api as messaging
from linli.project.routes import ROUTES
from linli.project.subscriptions import SUBSCRIPTIONS
from linli.segments import api as segments

IDLE_ROUNDS = 20  # data that lags is asked for four times, a row is parked after eight
# Said with the moment of what happened: the same twice is a doubled effect.
_DOUBLED = """
SELECT kind, subject, count(*) FROM ledger_fact
WHERE kind IN ('customers.follow_added', 'customers.follow_lost', 'customers.joined', 'groups.member_joined',
               'groups.member_left', 'groups.dismissed', 'messaging.sent', 'messaging.task_confirmed')
GROUP BY kind, subject, occurred_at, data HAVING count(*) > 1
"""
_HISTORY = """
SELECT c.external_userid, s.userid, f.live, f.added_at::text, f.lost_at::text, f.lost_by, f.state_text,
       c.first_added_at::text, c.channel_state
FROM customers_follow f JOIN customers_customer c ON c.id = f.customer_id JOIN directory_staff s ON s.id = f.staff_id
ORDER BY 1, 2
"""


def corp() -> int:
    """The one corp."""
    return access.corps()[0].id


def plan_a_send() -> None:
    """An operator writes to everyone."""
    draft = messaging.Draft(
        name="大家好", definition=segments.Added(days=3650), content=messaging.Content(text="{shop}有新品，来看看～"),
        holdout_percent=10,
    )  # fmt: skip
    found = messaging.create(corp_id=corp(), draft=draft, author="周岚")
    messaging.plan(corp_id=corp(), send_id=found.id, author="周岚")
    messaging.approve(corp_id=corp(), send_id=found.id, author="周岚")


def begin_night() -> int:
    """Ask for the night's reconciliation, which the worker runs; its id, or that of one that goes on already."""
    asked = connect.start_reconciliation(corp_id=corp(), by="linli_chaos")
    return asked or next(one.id for one in connect.latest_reconciliations(corp_id=corp()) if one.finished_at is None)


def sweep() -> None:
    """What the worker's clock does once a minute."""
    sweep_marks(timestamp=0)


def figures() -> dict[str, Any]:
    """How Linli stands: what waits, what it said, what it holds."""
    health, welcomes = ledger.health(corp_id=corp()), ledger.welcome_figures(corp_id=corp())
    with connection.cursor() as cursor:
        cursor.execute(_DOUBLED)
        doubled = cursor.fetchall()
    msgids = {
        msgid for one in messaging.sends(corp_id=corp()) for msgid in messaging.msgids(corp_id=corp(), send_id=one.id)
    }
    return {
        "received": health.received, "waiting": health.waiting, "parked": health.parked, "stuck": health.stuck,
        "unplaced": health.unplaced, "behind": sum(ledger.lag(names=[one.name for one in SUBSCRIPTIONS]).values()),
        "welcomes_said": welcomes.in_time, "welcomes_late": welcomes.too_late,
        "notes": ledger.welcome_notes(corp_id=corp()), "doubled": doubled, "msgids": msgids, "mirror": mirror(),
        "night": night(),
    }  # fmt: skip


def night() -> dict[str, Any]:
    """What Linli says of its reconciliations: the last one's state, rooms and gaps, and what all together found missing."""
    last, found = connect.latest_reconciliations(corp_id=corp(), limit=1), connect.reconciliations(corp_id=corp())
    return {
        "state": last[0].state if last else "", "rooms": tuple(run.kind for run in last[0].runs) if last else (),
        "unread": found.could_not_read, "missed": dict(found.missed_callbacks),
    }  # fmt: skip


def mirror() -> dict[str, Any]:
    """What Linli holds of WeCom."""
    return {**customers.digest(corp_id=corp()), **groups.state_rows(corp_id=corp())}


def drain(executor: Executor) -> None:
    """Apply everything that waits, pauses left out, until nothing does."""
    idle = 0
    while idle < IDLE_ROUNDS:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_inbox SET next_try_at = NULL WHERE state = 0")
        idle = 0 if ledger.drain_once(ROUTES, executor=executor).applied else idle + 1
        if not ledger.line_state(corp_id=corp()).waiting:
            return
    raise RuntimeError(f"{IDLE_ROUNDS} rounds applied nothing of what waits")


def digest() -> dict[str, Any]:
    """All that events alone decide: the mirror, and each relation's history."""
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY)
        return {**mirror(), "history": cursor.fetchall()}
