"""Words of the pages."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.privacy.erasures import OWN_REASONS, REASONS
from linli.privacy.exports import REASONS as EXPORT_REASONS
from linli.privacy.models import Erasure, PersonExport

STATES = {
    "waiting": (gettext_lazy("waits"), "info"),
    "running": (gettext_lazy("under way"), "info"),
    "done": (gettext_lazy("done"), "well"),
    "failed": (gettext_lazy("something is left"), "alarm"),
    "cancelled": (gettext_lazy("cancelled"), "off"),
}
ACTS = {
    "delete": (gettext_lazy("deleted"), "watch"),
    "scrub": (gettext_lazy("stays without the person"), "plain"),
    "keep": (gettext_lazy("stays"), "off"),
}
ID_KINDS = {
    "phone": gettext_lazy("phone"),
    "mall": gettext_lazy("mall id"),
    "unionid": "unionid",
    "openid": "openid",
    "external_userid": "external_userid",
}


def erasure_row(row: Erasure) -> dict[str, Any]:
    """A line of the list of erasures."""
    state, tone = STATES[row.state]
    reasons = {**REASONS, **OWN_REASONS}
    return {
        "row": row,
        "state": state,
        "tone": tone,
        "reason": reasons.get(row.reason, row.reason),
        "by": row.author or _("Linli"),
    }


def export_row(row: PersonExport) -> dict[str, Any]:
    """A line of the list of exports."""
    state, tone = STATES[row.state]
    gone = row.state == "done" and row.size == 0
    return {
        "row": row, "state": _("the file is gone") if gone else state, "tone": "off" if gone else tone, "gone": gone,
        "reason": EXPORT_REASONS.get(row.reason, row.reason),
    }  # fmt: skip
