"""What WeCom says became of the tasks: who confirmed, who got it, who did not and why."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from linli.connect import api as connect
from linli.kit.clock import from_unix, now
from linli.ledger import api as ledger
from linli.messaging import facts, months
from linli.messaging.models import Recipient, Send, StaffTask
from linli.messaging.operations.drafts import note, say
from linli.messaging.operations.locks import working_on
from linli.wecom.client import Client
from linli.wecom.errors import (
    ApiError,
    BadAnswer,
    RateLimited,
    StillDispatching,
    TaskCancelled,
    TransportError,
    WecomError,
)
from linli.wecom.message_calls import MassResult

log = logging.getLogger(__name__)

CONFIRMED = 2  # get_groupmsg_task knows 0 and 2, no 1 (wire.md C.7)
STATES = {0: "confirmed", 1: "sent", 2: "not_friend", 3: "over_limit"}
OPEN = (StaffTask.State.CREATED, StaffTask.State.CONFIRMED)
MIN_PAUSE, MAX_PAUSE = timedelta(minutes=30), timedelta(hours=12)
EXPIRES = timedelta(days=7)
NOT_CONFIRMED = "not_confirmed"
NO_RESULT = "no_result"
_APPLY = """
    UPDATE messaging_recipient r
    SET state = t.state, state_at = coalesce(to_timestamp(t.sent_at), %s)
    FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS t (external_userid, state, sent_at)
    WHERE r.corp_id = %s AND r.task_id = %s AND r.planned_at BETWEEN %s AND %s AND r.external_userid = t.external_userid
      AND r.state IN ('tasked', 'confirmed', 'cancelled') AND r.state <> t.state
      AND NOT (r.state = 'cancelled' AND t.state = 'confirmed')
    RETURNING r.customer_id, r.state, r.state_at
