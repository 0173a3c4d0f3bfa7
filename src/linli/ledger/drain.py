"""From inbox rows to effects: a batch is claimed by object, one worker per object, in the order in which things happened."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from django.db import connection, transaction

from linli.kit.clock import wall
from linli.kit.killpoints import passing
from linli.kit.metrics import APPLIED
from linli.ledger.durably import durably
from linli.ledger.models import InboxRow
from linli.ledger.parked import park_callback
from linli.ledger.trouble import told
from linli.wecom.event_types import Event
from linli.wecom.events import parse_event

log = logging.getLogger(__name__)
_LEASE_S = 180  # longer than one object's calls can take with all their retries
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
        SELECT id, corp_id, object_key FROM ledger_inbox AS row
        WHERE state = 0 AND NOT EXISTS (
            SELECT 1 FROM busy WHERE busy.corp_id = row.corp_id AND busy.object_key = row.object_key
        )
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
    event_at: datetime
    tries: int


def release_claims() -> None:
    """At the start of the one drain process: what its predecessor held when it died is free at once."""
    InboxRow.objects.filter(state=InboxRow.State.WAITING, claimed_until__isnull=False).update(claimed_until=None)


def drain_some(routes: Sequence[Route], *, executor: Executor, objects: int) -> list[Future[tuple[int, int]]]:
    """Claim up to `objects` objects and apply each on a thread of its own; a future (claimed, applied) for each."""
    rows = _claim(objects)
    groups = [list(group) for _, group in groupby(rows, key=lambda row: (row.corp_id, row.object_key))]
    return [executor.submit(_apply_object, routes, group) for group in groups]


def drain_once(routes: Sequence[Route], *, executor: Executor, objects: int = 64) -> DrainResult:
    """The same, waited for: what one round did."""
    done = [future.result() for future in drain_some(routes, executor=executor, objects=objects)]
    claimed, applied = sum(one for one, _ in done), sum(one for _, one in done)
    return DrainResult(claimed=claimed, applied=applied, failed=claimed - applied)


def _claim(objects: int) -> list[_Claimed]:
    with transaction.atomic(), connection.cursor() as cursor:
        # One claimer at a time, for about a millisecond: so no two workers can hold one object.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CLAIM_LOCK])
        cursor.execute(_CLAIM, {"limit": objects, "lease": _LEASE_S, "longest": _LONGEST_PAUSE_S})
        rows = [
            _Claimed(id=r[0], corp_id=r[1], object_key=r[2], kind=r[3], payload=bytes(r[4]), event_at=r[5], tries=r[6])
            for r in cursor.fetchall()
        ]
    return sorted(rows, key=lambda row: (row.corp_id, row.object_key, row.event_at, row.id))


def _apply_object(routes: Sequence[Route], rows: list[_Claimed]) -> tuple[int, int]:
    """Events of one object in order; after a failure the later ones wait for the next round."""
    done = 0
    passing("drain.claimed")
    connection.close_if_unusable_or_obsolete()  # a thread that waited may hold the connection of a database that died
    try:
        for at, row in enumerate(rows):
            if not _superseded(row, rows[at + 1 :]):
                _handle(routes, row)
            passing("drain.handled")
            durably(partial(_applied, row), within_s=_LEASE_S)
            APPLIED.labels("applied").inc()
            done += 1
    except Exception as error:  # noqa: BLE001 - kept with the row, tried again with growing pauses, then parked
        durably(partial(_put_back, rows[done:], error), within_s=_LEASE_S)
        APPLIED.labels("failed").inc()
    return len(rows), done


def _applied(row: _Claimed) -> None:
    InboxRow.objects.filter(id=row.id, event_at=row.event_at).update(
        state=InboxRow.State.APPLIED, applied_at=wall(), claimed_until=None, error=""
    )


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
        InboxRow.objects.filter(id__in=[row.id for row in rest]).update(claimed_until=None)
    log.warning("inbox row %s (%s) failed: %s", first.id, first.kind, type(error).__name__)
