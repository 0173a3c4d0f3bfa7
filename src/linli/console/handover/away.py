"""Members whom WeCom shows no more without a word: somebody says that they left, or who they are now."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.console.door import PageRequest
from linli.customers import api as customers
from linli.directory import api as directory
from linli.groups import api as groups
from linli.kit.errors import LinliError


def away(request: PageRequest) -> HttpResponse:
    """The list: since when, with what in their hands, and who came at about that time."""
    corp_id = request.corp.id
    staff = directory.staff(corp_id=corp_id)
    has, owns = customers.live_follow_counts(corp_id=corp_id), groups.owners(corp_id=corp_id)
    shops = {one.id: one.name for one in directory.shops(corp_id=corp_id)}
    there = [one for one in staff if one.out_of_sight_at is None]
    rows = [
        {
            "one": one, "shop": shops.get(one.shop_id or 0, ""), "customers": has.get(one.id, 0),
            "groups": owns.get(one.userid, 0), "others": directory.likely_same(one, there),
        }
        for one in sorted(staff, key=lambda one: (-has.get(one.id, 0), one.userid))
        if one.out_of_sight_at is not None
    ]  # fmt: skip
    return render(request, "handover/away.html", {"rows": rows})


@require_POST
def left(request: PageRequest, staff_id: int) -> HttpResponse:
    """They left."""
    return _act(
        request, staff_id, lambda: directory.say_left(corp_id=request.corp.id, staff_id=staff_id),
        _("Noted. What was theirs waits for a colleague under Hand-overs."),
    )  # fmt: skip


@require_POST
def same(request: PageRequest, staff_id: int) -> HttpResponse:
    """They are the chosen one, with another UserID."""
    chosen = request.POST.get("staff", "")
    other = int(chosen) if chosen.isdecimal() else 0
    return _act(
        request, staff_id, lambda: directory.join(corp_id=request.corp.id, was_id=staff_id, staff_id=other),
        _("The two are one person now: customers, groups, tasks and the account are together."),
    )  # fmt: skip


def _act(request: PageRequest, staff_id: int, act: Callable[[], object], said: str) -> HttpResponse:
    request.act.subject = f"staff:{staff_id}"
    try:
        act()
    except LinliError as error:
        request.act.refused(error)
        messages.warning(request, str(error.message))
    else:
        messages.info(request, said)
    return redirect("handover:away")
