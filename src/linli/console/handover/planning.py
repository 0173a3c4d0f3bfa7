"""Planning a hand-over: the form with live counts, and the rule for clerks who leave."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from linli.console.door import PageRequest
from linli.console.handover import words
from linli.customers import api as customers
from linli.directory import api as directory
from linli.groups import api as groups
from linli.handover import api, queries
from linli.handover.models import Handover
from linli.kit.errors import LinliError

LEFT_OUT_SHOWN = 50


def new(request: PageRequest) -> HttpResponse:
    """The form: from whom, then to whom and how, with what it would come to; a POST begins it."""
    if request.method == "POST":
        return _begin(request)
    proposal = _proposal(request)
    wish = api.from_json(proposal.wish) if proposal else _wish(request.GET)
    context = _givers(request) | {"wish": wish, "proposal": proposal, "rule": queries.rule(request.corp.id)}
    if wish is not None:
        context |= _form(request, wish) | _preview(request, wish)
    return render(request, "handover/new.html", context)


@require_GET
def preview(request: PageRequest) -> HttpResponse:
    """What the form would come to now; nothing is written or called."""
    wish = _wish(request.GET)
    if wish is None:
        raise Http404
    return render(request, "handover/plan.html", _preview(request, wish))


def rule(request: PageRequest) -> HttpResponse:
    """What happens when a clerk leaves."""
    if request.method == "POST":
        return _set_rule(request)
    context = {
        "rule": queries.rule(request.corp.id), "modes": words.MODES, "splits": words.SPLITS,
        "groups_to": {key: text for key, text in words.GROUPS_TO.items() if key != "one"}, "limits": words.limits(),
    }  # fmt: skip
    return render(request, "handover/rule.html", context)


def plan_shown(request: PageRequest, made: api.Plan, wish: api.Wish) -> dict[str, Any]:
    """A plan for a page: sums, takers, who is left out with names, groups."""
    left = [line for line in made.customers if line.reason]
    shown = left[:LEFT_OUT_SHOWN]
    names = customers.profiles(
        corp_id=request.corp.id, customer_ids=[line.customer_id for line in shown if line.customer_id is not None]
    )
    takers = {one.id: one.name for one in made.takers}
    return {
        "plan": made,
        "wish": wish,
        "takers": [{"one": one, "problem": words.problem(one.problem or one.warning)} for one in made.takers],
        "losses": words.losses(made.left_out),
        "left": [
            {"line": line, "who": names.get(line.customer_id or 0), "why": words.REASONS.get(line.reason, line.reason)}
            for line in shown
        ],
        "left_more": len(left) - len(shown),
        "chats": [
            {
                "line": line,
                "taker": takers.get(line.taker_id or 0, ""),
                "why": words.REASONS.get(line.reason, line.reason),
            }
            for line in made.groups
        ],
        "first_taker": next((one.name for one in made.takers if one.gets), ""),
        "limits": words.limits(),
    }


def _preview(request: PageRequest, wish: api.Wish) -> dict[str, Any]:
    try:
        return {"begin": True, **plan_shown(request, api.plan(corp_id=request.corp.id, wish=wish), wish)}
    except LinliError as error:
        return {"problem": str(error.message), "wish": wish}


def _begin(request: PageRequest) -> HttpResponse:
    wish, proposal = _wish(request.POST), request.POST.get("proposal", "")
    if wish is None:
        messages.warning(request, _("Choose from whom first."))
        return redirect("handover:new")
    request.act.after = {"giver": wish.giver_id, "takers": len(wish.taker_ids), "split": wish.split}
    try:
        key = api.start(
            corp_id=request.corp.id, wish=wish, author=request.account.name,
            handover_id=int(proposal) if proposal.isdecimal() else None,
        )  # fmt: skip
    except LinliError as error:
        request.act.refused(error)
        messages.warning(request, str(error.message))
        return redirect("handover:new")
    request.act.subject = f"handover:{key}"
    return redirect("handover:detail", key)


def _proposal(request: PageRequest) -> Handover | None:
    key = request.GET.get("proposal", "")
    rows = queries.handovers(request.corp.id, request.scope, state=Handover.State.PROPOSED)
    return rows.filter(id=int(key)).first() if key.isdecimal() else None


def _givers(request: PageRequest) -> dict[str, Any]:
    """Who can give: those who left with something, then the active ones."""
    corp_id = request.corp.id
    has, owns = customers.live_follow_counts(corp_id=corp_id), groups.owners(corp_id=corp_id)
    listed = {one.staff_id: one.customers for one in queries.unassigned(corp_id)}
    gone = [
        {"one": one, "n": max(has.get(one.id, 0), listed.get(one.id, 0)), "groups": owns.get(one.userid, 0)}
        for one in directory.leavers(corp_id=corp_id)
        if has.get(one.id) or listed.get(one.id) or owns.get(one.userid)
    ]
    there = [
        {"one": one, "n": has.get(one.id, 0), "groups": owns.get(one.userid, 0)}
        for one in directory.staff(corp_id=corp_id)
        if has.get(one.id) or owns.get(one.userid)
    ]
    return {"gone": gone, "there": there}


def _form(request: PageRequest, wish: api.Wish) -> dict[str, Any]:
    corp_id = request.corp.id
    staff = [one for one in directory.staff(corp_id=corp_id) if one.active and one.id != wish.giver_id]
    giver = directory.staff_by_ids(corp_id=corp_id, staff_ids=[wish.giver_id]).get(wish.giver_id)
    if giver is None:
        raise Http404
    has = customers.live_follow_counts(corp_id=corp_id)
    shops = {one.id: one.name for one in directory.shops(corp_id=corp_id)}
    home = [one for one in staff if one.shop_id is not None and one.shop_id == giver.shop_id]
    chosen = set(wish.taker_ids) or {one.id for one in home}
    others = [one for one in staff if one not in home]
    return {
        "giver": giver,
        "giver_shop": shops.get(giver.shop_id or 0, ""),
        "home": [{"one": one, "has": has.get(one.id, 0), "on": one.id in chosen} for one in home],
        "others": [
            {"one": one, "has": has.get(one.id, 0), "on": one.id in chosen, "shop": shops.get(one.shop_id or 0, "")}
            for one in others
        ],
        "others_on": any(one.id in chosen for one in others),
        "splits": words.SPLITS,
        "groups_to": words.GROUPS_TO,
        "tags": customers.tags(corp_id=corp_id),
        "staff": staff,
        "most_words": api.MOST_WORDS,
    }


def _set_rule(request: PageRequest) -> HttpResponse:
    before, given = queries.rule(request.corp.id), request.POST
    cap = given.get("customer_cap", "")
    request.act.before = {
        "mode": before.mode,
        "split": before.split,
        "groups_to": before.groups_to,
        "cap": before.customer_cap,
    }
    try:
        api.set_rule(
            corp_id=request.corp.id, mode=given.get("mode", ""), split=given.get("split", ""),
            groups_to=given.get("groups_to", ""), customer_cap=int(cap) if cap.isdecimal() else 0,
            author=request.account.name,
        )  # fmt: skip
    except LinliError as error:
        request.act.refused(error)
        messages.warning(request, str(error.message))
    else:
        after = queries.rule(request.corp.id)
        request.act.after = {
            "mode": after.mode,
            "split": after.split,
            "groups_to": after.groups_to,
            "cap": after.customer_cap,
        }
        messages.info(request, _("The rule holds from now on, for whoever leaves."))
    return redirect("handover:rule")


def _wish(given: QueryDict | Mapping[str, Any]) -> api.Wish | None:
    """The form as a wish; None before anybody was chosen."""
    assert isinstance(given, QueryDict)
    giver = given.get("giver", "")
    if not giver.isdecimal():
        return None
    one = given.get("groups_taker", "")
    first = "asked" not in given  # only the giver is chosen: the form's own beginning
    return api.Wish(
        giver_id=int(giver), taker_ids=_ids(given, "taker"), split=given.get("split", "known"),
        customers=first or "customers" in given, tag_ids=_ids(given, "tag"), groups_to=given.get("groups_to", "keeper"),
        groups_taker_id=int(one) if one.isdecimal() and given.get("groups_to") == "one" else None,
        message=given.get("message", "").strip(),
    )  # fmt: skip


def _ids(given: QueryDict, name: str) -> tuple[int, ...]:
    return tuple(int(one) for one in given.getlist(name) if one.isdecimal())
