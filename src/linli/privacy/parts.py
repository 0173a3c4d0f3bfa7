"""Runs the parts that the rooms list (project/personal.py): counts, shows, and does what an erasure asks for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from linli.kit.personal import Act, Part

RANGE = 20_000


def parts() -> Sequence[Part]:
    """All parts, in the order of an erasure, from settings.LINLI_PERSONAL_PARTS."""
    return cast("Sequence[Part]", import_string(settings.LINLI_PERSONAL_PARTS))


def count(part: Part, given: dict[str, Any]) -> int:
    """How many rows are this person's."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {part.table} WHERE {part.where}", given)  # noqa: S608 - the rooms' own SQL
        return int(cursor.fetchone()[0])


def show(part: Part, given: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """The rows as an export shows them, in the order of `part.show`."""
    columns = ", ".join(expression for _, expression in part.show)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {part.table} WHERE {part.where}", given)  # noqa: S608
        for row in cursor.fetchall():
            yield row if part.reveal is None else part.reveal(given["corp"], row)


def must_wait(part: Part, given: dict[str, Any]) -> bool:
    """Is somebody else's work on these rows half done?"""
    if not part.wait:
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({part.wait})", given)
        return bool(cursor.fetchone()[0])


def carry_out(part: Part, given: dict[str, Any], reached: int) -> tuple[int, int | None]:
    """Do what the part asks for, from behind id `reached`; rows touched, and the id reached (None: all done).

    One call is one transaction of the caller's; a table that is looked through takes several.
    """
    where, last = part.where, None
    if part.scan:
        last = _next(part.table, reached)
        if last is None:
            return 0, None
        where = f"id > %(reached)s AND id <= %(last)s AND ({part.where})"
    given = {**given, "reached": reached, "last": last}
    match part.act:
        case Act.KEEP:
            return count(part, given), None
        case Act.DELETE:
            statement = f"DELETE FROM {part.table} WHERE {where}"  # noqa: S608
        case Act.SCRUB:
            statement = f"UPDATE {part.table} SET {part.set} WHERE {where}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return int(cursor.rowcount), last


def _next(table: str, reached: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(id) FROM (SELECT id FROM {table} WHERE id > %s ORDER BY id LIMIT %s) AS next_rows",  # noqa: S608
            [reached, RANGE],
        )
        row = cursor.fetchone()
    return None if row[0] is None else int(row[0])


_TEXTUAL = """
SELECT c.table_name, c.column_name, c.data_type, EXISTS (
    SELECT 1 FROM information_schema.columns AS o
    WHERE (o.table_schema, o.table_name, o.column_name) = (c.table_schema, c.table_name, 'corp_id')
) FROM information_schema.columns AS c
JOIN information_schema.tables AS t USING (table_schema, table_name)
WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
  AND c.data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY')
ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Column:
    """A column of the database that can hold text."""

    table: str
    name: str
    kind: str
    has_corp: bool

    def holds(self, corp_id: int, pattern: str) -> bool:
        """Does any row (of this corp, where rows belong to one) hold what the pattern fits?"""
        quoted = f'"{self.name}"'
        text = f"encode({quoted}, 'escape')" if self.kind == "bytea" else f"{quoted}::text"
        only = "corp_id = %(corp)s AND " if self.has_corp else ""
        sql = f'SELECT EXISTS (SELECT 1 FROM "{self.table}" WHERE {only}{text} ~ %(pattern)s)'  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, {"corp": corp_id, "pattern": pattern})
            return bool(cursor.fetchone()[0])


def textual_columns() -> list[Column]:
    """Every column of the database that can hold text."""
    with connection.cursor() as cursor:
        cursor.execute(_TEXTUAL)
        return [Column(*row) for row in cursor.fetchall()]
