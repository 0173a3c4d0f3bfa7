"""Positions: given after the commit, by one sequencer at a time, without gaps, so that no cursor can step over a fact."""

from collections.abc import Mapping

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from linli.kit.killpoints import passing
from linli.ledger.models import Sequence
from linli.ledger.reading import near as near_now

_PLACE = """
WITH unplaced AS (
    SELECT id, occurred_at, row_number() OVER (ORDER BY id) AS n
    FROM (SELECT id, occurred_at FROM ledger_fact WHERE position IS NULL {when} ORDER BY id LIMIT %(limit)s) AS head
), placed AS (
    UPDATE ledger_fact SET position = %(base)s + unplaced.n FROM unplaced
    WHERE ledger_fact.id = unplaced.id AND ledger_fact.occurred_at = unplaced.occurred_at {moved}
    RETURNING kind
)
SELECT kind, count(*) FROM placed GROUP BY kind
"""
_LOCK = "SELECT position FROM ledger_sequence WHERE id = 1 FOR UPDATE"
_NEAR = "AND occurred_at >= %(since)s AND occurred_at < %(until)s"
_MOVED = "AND ledger_fact.occurred_at >= %(since)s AND ledger_fact.occurred_at < %(until)s"


def sequence_once(*, limit: int = 10_000, near: bool = False) -> int:
    """Place the next committed facts; returns how many."""
    return sum(place(limit=limit, near=near).values())


def place(*, limit: int = 10_000, near: bool = False) -> Mapping[str, int]:
    """Place the next committed facts; returns how many of each kind. `near` looks only at the months about now, which costs less."""
    since, until = near_now()
    when, moved = (_NEAR, _MOVED) if near else ("", "")
    with transaction.atomic(), connection.cursor() as cursor:
        base = _last(cursor)
        cursor.execute(
            _PLACE.format(when=when, moved=moved), {"limit": limit, "base": base, "since": since, "until": until}
        )
        placed = {str(kind): int(count) for kind, count in cursor.fetchall()}
        if placed:
            passing("sequencer.placed")
            cursor.execute("UPDATE ledger_sequence SET position = %s WHERE id = 1", [base + sum(placed.values())])
    if placed:
        passing("sequencer.committed")
    return placed


def _last(cursor: CursorWrapper) -> int:
    """The last position given, locked until the transaction ends."""
    cursor.execute(_LOCK)
    while (row := cursor.fetchone()) is None:
        Sequence.objects.get_or_create(id=1)
        cursor.execute(_LOCK)
    return int(row[0])
