"""Inbox rows in hand: claimed by object, so that each object has one worker; given back, put off or settled afterwards."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from linli.kit.clock import wall
from linli.ledger.models import InboxRow
from linli.ledger.parked import park_callback
from linli.ledger.trouble import told

log = logging.getLogger(__name__)
LEASE_S = 240  # longer than the wait for a thread and one object's calls with all their retries
_MAX_TRIES = 8
_LONGEST_PAUSE_S = 300
_CLAIM_LOCK = 0x6C696E6C69

_CLAIM = """
WITH busy AS (
    -- somebody works on the object, or its last failure asks for a pause: then its other rows wait as well
    SELECT corp_id, object_key FROM ledger_inbox
    WHERE state = 0 AND (
        claimed_until > clock_timestamp()
        -- further ahead than any pause: the clock went back since, and the pause is over
        OR next_try_at BETWEEN clock_timestamp() AND clock_timestamp() + make_interval(secs => %(longest)s)
    )
), free AS (
    SELECT corp_id, object_key, min(id) AS first
    FROM (
        -- NOT IN is asked of each row on the way along the ids; an anti join would sort all that wait
        SELECT id, corp_id, object_key FROM ledger_inbox
        WHERE state = 0 AND (corp_id, object_key) NOT IN (SELECT corp_id, object_key FROM busy)
        ORDER BY id LIMIT %(limit)s * 4
    ) AS head
    GROUP BY corp_id, object_key ORDER BY first LIMIT %(limit)s
)
UPDATE ledger_inbox AS row
SET claimed_until = clock_timestamp() + make_interval(secs => %(lease)s)
FROM free
WHERE row.state = 0 AND row.corp_id = free.corp_id AND row.object_key = free.object_key
RETURNING row.id, row.corp_id, row.object_key, row.kind, row.payload, row.event_at, row.tries
"""


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A row as the worker needs it."""

    id: int
    corp_id: int
    object_key: str
    kind: str
    payload: bytes
    event_at: datetime
    tries: int


def release_claims() -> None:
    """At the start of the one drain process: what its predecessor held when it died is free at once."""
    InboxRow.objects.filter(state=InboxRow.State.WAITING, claimed_until__isnull=False).update(claimed_until=None)


def claim(objects: int) -> list[Claimed]:
    """Rows of up to so many free objects, by object, each object's in the order in which they happened."""
    with transaction.atomic(), connection.cursor() as cursor:
        # One claimer at a time, for about a millisecond: so no two workers can hold one object.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])
        cursor.execute(_CLAIM, {"limit": objects, "lease": LEASE_S, "longest": _LONGEST_PAUSE_S})
        rows = [
            Claimed(id=r[0], corp_id=r[1], object_key=r[2], kind=r[3], payload=bytes(r[4]), event_at=r[5], tries=r[6])
            for r in cursor.fetchall()
        ]
    return sorted(rows, key=lambda row: (row.corp_id, row.object_key, row.event_at, row.id))


def release(rows: Iterable[Claimed]) -> None:
    """Free again, as if nobody had had them."""
    _these(rows).update(claimed_until=None)


def settle(rows: Iterable[Claimed]) -> None:
    """Applied."""
    _these(rows).update(state=InboxRow.State.APPLIED, applied_at=wall(), claimed_until=None, error="")


def put_off(rows: Sequence[Claimed], error: Exception) -> None:
    """Rows of one object of which the first failed: it waits, longer each time, or is parked; the others wait behind it."""
    first, rest = rows[0], rows[1:]
    tries = first.tries + 1
    parked = tries >= _MAX_TRIES
    trouble = told(error)
    with transaction.atomic():
        InboxRow.objects.filter(id=first.id, event_at=first.event_at).update(
            state=InboxRow.State.PARKED if parked else InboxRow.State.WAITING,
            claimed_until=None,
            tries=tries,
            next_try_at=wall() + timedelta(seconds=min(_LONGEST_PAUSE_S, 2**tries) / 2),
            error=trouble[0],
        )
        if parked:
            park_callback(first.id, first.corp_id, first.kind, first.object_key, tries, trouble)
        release(rest)
    log.warning("inbox row %s (%s) failed: %s", first.id, first.kind, type(error).__name__)


def _these(rows: Iterable[Claimed]) -> QuerySet[InboxRow]:
    rows = list(rows)
    return InboxRow.objects.filter(id__in=[row.id for row in rows], event_at__in={row.event_at for row in rows})
