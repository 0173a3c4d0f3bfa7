"""The door of handover: plans, hand-overs, the rule for those who leave, the unassigned."""

from datetime import datetime

from linli.access.api import EVERYTHING, Scope
from linli.handover import operations, queries, working
from linli.handover.limits import GROUPS_A_DAY, TIMES, WINDOW_DAYS
from linli.handover.operations import HALF_OPEN
from linli.handover.planning import CustomerLine, GroupLine, Plan, TakerShare
from linli.handover.planning import plan as make_plan
from linli.handover.queries import Waiting
from linli.handover.unassigned import reconcile
from linli.handover.wishes import GROUPS, MOST_WORDS, SPLITS, Wish, from_json
from linli.kit.clock import now

__all__ = [
    "GROUPS", "GROUPS_A_DAY", "HALF_OPEN", "MOST_WORDS", "SPLITS", "TIMES", "WINDOW_DAYS", "CustomerLine", "GroupLine", "Plan",
    "TakerShare", "Waiting", "Wish", "cancel", "carry_out", "dismiss", "from_json", "plan", "read_soon", "reconcile", "set_rule",
    "start", "sync_soon", "tick", "unassigned",
]  # fmt: skip


def plan(*, corp_id: int, wish: Wish) -> Plan:
    """Who would get whom, and who is left out and why, as of now; writes and calls nothing. BadInput, NotFound."""
    return make_plan(corp_id=corp_id, wish=wish)


def start(*, corp_id: int, wish: Wish, author: str, handover_id: int | None = None) -> int:
    """Plan once more and begin; the calls follow by a job. Returns the hand-over's id. Refused when nothing would go.

    `handover_id` names the proposal that becomes this.
    """
    return operations.start(corp_id=corp_id, wish=wish, author=author, handover_id=handover_id)


def dismiss(*, corp_id: int, handover_id: int, author: str) -> None:
    """A proposal is not wanted."""
    operations.dismiss(corp_id=corp_id, handover_id=handover_id, author=author)


def cancel(*, corp_id: int, handover_id: int, author: str) -> int:
    """Stop what WeCom has not been asked for yet; returns how many customers and groups stay."""
    return operations.cancel(corp_id=corp_id, handover_id=handover_id, author=author)


def set_rule(*, corp_id: int, mode: str, split: str, groups_to: str, customer_cap: int, author: str) -> None:
    """What happens when a clerk leaves: mode "off", "propose" or "carry_out"; the cap is WeCom's customers per clerk."""
    operations.set_rule(
        corp_id=corp_id, mode=mode, split=split, groups_to=groups_to, customer_cap=customer_cap,
        author=author,
    )  # fmt: skip


def carry_out(*, corp_id: int, handover_id: int, at_once: bool = True) -> None:
    """One turn of work now: calls that wait, results. Calls WeCom: not inside a transaction."""
    working.work(corp_id, handover_id, at_once=at_once)


def read_soon(*, corp_id: int, handover_id: int) -> None:
    """Have the results read by a job."""
    operations.locked_running(corp_id, handover_id)
    working.queue(corp_id=corp_id, handover_id=handover_id, at=now(), at_once=True)


def sync_soon(*, corp_id: int) -> bool:
    """Have the unassigned read by a job; False when such a job waits already."""
    return working.queue_sync(corp_id=corp_id)


def unassigned(*, corp_id: int, scope: Scope = EVERYTHING) -> list[Waiting]:
    """Members who left with customers on WeCom's list, who left first first."""
    return queries.unassigned(corp_id, scope)


def tick(*, corp_id: int, at: datetime) -> int:
    """Queue the work that is due at `at`; returns how many hand-overs."""
    return working.tick(corp_id, at)
