"""The door of messaging: draft, plan, approve and cancel sends, and read what became of them."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction

from linli.access.api import EVERYTHING, Scope
from linli.kit.clock import now
from linli.messaging import limits, months, planning, queries, schedule
from linli.messaging.content import Content, GroupCode, Image, Link, MiniProgram
from linli.messaging.limits import DatedRule
from linli.messaging.models import Send
from linli.messaging.operations import cancel as cancelling
from linli.messaging.operations import drafts, nudges, results, trial
from linli.messaging.operations import launch as launching
from linli.messaging.operations.drafts import Draft
from linli.messaging.partitions import RECIPIENTS
from linli.messaging.policy import Cap, Quiet
from linli.messaging.queries import Funnel
from linli.messaging.reconciling import reconcile

__all__ = [
    "Cap", "Content", "DatedRule", "Draft", "Funnel", "GroupCode", "Image", "Link", "MiniProgram", "PlanInfo", "Quiet", "SendInfo",
    "WaitingTask", "approve", "assigned", "cancel", "change", "create", "dated_rules", "discard", "escalated", "funnel", "funnels",
    "launch", "msgids", "plan", "pull_results", "pull_soon", "received", "reconcile", "remind", "remind_all", "reopen", "rules",
    "send", "send_to_self", "sends", "set_cap", "set_quiet_hours", "take_back_rule", "tell", "tick",
]  # fmt: skip
PARTITIONED = (RECIPIENTS,)


@dataclass(frozen=True, kw_only=True)
class SendInfo:
    """A send: state is draft, planned, approved, creating, tasked, done or cancelled; times are None until reached."""

    id: int
    name: str
    state: str
    holdout_percent: int
    author: str
    created_at: datetime
    send_at: datetime | None
    planned_at: datetime | None
    tasked_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PlanInfo:
    """A plan's sizes; planned = to_send + holdout + Σ excluded."""

    planned: int
    to_send: int
    holdout: int
    excluded: dict[str, int]
    send_at: datetime
    moved_from: datetime | None


@dataclass(frozen=True, kw_only=True)
class WaitingTask:
    """A clerk whom reminders did not move."""

    task_id: int
    send_id: int
    send_name: str
    staff_name: str
    size: int
    escalated_at: datetime


def create(*, corp_id: int, draft: Draft, author: str) -> SendInfo:
    """Keep a draft."""
    return _info(drafts.create(corp_id, draft, author=author))


def change(*, corp_id: int, send_id: int, draft: Draft, author: str) -> SendInfo:
    """Keep a draft's next version."""
    return _info(drafts.change(corp_id, send_id, draft, author=author))


def discard(*, corp_id: int, send_id: int, author: str) -> None:
    """Give a draft up."""
    drafts.discard(corp_id, send_id, author=author)


def plan(*, corp_id: int, send_id: int, author: str) -> PlanInfo:
    """Make the plan: a row for everyone in the segment. BadInput when the message cannot be sent as it is."""
    made: planning.Plan = drafts.plan(corp_id, send_id, author=author)
    return PlanInfo(
        planned=len(made.choices),
        to_send=made.count("planned"),
        holdout=made.count("holdout"),
        excluded=dict(made.losses()),
        send_at=made.send_at,
        moved_from=made.moved_from,
    )


def approve(*, corp_id: int, send_id: int, author: str) -> SendInfo:
    """Let a planned send go out at its time; a job makes the tasks when that is now."""
    from linli.messaging import jobs

    with transaction.atomic():
        row = drafts.approve(corp_id, send_id, author=author)
        if row.send_at is not None and row.send_at <= now():
            jobs.launch_send.defer(corp_id=corp_id, send_id=send_id)
    return _info(row)


def reopen(*, corp_id: int, send_id: int, author: str) -> SendInfo:
    """Make a planned send a draft again."""
    return _info(drafts.reopen(corp_id, send_id, author=author))


def launch(*, corp_id: int, send_id: int) -> bool:
    """Make an approved send's tasks at WeCom; True when each has its outcome, else call again."""
    return launching.launch(corp_id, send_id)


def tell(*, corp_id: int, send_id: int) -> int:
    """Tell the clerks who were not told yet."""
    return nudges.tell(corp_id, send_id)


def pull_results(*, corp_id: int, send_id: int) -> bool:
    """Read the results at WeCom now; True when the send is done."""
    return results.pull(corp_id, send_id)


def pull_soon(*, corp_id: int, send_id: int) -> None:
    """Have a job read the results."""
    from linli.messaging import jobs

    jobs.pull_results.defer(corp_id=corp_id, send_id=send_id)


def send_to_self(*, corp_id: int, send_id: int, userid: str) -> None:
    """Send a staff member the words of a send as an application message; no customer gets it and nothing is counted.

    Refused where nobody has this userid, BadContent, Unavailable.
    """
    trial.send_to(corp_id, send_id, userid)


