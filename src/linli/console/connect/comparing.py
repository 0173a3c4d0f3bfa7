"""Comparing with WeCom: tonight's, the one going on, what each found, and what WeCom cannot tell anybody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.connect import api
from linli.console.connect.words import ELSEWHERE, KINDS, MISSED, left, listed
from linli.console.door import PageRequest

SHOWN = 30
UNREAD_SHOWN = 10


@never_cache
def index(request: PageRequest) -> HttpResponse:
    """The page; while a comparison goes on, its parts come again every two seconds."""
    return render(request, "connect/comparing.html", _context(request))


@never_cache
def live(request: PageRequest) -> HttpResponse:
    """What changes while a comparison goes on."""
    return render(request, "connect/comparing_live.html", _context(request))


@require_POST
def start(request: PageRequest) -> HttpResponse:
    """Compare everything now."""
    begun = api.start_reconciliation(corp_id=request.corp.id, by=request.account.name or request.account.username)
    if begun is None:
        messages.info(request, _("A comparison is going on already."))
    else:
        messages.info(request, _("The comparison begins in a moment."))
    return redirect("connect:comparing")


@require_POST
def again(request: PageRequest, reconciliation_id: int) -> HttpResponse:
    """Read what this comparison could not read, and nothing else."""
    request.act.subject = f"reconciliation:{reconciliation_id}"
    by = request.account.name or request.account.username
    if api.try_again(corp_id=request.corp.id, reconciliation_id=reconciliation_id, by=by) is None:
        messages.info(request, _("There is nothing to try again, or a comparison is going on already."))
    else:
        messages.info(request, _("These are read again in a moment."))
    return redirect("connect:comparing")


@require_POST
def stop(request: PageRequest, reconciliation_id: int) -> HttpResponse:
    """Stop at the next step; what was compared so far stays."""
    api.cancel_reconciliation(corp_id=request.corp.id, reconciliation_id=reconciliation_id)
    if request.htmx:
        return live(request)
    return redirect("connect:comparing")


def _context(request: PageRequest) -> dict[str, Any]:
    found = api.latest_reconciliations(corp_id=request.corp.id, limit=SHOWN)
    rows = [_row(one) for one in found]
    running = next((row for row in rows if row["state"] == "running"), None)
    zone = ZoneInfo(request.corp.zone)
    return {
        "rows": rows,
        "running": running,
        "last": next((row for row in rows if row["state"] in {"done", "partial"}), None),
        "gap": next((row for row in rows if row["state"] in {"done", "partial", "failed"}), None),
        "total": api.reconciliations(corp_id=request.corp.id),
        "chart": _chart(found, zone) if len(found) > 1 else None,
        "nightly_at": f"{settings.LINLI.nightly_at:%H:%M}",
        "line": api.line(corp_id=request.corp.id),
        "zone": zone,
    }


def _row(one: api.ReconciliationInfo) -> dict[str, Any]:
    by_kind = {run.kind: run for run in one.runs}
    found = one.compared
    return {
        "id": one.id, "night": one.night, "by": one.by, "state": one.state, "stopping": one.stopping,
        "asked_at": one.asked_at, "finished_at": one.finished_at, "read": found.read,
        "missed": found.missed_callbacks, "elsewhere": sum(found.elsewhere.values()),
        "lines": listed(found.missed, MISSED) + listed(found.elsewhere, ELSEWHERE),
        "missed_lines": listed(found.missed, MISSED), "elsewhere_lines": listed(found.elsewhere, ELSEWHERE),
        "welcomes": found.undetectable.get("welcomes", 0), "again": one.again,
        "unread": found.unread[:UNREAD_SHOWN], "unread_more": max(0, len(found.unread) - UNREAD_SHOWN),
        "rooms": [_room(kind, by_kind.get(kind)) for kind in one.kinds],
        "rooms_done": sum(run.state != "running" for run in by_kind.values()), "rooms_all": len(one.kinds),
    }  # fmt: skip


def _room(kind: str, run: api.RunInfo | None) -> dict[str, Any]:
    return {"label": _(KINDS[kind]), "run": run, "left": left(run.remaining_s) if run else ""}


def _chart(found: Sequence[api.ReconciliationInfo], zone: ZoneInfo) -> dict[str, Any]:
    """Bars of what each comparison found, oldest first."""
    rows = [one for one in reversed(found) if one.state != "running"]

    def bars(name: str, values: list[int], colour: str) -> dict[str, Any]:
        return {"name": name, "type": "bar", "stack": "one", "data": values, "itemStyle": {"color": colour}}

    return {
        "legend": {},
        "xAxis": {"type": "category", "data": [_day(one.asked_at, zone) for one in rows]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            bars(_("Missed callbacks"), [one.compared.missed_callbacks for one in rows], "@orange"),
            bars(_("Changed at WeCom"), [sum(one.compared.elsewhere.values()) for one in rows], "@chart-1"),
        ],
    }


def _day(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local.month}/{local.day} {local:%H:%M}"
