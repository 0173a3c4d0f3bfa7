"""WeCom's limits of hand-overs (wire.md I.1), so that a plan foresees what WeCom would refuse."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

TIMES = 2  # on the job, within the window, for a customer and for a group
WINDOW_DAYS = 90  # natural days, today being the last
HERITAGE = timedelta(days=365)  # a resigned member's customers and groups can be given for so long
GROUPS_A_DAY = 300  # of one person who left
CUSTOMERS_A_CALL = GROUPS_A_CALL = 100
DAY_OF_GRACE = timedelta(hours=24)  # in which the customer may refuse


def window_start(at: datetime, zone: str) -> datetime:
    """0:00 of the first natural day that counts."""
    local = at.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() - timedelta(days=WINDOW_DAYS - 1), time(0), local.tzinfo)


def free_again(times: list[datetime], zone: str) -> datetime:
    """When the hand-over before the last falls out of the window."""
    first = sorted(times)[-TIMES].astimezone(ZoneInfo(zone))
    return datetime.combine(first.date() + timedelta(days=WINDOW_DAYS), time(0), first.tzinfo)


def next_day(at: datetime, zone: str) -> datetime:
    """A moment after the next midnight."""
    local = at.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() + timedelta(days=1), time(0, 5), local.tzinfo)


def day_start(at: datetime, zone: str) -> datetime:
    """0:00 of this day."""
    local = at.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date(), time(0), local.tzinfo)
