"""Decrypted callback XML to typed events, by a table of kinds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from linli.wecom.app_event_builders import APP_BUILDERS
from linli.wecom.elements import Elements
from linli.wecom.event_builders import CRM_BUILDERS
from linli.wecom.event_types import Event, UnknownEvent, kind_of, object_key_of
from linli.wecom.xmltree import parse


@dataclass(frozen=True, slots=True)
class Peek:
    """What the inbox stores beside the raw bytes; `created_at` is unix seconds, 0 where WeCom sent none."""

    kind: str
    object_key: str
    created_at: int
    welcome_code: str | None
    user_id: str | None
    external_user_id: str | None
    state: str | None


def peek(plain: bytes) -> Peek:
    """Read only what orders and routes a callback; unlike `parse_event` it takes incomplete events.

    Raises BodyTooLarge and BadXml.
    """
    text = {child.tag: (child.text or "").strip() for child in parse(plain)}
    event = text.get("Event", "")
    change_type = text.get("ChangeType", "")
    if not event:
        event, change_type = "message", text.get("MsgType", "")
    created_at = text.get("CreateTime", "")
    return Peek(
        kind=kind_of(event, change_type),
        object_key=object_key_of(event, text.get("ExternalUserID"), text.get("ChatId")),
        created_at=int(created_at) if _is_time(created_at) else 0,
        welcome_code=text.get("WelcomeCode") or None,
        user_id=text.get("UserID") or None,
        external_user_id=text.get("ExternalUserID") or None,
        state=text.get("State") or None,
    )


def parse_event(plain: bytes) -> Event:
    """Read a decrypted callback into its type; what is not known becomes an UnknownEvent.

    Raises BodyTooLarge, BadXml, and BadEvent where a known event lacks a needed element.
    """
    elements = Elements(parse(plain))
    header = elements.header
    build = _BUILDERS.get(kind_of(header["event"], header["change_type"]))
    if build is not None:
        return build(elements)
    return UnknownEvent(
        **header,
        elements=elements.raw(),
        external_user_id=elements.maybe("ExternalUserID"),
        chat_id=elements.maybe("ChatId"),
    )


def known_kinds() -> frozenset[str]:
    """Return the kinds that `parse_event` gives a type of their own."""
    return frozenset(_BUILDERS)


def _is_time(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 11  # later than the year 5000 is no time


_BUILDERS: Mapping[str, Callable[[Elements], Event]] = {**CRM_BUILDERS, **APP_BUILDERS}
