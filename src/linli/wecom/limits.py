"""Checks of WeCom's documented limits before a call is made."""

from collections.abc import Mapping, Sized

from linli.wecom.errors import EmptyMessage, MessageTooLong, MissingArgument, TooMany

TEXT_BYTES = 4000
ATTACHMENTS = 9
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
