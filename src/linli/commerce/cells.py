"""From a cell's text to a value PostgreSQL takes: checked once per distinct text, then remembered."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

MOST_QUANTITY = 10_000_000
MOST_AMOUNT = 1_000_000_000
_KEPT = 200_000
_FLOAT_ID = re.compile(r"\d+\.0")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_CURRENCY = re.compile(r"[A-Z]{3}")
_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
_DAYS = {
    "ymd": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"),
    "mdy": ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y"),
    "dmy": ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"),
}
T = TypeVar("T")


class BadCell(Exception):
    """The text cannot be taken; `reason` is a code of problems.REASONS."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail[:200]


class Remembered(dict[str, T], Generic[T]):
    """A column's texts and their values; forgets all when it grows beyond what a column repeats."""

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> T:
        value = self._read(text)
        if len(self) >= _KEPT:
            self.clear()
        self[text] = value
        return value


def plain(text: str, *, most: int, reason: str) -> str:
    """Text without outer blanks and control characters."""
    text = text.strip()
    if len(text) > most:
        raise BadCell(reason, text[:40])
    if _CONTROL.search(text):
        raise BadCell("control_character")
    return text


def for_copy(text: str) -> str:
    """Text as COPY's text format wants it."""
    return text.translate(_ESCAPES)


def number(text: str) -> str:
    """An order's number; never empty."""
    text = plain(text, most=64, reason="number_too_long")
    if not text:
        raise BadCell("number_missing")
    return text


def buyer(text: str) -> str:
    """A mall's member id. Spreadsheets write 17850 as 17850.0: the same person."""
    text = plain(text, most=64, reason="buyer_too_long")
    return text[:-2] if _FLOAT_ID.fullmatch(text) else text


def quantity(text: str) -> int:
    """A whole number; 6.0 is 6, 1.5 is refused rather than rounded."""
    value = _decimal(text.strip().replace(",", ""), reason="quantity_unreadable")
    if abs(value) > MOST_QUANTITY:  # before int(): 1E+999999999 would fill the memory
        raise BadCell("quantity_too_large", text)
    if value != value.to_integral_value():
        raise BadCell("quantity_unreadable", text)
    return int(value)


def price(text: str) -> Decimal:
    """A unit price in the source's precision, at most four decimal places."""
    text = text.strip().lstrip("¥￥£$€").replace(",", "")
    return checked_price(_decimal(text, reason="price_unreadable"))


def _decimal(text: str, *, reason: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise BadCell(reason, text) from None
    if "_" in text or not value.is_finite():  # Python would read 1_000
        raise BadCell(reason, text)
    return value


def checked_price(value: Decimal) -> Decimal:
    """The price with its needless zeros gone, so that equal prices are equal texts."""
    if not value.is_finite():
        raise BadCell("price_unreadable", str(value))
    if abs(value) >= MOST_AMOUNT:
        raise BadCell("price_too_large", str(value))
    value = value.normalize()
    if value.as_tuple().exponent < -4:  # type: ignore[operator]  # finite: the exponent is a number
        raise BadCell("price_precision", str(value))
    return value


def check_amount(count: int, cost: Decimal) -> None:
    """A line's amount must leave room for the sum of an order's lines."""
    if abs(count * cost) >= MOST_AMOUNT:
        raise BadCell("price_too_large", f"{count} × {cost}")


def currency(text: str) -> str:
    """A currency code."""
    text = text.strip().upper()
    if not _CURRENCY.fullmatch(text):
        raise BadCell("currency_unreadable", text)
    return text


class Moments:
    """Reads moments; those without an offset are in the corp's zone, and `order` says what 03/04/2026 means."""

    def __init__(self, *, zone: str, order: str) -> None:
        self._zone = ZoneInfo(zone)
        self._formats = [day + clock for day in (*_DAYS[order], *_DAYS["ymd"]) for clock in _CLOCKS]

    def __call__(self, text: str) -> datetime:
        text = text.strip()
        if not text:
            raise BadCell("date_missing")
        moment = self._read(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        return checked_moment(moment)

    def _read(self, text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
        for form in self._formats:
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007 - the corp's zone is added by the caller
            except ValueError:
                continue
        raise BadCell("date_unreadable", text)


def checked_moment(moment: datetime) -> datetime:
    """The moment in UTC, within what a shop can mean."""
    if not 1990 <= moment.year <= 2100:
        raise BadCell("date_out_of_range", moment.isoformat())
    return moment.astimezone(UTC)
