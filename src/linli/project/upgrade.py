"""Tables brought up to date, by `linli up` and `linli upgrade` alike: back up, migrate with time-outs, verify, or go back.

`<data_dir>/upgrade.json` names the migration under way: what a killed upgrade had begun is known at the next start. Only a
migration without a transaction can be half there; its invalid indexes are removed and it runs again.
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.core.management import call_command
from django.core.management.commands.migrate import Command
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.migration import Migration
from psycopg import sql

from linli.kit.clock import wall
from linli.kit.errors import LinliError
from linli.kit.sealing import key_id, load_master_key
from linli.kit.settings import Settings
from linli.project import dump, tables
from linli.project.backup import Backup, take, write_durably
from linli.project.postgres import Postgres
from linli.project.restore import finish_going_back, judge, rebuild, settle, verify
from linli.project.sums import sums

_LOCK_TIMEOUT_S = 5
_PATIENCE = (1, 2, 4)  # seconds between tries when somebody holds a table
_NOTE = "upgrade.json"


class UpgradeFailed(LinliError):
    """The tables are as they were before, or the message says what to do."""


def bring_up_to_date(settings: Settings, server: Postgres | None) -> list[str]:
    """Apply what waits; returns what was done, as sentences. UpgradeFailed when it could not be, and all is as before."""
    interrupted = _interrupted(settings)
    with _timeouts(settings):
        said = _mend(interrupted, tables.plan())
        waiting = [tables.label(one) for one in tables.plan()]
        if not waiting:
            _forget(settings)
            return said
        before = tables.applied()
        kept = _back_up(settings, server) if before else None
        if kept is not None:
            said.append(f"backed up to {kept.path}")
        try:
            _migrate(settings, journal=bool(before))
            _verify()
        except Exception as error:  # whatever a migration raises, we go back
            failed = _first_sentence(error)
            connection.close()
            raise _gone_back(settings, server, kept, before, interrupted, failed) from error
    _forget(settings)
    return [
        *said,
        f"applied {len(waiting)} migrations, the last is {waiting[-1]}; tables, indexes and constraints are valid",
    ]


class _Journalled(Command):
    """Django's migrate, which tells us before and after each migration."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def migration_progress_callback(self, action: str, migration: Migration | None = None, *_: object) -> None:
        if action == "apply_start" and migration is not None:
            note = {"migration": tables.label(migration), "atomic": migration.atomic, "at": wall().isoformat()}
            write_durably(self._settings.data_dir / _NOTE, json.dumps(note).encode())


def _migrate(settings: Settings, *, journal: bool) -> None:
    command = _Journalled(settings) if journal else Command()
    for pause in (*_PATIENCE, None):
        try:
            call_command(command, verbosity=0, interactive=False)
        except DatabaseError as error:
            if pause is None or not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise
            time.sleep(pause)
        else:
            return


def _verify() -> None:
    found = tables.look()
    if not found.well:
        wrong = [*found.unapplied, *(name for _, name in found.invalid_indexes), *found.unproven]
        raise UpgradeFailed("verify", f"after it these are not valid: {', '.join(wrong[:5])}")


@contextmanager
def _timeouts(settings: Settings) -> Iterator[None]:
    """No migration waits long for a lock, with all who come after it waiting too, and none runs for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{_LOCK_TIMEOUT_S}s"])
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{settings.migration_timeout_s}s"])
    try:
        yield
    finally:
        connection.close()


def _mend(interrupted: dict[str, Any] | None, waiting: Iterable[Migration]) -> list[str]:
    """Invalid indexes: of a migration that will run again they are removed, else they are built anew."""
    coming = {getattr(getattr(step, "index", None), "name", None) for one in waiting for step in one.operations}
    half = interrupted is not None and not interrupted["atomic"]
    said = []
    for schema, name in tables.invalid_indexes():
        remove = half or name in coming or "_ccnew" in name or "_ccold" in name
        words = "DROP INDEX CONCURRENTLY {}" if remove else "REINDEX INDEX CONCURRENTLY {}"
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(words).format(sql.Identifier(schema, name)).as_string(cursor.connection))
        said.append(
            f"the half-made index {name} was {'removed, its migration makes it again' if remove else 'built anew'}"
        )
    return said


def _back_up(settings: Settings, server: Postgres | None) -> Backup:
    return take(
        folder=settings.backup_dir, url=settings.database_url, server=server,
        key=key_id(load_master_key(settings.master_key_file)).hex(), keep=settings.backup_keep, log=False,
    )  # fmt: skip


def _gone_back(
    settings: Settings,
    server: Postgres | None,
    kept: Backup | None,
    before: set[str],
    interrupted: dict[str, Any] | None,
    failed: str,
) -> UpgradeFailed:
    """Undo what was applied; the sentence for the administrator."""
    note = _interrupted(settings) or {"migration": "the first migration", "atomic": True}
    what = f"the upgrade failed at {note['migration']} ({failed})"
    if kept is None:
        return UpgradeFailed("upgrade", f"{what}; the database is new: mend the cause and start again")
    half = interrupted is not None and not interrupted["atomic"] and interrupted["migration"] == note["migration"]
    if half:
        return UpgradeFailed(
            "half_applied",
            f"{what}; it was interrupted half-way at {interrupted['at'] if interrupted else ''} and cannot run twice: restore the"
            f" backup made before that (the one before {kept.path.name}) with `linli restore`, and upgrade that",
        )
    if note["atomic"] and tables.applied() == before:
        connection.close()
        return UpgradeFailed("upgrade", f"{what}; nothing was changed: the former version runs on these tables")
    connection.close()
    go_back(settings, server, kept)
    _forget(settings)
    return UpgradeFailed(
        "went_back", f"{what}; all is as it was before, the former version runs on it, the backup is {kept.path}"
    )


def go_back(settings: Settings, server: Postgres | None, kept: Backup) -> None:
    """The database as the backup has it, checked row by row before it takes the place of the failed one."""
    verify(kept)
    if server is None:
        dump.put_back(kept.path / dump.FILE, settings.database_url)
        judge(kept, sums(settings.database_url).tables, quiet=True)
        return
    server.stop()
    draft = settings.data_dir / "postgres.draft"
    rebuild(kept, draft, log=[])
    restored = Postgres(draft, durable=False)
    restored.start()
    try:
        judge(kept, sums(restored.url()).tables, quiet=True)
    finally:
        restored.stop()
    settle(draft, settings.data_dir / "postgres.back")
    finish_going_back(settings.data_dir)


def _interrupted(settings: Settings) -> dict[str, Any] | None:
    """The migration that was under way when the last upgrade died, unless it was recorded after all."""
    path = settings.data_dir / _NOTE
    if not path.exists():
        return None
    note: dict[str, Any] = json.loads(path.read_text())
    return None if note["migration"] in tables.applied() else note


def _forget(settings: Settings) -> None:
    (settings.data_dir / _NOTE).unlink(missing_ok=True)


def _first_sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
