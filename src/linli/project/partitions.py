"""Months made ahead, stragglers put where they belong, and old months dropped by setting.

Another table is kept so by one line in TABLES, and one in kit/settings.py that says for how long.
"""

import logging
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import OperationalError, connection, transaction

from linli.access import api as access
from linli.archive import api as archive
from linli.kit.clock import now, wall
from linli.kit.partitions import Partitioned, drop, month_of, months, shift, span, waiting_months
from linli.ledger import api as ledger
from linli.messaging import api as messaging

log = logging.getLogger(__name__)
TABLES: tuple[Partitioned, ...] = (
    *ledger.PARTITIONED, *messaging.PARTITIONED, *access.PARTITIONED, *archive.PARTITIONED,
)  # fmt: skip
AHEAD = 3
_NIGHT_HOUR = 3
_TIDY_EVERY_S = 10.0


def make_ahead() -> bool:
    """This month and the next three, by the business clock and by the real one; False when a table was too busy."""
    return all(ledger.make_months(table, _ahead(table)) for table in TABLES)


def _ahead(table: Partitioned) -> set[date]:
    clocks = (wall(),) if table.real else (now(), wall())
    return {month for moment in clocks for month in span(month_of(moment), shift(month_of(moment), AHEAD))}


def tidy() -> None:
    """Make the months of rows that came before their month was there; the rows go with it."""
    for table in TABLES:
        with connection.cursor() as cursor:
            wanted = waiting_months(cursor, table, max(now(), wall()).date())
        if wanted:
            ledger.make_months(table, wanted)


def drop_old() -> list[str]:
    """Drop the months that are older than the settings keep, whole, unless something in them waits; their names."""
    dropped = []
    for table in TABLES:
        kept = settings.LINLI.keep_months[table.kind]
        if not kept:
            continue
        first = shift(month_of(wall() if table.real else now()), -kept)
        with connection.cursor() as cursor:
            old = [month for month in months(cursor, table) if month < first]
        gone = [table.name(month) for month in old if _drop(table, month, kept)]
        if gone and table in archive.PARTITIONED:
            archive.forget(before=datetime(first.year, first.month, 1, tzinfo=UTC))
        dropped += gone
    return dropped


def _drop(table: Partitioned, month: date, kept: int) -> bool:
    name = table.name(month)
    try:
        rows = access.retire_audit(month=month) if table in access.PARTITIONED else _drop_plainly(table, month)
    except OperationalError as error:
        log.warning("retention: %s is too busy and is tried again: %s", name, type(error).__name__)
        return False
    except access.ChainBroken as error:
        log.warning("retention: %s stays: %s", name, error)
        return False
    if rows is None:
        log.warning("retention: %s is older than %s months, but something in it still waits: it stays", name, kept)
        return False
    log.warning("retention: %s is dropped with about %s rows: %s months of %s are kept", name, rows, kept, table.kind)
    return True


def _drop_plainly(table: Partitioned, month: date) -> int | None:
    with transaction.atomic(), connection.cursor() as cursor:
        return drop(cursor, table, month)


class Keeper:
    """What the ticker calls each second; it asks the database only when there may be something to do."""

    def __init__(self) -> None:
        self._ahead: tuple[date, date] | None = None
        self._tidied = 0.0
        self._dropped_on: date | None = None

    def look(self, monotonic: float) -> None:
        """One look at the clocks."""
        months_now = month_of(now()), month_of(wall())
        if months_now != self._ahead and make_ahead():
            self._ahead = months_now
        if monotonic - self._tidied >= _TIDY_EVERY_S:
            self._tidied = monotonic
            tidy()
        self._nightly(wall().astimezone(ZoneInfo(settings.LINLI.zone)))

    def _nightly(self, local: datetime) -> None:
        if local.hour >= _NIGHT_HOUR and self._dropped_on != local.date():
            self._dropped_on = local.date()
            drop_old()
