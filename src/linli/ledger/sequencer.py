"""Positions: given after the commit, by one sequencer at a time, without gaps, so that no cursor can step over a fact."""

from django.db import connection, transaction

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
    RETURNING position
)
SELECT count(*) FROM placed
"""
_NEAR = "AND occurred_at >= %(since)s AND occurred_at < %(until)s"
_MOVED = "AND ledger_fact.occurred_at >= %(since)s AND ledger_fact.occurred_at < %(until)s"


def sequence_once(*, limit: int = 10_000, near: bool = False) -> int:
    """Place the next committed facts; returns how many. `near` looks only at the months about now, which costs less."""
    since, until = near_now()
    when, moved = (_NEAR, _MOVED) if near else ("", "")
    with transaction.atomic(), connection.cursor() as cursor:
        Sequence.objects.get_or_create(id=1)
        base = Sequence.objects.select_for_update().get(id=1)
        cursor.execute(
            _PLACE.format(when=when, moved=moved),
            {"limit": limit, "base": base.position, "since": since, "until": until},
        )
        count = int(cursor.fetchone()[0])
        if count:
            passing("sequencer.placed")
            Sequence.objects.filter(id=1).update(position=base.position + count)
    if count:
        passing("sequencer.committed")
    return count