def remind(*, corp_id: int, task_id: int, author: str) -> None:
    """Remind one clerk now; Refused after three reminders within 24 hours."""
    nudges.remind(corp_id, task_id, author=author)


def remind_all(*, corp_id: int, send_id: int, author: str) -> int:
    """Have a job remind every clerk of the send who has not confirmed; returns how many."""
    from linli.messaging import jobs

    waiting = queries.tasks(corp_id, EVERYTHING, send_id).filter(state="created")
    task_ids = list(waiting.values_list("id", flat=True))
    if task_ids:
        jobs.remind_tasks.defer(corp_id=corp_id, task_ids=task_ids, author=author)
    return len(task_ids)


def cancel(*, corp_id: int, send_id: int, author: str) -> bool:
    """Stop a send; True when all is stopped, False when WeCom is still to be asked (the ticker goes on)."""
    return cancelling.cancel(corp_id, send_id, author=author)


def tick(*, corp_id: int, at: datetime) -> int:
    """Do what is due by `at`; returns how many sends were worked on."""
    return schedule.tick(corp_id, at)


def send(*, corp_id: int, send_id: int) -> SendInfo:
    """One send; NotFound when it is not there."""
    return _info(queries.send(corp_id, EVERYTHING, send_id))


def sends(*, corp_id: int) -> list[SendInfo]:
    """All sends, newest first."""
    return [_info(row) for row in queries.sends(corp_id, EVERYTHING)]


def funnel(*, corp_id: int, send_id: int) -> Funnel:
    """What became of everyone; its lines add up."""
    return queries.funnel(corp_id, EVERYTHING, send_id)


def funnels(*, corp_id: int, send_ids: list[int], scope: Scope = EVERYTHING) -> dict[int, Funnel]:
    """The funnels of several sends, counting the scope's recipients, in one query."""
    return queries.funnels(corp_id, scope, send_ids)


def assigned(*, corp_id: int, send_id: int) -> list[tuple[int, str]]:
    """Everyone assigned, confirmed or not: (customer id, "message" or "holdout")."""
    return queries.assigned(corp_id, send_id)


def escalated(*, corp_id: int, scope: Scope = EVERYTHING) -> list[WaitingTask]:
    """Clerks who stayed silent after all reminders: the operator's list."""
    return [
        WaitingTask(
            task_id=row.pk,
            send_id=row.send_id,
            send_name=row.send.name,
            staff_name=row.staff.name or row.userid,
            size=row.size,
            escalated_at=row.escalated_at,
        )
        for row in queries.escalated(corp_id, scope)
        if row.escalated_at is not None
    ]


def set_cap(*, corp_id: int, source: str, per: str, limit_count: int | None, valid_from: date, author: str) -> None:
    """Set a cap from a day on: source "platform" or "own", per "month", "week" or "day", None for none (own) or the month's days.

    BadInput for anything else. What was set for the same day before is replaced.
    """
    limits.set_cap(corp_id, source=source, per=per, limit_count=limit_count, valid_from=valid_from, author=author)


def set_quiet_hours(*, corp_id: int, starts: time, ends: time, move: bool, valid_from: date, author: str) -> None:
    """Set the quiet hours from a day on, in the corp's zone."""
    limits.set_quiet_hours(corp_id, starts=starts, ends=ends, move=move, valid_from=valid_from, author=author)


def rules(*, corp_id: int, day: date) -> tuple[list[Cap], Quiet]:
    """What holds on a day: WeCom's cap, then the brand's own if it set one; the quiet hours."""
    return queries.cap_rules(corp_id, day), queries.quiet_rule(corp_id, day)


def dated_rules(*, corp_id: int) -> list[DatedRule]:
    """Every rule that was set, the latest day first, those of days to come among them."""
    return limits.history(corp_id)


def take_back_rule(*, corp_id: int, kind: str, rule_id: int, today: date) -> DatedRule:
    """Undo a rule of today or of a day to come: what held before holds again. NotFound; Refused when its day has passed."""
    return limits.take_back(corp_id, kind=kind, rule_id=rule_id, today=today)


def _info(row: Send) -> SendInfo:
    return SendInfo(
        id=row.pk,
        name=row.name,
        state=row.state,
        holdout_percent=row.holdout_percent,
        author=row.author,
        created_at=row.created_at,
        send_at=row.send_at,
        planned_at=row.planned_at,
        tasked_at=row.tasked_at,
        done_at=row.done_at,
    )


def msgids(*, corp_id: int, send_id: int) -> set[str]:
    """WeCom's ids of the tasks that a send has there."""
    rows = queries.tasks(corp_id, EVERYTHING, send_id).exclude(msgid=None)
    return {str(one) for one in rows.values_list("msgid", flat=True)}


def received(*, corp_id: int, send_id: int) -> list[str]:
    """The external user ids of everyone whom the send has reached."""
    rows = months.of_sends(corp_id, [send_id]).filter(state="sent").order_by("id")
    return [one for one in rows.values_list("external_userid", flat=True) if one]
