"""Many rows at once, as PostgreSQL likes them: numbers drawn first, new rows by COPY, changed ones in one UPDATE."""

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

import pgbulk
from django.db import connection
from django.db.models import Model
from psycopg import sql

_Row = TypeVar("_Row", bound=Model)


def numbered(rows: Iterable[_Row]) -> list[_Row]:
    """New rows of one table with their ids, not written yet: others may name them, and each is written once, whole."""
    made = list(rows)
    if made:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [made[0]._meta.db_table, len(made)],  # noqa: SLF001 - Django documents it
            )
            for row, (number,) in zip(made, cursor.fetchall(), strict=True):
                row.pk = number
    return made


def put(rows: Sequence[_Row]) -> None:
    """Write new rows of one table; a number that was drawn is kept (pgbulk's copy leaves it out)."""
    if not rows:
        return
    meta = rows[0]._meta  # noqa: SLF001 - Django documents it
    fields = [field for field in meta.concrete_fields if rows[0].pk or not field.primary_key]
    columns = sql.SQL(", ").join([sql.Identifier(str(one.column)) for one in fields])
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(meta.db_table), columns)) as copy,
    ):
        for row in rows:
            copy.write_row([getattr(row, field.attname) for field in fields])


def rewrite(rows: Collection[_Row], fields: Sequence[str]) -> None:
    """Write these fields of rows of one table."""
    for row in rows:
        pgbulk.update(type(row), rows, list(fields))
        return
