"""Why a line or an order cannot be taken: code → a sentence that says what to do."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "column_count": _("The line does not have as many columns as the header."),
    "broken_quotes": _("A quotation mark is opened and never closed."),
    "encoding": _("The line holds bytes that are not text in this encoding."),
    "control_character": _("The line holds a control character."),
    "number_missing": _("The order number is missing."),
    "number_too_long": _("The order number is longer than 64 characters."),
    "buyer_too_long": _("The buyer's id is longer than 64 characters."),
    "sku_too_long": _("The article number is longer than 64 characters."),
    "description_too_long": _("The description is longer than 500 characters."),
    "region_too_long": _("The region is longer than 64 characters."),
    "date_missing": _("The time of payment is missing."),
    "date_unreadable": _("The time of payment cannot be read: write it as 2026-03-08 09:30."),
    "date_out_of_range": _("The time of payment lies before 1990 or after 2100."),
    "quantity_unreadable": _("The quantity is not a whole number."),
    "quantity_too_large": _("The quantity is beyond ten million."),
    "price_unreadable": _("The unit price is not a number."),
    "price_precision": _("The unit price has more than four decimal places."),
    "price_too_large": _("The line's amount is a thousand million or more."),
    "currency_unreadable": _("The currency is not a code of three letters, such as CNY."),
    "no_lines": _("The order has no lines."),
    "too_many_lines": _("The order has more than 2,000 lines: bring it in as a file."),
    "source_unreadable": _("The source is 1 to 40 letters, digits, dots, dashes or underscores."),
}


def sentence(code: str, detail: str = "") -> str:
    """The reason in the reader's language, with the value that caused it."""
    text = str(REASONS.get(code, code))
    return gettext("%(reason)s (here: %(value)s)") % {"reason": text, "value": detail} if detail else text
