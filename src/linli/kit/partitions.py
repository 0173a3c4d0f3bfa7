"""Tables in range partitions, one for each month (UTC) of a moment that never changes; knows no Django.

Months are made before rows come. A row whose month is not there yet goes to the table's `_rest` partition, so that nothing is
ever refused; `tidy` then makes the month and moves the row. Every change takes the whole table for a moment (a statement that
was planned with the old list of months would not see a moved row), and gives up soon when it cannot have it: call it again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

_WAIT = "300ms"
_EARLIEST = date(2000, 1, 1)
OFTEN = "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000"
_MOST_AHEAD = 24  # a row of a further month has a broken clock: it stays in the rest


class Cursor(Protocol):
    """What psycopg's and Django's cursors share."""

    def execute(self, query: Any, params: Sequence[Any] | None = None, /) -> Any: ...
    def fetchall(self) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Partitioned:
    """A table in monthly partitions.

    `moment` is its timestamptz column, `kind` the name under which LINLI_KEEP_<KIND>_MONTHS says how long it is kept,
    `waits` an SQL condition on one partition, named {part}: while it holds, the month may not go. In one that `churns`, rows
    change after they came and are looked for by what changes: it is vacuumed after some thousand changes, not after a share.
    `guard` is SQL that gives a new partition, named {part}, those of its parent's triggers that PostgreSQL does not copy; they
    rest while rows are moved. `real`: the moment is the real clock's, so that is what its age is told by.
    """

    table: str
    moment: str
    kind: str
    waits: str
    churns: bool = False
    guard: str = ""
    real: bool = False

    def name(self, month: date) -> str:
        """The partition of a month."""
        return f"{self.table}_{month:%Y_%m}"

    @property
    def rest(self) -> str:
        """Where rows wait whose month has not been made."""
        return f"{self.table}_rest"


def month_of(moment: datetime) -> date:
    """The first day of the month, in UTC, that holds a moment."""
    return moment.astimezone(UTC).date().replace(day=1)


def shift(month: date, by: int) -> date:
    """So many months later, or earlier."""
    count = month.year * 12 + month.month - 1 + by
    return date(count // 12, count % 12 + 1, 1)


def span(first: date, last: date) -> list[date]:
    """Every month from the first to the last, both included."""
    return [shift(first, n) for n in range((last.year - first.year) * 12 + last.month - first.month + 1)]


def months(cursor: Cursor, table: Partitioned) -> list[date]:
    """The months that have a partition, in order."""
    cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table.table])
    found = (re.search(r"_(\d{4})_(\d{2})$", name) for (name,) in cursor.fetchall())
    return sorted(date(int(match[1]), int(match[2]), 1) for match in found if match)


def make(cursor: Cursor, table: Partitioned, month: date) -> int:
    """Make a month in the caller's transaction, with the rows of it that waited in the rest; returns how many those were.

    Does nothing when it is there. Raises psycopg's LockNotAvailable when the table is too busy: call it again.
    """
    name, bounds = table.name(month), [_text(month), _text(shift(month, 1))]
    _take(cursor, table)
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
    if cursor.fetchall()[0][0]:
        return 0
    cursor.execute(f"CREATE TABLE {name} (LIKE {table.table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    if table.churns:
        cursor.execute(f"ALTER TABLE {name} SET ({OFTEN})")
    if table.guard:
        cursor.execute(f"ALTER TABLE {table.rest} DISABLE TRIGGER USER")
    cursor.execute(
        f"WITH moved AS (DELETE FROM {table.rest} WHERE {table.moment} >= %s AND {table.moment} < %s RETURNING *),"  # noqa: S608 - our own names
        f" kept AS (INSERT INTO {name} SELECT * FROM moved RETURNING 1) SELECT count(*) FROM kept",
        bounds,
    )
    moved = int(cursor.fetchall()[0][0])
    if table.guard:
        cursor.execute(f"ALTER TABLE {table.rest} ENABLE TRIGGER USER")
        cursor.execute(table.guard.format(part=name))
    cursor.execute(
        f"ALTER TABLE {table.table} ATTACH PARTITION {name} FOR VALUES FROM ('{bounds[0]}') TO ('{bounds[1]}')"
    )
    return moved


def waiting_months(cursor: Cursor, table: Partitioned, today: date) -> list[date]:
    """The months of the rows in the rest, without those that nobody could have meant."""
    cursor.execute(
        f"SELECT DISTINCT date_trunc('month', {table.moment} AT TIME ZONE 'UTC')::date FROM {table.rest} ORDER BY 1"  # noqa: S608 - our own names
    )
    return [month for (month,) in cursor.fetchall() if _EARLIEST <= month <= shift(today.replace(day=1), _MOST_AHEAD)]


def drop(cursor: Cursor, table: Partitioned, month: date) -> int | None:
    """Drop a month in the caller's transaction; returns about how many rows it had, or None when something in it waits."""
    name = table.name(month)
    _take(cursor, table)
    cursor.execute(f"SELECT {table.waits.format(part=name)}")
    if cursor.fetchall()[0][0]:
        return None
    cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass", [name])
    rows = int(cursor.fetchall()[0][0])
    cursor.execute(f"ALTER TABLE {table.table} DETACH PARTITION {name}")
    cursor.execute(f"DROP TABLE {name}")
    return rows


def convert(cursor: Cursor, table: Partitioned) -> None:
    """Turn an ordinary table into a partitioned one in the caller's transaction, rows and all; for migrations.

    Its indexes and foreign keys are made again under their names; unique constraints are not (they must hold the moment):
    the caller adds them.
    """
    name, rest, of = table.table, table.rest, [table.table]
    cursor.execute(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        of,
    )
    again = [definition for (definition,) in cursor.fetchall()]
    cursor.execute(
        "SELECT format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
        " FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
        of,
    )
    again += [definition for (definition,) in cursor.fetchall()]
    cursor.execute(
        "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname)"
        " FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f')",
        of,
    )
    gone = [statement for (statement,) in cursor.fetchall()]
    for statement in gone:
        cursor.execute(statement)
    cursor.execute(
        "SELECT format('DROP INDEX %%s', indexrelid::regclass) FROM pg_index WHERE indrelid = %s::regclass", of
    )
    for (statement,) in cursor.fetchall():
        cursor.execute(statement)
    for statement in (
        f"ALTER TABLE {name} RENAME TO {rest}",
        f"CREATE TABLE {name} (LIKE {rest} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE ({table.moment})",
        f"ALTER TABLE {rest} ALTER COLUMN id DROP IDENTITY",
        f"ALTER TABLE {name} ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY",
        f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM {rest}), false)",  # noqa: S608 - our own names
        f"ALTER TABLE {name} ADD CONSTRAINT {name}_pkey PRIMARY KEY (id, {table.moment})",
        f"ALTER TABLE {name} ATTACH PARTITION {rest} DEFAULT",
        *again,
    ):
        cursor.execute(statement)
    for month in waiting_months(cursor, table, datetime.now(UTC).date()):
        make(cursor, table, month)


def _take(cursor: Cursor, table: Partitioned) -> None:
    cursor.execute(f"SET LOCAL lock_timeout = '{_WAIT}'")
    cursor.execute(f"LOCK TABLE {table.table} IN ACCESS EXCLUSIVE MODE")
    cursor.execute("SET LOCAL lock_timeout = 0")


def _text(month: date) -> str:
    return f"{month.isoformat()} 00:00:00+00"
