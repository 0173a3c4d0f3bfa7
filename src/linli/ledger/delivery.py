"""Facts to subscribers: every subscriber has its own cursor, and its effects commit together with the cursor."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from linli.kit.clock import wall
from linli.kit.killpoints import passing
from linli.ledger.models import Cursor, FactRow
from linli.ledger.models import Sequence as SequenceRow
from linli.ledger.types import Fact

log = logging.getLogger(__name__)
_PAUSES = (1, 2, 5, 15, 60, 300)


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Who hears what. The handler gets facts in order, makes no HTTP, and is called in the cursor's own transaction."""

    name: str
    kinds: tuple[str, ...]
    handler: Callable[[Fact], None]


def deliver_once(subscriptions: Sequence[Subscription], *, batch: int = 500) -> int:
    """Hand each subscriber its next facts; returns how many facts were handed over in all."""
    return sum(_deliver(subscription, batch) for subscription in subscriptions)


def _deliver(subscription: Subscription, batch: int) -> int:
    try:
        done = _step(subscription, batch)
    except Exception as error:  # noqa: BLE001 - any handler's failure waits and is shown; the others go on
        if batch > 1:
            return _deliver(subscription, 1)
        _note_failure(subscription, error)
        return 0
    if done:
        passing("delivery.committed")
    return done


@transaction.atomic
def _step(subscription: Subscription, batch: int) -> int:
    Cursor.objects.get_or_create(name=subscription.name)
    cursor = Cursor.objects.select_for_update(skip_locked=True).filter(name=subscription.name).first()
    if cursor is None or (cursor.next_try_at is not None and cursor.next_try_at > wall()):
        return 0
    top = SequenceRow.objects.filter(id=1).values_list("position", flat=True).first() or 0
    if top <= cursor.position:
        return 0
    rows = list(
        FactRow.objects.filter(position__gt=cursor.position, position__lte=top, kind__in=subscription.kinds).order_by(
            "position"
        )[:batch]
    )
    for row in rows:
        subscription.handler(Fact.from_row(row))
    if rows:
        passing("delivery.handled")
    reached = rows[-1].position if len(rows) == batch else top
    Cursor.objects.filter(name=subscription.name).update(position=reached, tries=0, next_try_at=None, error="")
    return len(rows)


def _note_failure(subscription: Subscription, error: Exception) -> None:
    with transaction.atomic():
        cursor = Cursor.objects.select_for_update().get_or_create(name=subscription.name)[0]
        pause = _PAUSES[min(cursor.tries, len(_PAUSES) - 1)]
        cursor.tries += 1
        cursor.next_try_at = wall() + timedelta(seconds=pause)
        cursor.error = f"{type(error).__name__}: {error}"[:2000]
        cursor.save()
    log.warning("subscriber %s waits %s s: %s", subscription.name, pause, type(error).__name__)
