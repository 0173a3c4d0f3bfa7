"""Many rows at once, as PostgreSQL likes them: numbers drawn first, new rows by COPY, changed ones in one UPDATE."""

from collections.abc import Collection, Iterable, Sequence
from operator import attrgetter
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
    fields = [one for one in rows[0]._meta.concrete_fields if rows[0].pk or not one.primary_key]  # noqa: SLF001 - documented
    values = attrgetter(*(one.attname for one in fields))
    copy_in(type(rows[0]), [str(one.column) for one in fields], map(values, rows))


def copy_in(table: type[Model], columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write new rows of a table, told as the values of these columns."""
    name = sql.Identifier(table._meta.db_table)  # noqa: SLF001 - Django documents it
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(name, sql.SQL(", ").join(map(sql.Identifier, columns)))
    # Django knows no COPY: its errors are made Django's here.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row(row)


def rewrite(rows: Collection[_Row], fields: Sequence[str]) -> None:
    """Write these fields of rows of one table."""
    for row in rows:
        pgbulk.update(type(row), rows, list(fields))
        return
