"""The door of the ledger: publish facts, read them, and run the three engines (drain, welcome, delivery)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from linli.kit.clock import now
from linli.kit.partitions import month_of, span
from linli.ledger.claiming import release_claims
from linli.ledger.delivery import deliver, deliver_once
from linli.ledger.drain import DrainResult, Route, drain_once, drain_some
from linli.ledger.keeping import first_recent, forget_welcome_codes, recent_customers
from linli.ledger.models import FactRow
from linli.ledger.parked import (
    ParkedGroup,
    ParkedInfo,
    drop,
    parked,
    parked_counts,
    parked_groups,
    parked_one,
    set_going,
    wake_callbacks,
)
from linli.ledger.partitions import FACTS, INBOX, make_months
from linli.ledger.queries import (
    Health,
    LineState,
    WelcomeFigures,
    copies,
    health,
    lag,
    line_state,
    oldest_waiting_s,
    waiting,
    welcome_figures,
    welcome_notes,
)
from linli.ledger.reading import timeline
from linli.ledger.replay import (
    ReplayInfo,
    cancel_replay,
    dry_run,
    open_dry_runs,
    position_at,
    replay,
    replays,
    start_replay,
)
from linli.ledger.sequencer import place, sequence_once
from linli.ledger.subscription import Replay, Subscription, each, subscription, subscriptions
from linli.ledger.types import Fact
from linli.ledger.welcome import DueWelcome, WelcomeOutcome, release_welcomes, welcome_some

__all__ = [
    "DrainResult", "DueWelcome", "Fact", "Health", "LineState", "NewFact", "ParkedGroup", "ParkedInfo", "Replay",
    "ReplayInfo", "Route", "Subscription", "WelcomeFigures", "WelcomeOutcome", "cancel_replay", "copies", "deliver",
    "deliver_once", "drain_once", "drain_some", "drop", "dry_run", "each", "expect_facts", "facts_of_customer",
    "first_recent", "forget_welcome_codes", "health", "lag", "line_state", "make_months", "oldest_waiting_s", "open_dry_runs", "parked",
    "parked_counts", "parked_groups", "parked_one", "place", "position_at", "publish", "publish_many", "recent_customers",
    "release_claims", "release_welcomes", "replay", "replays", "sequence_once", "set_going", "start_replay",
    "subscription", "subscriptions", "waiting", "wake_callbacks", "welcome_figures", "welcome_notes", "welcome_some",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NewFact:
    """A fact to be published: `kind` is "room.past_tense", `data` plain JSON."""

    kind: str
    subject: str
    data: dict[str, Any] = field(default_factory=dict)
    occurred_at: datetime | None = None
    customer_id: int | None = None


def publish(
    *,
    corp_id: int,
    kind: str,
    subject: str,
    data: dict[str, Any],
    occurred_at: datetime | None = None,
    customer_id: int | None = None,
) -> int:
    """Write a fact in the caller's transaction and return its id; without a transaction this is a programming error."""
    _must_be_atomic()
    row = FactRow.objects.create(
        corp_id=corp_id, kind=kind, subject=subject, data=data, customer_id=customer_id,
        occurred_at=occurred_at or now(),
    )  # fmt: skip
    return row.pk


def publish_many(*, corp_id: int, facts: Iterable[NewFact]) -> int:
    """Write many facts by COPY in the caller's transaction; returns how many."""
    _must_be_atomic()
    at = now()
    written = 0
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY ledger_fact (corp_id, kind, subject, customer_id, data, occurred_at) FROM STDIN") as copy,
    ):
        for fact in facts:
            data = json.dumps(fact.data)
            copy.write_row((corp_id, fact.kind, fact.subject, fact.customer_id, data, fact.occurred_at or at))
            written += 1
    return written


PARTITIONED = (INBOX, FACTS)


def expect_facts(*, since: datetime, until: datetime) -> None:
    """Make the months of facts about a past time before they are told; in a transaction it leaves that to the maintenance."""
    if not connection.in_atomic_block:
        make_months(FACTS, span(month_of(since), month_of(until)))


def facts_of_customer(*, corp_id: int, customer_id: int, limit: int = 50, before: datetime | None = None) -> list[Fact]:
    """A customer's timeline, newest first."""
    return [Fact.from_row(row) for row in timeline(corp_id, customer_id, limit=limit, before=before)]


def _must_be_atomic() -> None:
    if transaction.get_connection().in_atomic_block:
        return
    raise RuntimeError("a fact is written in the transaction that changes the rows it tells of")
