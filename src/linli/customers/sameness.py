"""When two tellings are one happening: a reading and a callback may tell of it in either order, a moment apart."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from linli.customers.followstate import state_of
from linli.customers.models import Follow, FollowChange
from linli.customers.readings import Note

EVENT = "event"
HALF = "half"
TRANSFER = "transfer"
# A callback may be a second off the createtime that readings show.
_ADDED_SLACK = timedelta(seconds=5)


def same_change(note: Note, changes: Iterable[FollowChange]) -> FollowChange | None:
    """The change that this note tells once more, if there is one."""
    rows = list(changes)
    exact = [row for row in rows if (row.kind, row.at, row.by) == (note.kind, note.at, note.by)]
    if exact:
        return exact[0]
    match note.kind:
        case "added":
            return next((row for row in rows if _same_addition(note, row, rows)), None)
        case "lost" if note.cause == EVENT:
            return next((row for row in rows if _concluded_loss(note, row, rows)), None)
    return None


def retell(note: Note, row: FollowChange) -> bool:
    """Take over what the note knows better: the time that WeCom shows, who ended it, the state; True when it changed."""
    before = (row.at, row.by, row.state_text)
    if note.kind == "lost" or note.cause != EVENT:
        row.at, row.by = note.at, note.by
    row.state_text = row.state_text or note.state
    return before != (row.at, row.by, row.state_text)


def settle(follow: Follow, changes: Collection[FollowChange]) -> None:
    """Make the relation what its changes add up to; the caller writes it."""
    state = state_of(changes)
    follow.live, follow.added_at, follow.state_text = state.live, state.added_at, state.state_text
    follow.lost_at, follow.lost_by = state.lost_at, state.lost_by
    if state.half:
        follow.incomplete = follow.incomplete or HALF
    elif follow.incomplete == HALF:
        follow.incomplete = ""


def _same_addition(note: Note, row: FollowChange, rows: list[FollowChange]) -> bool:
    one_of_each = (row.cause == EVENT) != (note.cause == EVENT)
    near = row.kind == "added" and abs(row.at - note.at) <= _ADDED_SLACK
    return near and one_of_each and not _any(rows, "lost", *sorted((row.at, note.at)))


def _concluded_loss(note: Note, row: FollowChange, rows: list[FollowChange]) -> bool:
    """A loss that nobody told is the one told now, unless an addition lies between: nobody is lost twice in a row.

    So is a hand-over that WeCom's list of results had shown before its callback came.
    """
    untold = not row.by or row.by == note.by == TRANSFER
    concluded = row.kind == "lost" and untold and not _any(rows, "restored", row.at, row.at)
    return concluded and not _any(rows, "added", *sorted((note.at, row.at)), after=True)


def _any(rows: list[FollowChange], kind: str, start: datetime, end: datetime, *, after: bool = False) -> bool:
    return any(row.kind == kind and start <= row.at <= end and not (after and row.at == start) for row in rows)
