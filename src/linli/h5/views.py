"""Landing page, shop page, group page. They ask for no name, set no cookie, and keep no exact place."""

import math
from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from linli.access import api as access
from linli.acquisition import api as acquisition
from linli.acquisition.api import LandingInfo, NewVisit, Offer
from linli.directory import api as directory
from linli.groups import api as groups
from linli.h5.pictures import code_src, group_src

_MOST_SHOPS = 60
_SEARCH = 40


# Exempt: the post carries a place and changes nothing of anybody's; a token would need a cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def landing(request: HttpRequest, key: str) -> HttpResponse:
    """Asks for the place; a refused one leads to city and shop by hand, which also works without JavaScript."""
    page = acquisition.landing_by_key(key=key)
    if page is None:
        return _gone(request)
    if request.method != "POST":
        return _ask(request, page, place_refused=False)
    place = _place(request)
    if place is None:
        return _ask(request, page, place_refused=True)
    offer = acquisition.nearest_shop(corp_id=page.corp_id, lat=place[0], lng=place[1])
    _keep(page.corp_id, landing_id=page.id, offer=offer, outcome="nearest", place_known=True)
    return _show(request, page.corp_id, offer, landing_key=page.key)


@require_safe
def shop(request: HttpRequest, key: str, shop_id: int) -> HttpResponse:
    """A shop chosen by hand, or the next one where it cannot take anybody."""
    page = acquisition.landing_by_key(key=key)
    if page is None or not any(one.id == shop_id for one in directory.shops(corp_id=page.corp_id)):
        return _gone(request)
    offer = acquisition.shop_or_next(corp_id=page.corp_id, shop_id=shop_id)
    if request.method == "GET":
        _keep(page.corp_id, landing_id=page.id, offer=offer, outcome="chosen")
    return _show(request, page.corp_id, offer, landing_key=page.key)


@require_safe
def code(request: HttpRequest, key: str) -> HttpResponse:
    """What a printed picture opens: this code, or for a shop that cannot take anybody the next one's."""
    found = acquisition.code_by_key(key=key)
    if found is None or found[1].closed:
        return _gone(request)
    corp_id, info = found
    if info.kind == "shop" and info.shop_id is not None:
        offer = acquisition.shop_or_next(corp_id=corp_id, shop_id=info.shop_id)
        if request.method == "GET":
            _keep(corp_id, landing_id=None, offer=offer, outcome="chosen")
        return _show(request, corp_id, offer, landing_key=acquisition.ensure_landing(corp_id=corp_id).key)
    if not info.usable:
        return _gone(request)
    if request.method == "GET":
        acquisition.record_visits(
            corp_id=corp_id, visits=[NewVisit(code_id=info.id, shop_id=info.shop_id, outcome="chosen")]
        )
    context = {"code": info, "picture": code_src(info), "brand_name": access.corp(corp_id=corp_id).name}
    return _render(request, "h5/code.html", context)


@require_safe
def group(request: HttpRequest, key: str) -> HttpResponse:
    """The shop's group: friend first, group second."""
    found = acquisition.code_by_key(key=key)
    if found is None or found[1].shop_id is None:
        return _gone(request)
    corp_id, info = found
    place = next(one for one in directory.shops(corp_id=corp_id) if one.id == info.shop_id)
    way = groups.join_way_for(corp_id=corp_id, shop_id=place.id)
    made = way if way is not None and way.qr_code else None
    context = {
        "shop": place, "code": info, "picture": group_src(key, made) if made else "",
        "brand_name": access.corp(corp_id=corp_id).name, "landing": acquisition.ensure_landing(corp_id=corp_id),
    }  # fmt: skip
    return _render(request, "h5/group.html", context)


def _ask(request: HttpRequest, page: LandingInfo, *, place_refused: bool) -> HttpResponse:
    shops = directory.shops(corp_id=page.corp_id)
    city, text = request.GET.get("city", ""), request.GET.get("q", "").strip()[:_SEARCH]
    listed = [
        one
        for one in shops
        if (city and one.city == city) or (text and text in f"{one.city}{one.district}{one.name}{one.address}")
    ]
    if request.method == "GET" and not city and not text:
        acquisition.record_visits(corp_id=page.corp_id, visits=[NewVisit(landing_id=page.id)])
    context = {
        "landing": page, "brand_name": access.corp(corp_id=page.corp_id).name, "place_refused": place_refused,
        "cities": sorted(Counter(one.city for one in shops if one.city).items(), key=lambda one: (-one[1], one[0])),
        "city": city, "text": text, "shops": listed[:_MOST_SHOPS], "more": max(0, len(listed) - _MOST_SHOPS),
    }  # fmt: skip
    return _render(request, "h5/landing.html", context)


def _show(request: HttpRequest, corp_id: int, offer: Offer | None, *, landing_key: str) -> HttpResponse:
    context: dict[str, Any] = {
        "offer": offer, "landing_key": landing_key, "brand_name": access.corp(corp_id=corp_id).name
    }  # fmt: skip
    if offer is None:
        return _render(request, "h5/none.html", context)
    way = groups.join_way_for(corp_id=corp_id, shop_id=offer.shop.id)
    context |= {
        "picture": code_src(offer.code),
        "shop_name": offer.shop.name,
        "distance": _distance(offer.distance_m),
        "has_group": way is not None and bool(way.qr_code),
    }
    return _render(request, "h5/shop.html", context)


def _keep(
    corp_id: int, *, landing_id: int | None, offer: Offer | None, outcome: str, place_known: bool = False
) -> None:
    visit = NewVisit(landing_id=landing_id, outcome="none_open", place_known=place_known)
    if offer is not None:
        visit = NewVisit(
            landing_id=landing_id, code_id=offer.code.id, shop_id=offer.shop.id, place_known=place_known,
            city=offer.shop.city, distance_m=offer.distance_m if place_known else None, passed_over=len(offer.passed),
            outcome=outcome,
        )  # fmt: skip
    acquisition.record_visits(corp_id=corp_id, visits=[visit])


def _place(request: HttpRequest) -> tuple[float, float] | None:
    try:
        lat, lng = float(request.POST.get("lat", "")), float(request.POST.get("lng", ""))
    except ValueError:
        return None
    return (lat, lng) if math.isfinite(lat + lng) and abs(lat) <= 90 and abs(lng) <= 180 else None


def _distance(metres: int | None) -> tuple[str, str] | None:
    """(number, unit) as one says it: 850 m to the ten, 3.2 km to the hundred metres, 120 km to the kilometre."""
    if metres is None:
        return None
    if metres < 1000:
        return str(max(10, round(metres, -1))), _("m")
    return (f"{metres / 1000:.1f}" if metres < 100_000 else f"{metres / 1000:,.0f}"), _("km")


def _gone(request: HttpRequest) -> HttpResponse:
    return _render(request, "h5/gone.html", {}, status=404)


def _render(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, template, context, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
