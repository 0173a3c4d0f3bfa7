"""Archived messages typed, and built again as they came (wire.md G.2): nothing that WeCom sent is lost on the way."""

import json
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from linli.wecom.archive_bodies import Body, Switch, Unknown
from linli.wecom.archive_kinds import CALLS, KINDS
from linli.wecom.errors import BadAnswer

SWITCH = "switch"
_API = "archive"
_LARGEST = 2**62
_shapes: dict[str, Mapping[str, tuple[Any, bool]]] = {}


@dataclass(frozen=True, kw_only=True)
class ArchivedMessage:
    """One message; `sent_at_ms` is unix milliseconds, None where WeCom sends none.

    `room_id` is "" in a chat of two and None where WeCom sends none; `to` is everybody else in the chat, None where WeCom
    sends none. `call_id` is set for the two kinds that belong to a call. `more` is what stands beside the known fields.
    """

    msgid: str
    action: str
    sender: str
    to: tuple[str, ...] | None
    room_id: str | None
    sent_at_ms: int | None
    kind: str
    body: Body
    call_id: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Was its kind understood? One that was not has everything in `body.more`."""
        return not isinstance(self.body, Unknown)

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whom it names as sender or receiver, each once, the sender first."""
        return tuple(dict.fromkeys(one for one in (self.sender, *(self.to or ())) if one))


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRef:
    """A file of a message; `size` in bytes and `md5sum` are 0 and "" where WeCom says nothing of them."""

    sdkfileid: str
    md5sum: str
    size: int
    name: str


class _Unfit(Exception):
    """A value has not the shape of its field."""


def parse_message(data: object) -> ArchivedMessage:
    """Read one decrypted message; BadAnswer when it is no object or has no msgid, everything else is kept."""
    if not isinstance(data, dict) or not isinstance(data.get("msgid"), str) or not data["msgid"]:
        raise BadAnswer(_API, "a message without msgid")
    left = dict(data)
    action = _take(left, "action", str) or ""
    switch = action == SWITCH and "msgtype" not in left
    head: dict[str, Any] = {
        "msgid": left.pop("msgid"),
        "action": action,
        "sender": _take(left, "user" if switch else "from", str) or "",
        "to": _take_people(left),
        "room_id": _take(left, "roomid", str),
        "sent_at_ms": _take(left, "time" if switch else "msgtime", int),
        "kind": SWITCH if switch else _take(left, "msgtype", str) or "",
    }
    if switch:
        return ArchivedMessage(**head, body=Switch(), more=left)
    key, kind = KINDS.get(head["kind"], ("", Unknown))
    try:
        body: Body = _read(kind, left[key]) if key else Unknown(more=left)
    except (KeyError, _Unfit):
        body = Unknown(more=left)
    if isinstance(body, Unknown):
        return ArchivedMessage(**head, body=body)
    del left[key]
    call_id = _take(left, CALLS[head["kind"]], str) if head["kind"] in CALLS else None
    return ArchivedMessage(**head, body=body, call_id=call_id, more=left)


def build_message(message: ArchivedMessage) -> dict[str, Any]:
    """Return the message as WeCom sent it."""
    switch = isinstance(message.body, Switch)
    head = {
        "msgid": message.msgid, "action": message.action or None, "user" if switch else "from": message.sender or None,
        "tolist": None if message.to is None else list(message.to), "roomid": message.room_id,
        "time" if switch else "msgtime": message.sent_at_ms, "msgtype": None if switch else message.kind or None,
    }  # fmt: skip
    return {name: value for name, value in head.items() if value is not None} | body_parts(message)


def body_parts(message: ArchivedMessage) -> dict[str, Any]:
    """Return what stands beside the head: the body under its key, a call's id, and what is not known."""
    parts = dict(message.more)
    if isinstance(message.body, Unknown):
        return parts | dict(message.body.more)
    if message.kind in KINDS:
        parts[KINDS[message.kind][0]] = _build(message.body)
    if message.call_id is not None:
        parts[CALLS[message.kind]] = message.call_id
    return parts


def media_of(message: ArchivedMessage) -> tuple[MediaRef, ...]:
    """Return the files of a message, also those inside its parts, each once."""
    found = {one.sdkfileid: one for one in _media(body_parts(message))}
    return tuple(found.values())


def _media(value: object) -> Iterator[MediaRef]:
    if isinstance(value, dict):
        if isinstance(value.get("sdkfileid"), str) and value["sdkfileid"]:
            yield _reference(value)
        for inner in value.values():
            yield from _media(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _media(inner)
    elif isinstance(value, str) and value.startswith("{") and "sdkfileid" in value:
        # Parts of mixed messages and records are JSON in a text.
        try:
            yield from _media(json.loads(value))
        except ValueError:
            return


def _reference(body: Mapping[str, Any]) -> MediaRef:
    size = next((body[name] for name in ("filesize", "voice_size", "imagesize") if _is_size(body.get(name))), 0)
    name, md5sum = body.get("filename"), body.get("md5sum")
    return MediaRef(
        sdkfileid=body["sdkfileid"], md5sum=md5sum if isinstance(md5sum, str) else "", size=size,
        name=name if isinstance(name, str) else "",
    )  # fmt: skip


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value < _LARGEST


def _take(left: dict[str, Any], name: str, kind: type) -> Any:
    """Take a value of this type out; one of another type stays where it is."""
    value = left.get(name)
    if isinstance(value, kind) and not isinstance(value, bool):
        # An empty sender or kind is not told from a missing one, so it stays in `more`; roomid alone may be empty.
        return left.pop(name) if value or name == "roomid" or kind is int else None
    return None


def _take_people(left: dict[str, Any]) -> tuple[str, ...] | None:
    value = left.get("tolist")
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return None
    return tuple(left.pop("tolist"))


def _shape(kind: type[Body]) -> Mapping[str, tuple[Any, bool]]:
    """Field → its type, and whether it must be there."""
    if kind.__name__ not in _shapes:
        hints = get_type_hints(kind)
        known = (one for one in fields(kind) if one.name != "more")
        _shapes[kind.__name__] = {one.name: (hints[one.name], one.default is MISSING) for one in known}
    return _shapes[kind.__name__]


def _read(kind: type[Body], data: object) -> Body:
    if not isinstance(data, dict):
        raise _Unfit
    left, found = dict(data), {}
    for name, (shape, needed) in _shape(kind).items():
        if name in left:
            found[name] = _value(shape, left.pop(name))
        elif needed:
            raise _Unfit
    return kind(**found, more=left)


def _value(shape: Any, value: object) -> object:
    if get_origin(shape) in (Union, types.UnionType):
        shape = next(one for one in get_args(shape) if one is not type(None))
    if get_origin(shape) is tuple:
        if not isinstance(value, list):
            raise _Unfit
        return tuple(_value(get_args(shape)[0], one) for one in value)
    if is_dataclass(shape):
        return _read(shape, value)  # type: ignore[arg-type]
    wanted = (int, float) if shape is float else shape
    if not isinstance(value, wanted) or (isinstance(value, bool) and shape is not bool):
        raise _Unfit
    return value


def _build(body: Body) -> dict[str, Any]:
    known = {name: getattr(body, name) for name in _shape(type(body))}
    return {name: _plain(value) for name, value in known.items() if value is not None} | dict(body.more)


def _plain(value: object) -> object:
    if isinstance(value, Body):
        return _build(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
