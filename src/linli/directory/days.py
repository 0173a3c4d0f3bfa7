"""Keeps WeCom's figures of each member's days before WeCom forgets them: the days missing, to 180 days back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.db import connection, transaction

from linli.connect import api as connect
from linli.connect.api import Compared
from linli.directory.models import Staff, StaffDay
from linli.directory.operations import ensure_staff
from linli.kit.clock import now
from linli.wecom.days import Span, begins, day_of, spans, within_reach
from linli.wecom.errors import BadAnswer
from linli.wecom.statistic_calls import BehaviorDay

KIND = "staff_days"
_FIGURES = (
    "chats", "messages", "reply_percentage", "average_reply_minutes", "negative_feedbacks", "applications", "new_customers",
)  # fmt: skip
_TOLD = StaffDay.Told
# A day is read again until it has been read two days later: whether WeCom has counted it by the next night, nobody says.
_MISSING = """
    SELECT s.id, s.userid, d.day::date
    FROM directory_staff s
    CROSS JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d(day)
    LEFT JOIN directory_staffday k ON k.corp_id = s.corp_id AND k.staff_id = s.id AND k.day = d.day::date
        AND k.read_at >= (k.day + 2)::timestamp AT TIME ZONE 'Asia/Shanghai'
    WHERE s.corp_id = %(corp)s AND s.userid = ANY(%(userids)s) AND k.id IS NULL
    ORDER BY s.id, d.day
"""
_LAST_BEFORE = """
    SELECT staff_id, max(day) FROM directory_staffday WHERE corp_id = %(corp)s AND day < %(first)s
    GROUP BY 1 HAVING max(day) < %(first)s::date - 1
"""


@dataclass(frozen=True)
class _Ask:
    """One call: a member and up to 30 days."""

    staff_id: int
    userid: str
    span: Span


def reconcile(*, corp_id: int, reconciliation_id: int | None = None, only: Collection[str] = frozenset()) -> Compared:
    """Read the days that are missing of everybody who may have customers (`only`: of these userids), a call each.

    WeCom sums up whoever is asked for together, so everybody is asked for alone.
    """
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
        reach = within_reach(now())
        run.finds.undetectable["statistic_days"] += note_out_of_reach(corp_id, reach.first)
        asks = _asks(corp_id, sorted(only or client.follow_users()), reach)

        def ask(one: _Ask) -> tuple[BehaviorDay, ...]:
            return client.staff_behavior(begins(one.span.first), begins(one.span.last), userids=[one.userid])

        for asked, (one, answer) in enumerate(connect.side_by_side(ask, asks), start=1):
            if isinstance(answer, Exception):
                run.could_not(one.userid, answer, key=one.userid)
            else:
                try:
                    run.done += keep(corp_id, one.staff_id, one.span, answer)
                except BadAnswer as error:
                    run.could_not(one.userid, error, key=one.userid)
            run.part(asked, len(asks))
            run.progress(run.done)
    return run.compared()


@transaction.atomic
def keep(corp_id: int, staff_id: int, span: Span, told: Sequence[BehaviorDay]) -> int:
    """Write every day of the span, also those WeCom shows nothing of; BadAnswer where it told of other days."""
    by_day = {day_of(one.day): one for one in told}
    if strange := by_day.keys() - set(span):
        raise BadAnswer("externalcontact/get_user_behavior_data", f"{min(strange)} was not asked for")
    at = now()
    rows = [
        StaffDay(
            corp_id=corp_id, staff_id=staff_id, day=day, read_at=at,
            told=_TOLD.FIGURES if day in by_day else _TOLD.NOTHING,
            **({name: getattr(by_day[day], name) for name in _FIGURES} if day in by_day else {}),
        )
        for day in span
    ]  # fmt: skip
    StaffDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["corp", "staff", "day"],
        update_fields=["told", "read_at", *_FIGURES],
    )
    return len(by_day)


@transaction.atomic
def note_out_of_reach(corp_id: int, first: date) -> int:
    """The days between what was read last and the first that WeCom still tells are lost: say so, once. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_BEFORE, {"corp": corp_id, "first": first})
        gaps = cursor.fetchall()
    one = timedelta(days=1)
    rows = [
        StaffDay(corp_id=corp_id, staff_id=staff_id, day=day, told=_TOLD.OUT_OF_REACH, read_at=now())
        for staff_id, last in gaps
        for day in Span(last + one, first - one)
    ]
    StaffDay.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5000)
    return len(rows)


def _asks(corp_id: int, userids: Sequence[str], reach: Span) -> list[_Ask]:
    ensure_staff(corp_id=corp_id, userids=userids)
    gone = Staff.objects.filter(corp_id=corp_id, userid__in=userids, status=Staff.Status.LEFT)
    asked = sorted({*userids} - set(gone.values_list("userid", flat=True)))
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, {"corp": corp_id, "userids": asked, "first": reach.first, "last": reach.last})
        missing: Iterable[tuple[int, str, date]] = cursor.fetchall()
    return [
        _Ask(staff_id, userid, span)
        for (staff_id, userid), rows in groupby(missing, key=lambda row: (row[0], row[1]))
        for span in spans(day for _, _, day in rows)
    ]
