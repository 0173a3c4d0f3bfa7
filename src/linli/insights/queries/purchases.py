"""Buying again: rates in a window, and cohorts by month of first purchase."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from linli.insights.queries.ground import Ground, ask
from linli.insights.statistics import Interval, wilson

_MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True, kw_only=True)
class Repurchase:
    """Known customers' orders from `since` to `until`, both included."""

    since: date
    until: date
    buyers: int
    again: int
    orders: int
    spend: Decimal
    priced: int
    buyer_months: int

    @property
    def rate(self) -> float | None:
        """Customers with two orders or more ÷ customers with one or more."""
        return self.again / self.buyers if self.buyers else None

    @property
    def interval(self) -> Interval:
        """The rate's 95 % interval (Wilson)."""
        return wilson(self.again, self.buyers)

    @property
    def per_order(self) -> Decimal | None:
        """Spend ÷ orders in that currency."""
        return self.spend / self.priced if self.priced else None

    @property
    def per_month(self) -> float | None:
        """Orders ÷ customers who bought ÷ months of the window."""
        months = ((self.until - self.since).days + 1) / _MONTH_DAYS
        return self.orders / self.buyers / months if self.buyers else None

    @property
    def per_active_month(self) -> float | None:
        """Orders ÷ pairs of customer and calendar month with an order."""
        return self.orders / self.buyer_months if self.buyer_months else None


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Who bought first in `month`; `active[k]` of them bought k months later (k = 0: all)."""

    month: date
    people: int
    active: list[int]

    @property
    def cells(self) -> list[tuple[int, float]]:
        """How many, and which share, in each month since."""
        return [(n, n / self.people) for n in self.active]


def repurchase(on: Ground, since: date, until: date) -> Repurchase:
    """One window; one query."""
    stop = min(on.as_of, on.begins(until + timedelta(days=1)))
    (row,) = ask("repurchase", on, start=on.begins(since), stop=stop)
    return Repurchase(since=since, until=until, **row)


def cohorts(on: Ground) -> list[Cohort]:
    """All cohorts, oldest first; months that are not over yet are in (the page says so). One query."""
    found: dict[date, dict[int, int]] = {}
    for row in ask("cohorts", on):
        found.setdefault(row["cohort"], {})[row["since"]] = row["people"]
    return [
        Cohort(month=month, people=by[0], active=[by.get(k, 0) for k in range(_months(month, on.today) + 1)])
        for month, by in found.items()
    ]


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
