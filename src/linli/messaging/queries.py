"""Questions about sends: rules in force, funnels, tasks, who got what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Max, Q, QuerySet

from linli.access.api import Scope
from linli.directory import api as directory
from linli.messaging import months
from linli.messaging.conditions import REACHING
from linli.messaging.errors import NoSend
from linli.messaging.models import CapPolicy, QuietHours, Recipient, Reminder, Send, SendChange, StaffTask
from linli.messaging.policy import PLATFORM_DEFAULT, QUIET_DEFAULT, Cap, Quiet

State = Recipient.State
ANSWERED = (State.CONFIRMED, State.SENT, State.OVER_LIMIT, State.NOT_FRIEND)


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """What became of everyone the segment held; every line adds up, or the constructor raises.

    planned = Σ excluded + holdout + waiting + Σ failed + unknown + dropped + tasked
    tasked = confirmed + unconfirmed + Σ cancelled; confirmed = sent + over_limit + not_friend + pending + no_result
    """

    planned: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    holdout: int = 0
    waiting: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    unknown: int = 0
    dropped: int = 0
    tasked: int = 0
    confirmed: int = 0
    unconfirmed: int = 0
    cancelled: Mapping[str, int] = field(default_factory=dict)
    sent: int = 0
    over_limit: int = 0
    not_friend: int = 0
    pending: int = 0
    no_result: int = 0

    def __post_init__(self) -> None:
        before = sum(self.excluded.values()) + self.holdout + self.waiting + sum(self.failed.values())
        if self.planned != before + self.unknown + self.dropped + self.tasked:
            raise AssertionError(f"the funnel does not add up at planned: {self}")
        if self.tasked != self.confirmed + self.unconfirmed + sum(self.cancelled.values()):
            raise AssertionError(f"the funnel does not add up at tasked: {self}")
        if self.confirmed != self.sent + self.over_limit + self.not_friend + self.pending + self.no_result:
            raise AssertionError(f"the funnel does not add up at confirmed: {self}")

    @property
    def to_send(self) -> int:
        """Everyone who was to get it, whatever happened then."""
        return self.planned - sum(self.excluded.values()) - self.holdout


def quiet_rule(corp_id: int, day: date) -> Quiet:
    """The quiet hours in force on a day; 22:00 to 08:00, moved to the morning, when none were set."""
    row = QuietHours.objects.filter(corp_id=corp_id, valid_from__lte=day).order_by("-valid_from").first()
    return QUIET_DEFAULT if row is None else Quiet(row.starts, row.ends, row.move)


def cap_rules(corp_id: int, day: date) -> list[Cap]:
    """The caps in force on a day: WeCom's, then the brand's own if it set one."""
    rows = CapPolicy.objects.filter(corp_id=corp_id, valid_from__lte=day).order_by("source", "-valid_from")
    newest = {row.source: row for row in rows.distinct("source")}
    platform = newest.get(CapPolicy.Source.PLATFORM)
    own = newest.get(CapPolicy.Source.OWN)
    rules = [PLATFORM_DEFAULT if platform is None else Cap("platform", platform.per, platform.limit_count)]
    return [*rules, Cap("own", own.per, own.limit_count)] if own is not None and own.limit_count is not None else rules


def reached_counts(
    corp_id: int, customer_ids: list[int], windows: Sequence[tuple[datetime, datetime]]
) -> dict[int, tuple[int, ...]]:
    """How many messages are on their way or sent to each customer, in each window; absent means none in any."""
    columns = ", ".join("count(*) FILTER (WHERE tasked_at >= %s AND tasked_at < %s)" for _ in windows)
    sql = (
        f"SELECT customer_id, {columns} FROM messaging_recipient"  # noqa: S608 - constant text
        " WHERE corp_id = %s AND planned_at >= %s AND planned_at < %s"
        " AND tasked_at >= %s AND tasked_at < %s AND state = ANY(%s) AND customer_id = ANY(%s)"
        " GROUP BY customer_id"
    )
    bounds = [moment for window in windows for moment in window]
    since, until = min(w[0] for w in windows), max(w[1] for w in windows)
    planned = months.tasked_since(corp_id, since)
    if planned is None:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            sql, [*bounds, corp_id, planned, until + months.GRACE, since, until, list(REACHING), customer_ids]
        )
        return {row[0]: tuple(row[1:]) for row in cursor.fetchall()}


def within(corp_id: int, scope: Scope) -> QuerySet[Send]:
    """The sends of a scope; for less than the corp those of which its staff got tasks."""
    rows = Send.objects.filter(corp_id=corp_id)
    return rows if scope.whole else rows.filter(id__in=_all_tasks(corp_id, scope).values("send_id"))


def send(corp_id: int, scope: Scope, send_id: int) -> Send:
    """One send."""
    row = within(corp_id, scope).filter(id=send_id).first()
    if row is None:
        raise NoSend
    return row


def sends(corp_id: int, scope: Scope, *, state: str = "", search: str = "") -> QuerySet[Send]:
    """The sends, newest first."""
    rows = within(corp_id, scope).order_by("-created_at", "-id")
    if state:
        rows = rows.filter(state__in=state.split(","))
    return rows.filter(name__icontains=search) if search else rows


def funnels(corp_id: int, scope: Scope, send_ids: Iterable[int]) -> dict[int, Funnel]:
    """The funnels of these sends, counting the scope's recipients, in one query."""
    reach = directory.reach(corp_id=corp_id, scope=scope)
    recipients = months.of_sends(corp_id, send_ids)
    rows = (
        (recipients if reach is None else recipients.filter(staff_id__in=reach.staff_ids))
        .annotate(was=ExpressionWrapper(Q(tasked_at__isnull=False), output_field=BooleanField()))
        .values_list("send_id", "state", "reason", "was")
        .annotate(n=Count("id"))
        .order_by()
    )
    cells: dict[int, list[tuple[str, str, bool, int]]] = {one: [] for one in send_ids}
    for send_id, state, reason, tasked, n in rows:
        cells[send_id].append((state, reason, tasked, n))
    return {send_id: _funnel(found) for send_id, found in cells.items()}


