"""Visitors who became customers and group members, by shop."""

from dataclasses import dataclass
from datetime import date, timedelta

from linli.insights.queries.ground import Ground, ask


@dataclass(frozen=True, kw_only=True)
class ShopConversion:
    """One shop's visits (`simulated` are the demo's), people who scanned, and those of them who joined its group."""

    shop_id: int | None
    name: str
    city: str
    visits: int
    simulated: int
    scans: int
    joins: int

    @property
    def looked(self) -> int:
        """Visitors: simulated ones never scan, so they come on top of real visits, or of scans where those are more."""
        return self.simulated + max(self.visits, self.scans)

    @property
    def scan_rate(self) -> float | None:
        """Scans ÷ visitors; None when visits were not counted (fewer real ones than scans, and none simulated)."""
        counted = self.simulated or self.visits >= self.scans
        return self.scans / self.looked if self.looked and counted else None

    @property
    def join_rate(self) -> float | None:
        """Joins ÷ scans."""
        return self.joins / self.scans if self.scans else None


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """All shops, most scans first, and their sum."""

    since: date
    until: date
    shops: list[ShopConversion]
    whole: ShopConversion


def conversion(on: Ground, since: date, until: date) -> Conversion:
    """From since to until, both included; one query."""
    stop = min(on.as_of, on.begins(until + timedelta(days=1)))
    shops = [ShopConversion(**row) for row in ask("visitors", on, start=on.begins(since), stop=stop)]
    sums = {key: sum(getattr(shop, key) for shop in shops) for key in ("visits", "simulated", "scans", "joins")}
    return Conversion(
        since=since, until=until, shops=shops, whole=ShopConversion(shop_id=None, name="", city="", **sums)
    )
