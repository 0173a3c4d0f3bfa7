"""The days: what came, what went, what was bought, and what is usual for such a weekday."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from linli.insights.queries.ground import Ground, ask
from linli.insights.statistics import percentile

WEEKS = 8
ENOUGH_WEEKS = 4
METRICS = (
    "added",
    "kept",
    "lost",
    "joins",
    "leaves",
    "net_joins",
    "orders",
    "payers",
    "spend",
    "known_share",
    "refunded",
)


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of the corp; money in the ground's currency."""

    day: date
    added: int
    kept: int
    lost: int
    joins: int
    leaves: int
    orders: int
    payers: int
    spend: Decimal
    known_spend: Decimal
    other_currency: int
    refunds: int
    refunded: Decimal

    @property
    def net_joins(self) -> int:
        """Joins less leaves."""
        return self.joins - self.leaves

    @property
    def known_share(self) -> float | None:
        """The private domain's share: spend of known customers in all spend; None on a day without any."""
        return float(self.known_spend / self.spend) if self.spend else None

    def value(self, metric: str) -> float | None:
        """One of METRICS as a number."""
        found = getattr(self, metric)
        return None if found is None else float(found)


@dataclass(frozen=True, slots=True)
class Band:
    """What is usual: the 10th to the 90th percentile of the same weekday, over so many weeks."""

    low: float
    high: float
    weeks: int


@dataclass(frozen=True, kw_only=True)
class Series:
    """Days in order, with each metric's band for each of them (None: fewer than four such weekdays before it)."""

    ground: Ground
    days: list[Day]
    bands: dict[str, list[Band | None]]

    @property
    def last(self) -> Day:
        """The newest day."""
        return self.days[-1]

    def band(self, metric: str) -> Band | None:
        """The band of the newest day."""
        return self.bands[metric][-1]


def series(on: Ground, since: date, until: date) -> Series:
    """The days from since to until, both included; one query, which also reads the eight weeks before."""
    early = since - timedelta(weeks=WEEKS)
    rows = ask(
        "daily", on, since=early, until=until,
        start=on.begins(early), stop=min(on.as_of, on.begins(until + timedelta(days=1))),
    )  # fmt: skip
    known = {row["day"]: Day(**row) for row in rows}
    days = [known[since + timedelta(days=n)] for n in range((until - since).days + 1)]
    bands = {metric: [_band(known, day.day, metric, on.first_day) for day in days] for metric in METRICS}
    return Series(ground=on, days=days, bands=bands)


def _band(known: dict[date, Day], day: date, metric: str, first_day: date | None) -> Band | None:
    before = [day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    found = [known[one].value(metric) for one in before if first_day is not None and one >= first_day]
    values = [value for value in found if value is not None]
    if len(values) < ENOUGH_WEEKS:
        return None
    return Band(percentile(values, 0.1), percentile(values, 0.9), len(values))
