"""Keeps WeCom's figures of each member's days before WeCom forgets them: the days missing, to 180 days back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from linli.connect import api as connect
from linli.connect.api import Compared
from linli.directory.diary import STAFF_DAYS
from linli.directory.models import Staff
from linli.directory.operations import ensure_staff
from linli.kit.clock import now
from linli.wecom.days import Span, begins, day_of, spans, within_reach
from linli.wecom.errors import BadAnswer
from linli.wecom.statistic_calls import BehaviorDay

KIND = "staff_days"


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
        run.finds.undetectable["statistic_days"] += STAFF_DAYS.note_out_of_reach(corp_id=corp_id, first=reach.first)
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


def keep(corp_id: int, staff_id: int, span: Span, told: Sequence[BehaviorDay]) -> int:
    """Write every day of the span, also those WeCom shows nothing of; BadAnswer where it told of other days."""
    by_day = {day_of(one.day): one for one in told}
    if strange := by_day.keys() - set(span):
        raise BadAnswer("externalcontact/get_user_behavior_data", f"{min(strange)} was not asked for")
    days = [connect.Day(staff_id=staff_id, day=day, figures=by_day.get(day)) for day in span]
    STAFF_DAYS.keep(corp_id=corp_id, days=days)
    return len(by_day)


def _asks(corp_id: int, userids: Sequence[str], reach: Span) -> list[_Ask]:
    rows = ensure_staff(corp_id=corp_id, userids=userids).values()
    asked = {row.pk: row.userid for row in rows if row.status != Staff.Status.LEFT}
    missing = STAFF_DAYS.missing(corp_id=corp_id, staff_ids=asked, reach=reach)
    return [
        _Ask(staff_id, asked[staff_id], span)
        for staff_id, days in groupby(missing, key=lambda row: row[0])
        for span in spans(day for _, day in days)
    ]
