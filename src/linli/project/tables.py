"""What the tables must be: every migration applied, every index and constraint valid. Django is set up by whoever asks."""

from dataclasses import dataclass

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

# A partitioned index holds nothing itself: its parts are looked at one by one.
_INVALID = """
SELECT schema.nspname, class.relname FROM pg_index JOIN pg_class AS class ON class.oid = indexrelid
JOIN pg_namespace AS schema ON schema.oid = relnamespace
WHERE NOT (indisvalid AND indisready) AND class.relkind = 'i' AND schema.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2
"""
_UNPROVEN = """
SELECT conrelid::regclass || '.' || conname FROM pg_constraint
WHERE NOT convalidated AND connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) ORDER BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What is not as it must be; three empty tuples are well. Indexes are (schema, name)."""

    unapplied: tuple[str, ...]
    invalid_indexes: tuple[tuple[str, str], ...]
    unproven: tuple[str, ...]

    @property
    def well(self) -> bool:
        return not (self.unapplied or self.invalid_indexes or self.unproven)


def look() -> Tables:
    """The tables as they are."""
    return Tables(
        unapplied=tuple(label(one) for one in plan()),
        invalid_indexes=invalid_indexes(),
        unproven=tuple(name for (name,) in _rows(_UNPROVEN)),
    )


def plan() -> list[Migration]:
    """The migrations that wait, in their order."""
    executor = MigrationExecutor(connection)
    return [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def applied() -> set[str]:
    """The migrations that the database has recorded."""
    return {f"{app}.{name}" for app, name in MigrationExecutor(connection).loader.applied_migrations}


def invalid_indexes() -> tuple[tuple[str, str], ...]:
    """What an interrupted CREATE INDEX CONCURRENTLY leaves: kept up at each write, used by no query."""
    return tuple((schema, name) for schema, name in _rows(_INVALID))


def label(migration: Migration) -> str:
    """ "app.0002_name" """
    return f"{migration.app_label}.{migration.name}"


def _rows(query: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
