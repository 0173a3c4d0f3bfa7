"""The insights pages: one question each; those that have a meaning for a part of the corp (urls.py: narrows) answer for it alone."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.access import api as access
from linli.console import shell
from linli.console.door import PageRequest
from linli.console.insights import builders, charts, figures
from linli.console.insights.tables import Table, as_csv
from linli.console.insights.words import METHODS, TABS
from linli.insights.queries import daily, experiments, joining, purchases, rfm, visitors
from linli.insights.queries.ground import Ground, ground
from linli.messaging import api as messaging

RANGES = (14, 30, 90, 365)
SHOPS_A_PAGE = 30


def index(request: PageRequest) -> HttpResponse:
    """Day by day."""
    on = ground(request.corp.id, scope=request.scope)
    days = _days(request, 30)
    series = _series(on, days)
    return _page(request, on, "index", {
        "days": days, "ranges": _ranges(request, days), "cards": figures.daily(series), "series": series,
        "other_currency": sum(day.other_currency for day in series.days),
        "parts": [
            _part(_("Customers added and lost"), charts.in_and_out(series, "added", "lost"),
                  builders.daily_part(series, "customers", "added", "kept", "lost")),
            _part(_("Into groups and out"), charts.in_and_out(series, "joins", "leaves"),
                  builders.daily_part(series, "groups", "joins", "leaves", "net_joins")),
            _part(_("Spend, and what is usual"), charts.with_band(series, "spend"),
                  builders.daily_part(series, "spend", "spend")),
            *([] if on.part else [_part(_("Private-domain share"), charts.with_band(series, "known_share", percent=True),
                  builders.daily_part(series, "share", "known_share"))]),
        ],
        "csv": _csv(request, "daily"),
    })  # fmt: skip


def rfm_page(request: PageRequest) -> HttpResponse:
    """The RFM grid."""
    on = ground(request.corp.id, scope=request.scope)
    method = _method(request)
    grid = rfm.grid(on, method)
    leads = access.may(request.user, "segments.read")
    segments = builders.rfm_segments(grid, links=leads)
    methods = [
        {"label": METHODS[one][0], "href": f"?method={one}", "active": one == method}
        for one in ("default", "published")
    ]
    return _page(request, on, "rfm", {
        "grid": grid, "method": method, "methods": methods, "formula": METHODS[method][1],
        "cells": figures.heat_rows(grid, links=leads), "leads": leads, "segments": segments, "cells_table": builders.rfm_cells(grid),
        "option": charts.rfm_shares(grid, segments.links), "csv": _csv(request, "rfm"),
        "cells_csv": _csv(request, "rfm-cells"),
    })  # fmt: skip


def visitors_page(request: PageRequest) -> HttpResponse:
    """Visits, scans, group joins."""
    on = ground(request.corp.id)
    days = _days(request, 30)
    found = _conversion(on, days)
    table = builders.visitors(found)
    page = Paginator(table.rows, SHOPS_A_PAGE).get_page(request.GET.get("page"))
    shown = Table(table.name, table.title, table.columns, list(page.object_list))
    return _page(request, on, "visitors", {
        "days": days, "ranges": _ranges(request, days), "found": found, "table": shown, "page": page,
        "funnel": figures.visitor_funnel(found.whole), "csv": _csv(request, "visitors"),
    })  # fmt: skip


def repurchase(request: PageRequest) -> HttpResponse:
    """Buying again, and cohorts."""
    on = ground(request.corp.id, scope=request.scope)
    days = _days(request, 90)
    last = on.yesterday
    window = purchases.repurchase(on, last - timedelta(days=days - 1), last)
    before = purchases.repurchase(on, last - timedelta(days=2 * days - 1), last - timedelta(days=days))
    found = purchases.cohorts(on)
    return _page(request, on, "repurchase", {
        "days": days, "ranges": _ranges(request, days), "window": window, "before": before,
        "cards": figures.repurchase(window, before), "cohorts": found,
        "columns": range(max((len(one.active) for one in found), default=0)), "csv": _csv(request, "cohorts"),
    })  # fmt: skip


def joining_page(request: PageRequest) -> HttpResponse:
    """Before against after, and against others."""
    on = ground(request.corp.id)
    before, others = joining.before_and_after(on), joining.against_others(on)
    return _page(request, on, "joining", {
        "before": before, "others": others, "paired": builders.paired(before), "matched": builders.matched(others),
        "paired_formulas": figures.paired_formulas(before), "matched_formulas": figures.matched_formulas(others),
        "paired_csv": _csv(request, "joining-paired"), "matched_csv": _csv(request, "joining-matched"),
    })  # fmt: skip


def sends(request: PageRequest) -> HttpResponse:
    """Holdout comparisons."""
    on = ground(request.corp.id, scope=request.scope)
    days = _days(request, experiments.WINDOW, experiments.WINDOWS)
    number = max(1, int(number)) if (number := request.GET.get("page", "1")).isdigit() else 1
    found = experiments.comparisons(on, days=days, offset=(number - 1) * experiments.PAGE)
    funnels = messaging.funnels(corp_id=on.corp_id, send_ids=[one.send_id for one in found.items], scope=request.scope)
    page = Paginator(range(found.whole), experiments.PAGE).get_page(number)
    return _page(request, on, "sends", {
        "days": days, "ranges": _ranges(request, days, experiments.WINDOWS), "page": page,
        "cards": [figures.send_card(one, funnels[one.send_id], on.currency) for one in found.items],
        "csv": _csv(request, "sends"),
    })  # fmt: skip


def download(request: PageRequest, name: str) -> HttpResponse:
    """One of the tables as CSV, for the same question that the page was asked."""
    on = ground(request.corp.id, scope=request.scope)
    match name:
        case "daily":
            table = builders.daily(_series(on, _days(request, 30)))
        case "rfm":
            table = builders.rfm_segments(rfm.grid(on, _method(request)))
        case "rfm-cells":
            table = builders.rfm_cells(rfm.grid(on, _method(request)))
        case "visitors":
            table = builders.visitors(_conversion(on, _days(request, 30)))
        case "cohorts":
            table = builders.cohorts(purchases.cohorts(on))
        case "joining-paired":
            table = builders.paired(joining.before_and_after(on))
        case "joining-matched":
            table = builders.matched(joining.against_others(on))
        case "sends":
            days = _days(request, experiments.WINDOW, experiments.WINDOWS)
            table = builders.sends(experiments.comparisons(on, days=days, limit=10_000))
        case _:
            raise Http404
    return as_csv(table)


def _page(request: PageRequest, on: Ground, tab: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"insights/{tab}.html", {"tabs": tabs(request, tab), "ground": on, **context})


def tabs(request: PageRequest, active: str) -> list[dict[str, Any]]:
    """The questions that this account may ask; none where it is only one."""
    found = [
        {"label": label, "href": href, "active": name == active}
        for name, label in TABS
        if shell.opens(href := reverse(f"insights:{name}"), request.user)
    ]
    return found if len(found) > 1 else []


def _series(on: Ground, days: int) -> daily.Series:
    return daily.series(on, on.yesterday - timedelta(days=days - 1), on.yesterday)


def _conversion(on: Ground, days: int) -> visitors.Conversion:
    return visitors.conversion(on, on.today - timedelta(days=days - 1), on.today)


def _days(request: PageRequest, default: int, allowed: tuple[int, ...] = RANGES) -> int:
    given = request.GET.get("days", "")
    return int(given) if given.isdigit() and int(given) in allowed else default


def _method(request: PageRequest) -> str:
    given = request.GET.get("method", "")
    return given if given in METHODS else "default"


def _ranges(request: PageRequest, days: int, allowed: tuple[int, ...] = RANGES) -> list[dict[str, Any]]:
    return [
        {"label": _("%(days)s days") % {"days": one}, "href": f"{request.path}?days={one}", "active": one == days}
        for one in allowed
    ]


def _csv(request: PageRequest, name: str) -> str:
    query = request.GET.urlencode()
    return reverse("insights:download", args=[name]) + (f"?{query}" if query else "")


def _part(title: str, option: dict[str, Any], table: Table) -> dict[str, Any]:
    return {"title": title, "option": option, "table": table}
