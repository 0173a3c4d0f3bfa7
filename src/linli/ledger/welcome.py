"""The welcome: claimed from the inbox by a partial index, needs no fact, and has 20 seconds (wire.md C.8)."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.db import connection, transaction

from linli.kit.clock import wall
from linli.ledger.models import InboxRow

_CLAIM = """
UPDATE ledger_inbox SET welcome_state = 2, welcome_claimed_until = clock_timestamp() + interval '6 seconds'
WHERE id IN (
    SELECT id FROM ledger_inbox
    WHERE welcome_state IN (1, 2)
      AND (welcome_claimed_until IS NULL OR welcome_claimed_until <= clock_timestamp())
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING id, corp_id, welcome_code, user_id, channel_state, event_at, object_key
"""


@dataclass(frozen=True, kw_only=True)
class DueWelcome:
    """A welcome that waits for its words: `event_at` started its 20 seconds."""

    id: int
    corp_id: int
    code: str
    user_id: str
    channel_state: str
    event_at: datetime
    object_key: str


class WelcomeOutcome(Enum):
    """How a welcome ended. ALREADY comes when we died after the call: WeCom says 41051, and the customer has it."""

    SENT = InboxRow.Welcome.SENT
    TOO_LATE = InboxRow.Welcome.TOO_LATE
    REFUSED = InboxRow.Welcome.REFUSED


def welcome_once(
    send: Callable[[DueWelcome], tuple[WelcomeOutcome, str]], *, executor: Executor, limit: int = 32
) -> int:
    """Claim what is due, call `send` for each outside any transaction, keep the outcome; returns how many were due."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [limit])
        due = [
            DueWelcome(
                id=r[0], corp_id=r[1], code=r[2], user_id=r[3], channel_state=r[4], event_at=r[5], object_key=r[6]
            )
            for r in cursor.fetchall()
        ]
    list(executor.map(lambda welcome: _one(send, welcome), due))
    return len(due)


def _one(send: Callable[[DueWelcome], tuple[WelcomeOutcome, str]], welcome: DueWelcome) -> None:
    outcome, note = send(welcome)
    InboxRow.objects.filter(id=welcome.id).update(
        welcome_state=outcome.value, welcome_called_at=wall(), welcome_error=note[:500], welcome_claimed_until=None
    )
