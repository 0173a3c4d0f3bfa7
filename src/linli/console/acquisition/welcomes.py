"""Welcomes: the list, and writing one with the phone beside it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.acquisition import api, queries
from linli.acquisition.models import Welcome
from linli.acquisition.welcomes import default_text, fill
from linli.console.acquisition.forms import WelcomeForm
from linli.console.door import PageRequest
from linli.directory import api as directory
from linli.kit.errors import LinliError


def index(request: PageRequest) -> HttpResponse:
    """Who is greeted how."""
    rows = list(queries.welcomes(request.corp.id))
    return render(request, "acquisition/welcomes.html", {"rows": rows, "house": default_text()})


def edit(request: PageRequest, welcome_id: int | None = None) -> HttpResponse:
    """Write a welcome; `look` only shows it on the phone."""
    row = _row(request.corp.id, welcome_id) if welcome_id else None
    shops = directory.shops(corp_id=request.corp.id)
    if request.method != "POST":
        return _page(request, WelcomeForm(initial=_initial(row), shops=shops), row)
    form = WelcomeForm(request.POST, shops=shops)
    if not form.is_valid() or "look" in request.POST:
        return _page(request, form, row, status=200 if "look" in request.POST else 422)
    given = form.cleaned_data
    if row is not None:
        request.act.before = _initial(row)
    request.act.after = dict(given)
    try:
        api.save_welcome(
            corp_id=request.corp.id, welcome_id=welcome_id, name=given["name"], text=given["text"],
            shop_id=int(given["shop"]) if given["shop"] else None, from_time=given["from_time"],
            until_time=given["until_time"], with_group=given["with_group"],
        )  # fmt: skip
    except LinliError as error:
        request.act.refused(error)
        form.add_error(None, str(error.message))
        return _page(request, form, row, status=422)
    messages.success(request, _("Saved: who scans from now on is greeted so."))
    return redirect("acquisition:welcomes")


@require_POST
def retire(request: PageRequest, welcome_id: int) -> HttpResponse:
    """Use a welcome no more."""
    request.act.before, request.act.after = {"used": True}, {"used": False}
    api.retire_welcome(corp_id=request.corp.id, welcome_id=welcome_id)
    messages.info(request, _("No longer used. The shop's or the house's own words take its place."))
    return redirect("acquisition:welcomes")


def _page(request: PageRequest, form: WelcomeForm, row: Welcome | None, status: int = 200) -> HttpResponse:
    text = form.data.get("text") if form.is_bound else form.initial.get("text", default_text())
    shop_id = form.data.get("shop") if form.is_bound else form.initial.get("shop", "")
    shops = {str(one.id): one.name for one in directory.shops(corp_id=request.corp.id)}
    shop = shops.get(str(shop_id)) or next(iter(shops.values()), request.corp.name)
    shown = fill(str(text or ""), customer="阿May", shop=shop, staff="小林")
    context = {"form": form, "row": row, "shown": shown, "shop": shop, "with_group": form["with_group"].value()}
    return render(request, "acquisition/welcome.html", context, status=status)


def _initial(row: Welcome | None) -> dict[str, Any]:
    if row is None:
        return {"text": default_text(), "with_group": True}
    return {
        "name": row.name, "text": row.text, "shop": row.shop_id or "", "from_time": row.from_time,
        "until_time": row.until_time, "with_group": row.with_group,
    }  # fmt: skip


def _row(corp_id: int, welcome_id: int) -> Welcome:
    row = queries.welcomes(corp_id).filter(id=welcome_id).first()
    if row is None:
        raise Http404
    return row
