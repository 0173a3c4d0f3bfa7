"""Facts read without a look into every month: first the months about now, then, if something is missing there, all of them.

With five years of months, the planner alone takes 10 ms for a question that does not say when; most questions are about now.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from linli.kit.clock import now
from linli.ledger.models import FactRow
from linli.ledger.types import Fact

_NEAR = timedelta(days=45)
_WINDOW = 5_000
_YEAR = timedelta(days=366)
_NEAR_ONLY = "AND occurred_at >= %(since)s AND occurred_at < %(to)s"
_COUNT = """
SELECT count(*) FROM ledger_fact
WHERE position > %(after)s AND position <= %(until)s AND occurred_at >= %(since)s AND occurred_at < %(to)s
"""
_NEXT = """
SELECT id, position, corp_id, kind, subject, customer_id, data, occurred_at FROM ledger_fact
WHERE position > %(after)s AND position <= %(until)s AND kind = ANY(%(kinds)s) {when}
ORDER BY position LIMIT %(limit)s
"""
_CHOSEN = """
SELECT id, position, corp_id, kind, subject, customer_id, data, occurred_at FROM ledger_fact
WHERE id = ANY(%s) ORDER BY position
"""


def near() -> tuple[datetime, datetime]:
    """The span of time in which nearly all new facts happened."""
    return now() - _NEAR, now() + _NEAR


def facts_between(kinds: Sequence[str], *, after: int, until: int, limit: int) -> list[Fact]:
    """Facts of these kinds with after < position ≤ until, in order.

    Looked for in windows that grow: where the kinds are dense a window is little more than what is asked for, whatever the
    planner believes of a table that was just filled.
    """
    found: list[Fact] = []
    window = limit
    while after < until and len(found) < limit:
        end = min(until, after + window)
        found += _in_window(kinds, after=after, until=end, limit=limit - len(found))
        after, window = end, window * 4
    return found


def _in_window(kinds: Sequence[str], *, after: int, until: int, limit: int) -> list[Fact]:
    """Positions have no gaps, so a count tells whether all of a short window lies in the months about now."""
    since, to = near()
    values: dict[str, Any] = {
        "after": after, "until": until, "kinds": list(kinds), "limit": limit, "since": since, "to": to,
    }  # fmt: skip
    with connection.cursor() as cursor:
        close = False
        if until - after <= _WINDOW:
            cursor.execute(_COUNT, values)
            close = cursor.fetchone()[0] == until - after
        cursor.execute(_NEXT.format(when=_NEAR_ONLY if close else ""), values)
        return [fact_of(row) for row in cursor]


def facts_of(ids: Sequence[int]) -> list[Fact]:
    """These facts, in order; those that are gone are absent."""
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN, [list(ids)])
        return [fact_of(row) for row in cursor]


def fact_of(row: tuple[Any, ...]) -> Fact:
    """A fact from the columns of _NEXT."""
    id_, position, corp_id, kind, subject, customer_id, data, occurred_at = row
    return Fact(
        id=id_, position=position, corp_id=corp_id, kind=kind, subject=subject, customer_id=customer_id,
        data=json.loads(data), occurred_at=occurred_at,
    )  # fmt: skip


def timeline(corp_id: int, customer_id: int, *, limit: int, before: datetime | None) -> list[FactRow]:
    """A customer's facts, newest first; the last year is asked alone while it holds enough."""
    rows = FactRow.objects.filter(corp_id=corp_id, customer_id=customer_id)
    if before is not None:
        rows = rows.filter(occurred_at__lt=before)
    ordered = rows.order_by("-occurred_at", "-id")
    recent = list(ordered.filter(occurred_at__gte=(before or now()) - _YEAR)[:limit])
    return recent if len(recent) == limit else list(ordered[:limit])
