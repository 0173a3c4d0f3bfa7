"""The words of the order pages."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.commerce.models import ImportRun
from linli.commerce.queries import Totals

WHAT = ("", "anonymous", "adjustments", "refunds")
State = ImportRun.State
STATES: dict[str, Any] = {
    State.DRAFT: gettext_lazy("columns to confirm"),
    State.WAITING: gettext_lazy("in the queue"),
    State.READING: gettext_lazy("reading the file"),
    State.WRITING: gettext_lazy("writing the orders"),
    State.DONE: gettext_lazy("orders are in"),
    State.CANCELLED: gettext_lazy("stopped by hand"),
    State.FAILED: gettext_lazy("could not be read"),
}
TONES: dict[str, str] = {
    State.DRAFT: "act",
    State.WAITING: "info",
    State.READING: "info",
    State.WRITING: "info",
    State.DONE: "well",
    State.CANCELLED: "off",
    State.FAILED: "alarm",
}
FAILURES = {
    "file_too_large": gettext_lazy("The unpacked file is too large: cut it into parts."),
    "file_binary": gettext_lazy("This is no CSV, gz or Excel file: choose another."),
    "file_not_text": gettext_lazy("The file has no line ends: is it a CSV file?"),
    "file_broken": gettext_lazy("The packed file is broken: pack it again and upload it once more."),
    "file_gone": gettext_lazy("The file was not on this machine any more: upload it again."),
}


def tabs(what: str, totals: Totals) -> list[dict[str, Any]]:
    """The ways to look at the list."""
    labels = {
        "": (_("Orders of customers"), totals.orders - totals.anonymous),
        "anonymous": (_("Anonymous sales"), totals.anonymous),
        "adjustments": (_("Adjustments"), totals.adjustments),
        "refunds": (_("Refunds"), totals.refunds),
    }
    return [
        {"href": f"?what={key}" if key else "?", "label": label, "active": key == what, "count": count}
        for key, (label, count) in labels.items()
    ]


def api_call(url: str) -> str:
    """The call that a till makes, ready to be copied."""
    body = (
        '{"source": "till", "orders": [{"number": "A-1001", "paid_at": "2026-03-08T09:30:00+08:00", "buyer_ref": "17850", '
        '"lines": [{"sku": "85123A", "description": "马克杯", "quantity": 2, "unit_price": "25.50"}]}]}'
    )
    return (
        f"curl -X POST {url} \\\n  -H 'Authorization: Bearer lk_…' \\\n  -H 'Content-Type: application/json' \\\n"
        f"  -d '{body}'"
    )


def failure(run: ImportRun) -> str:
    """Why a run failed, as a sentence."""
    return str(FAILURES.get(run.error_code, "")) or _("It stopped with “%(code)s”. What was written stays in.") % {
        "code": run.error_code
    }
