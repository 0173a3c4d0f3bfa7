"""The list of hand-overs, and one of them: how far it is, who got whom, what to do where it did not work."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from linli.console.door import PageRequest
from linli.console.handover import words
from linli.console.handover.planning import plan_shown
from linli.directory import api as directory
from linli.handover import api, queries
from linli.handover.models import OPEN, Handover, MoveState
from linli.handover.queries import Progress
from linli.kit.clock import now
from linli.kit.errors import LinliError

PAGE_SIZE = 30
MOVES_A_PAGE = 50
FILTERS = ("", "proposed", "running", "done", "cancelled,dismissed")
NOT_DONE = ("refused", "full", "failed", "no_result")
GROUPS_OF_STATES = ("", "planned,unknown,waiting", "done", ",".join(NOT_DONE), "left_out,cancelled")


def index(request: PageRequest) -> HttpResponse:
    """The list with how far each is."""
    corp_id, state, search = request.corp.id, request.GET.get("state", ""), request.GET.get("q", "").strip()[:100]
    state = state if state in FILTERS else ""
    shop = request.GET.get("shop", "")
    rows = queries.handovers(
        corp_id, request.scope, state=state, search=search, shop_id=int(shop) if shop.isdecimal() else None
    )
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    found = queries.progress(corp_id, [row.pk for row in page])
    labels = [_("All"), _("Proposed"), _("Under way"), _("Through"), _("Stopped")]
    waiting, totals = queries.unassigned(corp_id, request.scope), queries.totals(corp_id, request.scope)
    context = {
        "page": page,
        "rows": [{"row": row, "state": words.state(row), **_sums(found[row.pk])} for row in page],
        "tabs": [
            {"href": f"?state={key}&shop={shop}" if shop else f"?state={key}", "label": label, "active": key == state}
            for key, label in zip(FILTERS, labels, strict=True)
        ],
        "search": search,
        "shop": shop,
        "state": state,
        "proposed": queries.handovers(corp_id, request.scope, state="proposed").count(),
        "totals": totals,
        "coming": sum(totals.get(one, 0) for one in OPEN),
        "waiting": sum(one.customers for one in waiting),
        "leavers": len(waiting),
        "away": directory.out_of_sight(corp_id=corp_id) if request.scope.whole else 0,
        "rule": queries.rule(corp_id),
        "mode": words.MODES[queries.rule(corp_id).mode],
    }
    return render(request, "handover/index.html", context)


def detail(request: PageRequest, handover_id: int) -> HttpResponse:
    """One hand-over; a proposal with its plan as of now."""
    row = _row(request, handover_id)
    if row.state == Handover.State.PROPOSED:
        wish = api.from_json(row.wish)
        shown = plan_shown(request, api.plan(corp_id=request.corp.id, wish=wish), wish)
        return render(request, "handover/proposed.html", {"row": row, "state": words.state(row), **shown})
    return render(request, "handover/detail.html", _shown(request, row))


def progress(request: PageRequest, handover_id: int) -> HttpResponse:
    """The part of the page that renews itself."""
    return render(request, "handover/progress.html", _shown(request, _row(request, handover_id)))


@require_POST
def start(request: PageRequest, handover_id: int) -> HttpResponse:
    """Begin a proposal as it stands."""
    row = _row(request, handover_id)
    return _act(
        request, row, lambda: api.start(
            corp_id=request.corp.id, wish=api.from_json(row.wish), author=request.account.name, handover_id=row.pk
        ),
    )  # fmt: skip


@require_POST
def stop(request: PageRequest, handover_id: int) -> HttpResponse:
    """Stop what WeCom has not been asked for yet."""

    def act() -> None:
        n = api.cancel(corp_id=request.corp.id, handover_id=handover_id, author=request.account.name)
        request.act.after = {"stopped": n}
        if n:
            said = ngettext("%(n)d stays where it was.", "%(n)d stay where they were.", n) % {"n": n}
        else:
            said = _("WeCom has been asked for all of them: it has no way back. Customers can still refuse.")
        messages.info(request, said)

    return _act(request, _row(request, handover_id), act)


@require_POST
def dismissal(request: PageRequest, handover_id: int) -> HttpResponse:
    """A proposal is not wanted."""
    row = _row(request, handover_id)
    return _act(
        request, row,
        lambda: api.dismiss(corp_id=request.corp.id, handover_id=handover_id, author=request.account.name),
    )  # fmt: skip


@require_POST
def results(request: PageRequest, handover_id: int) -> HttpResponse:
    """Have the results read now."""

    def act() -> None:
        api.read_soon(corp_id=request.corp.id, handover_id=handover_id)
        messages.info(request, _("WeCom is being asked."))

    return _act(request, _row(request, handover_id), act)


def _row(request: PageRequest, handover_id: int) -> Handover:
    row = queries.handovers(request.corp.id, request.scope).filter(id=handover_id).first()
    if row is None:
        raise Http404
    return row


def _act(request: PageRequest, row: Handover, act: Callable[[], object]) -> HttpResponse:
    request.act.subject, request.act.before = f"handover:{row.pk}", {"state": row.state}
    try:
        act()
    except LinliError as error:
        request.act.refused(error)
        messages.warning(request, str(error.message))
    return redirect("handover:detail", row.pk)


def _sums(found: Progress) -> dict[str, Any]:
    people, chats = found.customers, found.groups
    asked = sum(people.values()) - people["left_out"]
    return {
        "all": sum(people.values()),
        "asked": asked,
        "done": people["done"],
        "open": people["planned"] + people["unknown"] + people["waiting"],
        "not_done": sum(people[one] for one in NOT_DONE),
        "left_out": people["left_out"],
        "stopped": people["cancelled"],
        "groups": sum(chats.values()),
        "groups_done": chats["done"],
        "until": found.until,
    }


def _shown(request: PageRequest, row: Handover) -> dict[str, Any]:
    corp_id, given = request.corp.id, request.GET
    state = given.get("of", "") if given.get("of", "") in GROUPS_OF_STATES else ""
    text = given.get("q", "").strip()[:100]
    found = queries.progress(corp_id, [row.pk])[row.pk]
    rows = queries.moves(corp_id, request.scope, handover_id=row.pk, state=state, text=text)
    page = Paginator(rows, MOVES_A_PAGE).get_page(given.get("page"))
    sums = _sums(found)
    labels = [_("All"), _("On their way"), _("Taken over"), _("Not taken over"), _("Stayed")]
    counts = [sums["all"], sums["open"], sums["done"], sums["not_done"], sums["left_out"] + sums["stopped"]]
    return {
        "row": row,
        "state": words.state(row),
        **sums,
        "left": max((found.until - now()).total_seconds(), 0) if found.until else 0,
        "page": page,
        "moves": [{"one": one, **words.move(one)} for one in page],
        "tabs": [
            {"href": f"?of={key}" if key else "?", "label": label, "active": key == state, "count": n}
            for key, label, n in zip(GROUPS_OF_STATES, labels, counts, strict=True)
        ],
        "text": text,
        "of": state,
        "chats": [
            {"one": one, **words.move(one)} for one in queries.group_moves(corp_id, request.scope, handover_id=row.pk)
        ],
        "takers": queries.by_taker(corp_id, request.scope, row.pk),
        "live": row.state == Handover.State.RUNNING,
        "can_stop": found.customers[MoveState.PLANNED] + found.groups[MoveState.PLANNED],
        "limits": words.limits(),
        "split": words.SPLITS.get(row.wish["split"], ""),
    }
