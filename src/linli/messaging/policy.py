"""How much a customer may get, and when: dated rules, read by day. Platform facts: wire.md I.1."""

import calendar
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` messages per month, week (from Monday) or day; None with month is one for each of its days."""

    source: str
    per: str
    limit: int | None

    def allowed(self, at: datetime, zone: ZoneInfo) -> int:
        """How many a customer may get in the window that holds `at`."""
        if self.limit is not None:
            return self.limit
        local = at.astimezone(zone)
        return calendar.monthrange(local.year, local.month)[1]

    def window(self, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The calendar month, week or day of the corp that holds `at`: from, until (not included)."""
        local = at.astimezone(zone)
        first = local.date()
        if self.per == "month":
            first = first.replace(day=1)
            days = calendar.monthrange(first.year, first.month)[1]
        elif self.per == "week":
            first -= timedelta(days=first.weekday())
            days = WEEK_DAYS
        else:
            days = 1
        start = datetime.combine(first, time(0), zone)
        return start, datetime.combine(first + timedelta(days=days), time(0), zone)


PLATFORM_DEFAULT = Cap("platform", "month", None)


@dataclass(frozen=True, slots=True)
class Quiet:
    """No send begins between these local times; over midnight where `starts` is later than `ends`."""

    starts: time
    ends: time
    move: bool

    def holds(self, at: datetime, zone: ZoneInfo) -> bool:
        """Is it quiet now?"""
        clock = at.astimezone(zone).time()
        if self.starts <= self.ends:
            return self.starts <= clock < self.ends
        return clock >= self.starts or clock < self.ends

    def end_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The end of the quiet time that holds `at`; `at` itself when none does."""
        if not self.holds(at, zone):
            return at
        local = at.astimezone(zone)
        end = datetime.combine(local.date(), self.ends, zone)
        return end if end > local else end + DAY


QUIET_DEFAULT = Quiet(time(22), time(8), move=True)
