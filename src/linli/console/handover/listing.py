"""Who got whom, searchable and as a file; and the customers who have no clerk."""

import csv
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.connect import api as connect
from linli.console.door import PageRequest
from linli.console.handover import words
from linli.console.sight import sight_of
from linli.directory import api as directory
from linli.handover import api, queries
from linli.handover.unassigned import KIND
from linli.kit.tables import harmless

PAGE_SIZE = 50
MOST_IN_A_FILE = 100_000
STATES = ("", "planned,unknown,waiting", "done", "refused,full,failed,no_result")


def who(request: PageRequest) -> HttpResponse:
    """Every customer who was ever handed over, the latest first."""
    state, text = _asked(request)
    page = Paginator(queries.moves(request.corp.id, request.scope, state=state, text=text), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    labels = [_("All"), _("On their way"), _("Taken over"), _("Not taken over")]
    context = {
        "page": page, "moves": [{"one": one, **words.move(one)} for one in page], "text": text, "of": state,
        "tabs": [
            {"href": f"?of={key}" if key else "?", "label": label, "active": key == state}
            for key, label in zip(STATES, labels, strict=True)
        ],
    }  # fmt: skip
    return render(request, "handover/who.html", context)


@require_GET
def file(request: PageRequest) -> StreamingHttpResponse:
    """The same as CSV; `handover` narrows it to one."""
    request.act.subject, request.act.after = "handover:file", {"most": MOST_IN_A_FILE}
    response = StreamingHttpResponse(_lines(request), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="handovers.csv"'
    return response


def unassigned(request: PageRequest) -> HttpResponse:
    """Clerks who left, and how many of their customers wait for others."""
    shops = {one.id: one.name for one in directory.shops(corp_id=request.corp.id)}
    rows = queries.unassigned(request.corp.id, request.scope)
    runs = [run for run in connect.latest_runs(corp_id=request.corp.id, limit=50) if run.kind == KIND]
    context = {
        "rows": [{"one": one, "shop": shops.get(one.shop_id or 0, "")} for one in rows],
        "customers": sum(one.customers for one in rows),
        "in_hand": sum(one.in_hand for one in rows),
        "reading": queries.reading(request.corp.id),
        "run": runs[0] if runs else None,
    }
    return render(request, "handover/unassigned.html", context)


@require_POST
def reading(request: PageRequest) -> HttpResponse:
    """Read WeCom's list now."""
    fresh = api.sync_soon(corp_id=request.corp.id)
    request.act.after = {"queued": fresh}
    messages.info(request, _("WeCom’s list is being read.") if fresh else _("A reading waits already."))
    return redirect("handover:unassigned")


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def _asked(request: PageRequest) -> tuple[str, str]:
    state = request.GET.get("of", "")
    return (state if state in STATES else ""), request.GET.get("q", "").strip()[:100]


def _lines(request: PageRequest) -> Iterator[str]:
    """Names as far as this account may see them."""
    (state, text), key = _asked(request), request.GET.get("handover", "")
    rows = queries.moves(
        request.corp.id, request.scope, state=state, text=text, handover_id=int(key) if key.isdecimal() else None
    )
    sight, zone, writer = sight_of(request), ZoneInfo(request.corp.zone), csv.writer(_Echo())
    yield "\ufeff"  # spreadsheets take it as UTF-8 then
    yield writer.writerow(
        [_("Customer"), _("Given by"), _("Taken by"), _("How"), _("State"), _("Why"), _("When"), _("Hand-over")]
    )
    for row in rows[:MOST_IN_A_FILE].iterator(chunk_size=1000):
        name = row.customer.name if row.customer else row.external_userid
        kind = "name" if row.customer else "external_userid"
        cells = [
            sight.show(kind, name, row.customer_id), row.giver.name or row.giver.userid,
            (row.taker.name or row.taker.userid) if row.taker else "",
            _("after leaving") if row.handover.resigned else _("on the job"), str(words.MOVES[row.state]), words.why(row),
            row.state_at.astimezone(zone).isoformat(timespec="seconds"), row.handover_id,
        ]  # fmt: skip
        yield writer.writerow([harmless(str(cell)) for cell in cells])
