"""The welcome: claimed from the inbox by a partial index, needs no fact, and has 20 seconds (wire.md C.8)."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import connection, transaction

from linli.kit.clock import wall
from linli.kit.killpoints import passing
from linli.kit.metrics import WELCOME_SECONDS, WELCOMES
from linli.ledger.durably import durably
from linli.ledger.models import InboxRow

log = logging.getLogger(__name__)

_CLAIM_S = 25
_CLAIM = """
UPDATE ledger_inbox row SET welcome_state = 2, welcome_claimed_until = clock_timestamp() + make_interval(secs => %s)
FROM (
    SELECT id, event_at, welcome_state = 2 AS again FROM ledger_inbox
    WHERE welcome_state IN (1, 2)
      AND (welcome_claimed_until IS NULL OR welcome_claimed_until <= clock_timestamp()
           -- further ahead than any claim lasts: the clock went back; WeCom lets a code work once
           OR welcome_claimed_until > clock_timestamp() + make_interval(secs => %s))
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
) due
WHERE row.id = due.id AND row.event_at = due.event_at
RETURNING row.id, corp_id, welcome_code, user_id, channel_state, row.event_at, object_key, received_at, again
"""


@dataclass(frozen=True, kw_only=True)
class DueWelcome:
    """A welcome that waits for its words: `event_at` started its 20 seconds. `again`: somebody claimed it before and did
    not tell the outcome, so it may have been said already."""

    id: int
    corp_id: int
    code: str
    user_id: str
    channel_state: str
    event_at: datetime
    object_key: str
    received_at: datetime
    again: bool = False


class WelcomeOutcome(Enum):
    """How a welcome ended. ALREADY comes when we died after the call: WeCom says 41051, and the customer has it."""

    SENT = InboxRow.Welcome.SENT
    TOO_LATE = InboxRow.Welcome.TOO_LATE
    REFUSED = InboxRow.Welcome.REFUSED


def release_welcomes() -> None:
    """At the start of the one welcome process: what its predecessor held when it died is due at once."""
    InboxRow.objects.filter(welcome_state=InboxRow.Welcome.CALLING).update(welcome_claimed_until=None)


def welcome_some(
    send: Callable[[DueWelcome], tuple[WelcomeOutcome, str]], *, executor: Executor, limit: int = 32
) -> list[Future[None]]:
    """Claim what is due, call `send` for each outside any transaction, keep the outcome; a future for each."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [_CLAIM_S, 2 * _CLAIM_S, limit])
        due = [
            DueWelcome(
                id=r[0],
                corp_id=r[1],
                code=r[2],
                user_id=r[3],
                channel_state=r[4],
                event_at=r[5],
                object_key=r[6],
                received_at=r[7],
                again=r[8],
            )
            for r in cursor.fetchall()
        ]
    # Nobody waits for the slowest: each has its own 20 seconds.
    return [executor.submit(_one, send, welcome) for welcome in due]


def _one(send: Callable[[DueWelcome], tuple[WelcomeOutcome, str]], welcome: DueWelcome) -> None:
    passing("welcome.claimed")
    connection.close_if_unusable_or_obsolete()  # a thread that waited may hold the connection of a database that died
    try:
        outcome, note = send(welcome)
    except Exception:
        log.exception("the welcome of inbox row %s failed and is taken up again", welcome.id)
        _give_back(welcome)
        return
    passing("welcome.said")
    row, called_at = InboxRow.objects.filter(id=welcome.id, event_at=welcome.event_at), wall()
    durably(
        lambda: row.update(
            welcome_state=outcome.value,
            welcome_called_at=called_at,
            welcome_error=note[:500],
            welcome_claimed_until=None,
        ),
        within_s=_CLAIM_S,
    )
    WELCOMES.labels(outcome.name.lower()).inc()
    WELCOME_SECONDS.labels(outcome.name.lower()).observe((called_at - welcome.received_at).total_seconds())


def _give_back(welcome: DueWelcome) -> None:
    """Due again in half a second, as soon as that can be written."""
    row = InboxRow.objects.filter(id=welcome.id, event_at=welcome.event_at, welcome_state=InboxRow.Welcome.CALLING)
    durably(lambda: row.update(welcome_claimed_until=wall() + timedelta(seconds=0.5)), within_s=_CLAIM_S)
