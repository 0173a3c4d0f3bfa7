"""How often a customer may be written to, and when not: what holds today, setting it, taking it back."""

from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from linli.console.door import PageRequest
from linli.kit.clock import now
from linli.kit.errors import LinliError
from linli.messaging import api
from linli.messaging.api import Cap, DatedRule

MIDNIGHT = time(0)
HISTORY = 20
# What WeCom's administrator can choose from: the limit of days in the month, 7 a week, 1 a day (wire.md I.1).
PLATFORM: dict[str, tuple[str, int | None]] = {"month": ("month", None), "week": ("week", 7), "day": ("day", 1)}


class _Dated(forms.Form):
    """From which day on."""

    valid_from = forms.DateField(
        label=gettext_lazy("From which day on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today
        self.initial.setdefault("valid_from", today)
        self.fields["valid_from"].widget.attrs["min"] = f"{today:%Y-%m-%d}"

    def clean_valid_from(self) -> date:
        """What has been planned on days that are over was planned by their rules."""
        found: date = self.cleaned_data["valid_from"]
        if found < self.today:
            raise forms.ValidationError(
                _("Choose today or a day to come: the days before were planned by their own rule.")
            )
        return found


class OwnForm(_Dated):
    """The brand's own cap."""

    limit = forms.IntegerField(
        label=gettext_lazy("How many at most"), required=False, min_value=1, max_value=1000,
        help_text=gettext_lazy("Mass messages for one customer. Empty: no limit of your own."),
    )  # fmt: skip
    per = forms.ChoiceField(
        label=gettext_lazy("Counted by"),
        choices=(
            ("week", gettext_lazy("week, from Monday")),
            ("month", gettext_lazy("calendar month")),
            ("day", gettext_lazy("day")),
        ),
    )


class PlatformForm(_Dated):
    """What the administrator chose at WeCom."""

    choice = forms.ChoiceField(
        label=gettext_lazy("Chosen at WeCom"),
        choices=(
            ("month", gettext_lazy("as many a month as it has days (WeCom’s usual)")),
            ("week", gettext_lazy("7 a week")),
            ("day", gettext_lazy("1 a day")),
        ),
    )


class QuietForm(_Dated):
    """The hours in which no send begins."""

    on = forms.BooleanField(label=gettext_lazy("Keep quiet hours"), required=False)
    starts = forms.TimeField(
        label=gettext_lazy("Quiet from"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ends = forms.TimeField(label=gettext_lazy("until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    move = forms.ChoiceField(
        label=gettext_lazy("A send that falls into them"),
        choices=(
            ("1", gettext_lazy("waits until they are over")),
            ("0", gettext_lazy("leaves everyone out")),
        ),
    )

    def clean(self) -> dict[str, Any]:
        """The same time twice means nothing at all, so it must be said by the tick."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("on") and given.get("starts") is not None and given.get("starts") == given.get("ends"):
            self.add_error(
                "ends", _("The same time twice is no time at all. Take the tick away to have no quiet hours.")
            )
        return given


@require_GET
def index(request: PageRequest) -> HttpResponse:
    """What holds, and what was set."""
    return _page(request)


@require_POST
def own(request: PageRequest) -> HttpResponse:
    """Our own cap."""
    form = OwnForm(request.POST, today=_today(request), auto_id="own_%s")
    if not form.is_valid():
        return _page(request, own=form)
    given = form.cleaned_data
    return _set_cap(request, "own", given["per"], given["limit"], given["valid_from"])


@require_POST
def platform(request: PageRequest) -> HttpResponse:
    """What WeCom's administrator chose."""
    form = PlatformForm(request.POST, today=_today(request), auto_id="platform_%s")
    if not form.is_valid():
        return _page(request, platform=form)
    per, limit = PLATFORM[form.cleaned_data["choice"]]
    return _set_cap(request, "platform", per, limit, form.cleaned_data["valid_from"])


@require_POST
def quiet(request: PageRequest) -> HttpResponse:
    """The quiet hours; without the tick none, which is kept as a span without length."""
    form = QuietForm(request.POST, today=_today(request), auto_id="quiet_%s")
    if not form.is_valid():
        return _page(request, quiet=form)
    given = form.cleaned_data
    starts, ends = (given["starts"], given["ends"]) if given["on"] else (MIDNIGHT, MIDNIGHT)
    before = api.rules(corp_id=request.corp.id, day=given["valid_from"])[1]
    request.act.subject = "rule:quiet"
    request.act.before = {"starts": before.starts, "ends": before.ends, "move": before.move}
    request.act.after = {
        "starts": starts,
        "ends": ends,
        "move": given["move"] == "1",
        "valid_from": given["valid_from"],
    }
    api.set_quiet_hours(
        corp_id=request.corp.id, starts=starts, ends=ends, move=given["move"] == "1", valid_from=given["valid_from"],
        author=request.account.name,
    )  # fmt: skip
    return _said(request, given["valid_from"])


@require_POST
def take_back(request: PageRequest, kind: str, rule_id: int) -> HttpResponse:
    """Undo what was set for today or a day to come."""
    request.act.subject = f"rule:{kind}"
    try:
        row = api.take_back_rule(corp_id=request.corp.id, kind=kind, rule_id=rule_id, today=_today(request))
    except LinliError as error:
        request.act.refused(error)
        messages.warning(request, str(error.message))
    else:
        request.act.before = {"what": str(_in_words(row)), "valid_from": row.valid_from}
        messages.info(request, _("Taken back: what held before holds again."))
    return redirect("sends:rules")


def _set_cap(request: PageRequest, source: str, per: str, limit: int | None, valid_from: date) -> HttpResponse:
    caps, _quiet = api.rules(corp_id=request.corp.id, day=valid_from)
    before = next((one for one in caps if one.source == source), None)
    request.act.subject = f"rule:{source}"
    request.act.before = {"per": before.per, "limit": before.limit} if before else {"limit": None}
    request.act.after = {"per": per, "limit": limit, "valid_from": valid_from}
    api.set_cap(
        corp_id=request.corp.id, source=source, per=per, limit_count=limit, valid_from=valid_from,
        author=request.account.name,
    )  # fmt: skip
    return _said(request, valid_from)


def _said(request: PageRequest, valid_from: date) -> HttpResponse:
    today = _today(request)
    said = (
        _("It holds from now on. Sends that are planned already are planned once more by it before they go out.")
        if valid_from == today
        else _("It holds from %(day)s on.") % {"day": valid_from.isoformat()}
    )
    messages.info(request, said)
    return redirect("sends:rules")


def _page(request: PageRequest, **forms_given: forms.Form) -> HttpResponse:
    today = _today(request)
    caps, hours = api.rules(corp_id=request.corp.id, day=today)
    mine = next((one for one in caps if one.source == "own"), None)
    silent = hours.starts == hours.ends
    shown = {
        "own_form": OwnForm(
            today=today, auto_id="own_%s", initial={"limit": mine.limit if mine else None, "per": mine.per if mine else "week"}
        ),
        "platform_form": PlatformForm(today=today, auto_id="platform_%s", initial={"choice": caps[0].per}),
        "quiet_form": QuietForm(
            today=today, auto_id="quiet_%s",
            initial={
                "on": not silent, "move": "1" if hours.move else "0",
                "starts": time(22) if silent else hours.starts, "ends": time(8) if silent else hours.ends,
            },
        ),
    }  # fmt: skip
    rules = api.dated_rules(corp_id=request.corp.id)
    newest: dict[str, int] = {}
    for one in rules:
        if one.valid_from <= today:
            newest.setdefault(one.kind, one.id)
    context = {
        "own": _cap_words(mine) if mine else "", "platform": _cap_words(caps[0]), "hours": None if silent else hours,
        "rules": [
            {"one": one, "what": _in_words(one), "coming": one.valid_from > today,
             "holds": newest.get(one.kind) == one.id, "mine": one.valid_from >= today}
            for one in rules[:HISTORY]
        ],
    }  # fmt: skip
    given = {f"{name}_form": form for name, form in forms_given.items()}
    return render(request, "messaging/rules.html", context | shown | given, status=422 if given else 200)


def _in_words(rule: DatedRule) -> str:
    """A rule of the history in a sentence."""
    if rule.kind == "quiet":
        if rule.starts == rule.ends:
            return _("No quiet hours")
        then = _("a send waits until then") if rule.move else _("a send leaves everyone out")
        return _("Quiet from %(starts)s to %(ends)s: %(then)s") % {
            "starts": f"{rule.starts:%H:%M}", "ends": f"{rule.ends:%H:%M}", "then": then,
        }  # fmt: skip
    whose = _("Our own") if rule.kind == "own" else _("WeCom’s")
    what = _cap_words(Cap(rule.kind, rule.per, rule.limit))
    return _("%(whose)s: %(what)s") % {"whose": whose, "what": what}


def _cap_words(cap: Cap) -> str:
    if cap.limit is None:
        return _("as many a month as it has days") if cap.source == "platform" else _("no limit of our own")
    words = {"month": _("%(n)d a month"), "week": _("%(n)d a week"), "day": _("%(n)d a day")}
    return words[cap.per] % {"n": cap.limit}


def _today(request: PageRequest) -> date:
    return now().astimezone(ZoneInfo(request.corp.zone)).date()
