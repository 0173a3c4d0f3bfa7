"""WeCom's days: it counts by 0:00 in China, tells figures up to 180 days back, and up to 30 days in one call (wire.md C.6, C.10)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
BACK = timedelta(days=180)
LONGEST = 30
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both ends included."""

    first: date
    last: date

    def __iter__(self) -> Iterator[date]:
        """Each day, in order."""
        return (self.first + n * _DAY for n in range((self.last - self.first).days + 1))


def begins(day: date) -> int:
    """The unix second at which a day begins in China."""
    return int(datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp())


def day_of(moment: datetime | int) -> date:
    """The day in China of a moment or unix second."""
    if isinstance(moment, int):
        return datetime.fromtimestamp(moment, CHINA).date()
    return moment.astimezone(CHINA).date()


def within_reach(at: datetime) -> Span:
    """The whole days whose figures WeCom still tells at this moment: to yesterday."""
    today = day_of(at)
    return Span(today - BACK, today - _DAY)


def spans(days: Iterable[date]) -> list[Span]:
    """The fewest spans of one call each that hold all these days."""
    found: list[Span] = []
    for day in sorted(days):
        if found and (day - found[-1].first).days < LONGEST:
            found[-1] = Span(found[-1].first, day)
        else:
            found.append(Span(day, day))
    return found
