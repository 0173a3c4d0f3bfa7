"""Running: what waits, what was set aside and why, and the two things a person can do about it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.console.door import PageRequest
from linli.console.ledger import words
from linli.console.sight import sight_of
from linli.kit.errors import LinliError
from linli.kit.heartbeat import threads_silent_s
from linli.kit.settings import read_settings
from linli.ledger import api

PAGE = 50
STATES = ("parked", "retrying", "dropped")


@never_cache
def index(request: PageRequest) -> HttpResponse:
    """The page."""
    return render(request, "ledger/index.html", _live(request))


@never_cache
def live(request: PageRequest) -> HttpResponse:
    """Its moving part, asked for every few seconds."""
    return render(request, "ledger/live.html", _live(request))


@never_cache
def aside(request: PageRequest, state: str) -> HttpResponse:
    """One by one: what is parked, retrying or dropped; of one subscriber's error when the address names it."""
    if state not in STATES:
        raise Http404
    subscriber, error = request.GET.get("subscriber"), request.GET.get("error")
    at = max(0, int(text)) if (text := request.GET.get("from", "0")).isdigit() else 0
    found = api.parked(
        corp_id=request.corp.id, state=state, subscriber=subscriber, error=error, limit=PAGE + 1, offset=at
    )
    named = {key: value for key, value in (("subscriber", subscriber), ("error", error)) if value is not None}
    context = {
        "rows": [_row(request, one) for one in found[:PAGE]], "state": state, "tabs": _tabs(request, state),
        "subscriber": subscriber, "error": error, "who": words.subscriber(subscriber) if subscriber is not None else "",
        "plainly": words.plainly(error) if error else "",
        "next": "?" + urlencode({**named, "from": at + PAGE}) if len(found) > PAGE else "",
        "previous": "?" + urlencode({**named, "from": max(0, at - PAGE)}) if at else "",
    }  # fmt: skip
    return render(request, "ledger/aside.html", context)


@never_cache
def detail(request: PageRequest, parked_id: int) -> HttpResponse:
    """All that is known of one."""
    found = api.parked_one(corp_id=request.corp.id, parked_id=parked_id)
    if found is None:
        messages.info(request, _("It went well meanwhile, or somebody was faster."))
        return redirect("running:index")
    return render(request, "ledger/detail.html", {"row": _row(request, found)})


@require_POST
def going(request: PageRequest) -> HttpResponse:
    """Set the chosen ones, or all of one error, going again."""
    count = api.set_going(corp_id=request.corp.id, **_chosen(request))
    if count:
        said = ngettext("%(n)d is tried again now.", "%(n)d are tried again now.", count) % {"n": count}
        messages.success(request, said)
    else:
        messages.info(request, _("Nothing was chosen, or it went well meanwhile."))
    return redirect("running:index")


@require_POST
def drop(request: PageRequest) -> HttpResponse:
    """Give the chosen ones, or all of one error, up; the reason is kept."""
    try:
        count = api.drop(
            corp_id=request.corp.id,
            reason=request.POST.get("reason", ""),
            by=request.account.name or request.account.username,
            **_chosen(request),
        )
    except LinliError as error:
        messages.error(request, str(error))
        return redirect("running:index")
    said = ngettext("%(n)d is dropped; the reason is kept.", "%(n)d are dropped; the reason is kept.", count) % {
        "n": count
    }
    messages.warning(request, said)
    return redirect("running:index")


def _chosen(request: PageRequest) -> dict[str, Any]:
    ids = [int(text) for text in request.POST.getlist("id") if text.isdigit()]
    if ids:
        return {"ids": ids}
    return {"subscriber": request.POST.get("subscriber"), "error": request.POST.get("error")}


def _live(request: PageRequest) -> dict[str, Any]:
    corp_id = request.corp.id
    known = api.subscriptions()
    behind = api.lag(names=[one.name for one in known])
    health = api.health(corp_id=corp_id)
    silent = threads_silent_s(read_settings().data_dir)
    replaying = {one.subscriber: one for one in api.replays(limit=50) if one.state == "open"}
    groups = [
        {
            "group": one, "who": words.subscriber(one.subscriber), "plainly": words.plainly(one.error),
            "url": reverse("running:aside", args=["parked"]) + "?" + urlencode({"subscriber": one.subscriber, "error": one.error}),
        }
        for one in api.parked_groups(corp_id=corp_id)
    ]  # fmt: skip
    return {
        "counts": api.parked_counts(corp_id=corp_id),
        "health": health,
        "groups": groups,
        "subscribers": [
            {
                "one": one, "who": words.subscriber(one.name), "behind": behind[one.name],
                "stuck": health.stuck.get(one.name, ""), "replaying": replaying.get(one.name),
                "silent": int(silent.get(f"deliver:{one.name}", 0) // 60),
            }
            for one in known
        ],
        "behind": max(behind.values(), default=0),
    }  # fmt: skip


def _row(request: PageRequest, one: api.ParkedInfo) -> dict[str, Any]:
    row = {"one": one, "who": words.subscriber(one.subscriber), "plainly": words.plainly(one.error)}
    return row | {"about": _about(request, one)}


def _about(request: PageRequest, one: api.ParkedInfo) -> str:
    """A fact names a customer by Linli's number, a callback by WeCom's id of the person, which not everybody may see."""
    kind, _colon, key = one.subject.partition(":")
    if one.inbox_id is None or kind != "customer":
        return one.subject
    return f"{kind}:{sight_of(request).show('external_userid', key)}"


def _tabs(request: PageRequest, active: str) -> list[dict[str, Any]]:
    counts = api.parked_counts(corp_id=request.corp.id)
    labels = {"parked": _("Wait for you"), "retrying": _("Tried again by themselves"), "dropped": _("Dropped")}
    return [
        {"href": reverse("running:aside", args=[state]), "label": labels[state], "count": counts[state], "active": state == active}
        for state in STATES
    ]  # fmt: skip
