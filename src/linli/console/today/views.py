"""The morning page: what needs you, what was yesterday, what goes out today."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from linli.console import shell
from linli.console.door import PageRequest
from linli.console.insights import builders, charts, figures
from linli.console.insights.words import SEND_STATES
from linli.console.templatetags.linli import num, percent
from linli.console.today.words import story_steps, todo
from linli.insights import api as insights
from linli.insights.api import Morning

_SHOWN = ("added", "net_joins", "orders", "spend", "known_share")
_LINES = 12


def index(request: PageRequest) -> HttpResponse:
    """The page."""
    found = insights.morning_of(corp_id=request.corp.id)
    lines = [todo(one) for one in found.waiting]
    steps = story_steps(found.story)
    context = {
        "morning": found,
        "ground": found.ground,
        "lines": [
            line if shell.opens(line.href, request.account) else replace(line, act="") for line in lines[:_LINES]
        ],
        "more": len(lines) - _LINES,
        "waiting": len(lines),
        "cards": [_yesterdays(figures.day_figure(found.recent, metric)) for metric in _SHOWN],
        "details": _details(found),
        "sends": [
            {"send": send, "state": SEND_STATES.get(send.state, send.state), "reach": _reach(found, send.id)}
            for send in found.sends
        ],
        "option": charts.in_and_out(found.recent, "joins", "leaves"),
        "table": builders.daily_part(found.recent, "groups", "joins", "leaves", "net_joins"),
        "steps": steps if any(not step.over for step in steps) else [],
        "running": True,
    }
    return render(request, "today/index.html", context)


def story(request: PageRequest) -> HttpResponse:
    """How far the story is; the card asks for itself again until it is told."""
    steps = story_steps(insights.story(corp_id=request.corp.id))
    running = any(not step.over for step in steps)
    return render(request, "today/story.html", {"steps": steps, "running": running})


def _yesterdays(card: dict[str, Any]) -> dict[str, Any]:
    return {**card, "label": _("Yesterday: %(label)s") % {"label": card["label"]}}


def _reach(found: Morning, send_id: int) -> str:
    funnel = found.funnels.get(send_id)
    if funnel is None or not funnel.planned:
        return ""
    return _("%(planned)s in the segment, %(to_send)s to be sent, %(confirmed)s confirmed, %(sent)s arrived") % {
        "planned": num(funnel.planned),
        "to_send": num(funnel.to_send),
        "confirmed": num(funnel.confirmed),
        "sent": num(funnel.sent),
    }


def _details(found: Morning) -> list[tuple[str, str]]:
    """Yesterday in one column, as the trade asks for it every morning (S80)."""
    day, now, again = found.recent.last, found.now, found.repurchase
    currency = found.ground.currency
    counts = {"rate": percent(again.rate), "again": num(again.again), "buyers": num(again.buyers)}
    return [
        (_("Customers added"), _("%(n)s, still friends %(kept)s") % {"n": num(day.added), "kept": num(day.kept)}),
        (_("Customers lost"), num(day.lost)),
        (_("Friends now"), num(now.friends)),
        (_("Groups now"), _("%(n)s, %(people)s people in them") % {"n": num(now.groups), "people": num(now.in_groups)}),
        (_("Into groups and out"), _("%(joins)s in, %(leaves)s out") % {"joins": num(day.joins), "leaves": num(day.leaves)}),
        (_("Messages that arrived"), num(now.messages_sent)),
        (_("Orders"), _("%(n)s of %(people)s known customers and others") % {"n": num(day.orders), "people": num(day.payers)}),
        (_("Sales"), f"{num(day.spend, 2)} {currency}"),
        (_("Refunded"), f"{num(day.refunded, 2)} {currency}"),
        (_("Repurchase rate, 90 days"), _("%(rate)s (%(again)s of %(buyers)s)") % counts),
    ]  # fmt: skip
