"""Which tables of the ledger are kept by the month, when a month of them may go, and how months are made."""

import logging
from collections.abc import Iterable
from datetime import date

from django.db import OperationalError, connection, transaction

from linli.kit.partitions import Partitioned, make, months

log = logging.getLogger(__name__)

INBOX = Partitioned(
    table="ledger_inbox",
    moment="event_at",
    kind="inbox",
    waits="EXISTS (SELECT 1 FROM {part} WHERE state = 0) OR EXISTS (SELECT 1 FROM {part} WHERE state = 2)"
    " OR EXISTS (SELECT 1 FROM {part} WHERE welcome_state IN (1, 2))",
    churns=True,
)
FACTS = Partitioned(
    table="ledger_fact",
    moment="occurred_at",
    kind="facts",
    waits="EXISTS (SELECT 1 FROM {part} WHERE position IS NULL)"
    " OR (SELECT max(position) FROM {part}) > (SELECT min(position) FROM ledger_cursor)"
    " OR EXISTS (SELECT 1 FROM ledger_parked AS open JOIN {part} AS fact ON fact.id = open.fact_id WHERE open.state IN (0, 1, 2))",
    churns=True,
)


def make_months(table: Partitioned, wanted: Iterable[date]) -> bool:
    """Make those months that are not there, a transaction each; False when the table was too busy for one of them."""
    with connection.cursor() as cursor:
        missing = sorted(set(wanted) - set(months(cursor, table)))
    for month in missing:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                moved = make(cursor, table, month)
        except OperationalError as error:
            log.info("%s is too busy for a new month: %s", table.table, type(error).__name__)
            return False
        log.info("%s is made; %s rows of it had waited", table.name(month), moved)
    return True
