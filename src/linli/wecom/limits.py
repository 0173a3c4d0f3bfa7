"""Checks of WeCom's documented limits before a call is made."""

from collections.abc import Mapping, Sized

from linli.wecom.errors import BadValue, EmptyMessage, MessageTooLong, MissingArgument, TooMany

TEXT_BYTES = 4000
ATTACHMENTS = 9
_DAY_S = 86_400
# Calls that WeCom allows less often than the base limit of a corp and API (wire.md A.4), in a minute.
CALLS_A_MINUTE: Mapping[str, int] = {"externalcontact/add_moment_task": 10}


def need(field: str, value: object) -> None:
    """Raise MissingArgument for an empty value."""
    if not value:
        raise MissingArgument(field)


def at_most(field: str, items: Sized, limit: int) -> None:
    """Raise TooMany for a list above the limit."""
    if len(items) > limit:
        raise TooMany(field, limit=limit, actual=len(items))


def between(field: str, value: int | None, lowest: int, highest: int) -> None:
    """Raise BadValue for a number outside its range (both ends belong to it); None is no number."""
    if value is not None and not lowest <= value <= highest:
        raise BadValue(
            field,
            f"{field} 须在 {lowest} 到 {highest} 之间，现在是 {value}",
            f"{field} must be {lowest} to {highest}, not {value}",
        )


def span(field: str, start: int, end: int, days: int) -> None:
    """Raise BadValue for two unix times that are the wrong way round, or further apart than WeCom tells at once."""
    if not 0 <= end - start <= days * _DAY_S:
        raise BadValue(
            field,
            f"{field} 须在开始之后，且最多相隔 {days} 天",
            f"{field} must be after the start, {days} days at most",
        )


def within_bytes(field: str, text: str, limit: int) -> None:
    """Raise MessageTooLong for a text above the limit in UTF-8 bytes."""
    size = len(text.encode())
    if size > limit:
        raise MessageTooLong(field, limit=limit, actual=size)


def within_characters(field: str, text: str, limit: int) -> None:
    """Raise MessageTooLong for a text above the limit in characters."""
    if len(text) > limit:
        raise MessageTooLong(field, limit=limit, actual=len(text), unit="characters")


def message(text: str, attachments: Sized) -> None:
    """Check a message of text and attachments: one of them, text up to 4000 bytes, attachments up to 9."""
    if not text and not attachments:
        raise EmptyMessage
    within_bytes("text.content", text, TEXT_BYTES)
    at_most("attachments", attachments, ATTACHMENTS)
