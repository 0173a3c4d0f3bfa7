"""Replay of one subscriber: from where, what it would change, how far it is."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.access import api as access
from linli.console.door import PageRequest
from linli.console.ledger import words
from linli.kit.errors import BadInput, LinliError
from linli.ledger import api


@never_cache
def subscriber(request: PageRequest, name: str) -> HttpResponse:
    """The form, and the latest replays."""
    one = api.subscription(name)
    found = api.replays(subscriber=name)
    context = {
        "one": one, "who": words.subscriber(name), "may": one.replay.value, "runs": [_run(request, run) for run in found],
        "open": next((_run(request, run) for run in found if run.state == "open"), None),
        "behind": api.lag(names=[name])[name], "alone": len(access.corps()) == 1,
    }  # fmt: skip
    return render(request, "ledger/replay.html", context)


@require_POST
def start(request: PageRequest, name: str) -> HttpResponse:
    """Begin it, dry or real."""
    try:
        api.start_replay(
            subscriber=name,
            from_position=_position(request, name),
            dry=request.POST.get("what") != "real",
            by=request.account.name or request.account.username,
        )
    except LinliError as error:
        messages.error(request, str(error))
    return redirect("running:replay", name=name)


@never_cache
def progress(request: PageRequest, replay_id: int) -> HttpResponse:
    """How far it is; when it has ended, the page is asked for again."""
    run = api.replay(replay_id=replay_id)
    response = render(request, "ledger/progress.html", {"item": _run(request, run)})
    if run.state != "open":
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
def stop(request: PageRequest, replay_id: int) -> HttpResponse:
    """Cancel: what was replayed stays."""
    api.cancel_replay(replay_id=replay_id)
    run = api.replay(replay_id=replay_id)
    if request.htmx:
        response = HttpResponse()
        response.headers["HX-Refresh"] = "true"
        return response
    return redirect("running:replay", name=run.subscriber)


def _position(request: PageRequest, name: str) -> int:
    if at := request.POST.get("at", ""):
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            raise BadInput("at", _("Choose a day and a time.")) from None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(request.corp.zone))
        return api.position_at(subscriber=name, at=moment)
    text = request.POST.get("position", "")
    if not (text.isascii() and text.isdigit()):
        raise BadInput("position", _("Give a position (0 for everything) or a time."))
    return int(text)


def _run(request: PageRequest, run: api.ReplayInfo) -> dict[str, Any]:
    mine = request.corp.id  # a replay is the house's, its facts are each a corp's
    failing = [one for one in run.failing if one.get("corp") == mine]
    return {
        "run": run,
        "done": run.position - run.from_position,
        "whole": run.to_position - run.from_position,
        "changes": [
            {"table": table, "inserted": three[0], "updated": three[1], "deleted": three[2]}
            for table, three in run.changes.items()
        ],
        "failing": failing,
        "more_failing": max(0, run.failing_count - len(failing)),
    }