def funnel(corp_id: int, scope: Scope, send_id: int) -> Funnel:
    """The funnel of one send."""
    return funnels(corp_id, scope, [send_id])[send_id]


def assigned(corp_id: int, send_id: int) -> list[tuple[int, str]]:
    """Everyone the draw assigned, whatever happened then: (customer, "message" or "holdout")."""
    rows = months.of_sends(corp_id, [send_id]).exclude(state=State.EXCLUDED)
    pairs = rows.order_by("customer_id").values_list("customer_id", "state")
    return [(customer_id, "holdout" if state == State.HOLDOUT else "message") for customer_id, state in pairs]


def tasks(corp_id: int, scope: Scope, send_id: int) -> QuerySet[StaffTask]:
    """A send's tasks, those who keep others waiting first."""
    rows = _all_tasks(corp_id, scope).filter(send_id=send_id).select_related("staff")
    return rows.order_by(F("confirmed_at").desc(nulls_first=True), "-size", "id")


def reminders(corp_id: int, task_ids: Iterable[int]) -> dict[int, tuple[int, datetime]]:
    """How often each task was reminded, and when last."""
    rows = Reminder.objects.filter(corp_id=corp_id, task_id__in=list(task_ids)).exclude(outcome="refused")
    found = rows.values_list("task_id").annotate(n=Count("id"), last=Max("at")).order_by()
    return {task_id: (n, last) for task_id, n, last in found}


def reminders_within(corp_id: int, task_id: int, at: datetime, span: timedelta) -> int:
    """How many reminders of a task count at a moment."""
    rows = Reminder.objects.filter(corp_id=corp_id, task_id=task_id, at__gt=at - span)
    return rows.exclude(outcome="refused").count()


def changes(corp_id: int, send_id: int) -> list[SendChange]:
    """What happened to a send, in order."""
    return list(SendChange.objects.filter(corp_id=corp_id, send_id=send_id).order_by("at", "id"))


def escalated(corp_id: int, scope: Scope) -> QuerySet[StaffTask]:
    """Tasks that reminders did not move and that now need the operator."""
    rows = _all_tasks(corp_id, scope).filter(state=StaffTask.State.CREATED, escalated_at__isnull=False)
    return rows.filter(send__state=Send.State.TASKED).select_related("staff", "send").order_by("escalated_at", "id")


def _all_tasks(corp_id: int, scope: Scope) -> QuerySet[StaffTask]:
    rows = StaffTask.objects.filter(corp_id=corp_id)
    reach = directory.reach(corp_id=corp_id, scope=scope)
    return rows if reach is None else rows.filter(staff_id__in=reach.staff_ids)


def _funnel(cells: list[tuple[str, str, bool, int]]) -> Funnel:
    def total(*states: str, tasked: bool | None = None) -> int:
        return sum(n for state, _, was, n in cells if state in states and tasked in (None, was))

    def reasons(state: str, *, tasked: bool | None = None) -> dict[str, int]:
        found: dict[str, int] = {}
        for one, reason, was, n in cells:
            if one == state and tasked in (None, was):
                found[reason] = found.get(reason, 0) + n
        return dict(sorted(found.items()))

    tasked = sum(n for state, _, was, n in cells if was and state != State.FAILED)
    return Funnel(
        planned=sum(n for *_, n in cells),
        excluded=reasons(State.EXCLUDED),
        holdout=total(State.HOLDOUT),
        waiting=total(State.PLANNED),
        failed=reasons(State.FAILED),
        unknown=total(State.UNKNOWN, tasked=False),
        dropped=total(State.CANCELLED, tasked=False),
        tasked=tasked,
        confirmed=total(*ANSWERED) + total(State.UNKNOWN, tasked=True),
        unconfirmed=total(State.TASKED),
        cancelled=reasons(State.CANCELLED, tasked=True),
        sent=total(State.SENT),
        over_limit=total(State.OVER_LIMIT),
        not_friend=total(State.NOT_FRIEND),
        pending=total(State.CONFIRMED),
        no_result=total(State.UNKNOWN, tasked=True),
    )
