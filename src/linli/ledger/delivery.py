"""Facts to subscribers: every subscriber has its own cursor, and its effects commit together with the cursor.

A fact that a handler fails on is set aside for this subscriber: it is tried again with growing pauses, then parked for a person.
Later facts of its subject are held behind it, all others go on. So a cursor never waits for one bad fact; it waits only when
so many are set aside that the subscriber itself must be at fault.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction

from linli.kit.clock import wall
from linli.kit.killpoints import passing
from linli.ledger.aside import MOST_ASIDE, Hand, asides, heads_due
from linli.ledger.models import Cursor, Parked, ReplayRun
from linli.ledger.models import Sequence as SequenceRow
from linli.ledger.reading import facts_between, facts_of
from linli.ledger.subscription import Subscription
from linli.ledger.trouble import told

log = logging.getLogger(__name__)
BATCH = 2000
_LOOK = """
SELECT coalesce((SELECT position FROM ledger_cursor WHERE name = %s), 0),
       coalesce((SELECT position FROM ledger_sequence WHERE id = 1), 0),
       EXISTS (SELECT 1 FROM ledger_parked WHERE subscriber = %s AND state IN (0, 1, 2))
"""
_SPAN = 50_000  # positions looked through in one step: facts of other kinds lie between
_PAUSES = (1, 2, 5, 15, 60, 300)


def deliver_once(subscriptions: Sequence[Subscription], *, batch: int = BATCH) -> int:
    """Hand each subscriber its next facts, one subscriber after the other; returns how many facts were taken in hand."""
    return sum(deliver(subscription, batch=batch) for subscription in subscriptions)


def deliver(subscription: Subscription, *, batch: int = BATCH) -> int:
    """One step of one subscriber: what is due for another try, then the next facts; returns how many were taken in hand.

    Raises OperationalError while the database is away.
    """
    try:
        there = _look(subscription.name)
        tried = _try_again(subscription, batch) if there.aside else 0
        return tried + (_go_on(subscription, batch, top=there.top) if there.top > there.position else 0)
    except (OperationalError, InterfaceError) as error:
        _note(subscription, error)
        return 0


@dataclass(frozen=True)
class _There:
    """Where a subscriber stands, the last position given, and whether anything of its is set aside."""

    position: int
    top: int
    aside: bool


def _look(name: str) -> _There:
    """All that an idle subscriber asks, and it looks twice a second."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, [name, name])
        return _There(*cursor.fetchone())


def top_position() -> int:
    """The last position given."""
    return SequenceRow.objects.filter(id=1).values_list("position", flat=True).first() or 0


def _locked(name: str) -> Cursor | None:
    """The cursor, for this transaction; None while another process has it or it pauses."""
    rows = Cursor.objects.select_for_update(skip_locked=True).filter(name=name)
    cursor = rows.first()
    if cursor is None:  # another process has it, or it is the first time
        Cursor.objects.get_or_create(name=name)
        cursor = rows.first()
    if cursor is None or _pauses(cursor.next_try_at):
        return None
    return cursor


def _pauses(until: datetime | None) -> bool:
    """A pause that ends further ahead than any lasts was begun before the clock went back: it is over."""
    at = wall()
    return until is not None and at < until <= at + timedelta(seconds=_PAUSES[-1])


def _try_again(subscription: Subscription, batch: int) -> int:
    """Of each subject whose earliest open fact is due: that fact, and those held behind it."""
    if not heads_due(subscription.name):
        return 0
    with transaction.atomic():
        if _locked(subscription.name) is None:
            return 0
        taken = 0
        for head in heads_due(subscription.name, limit=50):
            rows = asides(head, limit=batch)
            facts = facts_of([row.fact_id for row in rows if row.fact_id is not None])
            there = {fact.id for fact in facts}
            _settle_gone([row for row in rows if row.fact_id not in there])
            hand = Hand(subscription, known=rows, shut=set())
            hand.over(facts)
            hand.keep()
            taken += len(facts)
        passing("delivery.handled")
    passing("delivery.committed")
    return taken


def _settle_gone(rows: Sequence[Parked]) -> None:
    """Facts older than the house keeps them cannot be handed over any more."""
    if rows:
        Parked.objects.filter(id__in=[row.pk for row in rows]).update(
            state=Parked.State.DROPPED, settled_at=wall(), reason="fact_gone", next_try_at=None
        )


def _go_on(subscription: Subscription, batch: int, *, top: int) -> int:
    with transaction.atomic():
        cursor = _locked(subscription.name)
        if cursor is None:
            return 0
        if top <= cursor.position or _too_many_aside(cursor):
            return 0
        until = min(top, cursor.position + _SPAN)
        facts = facts_between(subscription.kinds, after=cursor.position, until=until, limit=batch)
        if facts:
            hand = Hand.at(subscription, facts)
            hand.over(facts)
            hand.keep()
            passing("delivery.handled")
        cursor.position = facts[-1].position or until if len(facts) == batch else until
        replayed = _end_replay(cursor)
        cursor.tries, cursor.next_try_at, cursor.error = 0, None, ""
        cursor.save()
    if facts:
        passing("delivery.committed")
    if replayed:
        passing("replay.committed")
    return len(facts) or int(until < top)


def _end_replay(cursor: Cursor) -> bool:
    """Keep how far the subscriber's replay is; True while it is in one."""
    if cursor.replay_id is None:
        return False
    run = ReplayRun.objects.select_for_update().get(id=cursor.replay_id)
    run.position = min(cursor.position, run.to_position)
    if run.position == run.to_position:
        run.state, run.finished_at = ReplayRun.State.DONE, wall()
        cursor.replay_id = None
    run.save(update_fields=["position", "state", "finished_at"])
    return True


def _too_many_aside(cursor: Cursor) -> bool:
    failing = (Parked.State.RETRYING, Parked.State.PARKED)
    many = Parked.objects.filter(subscriber=cursor.name, state__in=failing)[:MOST_ASIDE].count() >= MOST_ASIDE
    error = "too_many_aside" if many else ""
    if many and cursor.error != error:
        cursor.error = error
        cursor.save(update_fields=["error"])
    return many


def _note(subscription: Subscription, error: Exception) -> None:
    """The database refused the step (a deadlock, a time-out) or is away, in which case this raises as well."""
    connection.close_if_unusable_or_obsolete()
    with transaction.atomic():
        cursor = Cursor.objects.select_for_update().get_or_create(name=subscription.name)[0]
        pause = _PAUSES[min(cursor.tries, len(_PAUSES) - 1)]
        cursor.tries += 1
        cursor.next_try_at = wall() + timedelta(seconds=pause)
        cursor.error = told(error)[0]
        cursor.save()
    log.warning("subscriber %s waits %s s: %s", subscription.name, pause, type(error).__name__)