"""


def _log(task: StaffTask, error: Exception) -> None:
    log.warning("send %s: the results of task %s could not be read: %s", task.send_id, task.pk, error)


def pull(corp_id: int, send_id: int, unread: Callable[[StaffTask, Exception], None] = _log) -> bool:
    """Read the results of a send's open tasks; True when all of them are settled and the send is done.

    `unread` hears of each task that could not be read and why.
    """
    with working_on(send_id) as mine:
        row = Send.objects.filter(corp_id=corp_id, id=send_id, state=Send.State.TASKED).first()
        if not mine or row is None:
            return False
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
        read(client, row, unread)
        if row.tasked_at is not None and now() - row.tasked_at >= EXPIRES:
            _expire(client, row)
        return _close(row)


def read(client: Client, row: Send, unread: Callable[[StaffTask, Exception], None] = _log) -> None:
    """Read every open task once; a task that cannot be read now keeps its place for the next time."""
    for task in StaffTask.objects.filter(corp_id=row.corp_id, send=row, state__in=OPEN, settled_at=None).order_by("id"):
        try:
            read_task(client, task)
        except BadAnswer as error:
            unread(task, error)
        except (RateLimited, TransportError, connect.BudgetSpent) as error:
            unread(task, error)
            return
        except StillDispatching:
            continue
        except WecomError as error:  # this task's own trouble; asked again at the next reading
            unread(task, error)


def read_task(client: Client, task: StaffTask) -> None:
    """Read one task: has the clerk confirmed, and then what became of each customer."""
    assert task.msgid is not None
    tasks = list(client.mass_tasks(task.msgid))
    mine = [one for one in tasks if one.userid == task.userid]
    if tasks and not mine:
        raise BadAnswer("externalcontact/get_groupmsg_task", "it is about other members")
    if not mine or mine[0].status != CONFIRMED:
        return
    confirmed_at = from_unix(mine[0].sent_at) if mine[0].sent_at else now()
    results = list(client.mass_results(task.msgid, task.userid))
    if any(one.userid != task.userid for one in results):
        raise BadAnswer("externalcontact/get_groupmsg_send_result", "it is about other members")
    with transaction.atomic():
        if task.confirmed_at is None:
            _confirm(task, confirmed_at)
        changed = _apply(task, results)
        ledger.publish_many(corp_id=task.corp_id, facts=_news(task, changed))
        open_rows = months.of_task(task).filter(state__in=("tasked", "confirmed"))
        if not open_rows.exists():
            task.settled_at = now()
            task.save(update_fields=["settled_at"])


def _confirm(task: StaffTask, at: datetime) -> None:
    task.confirmed_at, task.next_remind_at = at, None
    if task.state == StaffTask.State.CREATED:
        task.state = StaffTask.State.CONFIRMED
    task.save(update_fields=["confirmed_at", "next_remind_at", "state"])
    data = {"send_id": task.send_id, "staff_id": task.staff_id, "userid": task.userid, "size": task.size}
    ledger.publish(
        corp_id=task.corp_id, kind=facts.TASK_CONFIRMED, subject=f"task:{task.pk}", data=data, occurred_at=at
    )
    rows = months.of_task(task).filter(state=Recipient.State.TASKED)
    rows.update(state=Recipient.State.CONFIRMED, state_at=at)


def _apply(task: StaffTask, results: Sequence[MassResult]) -> list[tuple[int, str, datetime]]:
    known = [one for one in results if one.external_userid and one.status in STATES]
    columns: list[Any] = [
        [one.external_userid for one in known],
        [STATES[one.status] for one in known],
        [one.sent_at for one in known],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_APPLY, [now(), *columns, task.corp_id, task.pk, *months.span(task.send)])
        return [(row[0], row[1], row[2]) for row in cursor.fetchall()]


def _news(task: StaffTask, changed: list[tuple[int, str, datetime]]) -> list[ledger.NewFact]:
    name = task.send.name
    news = []
    for customer_id, state, at in changed:
        if state == Recipient.State.CONFIRMED:
            continue
        data: dict[str, object] = {"send_id": task.send_id, "name": name, "task_id": task.pk, "staff_id": task.staff_id}
        sent = state == Recipient.State.SENT
        news.append(
            ledger.NewFact(
                kind=facts.SENT if sent else facts.NOT_SENT,
                subject=f"customer:{customer_id}",
                data=data if sent else {**data, "why": state},
                occurred_at=at,
                customer_id=customer_id,
            )
        )
    return news


def _expire(client: Client, row: Send) -> None:
    """After a week, stop what nobody confirmed, so that an old message does not go out late; the rest has no result."""
    for task in StaffTask.objects.filter(corp_id=row.corp_id, send=row, state=StaffTask.State.CREATED):
        stop(client, task, reason=NOT_CONFIRMED)
    rows = months.of_send(row).filter(state=Recipient.State.CONFIRMED)
    rows.update(state=Recipient.State.UNKNOWN, reason=NO_RESULT, state_at=now())
    tasks = StaffTask.objects.filter(corp_id=row.corp_id, send=row, state=StaffTask.State.CONFIRMED, settled_at=None)
    tasks.update(settled_at=now())


def stop(client: Client, task: StaffTask, *, reason: str) -> bool:
    """Cancel a task at WeCom, then read what had gone out before; False when WeCom could not be asked: try again."""
    assert task.msgid is not None
    try:
        client.cancel_mass(task.msgid)
    except TaskCancelled:
        pass  # done already, by us before a crash or in WeCom's own console
    except (ApiError, TransportError, connect.BudgetSpent) as error:
        log.warning("send %s: task %s could not be cancelled: %s", task.send_id, task.pk, error)
        return False
    try:
        read_task(client, task)
    except (ApiError, TransportError, connect.BudgetSpent):
        return False
    with transaction.atomic():
        rows = months.of_task(task).filter(state__in=("tasked", "confirmed"))
        rows.update(state=Recipient.State.CANCELLED, reason=reason, state_at=now())
        task.settled_at, task.next_remind_at = now(), None
        if task.state == StaffTask.State.CREATED:
            task.state = StaffTask.State.CANCELLED
        task.save(update_fields=["settled_at", "next_remind_at", "state"])
    return True


def _close(row: Send) -> bool:
    """Settle the send when every task is settled; else say when to look again: later and later."""
    with transaction.atomic():
        open_tasks = StaffTask.objects.filter(corp_id=row.corp_id, send=row, settled_at=None).exists()
        row.pulled_at = now()
        if open_tasks:
            age = now() - (row.tasked_at or now())
            row.next_pull_at = now() + min(max(age / 2, MIN_PAUSE), MAX_PAUSE)
            row.save(update_fields=["pulled_at", "next_pull_at"])
            return False
        row.state, row.done_at, row.next_pull_at = Send.State.DONE, now(), None
        row.save(update_fields=["pulled_at", "state", "done_at", "next_pull_at"])
        note(row, row.state, "")
        sent = months.of_send(row).filter(state=Recipient.State.SENT).count()
        say(row, facts.SEND_DONE, {"name": row.name, "sent": sent})
    return True
