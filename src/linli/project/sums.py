"""Every table's rows and checksum in one snapshot: how a restored house is held against the one that was kept."""

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

# What turns a row into text must be the same on both sides.
_LIKE_THIS = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL bytea_output = 'hex';"
    " SET LOCAL extra_float_digits = 1; SET LOCAL intervalstyle = 'postgres'"
)
_TABLES = """
SELECT schema.nspname, class.relname FROM pg_class AS class JOIN pg_namespace AS schema ON schema.oid = relnamespace
WHERE relkind = 'r' AND relpersistence = 'p' AND nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1, 2
"""


@dataclass(frozen=True, kw_only=True)
class Sums:
    """`tables`: name → [rows, checksum as text]; `next_xid`: grows with every transaction that writes."""

    tables: dict[str, list[int | str]]
    next_xid: int


def sums(url: str, *, snapshot: str = "") -> Sums:
    """Read everything in one snapshot of its own, or in an exported one."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        if snapshot:
            connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
        connection.execute(_LIKE_THIS)
        next_xid = int(_one(connection, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"))
        names = connection.execute(_TABLES).fetchall()
        return Sums(
            tables={f"{schema}.{name}": _sum(connection, schema, name) for schema, name in names}, next_xid=next_xid
        )


def differing(kept: dict[str, list[int | str]], found: dict[str, list[int | str]]) -> list[str]:
    """The tables whose rows or checksum are not the same, or that only one side has."""
    return sorted(name for name in kept.keys() | found.keys() if kept.get(name) != found.get(name))


def _sum(connection: psycopg.Connection[Any], schema: str, name: str) -> list[int | str]:
    query = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM ONLY {} AS t")
    rows, total = connection.execute(query.format(sql.Identifier(schema, name))).fetchone() or (0, "0")
    return [rows, total]


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]
