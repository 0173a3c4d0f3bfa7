"""Questions about shops, codes and the way from a visit to a group. Corp first everywhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from linli.access.api import EVERYTHING, Scope
from linli.acquisition.info import CodeInfo, code_infos
from linli.acquisition.models import AcquisitionRule, LiveCode, LiveCodeChange, OtherCode, OtherLink, Visit, Welcome
from linli.acquisition.nearest import Why, readiness
from linli.customers import api as customers
from linli.directory import api as directory
from linli.directory.api import ShopInfo
from linli.groups import api as groups
from linli.groups.api import JoinWayInfo, ShopGroups

_NO_GROUPS = ShopGroups(groups=0, seats=0, near_full=0)


@dataclass(frozen=True, kw_only=True)
class VisitFigures:
    """Looks at landing pages: `visits` real ones, of which `shown` saw a code and `none_open` found no shop that could
    take them; the demo's are `simulated`, beside them."""

    visits: int
    shown: int
    none_open: int
    simulated: int


@dataclass(frozen=True, kw_only=True)
class ShopRow:
    """A shop with all that its line in the list shows. `won` are people who first came by its code."""

    shop: ShopInfo
    clerks: int
    code: CodeInfo | None
    join_way: JoinWayInfo | None
    groups: ShopGroups
    won: int
    in_group: int
    visits: int
    simulated: int
    why_not: Why | None

    @property
    def visitors(self) -> int:
        """People who came by: simulated ones never scan, so they come on top of real visits, or of scans if more."""
        return self.simulated + max(self.visits, self.won)

    @property
    def scan_rate(self) -> float | None:
        """People won of visitors; None where visits were not counted (fewer real ones than scans, none simulated)."""
        counted = self.simulated or self.visits >= self.won
        return self.won / self.visitors if counted and self.visitors else None


def shop_rows(corp_id: int, scope: Scope = EVERYTHING) -> list[ShopRow]:
    """Every shop of the scope, by code, in a constant number of queries."""
    clerks: dict[int, int] = {}
    for one in directory.staff(corp_id=corp_id):
        if one.shop_id is not None and one.active:
            clerks[one.shop_id] = clerks.get(one.shop_id, 0) + 1
    ready = readiness(corp_id=corp_id)
    by_shop = LiveCode.objects.filter(corp_id=corp_id, kind=LiveCode.Kind.SHOP).exclude(shop=None)
    codes = {one.shop_id: one for one in code_infos(by_shop)}
    ways = groups.join_ways_by_shop(corp_id=corp_id)
    counted = groups.groups_by_shop(corp_id=corp_id)
    won = dict(customers.channels(corp_id=corp_id))
    joined = groups.joined_by_state(corp_id=corp_id)
    visits = _visits_by_shop(corp_id)
    return [
        ShopRow(
            shop=shop, clerks=clerks.get(shop.id, 0), code=(code := codes.get(shop.id)),
            join_way=(way := ways.get(shop.id)), groups=counted.get(shop.id, _NO_GROUPS),
            won=won.get(code.state, 0) if code else 0, in_group=joined.get(way.state, 0) if way else 0,
            visits=visits.get(shop.id, (0, 0))[0], simulated=visits.get(shop.id, (0, 0))[1], why_not=ready.unready.get(shop.id),
        )
        for shop in directory.shops(corp_id=corp_id, scope=scope)
    ]  # fmt: skip


def channel_codes(corp_id: int) -> list[tuple[CodeInfo, int]]:
    """Codes of counters, posters, cards …, newest first, each with the people who first came by it."""
    rows = LiveCode.objects.filter(corp_id=corp_id, kind=LiveCode.Kind.CHANNEL).order_by("closed_at", "-created_at")
    won = dict(customers.channels(corp_id=corp_id))
    return [(one, won.get(one.state, 0)) for one in code_infos(rows)]


def other_codes(corp_id: int) -> QuerySet[OtherCode]:
    """Contact ways that other programs made and WeCom still has, the newest known first."""
    return OtherCode.objects.filter(corp_id=corp_id, gone_at=None).order_by("-id")


def other_links(corp_id: int) -> QuerySet[OtherLink]:
    """The app's acquisition links that WeCom still has, the newest first."""
    return OtherLink.objects.filter(corp_id=corp_id, gone_at=None).order_by("-created_at", "-id")


def codes(corp_id: int, *, states: Iterable[str] | None = None) -> list[CodeInfo]:
    """Live codes by state, or all."""
    rows = LiveCode.objects.filter(corp_id=corp_id).order_by("id")
    return code_infos(rows.filter(state__in=list(states)) if states is not None else rows)


def code(corp_id: int, code_id: int) -> LiveCode | None:
    """One live code."""
    return LiveCode.objects.select_related("welcome", "shop").filter(corp_id=corp_id, id=code_id).first()


def shop_code(corp_id: int, shop_id: int) -> LiveCode | None:
    """The code of a shop."""
    rows = LiveCode.objects.select_related("welcome", "shop")
    return rows.filter(corp_id=corp_id, shop_id=shop_id, kind=LiveCode.Kind.SHOP).first()


def changes(corp_id: int, code_id: int) -> QuerySet[LiveCodeChange]:
    """What happened to a code, latest first."""
    return LiveCodeChange.objects.filter(corp_id=corp_id, code_id=code_id).order_by("-at", "-id")


def welcomes(corp_id: int) -> QuerySet[Welcome]:
    """The welcomes in use, with how many codes have each."""
    rows = Welcome.objects.filter(corp_id=corp_id, retired_at=None).select_related("shop")
    return rows.order_by("shop_id", "name")


def visit_figures(
    corp_id: int, *, shop_id: int | None = None, since: datetime | None = None, until: datetime | None = None
) -> VisitFigures:
    """Looks at landing pages, of one shop or of all."""
    rows = Visit.objects.filter(corp_id=corp_id)
    rows = rows.filter(shop_id=shop_id) if shop_id is not None else rows
    rows = rows.filter(at__gte=since) if since is not None else rows
    rows = rows.filter(at__lt=until) if until is not None else rows
    return VisitFigures(
        **rows.aggregate(
            visits=Count("id", filter=_REAL & Q(outcome=Visit.Outcome.LOOKED)),
            shown=Count("id", filter=_REAL & _SHOWN),
            none_open=Count("id", filter=_REAL & Q(outcome=Visit.Outcome.NONE_OPEN)),
            simulated=Count("id", filter=~_REAL),
        )
    )


def rule(corp_id: int) -> AcquisitionRule:
    """The corp's own settings, or the first ones."""
    return AcquisitionRule.objects.filter(corp_id=corp_id).first() or AcquisitionRule(corp_id=corp_id)


_REAL = Q(simulated=False)
_SHOWN = Q(outcome__in=[Visit.Outcome.NEAREST, Visit.Outcome.CHOSEN])


def _visits_by_shop(corp_id: int) -> dict[int, tuple[int, int]]:
    """Shop → (real visits, simulated ones): looks that are about one shop."""
    rows = Visit.objects.filter(corp_id=corp_id).exclude(shop=None).order_by().values_list("shop_id")
    counted = rows.annotate(real=Count("id", filter=Q(simulated=False)), made=Count("id", filter=Q(simulated=True)))
    return {shop_id: (real, made) for shop_id, real, made in counted if shop_id is not None}
