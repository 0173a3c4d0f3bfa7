"""Where a person's data lie, as a table that can be read: each room lists its parts, one person at a time is asked for.

A part is one database table seen from one person: which rows are theirs (`where`), what an export shows of them, and
what an erasure does with them. The SQL may name these parameters, and no others:
%(corp)s, %(customer)s        ids
%(wecom)s, %(values)s         text[]: the external_userids; every identifier (those, unionid, openid, phone, mall id)
%(named)s, %(free)s, %(quoted)s  regular expressions: the external_userids, the longer identifiers in free text, every
                              identifier as a whole JSON string; they fit nothing when there is nothing
%(pseudonym)s                 what stands in an identifier's place afterwards
%(until)s                     the business moment at which the erasure was asked for
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

SHORTEST_IN_TEXT = 6  # a shorter identifier ("12345") would be found in every second amount or time
_NEVER = "(?!)"
ERASED = "erased:"


class Act(Enum):
    """What an erasure does with the rows."""

    DELETE = "delete"
    SCRUB = "scrub"
    KEEP = "keep"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One table. `title` and `why` are message ids; `show` pairs a heading with a column or SQL expression.

    `scan`: no index leads to the rows, so the table is looked through in ranges of its id.
    `reveal`: what becomes of a shown row (corp, cells) → cells, where a cell is sealed and an export opens it.
    `wait`: SQL whose every row means that the erasure must wait (somebody else's work is half done).
    """

    table: str
    title: str
    where: str
    act: Act
    why: str
    set: str = ""
    show: tuple[tuple[str, str], ...] = ()
    reveal: Callable[[int, tuple[Any, ...]], tuple[Any, ...]] | None = None
    scan: bool = False
    wait: str = ""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A person as their identifiers name them; `values` holds (kind, value), external_userids among them."""

    corp_id: int
    customer_id: int
    values: tuple[tuple[str, str], ...]

    @property
    def pseudonym(self) -> str:
        """What stands where an identifier stood: the same everywhere, so that counts stay right."""
        return pseudonym(self.customer_id)

    def texts(self, *kinds: str) -> list[str]:
        """The identifiers of these kinds, or all."""
        return sorted({value for kind, value in self.values if not kinds or kind in kinds})

    def parameters(self, until: object) -> dict[str, Any]:
        """What the parts' SQL is given."""
        return {
            "corp": self.corp_id,
            "customer": self.customer_id,
            "wecom": self.texts("external_userid"),
            "values": self.texts(),
            "named": _any_of(self.texts("external_userid")),
            "free": _any_of(value for value in self.texts() if len(value) >= SHORTEST_IN_TEXT),
            "quoted": _any_of(f'"{value}"' for value in self.texts()),
            "pseudonym": self.pseudonym,
            "until": until,
        }


def pseudonym(customer_id: int) -> str:
    """ "erased:17"."""
    return f"{ERASED}{customer_id}"


def is_pseudonym(text: str) -> bool:
    """Does this stand where an identifier stood?"""
    return text.startswith(ERASED)


def _any_of(texts: Iterable[str]) -> str:
    """An alternation that PostgreSQL reads as plain text, longest first."""
    found = sorted(set(texts), key=len, reverse=True)
    return "|".join(re.sub(r"([^\w\s])", r"\\\1", text) for text in found) if found else _NEVER
