"""Live codes: the ones of counters, posters and cards, and what can be done with any code."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.acquisition import api, queries
from linli.acquisition.info import code_infos
from linli.acquisition.models import LiveCode
from linli.connect import api as connect
from linli.console.acquisition import words
from linli.console.acquisition.forms import CodeForm, WordsForm
from linli.console.door import PageRequest
from linli.directory import api as directory
from linli.kit.errors import LinliError
from linli.wecom.errors import WecomError

CHANGES = 12
OTHERS = 20


def index(request: PageRequest) -> HttpResponse:
    """Every channel's code, with whom it won and what one of them cost."""
    rows = [
        {"code": code, "won": won, "each": code.cost_fen / won / 100 if code.cost_fen is not None and won else None,
         "cost": code.cost_fen / 100 if code.cost_fen is not None else None}
        for code, won in queries.channel_codes(request.corp.id)
    ]  # fmt: skip
    others, links = queries.other_codes(request.corp.id), queries.other_links(request.corp.id)
    return render(request, "acquisition/channels.html", {
        "rows": rows, "others": others[:OTHERS], "others_all": others.count(), "links": links[:OTHERS],
    })  # fmt: skip


def new(request: PageRequest) -> HttpResponse:
    """A code for a place, a card, an article."""
    corp_id = request.corp.id
    staff, shops = directory.staff(corp_id=corp_id), directory.shops(corp_id=corp_id)
    form = CodeForm(request.POST or None, staff=staff, shops=shops)
    if request.method != "POST" or not form.is_valid():
        return render(
            request, "acquisition/new_code.html", {"form": form}, status=422 if request.method == "POST" else 200
        )
    given = form.cleaned_data
    try:
        code = api.make_channel_code(
            corp_id=corp_id, name=given["name"], channel=given["channel"], staff_ids=[int(one) for one in given["staff"]],
            reason_to_add=given["reason_to_add"], shop_id=int(given["shop"]) if given["shop"] else None,
            cost_fen=form.cost_fen(), by=request.account.name,
        )  # fmt: skip
    except (LinliError, WecomError) as error:
        request.act.refused(error)
        form.add_error(None, _told(error))
        return render(request, "acquisition/new_code.html", {"form": form}, status=422)
    request.act.subject, request.act.after = f"code:{code.id}", {"name": code.name, "staff_ids": code.staff_ids}
    messages.success(request, _("“%(name)s” can be printed.") % {"name": code.name})
    return redirect("acquisition:code", code.id)


def detail(request: PageRequest, code_id: int) -> HttpResponse:
    """One channel's code; a shop's code is on the shop's page."""
    row = _row(request, code_id)
    if row.kind == LiveCode.Kind.SHOP and row.shop_id is not None:
        return redirect("acquisition:shop", row.shop_id)
    won = {code.id: n for code, n in queries.channel_codes(request.corp.id)}.get(code_id, 0)
    return render(request, "acquisition/code.html", code_parts(request, row) | {"won": won})


def picture(request: PageRequest, code_id: int) -> HttpResponse:
    """The code as a picture to save and print."""
    row = _row(request, code_id)
    if not row.qr_code or not _reaches(request, row):
        raise Http404
    if api.is_picture(row.qr_code):
        return redirect(api.safe_picture_url(row.qr_code))
    return HttpResponse(api.draw_png(row.qr_code, scale=16), content_type="image/png")


@require_POST
def repoint(request: PageRequest, code_id: int) -> HttpResponse:
    """Point the code at other clerks."""
    chosen = [int(one) for one in request.POST.getlist("staff") if one.isdigit()]
    return _do(
        request, code_id, _("WeCom leads this code to the chosen clerks now."),
        lambda: api.repoint(corp_id=request.corp.id, code_id=code_id, staff_ids=chosen, by=request.account.name),
    )  # fmt: skip


@require_POST
def pause(request: PageRequest, code_id: int) -> HttpResponse:
    """Lead nobody to the code from our pages, or again."""
    paused = request.POST.get("paused") == "1"
    said = (
        _("Paused. Printed pictures go on working: point them at somebody else if they shall not.")
        if paused
        else _("In use again.")
    )
    return _do(
        request, code_id, said,
        lambda: api.pause_code(corp_id=request.corp.id, code_id=code_id, paused=paused, by=request.account.name),
    )  # fmt: skip


