"""Strict readers for the values inside a condition: the right type and range, or a sentence that says what is wanted."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from linli.segments.errors import BadDefinition

Reader = Callable[[object, str], object]
MAX_ITEMS = 1000
MAX_DAYS = 36_500
MAX_INT = 2**63 - 1
_MONEY = re.compile(r"[0-9]{1,10}(\.[0-9]{1,4})?")


def whole(low: int, high: int) -> Reader:
    """A whole number from `low` to `high`."""

    def read(value: object, path: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            message = _("a whole number from %(low)d to %(high)d is wanted") % {"low": low, "high": high}
            raise BadDefinition(path, message)
        return value

    return read


def optional(reader: Reader) -> Reader:
    """The same, or nothing."""
    return lambda value, path: None if value is None else reader(value, path)


def choice(*allowed: str) -> Reader:
    """One of the given words."""

    def read(value: object, path: str) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise BadDefinition(path, _("one of %(words)s is wanted") % {"words": ", ".join(allowed)})
        return value

    return read


def many(reader: Reader, *, least: int = 1) -> Reader:
    """A list of distinct values, kept in their order."""

    def read(value: object, path: str) -> tuple[object, ...]:
        if not isinstance(value, list | tuple) or not least <= len(value) <= MAX_ITEMS:
            message = _("a list of %(least)d to %(most)d values is wanted") % {"least": least, "most": MAX_ITEMS}
            raise BadDefinition(path, message)
        return tuple(dict.fromkeys(reader(item, f"{path}[{place}]") for place, item in enumerate(value)))

    return read


def text(value: object, path: str) -> str:
    """A text of 1 to 200 characters."""
    if not isinstance(value, str) or not 1 <= len(value) <= 200 or "\x00" in value:
        raise BadDefinition(path, _("a text of 1 to 200 characters is wanted"))
    return value


def money(value: object, path: str) -> str:
    """An amount as a decimal text such as "100" or "99.50"."""
    if not isinstance(value, str) or _MONEY.fullmatch(value) is None:
        raise BadDefinition(path, _("an amount such as “99.50” is wanted"))
    try:
        Decimal(value)
    except InvalidOperation:
        raise BadDefinition(path, _("an amount such as “99.50” is wanted")) from None
    return value


def day(value: object, path: str) -> str:
    """A day as "YYYY-MM-DD"."""
    try:
        if not isinstance(value, str) or date.fromisoformat(value).isoformat() != value:
            raise BadDefinition(path, _("a day such as 2011-12-01 is wanted"))
    except ValueError:
        raise BadDefinition(path, _("a day such as 2011-12-01 is wanted")) from None
    return value


identifier = whole(1, MAX_INT)
days = whole(1, MAX_DAYS)
