"""From inbox rows to effects: a batch is claimed by object, one worker per object, in the order in which things happened."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.db import connection, transaction

from linli.kit.clock import wall
from linli.ledger.models import InboxRow
from linli.wecom.event_types import Event
from linli.wecom.events import parse_event

log = logging.getLogger(__name__)
_LEASE_S = 60
_MAX_TRIES = 8
_CLAIM_LOCK = 0x6C696E6C69

_CLAIM = """
WITH busy AS (
    SELECT corp_id, object_key FROM ledger_inbox WHERE state = 0 AND claimed_until > clock_timestamp()
), free AS (
    SELECT corp_id, object_key, min(id) AS first
    FROM (
        SELECT id, corp_id, object_key FROM ledger_inbox
        WHERE state = 0 AND (next_try_at IS NULL OR next_try_at <= clock_timestamp())
          AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
        ORDER BY id LIMIT %(limit)s * 4
    ) AS head
    WHERE NOT EXISTS (
        SELECT 1 FROM busy WHERE busy.corp_id = head.corp_id AND busy.object_key = head.object_key
    )
    GROUP BY corp_id, object_key ORDER BY first LIMIT %(limit)s
)
UPDATE ledger_inbox AS row
SET claimed_until = clock_timestamp() + make_interval(secs => %(lease)s), tries = row.tries + 1
FROM free
WHERE row.state = 0 AND row.corp_id = free.corp_id AND row.object_key = free.object_key
RETURNING row.id, row.corp_id, row.object_key, row.kind, row.payload, row.event_at, row.tries
"""


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which events go to which handler. `kinds` are prefixes; the handler is idempotent and may call WeCom."""

    kinds: tuple[str, ...]
    handler: Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class DrainResult:
    """What one round did, in rows."""

    claimed: int
    applied: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class _Claimed:
    id: int
    corp_id: int
    object_key: str
    kind: str
    payload: bytes
    event_at: object
    tries: int


def drain_once(routes: Sequence[Route], *, executor: Executor, objects: int = 64) -> DrainResult:
    """Claim up to `objects` objects, apply their events side by side, acknowledge each after its effects."""
    rows = _claim(objects)
    groups = [list(group) for _, group in groupby(rows, key=lambda row: (row.corp_id, row.object_key))]
    applied = sum(executor.map(lambda group: _apply_object(routes, group), groups))
    return DrainResult(claimed=len(rows), applied=applied, failed=len(rows) - applied)


def _claim(objects: int) -> list[_Claimed]:
    with transaction.atomic(), connection.cursor() as cursor:
        # One claimer at a time, for about a millisecond: so no two workers can hold one object.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])
        cursor.execute(_CLAIM, {"limit": objects, "lease": _LEASE_S})
        rows = [
            _Claimed(id=r[0], corp_id=r[1], object_key=r[2], kind=r[3], payload=bytes(r[4]), event_at=r[5], tries=r[6])
            for r in cursor.fetchall()
        ]
    return sorted(rows, key=lambda row: (row.corp_id, row.object_key, row.event_at, row.id))


def _apply_object(routes: Sequence[Route], rows: list[_Claimed]) -> int:
    """Events of one object in order; after a failure the later ones wait for the next round."""
    done = 0
    try:
        for at, row in enumerate(rows):
            if not _superseded(row, rows[at + 1 :]):
                _handle(routes, row)
            InboxRow.objects.filter(id=row.id).update(
                state=InboxRow.State.APPLIED, applied_at=wall(), claimed_until=None, error=""
            )
            done += 1
    except Exception as error:  # noqa: BLE001 - kept with the row, tried again with growing pauses, then parked
        _put_back(rows[done:], error)
    finally:
        connection.close_if_unusable_or_obsolete()
    return done


def _superseded(row: _Claimed, later: list[_Claimed]) -> bool:
    """An "edited" event only asks for a fresh read; a later one of the same bytes' kind will read anyway."""
    return row.kind.endswith(".edit_external_contact") and any(other.kind == row.kind for other in later)


def _handle(routes: Sequence[Route], row: _Claimed) -> None:
    event: Event = parse_event(row.payload)
    for route in routes:
        if row.kind.startswith(route.kinds):
            route.handler(event, corp_id=row.corp_id)
            return
    # No room asks for this event yet: it stays in the inbox, readable, and counts as applied.


def _put_back(rows: list[_Claimed], error: Exception) -> None:
    first, rest = rows[0], rows[1:]
    parked = first.tries >= _MAX_TRIES
    InboxRow.objects.filter(id=first.id).update(
        state=InboxRow.State.PARKED if parked else InboxRow.State.WAITING,
        claimed_until=None,
        next_try_at=wall() + timedelta(seconds=min(300, 2**first.tries) / 2),
        error=f"{type(error).__name__}: {error}"[:2000],
    )
    InboxRow.objects.filter(id__in=[row.id for row in rest]).update(claimed_until=None)
    log.warning("inbox row %s (%s) failed: %s", first.id, first.kind, type(error).__name__)
