"""Shops: which have codes, whom they won, and one shop with its code, its way from visit to group, its welcome."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.acquisition import api, queries
from linli.acquisition.nearest import Why
from linli.acquisition.queries import ShopRow
from linli.connect import api as connect
from linli.console.acquisition import words
from linli.console.acquisition.codes import code_parts
from linli.console.acquisition.preview import preview
from linli.console.door import PageRequest
from linli.groups import api as groups
from linli.kit.clock import now

PAGE_SIZE = 60
RUNS = 50
TABS = ("", "not_ready", "closed")
SORTS = {
    "code": lambda row: row.shop.code, "name": lambda row: row.shop.name, "city": lambda row: (row.shop.city, row.shop.code),
    "won": lambda row: row.won, "seats": lambda row: row.groups.seats, "visitors": lambda row: row.visitors,
}  # fmt: skip


def index(request: PageRequest) -> HttpResponse:
    """The list of shops; who has one alone goes straight to it."""
    corp_id = request.corp.id
    everything = queries.shop_rows(corp_id, request.scope)
    if len(everything) == 1 and not request.scope.whole:
        return redirect("acquisition:shop", everything[0].shop.id)
    only = request.GET.get("only", "") if request.GET.get("only", "") in TABS else ""
    rows = _sorted(
        _narrowed(request, [row for row in everything if _in_tab(row, only)]), request.GET.get("sort", "code")
    )
    context = {
        "page": (page := Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))),
        "rows": [{"row": row, "why": words.WHY.get(row.why_not) if row.why_not else None} for row in page],
        "all": len(everything), "ready": sum(row.why_not is None for row in everything),
        "won": sum(row.won for row in everything), "in_groups": sum(row.groups.seats for row in everything),
        "visits": _visits(request, everything), "tabs": _tabs(only, everything), "only": only,
        "cities": sorted({row.shop.city for row in everything if row.shop.city}),
        "landing": request.build_absolute_uri(reverse("h5:landing", args=[api.ensure_landing(corp_id=corp_id).key])),
        "without_code": sum(row.shop.is_open and (row.code is None or row.code.step != "made") for row in everything),
        "as_of": _local(request, now()),
    }  # fmt: skip
    run = _run(request) if request.scope.whole else {}  # what could not be made names shops of others
    return render(request, "acquisition/index.html", context | run)


def detail(request: PageRequest, shop_id: int) -> HttpResponse:
    """One shop: its code, from visit to scan to group, its welcome as the customer sees it."""
    corp_id = request.corp.id
    everything = queries.shop_rows(corp_id, request.scope)
    row = next((one for one in everything if one.shop.id == shop_id), None)
    if row is None:
        raise Http404
    context: dict[str, Any] = {
        "row": row, "others": len(everything) > 1, "shop": row.shop, "why": words.WHY.get(row.why_not) if row.why_not else None,
        "steps": _steps(row), "groups": groups.groups(corp_id=corp_id, shop_id=shop_id), "as_of": _local(request, now()),
    }  # fmt: skip
    code = queries.shop_code(corp_id, shop_id)
    if code is not None:
        context |= code_parts(request, code) | {"preview": preview(corp_id, code, request.corp.zone)}
    return render(request, "acquisition/shop.html", context)


@require_POST
def opening(request: PageRequest, shop_id: int) -> HttpResponse:
    """Open or close a shop for customers."""
    is_open = request.POST.get("open") == "1"
    request.act.after = {"open": is_open}
    api.set_shop_open(corp_id=request.corp.id, shop_id=shop_id, is_open=is_open)
    said = (
        _("Open: customers are led here again.")
        if is_open
        else _("Closed: customers are led to the next shop, and told so.")
    )
    messages.success(request, said)
    return redirect("acquisition:shop", shop_id)


def making(request: PageRequest) -> HttpResponse:
    """The making of all shops' codes: POST begins it, GET shows how far it is (for htmx)."""
    if request.method == "POST":
        begun = api.start_shop_codes(corp_id=request.corp.id)
        messages.info(
            request, _("Making codes begins in a moment.") if begun else _("Making codes waits its turn already.")
        )
        return redirect("acquisition:index")
    return render(request, "acquisition/making.html", _run(request))


@require_POST
def stop(request: PageRequest, run_id: int) -> HttpResponse:
    """Stop making codes at the next shop; what is made stays."""
    connect.stop_run(corp_id=request.corp.id, run_id=run_id)
    if request.htmx:
        return render(request, "acquisition/making.html", _run(request))
    return redirect("acquisition:index")


def _run(request: PageRequest) -> dict[str, Any]:
    runs = connect.latest_runs(corp_id=request.corp.id, limit=RUNS)
    run = next((one for one in runs if one.kind == api.CODES_RUN), None)
    return {"run": run, "missing": run.missing[:20] if run else (), "more": max(0, len(run.missing) - 20) if run else 0}


def _visits(request: PageRequest, rows: list[ShopRow]) -> dict[str, int | None]:
    """Looks at landing pages; for a part of the corp only those that were about its shops are known."""
    if not request.scope.whole:
        return {
            "visits": sum(row.visits for row in rows),
            "simulated": sum(row.simulated for row in rows),
            "shown": None,
        }
    found = queries.visit_figures(request.corp.id)
    return {name: getattr(found, name) for name in ("visits", "shown", "none_open", "simulated")}


def _in_tab(row: ShopRow, only: str) -> bool:
    match only:
        case "not_ready":
            return row.why_not in {Why.FULL, Why.NO_CODE}
        case "closed":
            return not row.shop.is_open
        case _:
            return True


def _tabs(only: str, rows: list[ShopRow]) -> list[dict[str, Any]]:
    labels = {"": _("All"), "not_ready": _("Cannot take customers"), "closed": _("Closed")}
    return [
        {
            "label": labels[key],
            "href": f"?only={key}",
            "active": key == only,
            "count": sum(_in_tab(row, key) for row in rows),
        }
        for key in TABS
    ]


def _narrowed(request: PageRequest, rows: list[ShopRow]) -> list[ShopRow]:
    text, city = request.GET.get("q", "").strip(), request.GET.get("city", "")
    found = [row for row in rows if not city or row.shop.city == city]
    return [
        row
        for row in found
        if not text or text in f"{row.shop.code} {row.shop.name} {row.shop.district}{row.shop.address}"
    ]


def _sorted(rows: list[ShopRow], asked: str) -> list[ShopRow]:
    key = SORTS.get(asked.removeprefix("-"), SORTS["code"])
    return sorted(rows, key=key, reverse=asked.startswith("-"))


def _steps(row: ShopRow) -> list[dict[str, Any]]:
    """From visit to scan to group; a step may be larger than the one before, which the page explains."""
    return [
        {
            "label": _("Visitors"),
            "value": row.visitors,
            "note": _("%(n)d of them simulated") % {"n": row.simulated} if row.simulated else "",
        },
        {"label": _("Added a clerk by the code"), "value": row.won},
        {"label": _("Entered the group by its code"), "value": row.in_group},
    ]


def _local(request: PageRequest, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(request.corp.zone))
