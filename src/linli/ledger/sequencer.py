"""Positions: given after the commit, by one sequencer at a time, without gaps, so that no cursor can step over a fact."""

from django.db import connection, transaction

from linli.kit.killpoints import passing
from linli.ledger.models import Sequence

_PLACE = """
WITH unplaced AS (
    SELECT id, row_number() OVER (ORDER BY id) AS n
    FROM (SELECT id FROM ledger_fact WHERE position IS NULL ORDER BY id LIMIT %(limit)s) AS head
), placed AS (
    UPDATE ledger_fact SET position = %(base)s + unplaced.n FROM unplaced WHERE ledger_fact.id = unplaced.id
    RETURNING position
)
SELECT count(*) FROM placed
"""


def sequence_once(*, limit: int = 10_000) -> int:
    """Place the next committed facts; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        Sequence.objects.get_or_create(id=1)
        base = Sequence.objects.select_for_update().get(id=1)
        cursor.execute(_PLACE, {"limit": limit, "base": base.position})
        count = int(cursor.fetchone()[0])
        if count:
            passing("sequencer.placed")
            Sequence.objects.filter(id=1).update(position=base.position + count)
    if count:
        passing("sequencer.committed")
    return count
