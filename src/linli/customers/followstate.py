"""A follow's state as a function of the set of its changes: order and repetition cannot matter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Change(Protocol):
    """One FollowChange, or something like it."""

    kind: str
    at: datetime
    by: str
    state_text: str


@dataclass(frozen=True, kw_only=True)
class FollowState:
    """What the changes add up to."""

    live: bool
    half: bool
    added_at: datetime | None
    state_text: str
    lost_at: datetime | None
    lost_by: str


def state_of(changes: Collection[Change]) -> FollowState:
    """The last addition decides against the last loss; in the same second the loss wins.

    "restored" says that a later reading still showed a relation reported lost at that very second.
    """
    added = max((c for c in changes if c.kind == "added"), key=lambda c: c.at, default=None)
    lost = max((c for c in changes if c.kind == "lost"), key=lambda c: (c.at, c.by), default=None)
    restored = {c.at for c in changes if c.kind == "restored"}
    half = max((c for c in changes if c.kind == "half"), key=lambda c: c.at, default=None)
    live = added is not None and (lost is None or added.at > lost.at or lost.at in restored)
    waiting = not live and half is not None and (lost is None or half.at > lost.at)
    first = added or (half if waiting else None)
    return FollowState(
        live=live,
        half=waiting,
        added_at=added.at if added else None,
        state_text=first.state_text if first else "",
        lost_at=None if live or lost is None else lost.at,
        lost_by="" if live or lost is None else lost.by,
    )
