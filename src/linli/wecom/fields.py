"""Typed reading of WeCom's JSON: what has the wrong shape raises BadAnswer instead of passing for empty."""

from collections.abc import Callable
from typing import TypeVar

from linli.wecom.errors import BadAnswer

_T = TypeVar("_T")


class Fields:
    """One JSON object of an answer; a missing or null text or number reads as "", 0 or None."""

    __slots__ = ("_data", "_endpoint")

    def __init__(self, data: object, endpoint: str) -> None:
        if not isinstance(data, dict):
            raise BadAnswer(endpoint, "an object was expected")
        self._data: dict[str, object] = data
        self._endpoint = endpoint

    def has(self, name: str) -> bool:
        """Tell whether a value is there."""
        return self._data.get(name) is not None

    def text(self, name: str) -> str:
        """Return a text, "" where it is absent."""
        value = self._data.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        # Some pages show an id as a number where others show a text.
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise self._bad(name)

    def must(self, name: str) -> str:
        """Return a text that must be there and not empty."""
        value = self.text(name)
        if not value:
            raise self._bad(name)
        return value

    def maybe(self, name: str) -> str | None:
        """Return a text, or None where it is absent or empty."""
        return self.text(name) or None

    def number(self, name: str) -> int:
        """Return a number, 0 where it is absent."""
        return self.maybe_number(name) or 0

    def maybe_number(self, name: str) -> int | None:
        """Return a number, or None where it is absent; WeCom writes some numbers as texts."""
        value = self._data.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, int):
            return int(value)
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            return int(value)
        raise self._bad(name)

    def maybe_fraction(self, name: str) -> float | None:
        """Return a number that may have a fraction, or None where it is absent."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        raise self._bad(name)

    def flag(self, name: str) -> bool:
        """Return a truth value, given as true/false or 0/1; False where it is absent."""
        value = self._data.get(name)
        if value is None or isinstance(value, bool | int):
            return bool(value)
        raise self._bad(name)

    def child(self, name: str) -> "Fields":
        """Return a nested object that must be there."""
        value = self._data.get(name)
        if not isinstance(value, dict):
            raise self._bad(name)
        return Fields(value, self._endpoint)

    def maybe_child(self, name: str) -> "Fields | None":
        """Return a nested object, or None where it is absent."""
        return self.child(name) if self.has(name) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, empty where it is absent."""
        return tuple(self._item(name, str, value) for value in self._list(name))

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return a list of numbers, empty where it is absent."""
        return tuple(self._item(name, int, value) for value in self._list(name))

    def children(self, name: str, read: "Callable[[Fields], _T]") -> tuple[_T, ...]:
        """Return a list of objects, empty where it is absent."""
        return tuple(read(Fields(value, self._endpoint)) for value in self._list(name))

    def listed(self, name: str) -> "Fields":
        """Return itself if the list `name` is there: a missing main list must never read as "none"."""
        if not isinstance(self._data.get(name), list):
            raise self._bad(name)
        return self

    def _list(self, name: str) -> list[object]:
        value = self._data.get(name)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        raise self._bad(name)

    def _item(self, name: str, kind: type[_T], value: object) -> _T:
        if isinstance(value, kind):
            return value
        raise self._bad(name)

    def _bad(self, name: str) -> BadAnswer:
        return BadAnswer(self._endpoint, f"{name} is missing or of the wrong type")
