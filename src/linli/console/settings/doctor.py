"""The doctor's page: every part of the house and of the line to WeCom, each with what to do."""

from collections import Counter

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.console.door import PageRequest

_TONES = {"ok": "well", "warn": "act", "fail": "alarm", "unknown": "off"}
_ORDER = ("fail", "warn", "unknown", "ok")


@require_GET
def page(request: PageRequest) -> HttpResponse:
    """The frame; the findings come by themselves a moment later, because WeCom is asked for some."""
    return render(request, "settings/doctor.html")


@never_cache
@require_GET
def findings(request: PageRequest) -> HttpResponse:
    """What was found just now, what needs a person first."""
    found = import_string(settings.LINLI_DOCTOR)(corp_id=request.corp.id)
    words = {"ok": _("well"), "warn": _("look at it"), "fail": _("broken"), "unknown": _("not looked at")}
    rows = [{"one": one, "tone": _TONES[one.state], "word": words[one.state]} for one in found]
    rows.sort(key=lambda row: _ORDER.index(row["one"].state))
    return render(
        request, "settings/_findings.html", {"rows": rows, "counts": dict(Counter(one.state.value for one in found))}
    )
