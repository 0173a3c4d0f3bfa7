"""How far a permission reaches: plain data, which each room turns into its own SQL."""

from dataclasses import dataclass

KINDS = ("corp", "department", "shop", "own")


@dataclass(frozen=True)
class Scope:
    """A union of (kind, id) parts.

    The id is 0 for "corp", WeCom's number for "department", Linli's shop id for "shop", and Linli's staff id for "own"
    (the customers whom this staff member follows). No part at all reaches nothing.
    """

    parts: frozenset[tuple[str, int]]

    @property
    def whole(self) -> bool:
        """Does it reach everything of the corp?"""
        return ("corp", 0) in self.parts

    def ids(self, kind: str) -> frozenset[int]:
        """The ids of one kind."""
        return frozenset(key for name, key in self.parts if name == kind)

    def __bool__(self) -> bool:
        return bool(self.parts)


EVERYTHING = Scope(frozenset({("corp", 0)}))
NOTHING = Scope(frozenset())
