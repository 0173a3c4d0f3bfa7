"""Typed access to the child elements of a callback."""

from collections.abc import Mapping
from typing import TypedDict
from xml.etree.ElementTree import Element

from linli.wecom.errors import BadEvent, BadXml

_MAX_DEPTH = 16
# Longer digits than a date or an id ever has; beyond it int() would be slow and a database column too small.
_MAX_DIGITS = 18


class Header(TypedDict):
    """The keyword arguments that every Event takes."""

    corp_id: str
    created_at: int
    event: str
    change_type: str
    welcome_code: str | None


class Elements:
    """The children of one element by name; the readers raise BadEvent where a needed one is missing or wrong."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._text = {child.tag: (child.text or "").strip() for child in root}

    @property
    def header(self) -> Header:
        """Return the header; a chat message to the app is named by its MsgType instead of an Event."""
        event = self._text.get("Event", "")
        change_type = self._text.get("ChangeType", "")
        if not event:
            event, change_type = "message", self._text.get("MsgType", "")
        return Header(
            corp_id=self._text.get("ToUserName", ""),
            created_at=self.integer("CreateTime"),
            event=event,
            change_type=change_type,
            welcome_code=self.maybe("WelcomeCode"),
        )

    def text(self, name: str) -> str:
        """Return a needed text, which must not be empty."""
        value = self._text.get(name)
        if not value:
            reason = f"{name} is missing"
            raise BadEvent(reason)
        return value

    def maybe(self, name: str) -> str | None:
        """Return a text, or None where it is absent or empty."""
        return self._text.get(name) or None

    def sent(self, name: str) -> str | None:
        """Return a text as sent, also empty (which means: cleared), or None where it is absent."""
        return self._text.get(name)

    def integer(self, name: str) -> int:
        """Return a needed number."""
        return _integer(name, self.text(name))

    def maybe_integer(self, name: str) -> int | None:
        """Return a number, or None where it is absent or empty."""
        value = self._text.get(name)
        return _integer(name, value) if value else None

    def words(self, name: str) -> tuple[str, ...]:
        """Return a comma-joined list; empty where it is absent."""
        return tuple(word for word in self._text.get(name, "").split(",") if word)

    def integers(self, name: str) -> tuple[int, ...]:
        """Return a comma-joined list of numbers; empty where it is absent."""
        return tuple(_integer(name, word) for word in self.words(name))

    def items(self, name: str, item: str) -> tuple[str, ...]:
        """Return the texts of a list element's items."""
        holder = self._root.find(name)
        return () if holder is None else tuple((x.text or "").strip() for x in holder.findall(item))

    def children(self, name: str, item: str) -> tuple["Elements", ...]:
        """Return the structured items of a list element."""
        holder = self._root.find(name)
        return () if holder is None else tuple(Elements(x) for x in holder.findall(item))

    def child(self, name: str) -> "Elements":
        """Return a needed structured element."""
        holder = self._root.find(name)
        if holder is None:
            reason = f"{name} is missing"
            raise BadEvent(reason)
        return Elements(holder)

    def has(self, name: str) -> bool:
        """Tell whether an element was sent."""
        return name in self._text

    def raw(self) -> Mapping[str, object]:
        """Return everything: text, a mapping for a nested element, a tuple for a repeated one."""
        return _children(self._root, 0)


def _integer(name: str, value: str) -> int:
    digits = value.removeprefix("-")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > _MAX_DIGITS:
        reason = f"{name} is no number"
        raise BadEvent(reason)
    return int(value)


def _children(element: Element, depth: int) -> dict[str, object]:
    if depth > _MAX_DEPTH:
        reason = "nested too deep"
        raise BadXml(reason)
    found: dict[str, list[object]] = {}
    for child in element:
        value = _children(child, depth + 1) if len(child) else (child.text or "").strip()
        found.setdefault(child.tag, []).append(value)
    return {tag: values[0] if len(values) == 1 else tuple(values) for tag, values in found.items()}
