"""Communities: the sheets, and opening one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.console.door import PageRequest
from linli.console.groups.forms import SheetForm
from linli.console.groups.words import KINDS
from linli.groups import api, queries
from linli.groups.communities import info, missing
from linli.groups.models import Community
from linli.kit.clock import now
from linli.kit.errors import LinliError


def index(request: PageRequest) -> HttpResponse:
    """Every sheet and how far it is."""
    rows = [
        {"row": row, "info": info(row), "kind": KINDS.get(row.kind), "groups": vars(row)["groups"]}
        for row in queries.communities(request.corp.id)
    ]
    unready = sum(1 for one in rows if one["row"].opened_at is None)
    return render(request, "groups/communities.html", {"rows": rows, "unready": unready, "as_of": now()})


def edit(request: PageRequest, community_id: int | None = None) -> HttpResponse:
    """Write a sheet; it may be saved half done."""
    row = _row(request.corp.id, community_id) if community_id else None
    if request.method != "POST":
        return _page(request, SheetForm.of(row), row)
    form = SheetForm(request.POST)
    if not form.is_valid():
        return _page(request, form, row, status=422)
    try:
        saved = api.save_community(corp_id=request.corp.id, community_id=community_id, sheet=form.cleaned_data)
    except LinliError as error:
        request.act.refused(error)
        form.add_error(None, str(error.message))
        return _page(request, form, row, status=422)
    request.act.subject, request.act.after = f"community:{saved.id}", {"filled": saved.filled, "needed": saved.needed}
    messages.success(request, _("Saved: %(filled)d of %(needed)d answers.") % vars(saved))
    return redirect("groups:community", saved.id)


@require_POST
def opening(request: PageRequest, community_id: int) -> HttpResponse:
    """Open a community; what is missing is said."""
    try:
        opened = api.open_community(corp_id=request.corp.id, community_id=community_id)
    except api.SheetIncomplete as error:
        request.act.refused(error)
        messages.warning(request, str(error.message))
    else:
        messages.success(request, _("“%(name)s” is open.") % {"name": opened.name})
    return redirect("groups:community", community_id)


@require_POST
def closing(request: PageRequest, community_id: int) -> HttpResponse:
    """Close a community whose purpose is over."""
    api.close_community(corp_id=request.corp.id, community_id=community_id)
    messages.info(request, _("Closed. Its groups stay in WeCom until their owner dismisses them."))
    return redirect("groups:community", community_id)


def _row(corp_id: int, community_id: int) -> Community:
    row = Community.objects.filter(corp_id=corp_id, id=community_id).first()
    if row is None:
        raise Http404
    return row


def _page(request: PageRequest, form: SheetForm, row: Community | None, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "row": row}
    if row is not None:
        context |= {"info": info(row), "missing": [str(label) for label in missing(row).values()]}
    return render(request, "groups/community.html", context, status=status)
