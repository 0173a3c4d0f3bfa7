"""Which shop takes a customer: the nearest open one with a free clerk; whom we pass over is said, and why."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from threading import Lock

from linli.acquisition.geo import Place, System, from_browser, metres
from linli.acquisition.info import CodeInfo, code_infos
from linli.acquisition.models import AcquisitionRule, LiveCode
from linli.customers import api as customers
from linli.directory import api as directory
from linli.directory.api import ShopInfo
from linli.kit.clock import monotonic

_FRESH_S = 5.0


class Why(StrEnum):
    """Why a shop cannot take anybody."""

    CLOSED = "closed"
    FULL = "full"
    NO_CODE = "no_code"


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A shop that would have been nearer."""

    shop: ShopInfo
    why: Why


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The shop that takes the customer, its code, how far it is, and the shops passed over."""

    shop: ShopInfo
    code: CodeInfo
    distance_m: int | None
    passed: tuple[Passed, ...]


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """All shops of a corp, their codes, and who cannot take anybody."""

    shops: tuple[ShopInfo, ...]
    codes: dict[int, CodeInfo]
    unready: dict[int, Why]
    system: System

    def place(self, shop: ShopInfo) -> Place | None:
        """Where a shop is, if anybody said."""
        return Place(shop.lat, shop.lng) if shop.lat is not None and shop.lng is not None else None

    def choose(self, shops: Iterable[ShopInfo], distance: Callable[[ShopInfo], float | None]) -> Offer | None:
        """The first shop that is ready, nearest first; equally near ones by id."""
        known = [(far, shop.id, shop) for shop in shops if (far := distance(shop)) is not None]
        passed: list[Passed] = []
        for far, _, shop in sorted(known, key=lambda one: one[:2]):
            why = self.unready.get(shop.id)
            if why is None:
                return Offer(shop=shop, code=self.codes[shop.id], distance_m=round(far), passed=tuple(passed))
            passed.append(Passed(shop=shop, why=why))
        return None


def nearest_shop(*, corp_id: int, lat: float, lng: float) -> Offer | None:
    """The nearest shop that can take a customer who stands at a browser's place (WGS-84); None when none can."""
    ready = readiness(corp_id=corp_id)
    here = from_browser(Place(lat, lng), ready.system)
    return ready.choose(ready.shops, lambda shop: _far(here, ready.place(shop)))


def shop_or_next(*, corp_id: int, shop_id: int) -> Offer | None:
    """The chosen shop, or where it cannot take anybody the one next to it; its distance is None when it is the one."""
    ready = readiness(corp_id=corp_id)
    chosen = next((shop for shop in ready.shops if shop.id == shop_id), None)
    if chosen is None:
        return None
    why = ready.unready.get(shop_id)
    if why is None:
        return Offer(shop=chosen, code=ready.codes[shop_id], distance_m=None, passed=())
    here = ready.place(chosen)
    others = [shop for shop in ready.shops if shop.id != shop_id]
    if here is not None:
        found = ready.choose(others, lambda shop: _far(here, ready.place(shop)))
    else:
        found = ready.choose((one for one in others if one.city == chosen.city), lambda _shop: 0.0)
    if found is None:
        return None
    passed = (Passed(shop=chosen, why=why), *found.passed)
    return Offer(
        shop=found.shop, code=found.code, distance_m=found.distance_m if here is not None else None, passed=passed
    )


class _Memory:
    """Readiness by corp, for 5 seconds of real time: landing pages are open to everybody."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[float, Readiness]] = {}
        self._lock = Lock()

    def get(self, corp_id: int) -> Readiness:
        kept = self._kept.get(corp_id)
        if kept is not None and monotonic() - kept[0] < _FRESH_S:
            return kept[1]
        ready = _read(corp_id)
        with self._lock:
            self._kept[corp_id] = (monotonic(), ready)
        return ready

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


@lru_cache(maxsize=1)
def _memory() -> _Memory:
    return _Memory()


def readiness(*, corp_id: int) -> Readiness:
    """Who can take customers now; up to 5 seconds old."""
    return _memory().get(corp_id)


def forget_readiness() -> None:
    """Shops or codes were changed here."""
    _memory().forget()


def _read(corp_id: int) -> Readiness:
    rule = AcquisitionRule.objects.filter(corp_id=corp_id).first() or AcquisitionRule()
    shops = tuple(directory.shops(corp_id=corp_id))
    rows = LiveCode.objects.filter(corp_id=corp_id, kind=LiveCode.Kind.SHOP).exclude(shop=None)
    codes = {one.shop_id: one for one in code_infos(rows) if one.shop_id is not None}
    active = {one.id for one in directory.staff(corp_id=corp_id) if one.active}
    counts = customers.live_follow_counts(corp_id=corp_id)
    free = {staff_id for staff_id in active if counts.get(staff_id, 0) < rule.staff_cap}
    unready = {shop.id: why for shop in shops if (why := _why(shop, codes.get(shop.id), free)) is not None}
    return Readiness(shops=shops, codes=codes, unready=unready, system=System(rule.shop_places))


def _why(shop: ShopInfo, code: CodeInfo | None, free: set[int]) -> Why | None:
    if not shop.is_open:
        return Why.CLOSED
    if code is None or not code.usable:
        return Why.NO_CODE
    return None if free.intersection(code.staff_ids) else Why.FULL


def _far(here: Place, there: Place | None) -> float | None:
    return None if there is None else metres(here, there)
