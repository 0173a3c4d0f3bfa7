"""Handing facts to a handler, and what it fails on: set aside, tried again with growing pauses, parked for a person."""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Self

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet

from linli.kit.clock import wall
from linli.ledger.models import Parked
from linli.ledger.subscription import Replay, Subscription
from linli.ledger.trouble import told
from linli.ledger.types import Fact

log = logging.getLogger(__name__)
PAUSES = (1, 2, 5, 15, 60)  # seconds before the 2nd … 6th try; after that a person looks at it
MOST_ASIDE = 500
OPEN = (Parked.State.RETRYING, Parked.State.HELD, Parked.State.PARKED)
# What would be due later than the longest pause was noted before the clock went back, and is due now.
_HEADS = """
WITH head AS (
    SELECT DISTINCT ON (corp_id, subject) id, state, next_try_at FROM ledger_parked
    WHERE subscriber = %s AND state IN (0, 1, 2) ORDER BY corp_id, subject, position
)
SELECT id FROM head WHERE state = 1 OR (
    state = 0 AND next_try_at NOT BETWEEN clock_timestamp() AND clock_timestamp() + make_interval(secs => %s)
) ORDER BY id LIMIT %s
"""
_FIRST_TIME = """
INSERT INTO ledger_handled (subscriber, fact_id) SELECT %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING RETURNING fact_id
"""


def heads_due(subscriber: str, *, limit: int = 1) -> list[Parked]:
    """The earliest open fact of each subject, where it is due for another try."""
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, [subscriber, PAUSES[-1], limit])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Parked.objects.filter(id__in=ids).order_by("id")) if ids else []


def asides(head: Parked, *, limit: int) -> list[Parked]:
    """The head and what is held behind it, locked, in order; up to the next that failed by itself."""
    rows = Parked.objects.select_for_update().filter(
        subscriber=head.subscriber, corp_id=head.corp_id, subject=head.subject, state__in=OPEN
    )
    found: list[Parked] = []
    for row in rows.order_by("position")[:limit]:
        if found and row.state != Parked.State.HELD:
            break
        found.append(row)
    return found


def _check_keys() -> None:
    """Foreign keys are looked at when a transaction ends, which would be the end of the whole step, again and again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


class Hand:
    """One hand-over inside the cursor's transaction. `known`: rows set aside before; `shut`: subjects with an open row."""

    def __init__(self, subscription: Subscription, *, known: Iterable[Parked], shut: set[tuple[int, str]]) -> None:
        self._subscription = subscription
        self._known = {row.fact_id: row for row in known}
        self._shut = shut
        self._failed: list[tuple[Fact, Exception]] = []
        self._held: list[Fact] = []
        self._done: list[int] = []

    @classmethod
    def at(cls, subscription: Subscription, facts: Sequence[Fact]) -> Self:
        """For the subscriber's next facts: what of them is set aside or dropped already (a replay passes them again)."""
        mine = Parked.objects.filter(subscriber=subscription.name)
        known = mine.filter(position__gte=facts[0].position, position__lte=facts[-1].position)
        return cls(subscription, known=known, shut=_subjects(mine))

    def over(self, facts: Sequence[Fact]) -> None:
        """Call the handler; where it fails, halve until the facts that fail stand alone."""
        free = []
        for fact in facts:
            row = self._known.get(fact.id)
            if row is not None and row.state == Parked.State.DROPPED:
                continue
            if (fact.corp_id, fact.subject) in self._shut:
                self._held.append(fact)
            else:
                free.append(fact)
        if not free:
            return
        try:
            with transaction.atomic():
                if first := self._first_time(free):
                    self._subscription.handler(first)
                    _check_keys()
        except (OperationalError, InterfaceError):
            raise  # the database's trouble, not the fact's
        except Exception as error:  # noqa: BLE001 - any handler's failure is kept with its fact and shown
            if len(free) == 1:
                self._failed.append((free[0], error))
                self._shut.add((free[0].corp_id, free[0].subject))
            else:
                self.over(free[: len(free) // 2])
                self.over(free[len(free) // 2 :])
        else:
            self._done += [fact.id for fact in free]

    @property
    def failed(self) -> list[tuple[Fact, Exception]]:
        """The facts that failed, in order, each with its error."""
        return self._failed

    @property
    def taken(self) -> list[int]:
        """The ids of the facts that the handler took."""
        return self._done

    def keep(self) -> None:
        """Write what was set aside, and take away what went well at another try."""
        if again := [row.pk for fact_id, row in self._known.items() if fact_id in set(self._done)]:
            Parked.objects.filter(id__in=again).delete()
        for fact, error in self._failed:
            self._set_aside(fact, error)
        if self._held:
            rows = [self._row(fact, state=Parked.State.HELD) for fact in self._held if fact.id not in self._known]
            Parked.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)

    def _first_time(self, facts: list[Fact]) -> list[Fact]:
        if self._subscription.replay is not Replay.ONCE:
            return facts
        with connection.cursor() as cursor:
            cursor.execute(_FIRST_TIME, [self._subscription.name, [fact.id for fact in facts]])
            new = {row[0] for row in cursor.fetchall()}
        return [fact for fact in facts if fact.id in new]

    def _set_aside(self, fact: Fact, error: Exception) -> None:
        row = self._known.get(fact.id) or self._row(fact, state=Parked.State.RETRYING)
        row.error, row.trace = told(error)
        row.tries += 1
        if row.tries > len(PAUSES):
            row.state, row.parked_at, row.next_try_at = Parked.State.PARKED, wall(), None
        else:
            row.state, row.next_try_at = Parked.State.RETRYING, wall() + timedelta(seconds=PAUSES[row.tries - 1])
        row.save()
        log.warning("subscriber %s failed on fact %s (try %s): %s", row.subscriber, fact.id, row.tries, row.error)

    def _row(self, fact: Fact, *, state: Parked.State) -> Parked:
        return Parked(
            corp_id=fact.corp_id, subscriber=self._subscription.name, fact_id=fact.id, position=fact.position, kind=fact.kind,
            subject=fact.subject, state=state, noted_at=wall(),
        )  # fmt: skip


def _subjects(rows: QuerySet[Parked]) -> set[tuple[int, str]]:
    return set(rows.filter(state__in=OPEN).values_list("corp_id", "subject").distinct())