@require_POST
def describe(request: PageRequest, code_id: int) -> HttpResponse:
    """Name, reason to add, cost, welcome."""
    form = WordsForm(request.POST, welcomes=queries.welcomes(request.corp.id))
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return _back(request, code_id)
    given = form.cleaned_data
    return _do(
        request, code_id, _("Saved."),
        lambda: api.describe_code(
            corp_id=request.corp.id, code_id=code_id, name=given["name"], reason_to_add=given["reason_to_add"],
            cost_fen=form.cost_fen(), welcome_id=int(given["welcome"]) if given["welcome"] else None, by=request.account.name,
        ),
    )  # fmt: skip


@require_POST
def finish(request: PageRequest, code_id: int) -> HttpResponse:
    """Try again what WeCom has not done yet."""
    closed = _row(request, code_id).closed_at is not None
    said = _("Deleted at WeCom.") if closed else _("WeCom has it now.")
    return _do(request, code_id, said, lambda: api.finish_code(corp_id=request.corp.id, code_id=code_id))


@require_POST
def close(request: PageRequest, code_id: int) -> HttpResponse:
    """Close a channel's code for good."""
    return _do(
        request, code_id, _("Closed. Pictures of it lead nowhere from now on."),
        lambda: api.close_code(corp_id=request.corp.id, code_id=code_id, by=request.account.name),
    )  # fmt: skip


def code_parts(request: PageRequest, row: LiveCode) -> dict[str, Any]:
    """What every page with a code shows of it."""
    corp_id = request.corp.id
    info = code_infos([row])[0]
    staff = [one for one in directory.staff(corp_id=corp_id) if one.active or one.id in info.staff_ids]
    staff.sort(key=lambda one: (one.shop_id != row.shop_id, one.id not in info.staff_ids, one.userid))
    return {
        "code": info,
        "changes": [{"row": one, "what": words.CHANGES.get(one.what, one.what)} for one in queries.changes(corp_id, row.pk)[:CHANGES]],
        "near_staff": [one for one in staff if one.shop_id == row.shop_id or one.id in info.staff_ids],
        "far_staff": [one for one in staff if one.shop_id != row.shop_id and one.id not in info.staff_ids],
        "words_form": WordsForm.of(row, welcomes=queries.welcomes(corp_id)),
        "print_link": request.build_absolute_uri(reverse("h5:code", args=[row.key])),
    }  # fmt: skip


def _do(request: PageRequest, code_id: int, said: str, act: Callable[[], object]) -> HttpResponse:
    request.act.before = _kept(_row(request, code_id))
    try:
        act()
    except (LinliError, WecomError) as error:
        request.act.refused(error)
        messages.error(request, _told(error))
    else:
        messages.success(request, said)
    request.act.after = _kept(_row(request, code_id))
    return _back(request, code_id)


def _kept(row: LiveCode) -> dict[str, Any]:
    """For the audit trail."""
    info = code_infos([row])[0]
    names = ("name", "reason_to_add", "step", "paused", "closed", "cost_fen", "staff_ids")
    return {name: getattr(info, name) for name in names} | {"welcome": row.welcome_id}


def _back(request: PageRequest, code_id: int) -> HttpResponse:
    row = _row(request, code_id)
    if row.kind == LiveCode.Kind.SHOP and row.shop_id is not None:
        return redirect("acquisition:shop", row.shop_id)
    return redirect("acquisition:code", code_id)


def _row(request: PageRequest, code_id: int) -> LiveCode:
    row = queries.code(request.corp.id, code_id)
    if row is None:
        raise Http404
    return row


def _reaches(request: PageRequest, row: LiveCode) -> bool:
    """Is it the code of a shop within the scope? Codes of posters and cards are the whole corp's."""
    if request.scope.whole:
        return True
    return row.shop_id in {one.id for one in directory.shops(corp_id=request.corp.id, scope=request.scope)}


def _told(error: LinliError | WecomError) -> str:
    return str(connect.explain_error(error)) if isinstance(error, WecomError) else str(error.message)
