"""The audit trail: search, one act with before and after, the state of its chain, a file to take away."""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.access import api as access
from linli.access.api import AuditEntry, AuditSearch
from linli.console.audit import words
from linli.console.door import PageRequest
from linli.kit.clock import wall
from linli.kit.tables import harmless

PAGE_SIZE = 50
MOST_IN_A_FILE = 100_000
PARTS = (
    "sends:", "segments:", "customers:", "acquisition:", "connect:", "settings:", "commerce:", "groups:", "handover:", "access:",
    "privacy:", "running:", "api", "sign",
    "cli.", "h5:",
)  # fmt: skip
_A_DAY = timedelta(days=1)


@require_GET
def index(request: PageRequest) -> HttpResponse:
    """The list, newest first; `older` is the id of the last line shown."""
    search, older = _search(request), request.GET.get("older", "")
    found = access.audit_trail(
        corp_id=request.corp.id, search=search, older_than=int(older) if older.isdecimal() else None,
        limit=PAGE_SIZE + 1,
    )  # fmt: skip
    rows = [_row(request, entry) for entry in found[:PAGE_SIZE]]
    context = {
        "rows": rows, "search": search, "given": request.GET, "actors": access.actors(corp_id=request.corp.id),
        "actions": [(key, words.action(key)) for key in PARTS], "who": words.WHO.items(),
        "next": rows[-1]["entry"].id if len(found) > PAGE_SIZE else None, "older": older,
        "narrowed": search != AuditSearch(), "verdict": _verdict(request, since=wall() - _A_DAY),
    }  # fmt: skip
    return render(request, "audit/index.html", context)


@require_GET
def detail(request: PageRequest, entry_id: int) -> HttpResponse:
    """One act, for the drawer; alone on a page where there is no htmx."""
    entry = access.audit_entry(corp_id=request.corp.id, entry_id=entry_id)
    context = _row(request, entry) | {"changes": words.changes(entry)}
    return render(request, "audit/entry.html" if request.htmx else "audit/detail.html", context)


@require_GET
def chain(request: PageRequest) -> HttpResponse:
    """Verify every link and row now, not only the last day's."""
    return render(request, "audit/chain.html", {"verdict": _verdict(request, since=None), "whole": True})


@require_GET
def download(request: PageRequest) -> StreamingHttpResponse:
    """What the search finds as CSV, newest first; taking it away is itself on record."""
    request.act.subject, request.act.after = "audit", {"most": MOST_IN_A_FILE}
    response = StreamingHttpResponse(_lines(request, _search(request)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def _lines(request: PageRequest, search: AuditSearch) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # spreadsheets take it as UTF-8 then
    head = [
        "id", _("When"), _("By whom"), _("Act"), _("Route"), _("Subject"), _("Outcome"), _("Reason"), "IP", _("Request"),
        _("Before"), _("After"),
    ]  # fmt: skip
    yield writer.writerow(head)
    last, left = None, MOST_IN_A_FILE
    while left > 0:
        found = access.audit_trail(corp_id=request.corp.id, search=search, older_than=last, limit=min(1000, left))
        for entry in found:
            at = entry.at.astimezone(ZoneInfo(request.corp.zone)).isoformat(timespec="seconds")
            cells = [
                entry.id, at, words.who(entry), words.action(entry.action), entry.action, entry.subject, entry.outcome,
                entry.error, entry.ip, entry.request_id, words.value(entry.before or None), words.value(entry.after or None),
            ]  # fmt: skip
            yield writer.writerow([harmless(str(cell)) for cell in cells])
        if len(found) < min(1000, left):
            return
        last, left = found[-1].id, left - len(found)


def _row(request: PageRequest, entry: AuditEntry) -> dict[str, Any]:
    tone, said = words.outcome(entry)
    return {
        "entry": entry,
        "at": entry.at.astimezone(ZoneInfo(request.corp.zone)),
        "who": words.who(entry),
        "what": words.action(entry.action),
        "tone": tone,
        "said": said,
    }


def _verdict(request: PageRequest, *, since: datetime | None) -> dict[str, Any]:
    found = access.verify_audit(since=since)
    until = found.sealed_until.astimezone(ZoneInfo(request.corp.zone)) if found.sealed_until else None
    shown = found.problems[:10]
    return {"found": found, "until": until, "problems": shown, "more": len(found.problems) - len(shown)}


def _search(request: PageRequest) -> AuditSearch:
    given, zone = request.GET, ZoneInfo(request.corp.zone)
    until = _day(given.get("until", ""), zone)
    return AuditSearch(
        who=given.get("who", "")[:60],
        action=given.get("action", "")[:60],
        subject=given.get("subject", "").strip()[:60],
        since=_day(given.get("since", ""), zone),
        until=until + _A_DAY if until else None,
        failed=given.get("failed") == "1",
    )


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone)
    except ValueError:
        return None
