"""What falls due by business time: the weekly super users and the nightly counts.

Business time jumps in a demo, so due times are rows, and a jump over several weeks is caught up week by week.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from linli.access import api as access
from linli.segments.models import Schedule, Segment
from linli.segments.operations import recount
from linli.segments.super_users import recompute

SUPER_USERS = "super_users"
COUNTS = "counts"
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def tick(corp_id: int, at: datetime) -> int:
    """Do all that is due at `at`, each once; returns how many pieces of work were done."""
    zone = ZoneInfo(access.corp(corp_id=corp_id).zone)
    first_week = _next(at, zone, time(6), weekday=0)
    first_day = _next(at, zone, time(5), weekday=None)
    done = _catch_up(corp_id, SUPER_USERS, at, first_week, WEEK, lambda due: recompute(corp_id, due))
    return done + _catch_up(corp_id, COUNTS, at, first_day, DAY, lambda due: _count_all(corp_id, due), only_last=True)


def _catch_up(
    corp_id: int,
    kind: str,
    at: datetime,
    first: datetime,
    every: timedelta,
    work: Callable[[datetime], object],
    *,
    only_last: bool = False,
) -> int:
    done = 0
    Schedule.objects.get_or_create(corp_id=corp_id, kind=kind, defaults={"next_at": first})
    while True:
        with transaction.atomic():
            row = (
                Schedule.objects.select_for_update(skip_locked=True)
                .filter(corp_id=corp_id, kind=kind, next_at__lte=at)
                .first()
            )
            if row is None:
                return done
            if only_last:
                row.next_at += (at - row.next_at) // every * every
            work(row.next_at)
            row.next_at += every
            row.save(update_fields=["next_at"])
        done += 1


def _count_all(corp_id: int, due: datetime) -> None:
    for segment_id in Segment.objects.filter(corp_id=corp_id, deleted_at=None).values_list("id", flat=True):
        recount(corp_id, segment_id, as_of=due)


def _next(at: datetime, zone: ZoneInfo, hour: time, *, weekday: int | None) -> datetime:
    local = at.astimezone(zone)
    day = local.date()
    while True:
        moment = datetime.combine(day, hour, zone)
        if moment > local and (weekday is None or day.weekday() == weekday):
            return moment
        day += DAY
