"""Backup and restore of a server that is not ours (DATABASE_URL): pg_dump's custom format, in one snapshot with its sums."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from linli.kit.errors import LinliError
from linli.project.postgres import binary, clean_env
from linli.project.sums import sums

FILE = "linli.dump"


class DumpFailed(LinliError):
    """pg_dump or pg_restore could not finish; the message holds its last line."""


def dump(draft: Path, url: str) -> dict[str, Any]:
    """The whole database into `draft`, with the sums of exactly the same snapshot."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        postgres = str(connection.info.parameter_status("server_version"))
        tool = _tool("pg_dump", connection.info.server_version)
        found = sums(url, snapshot=row[0])
        _run([tool, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={row[0]}",
              f"--file={draft / FILE}"], url)  # fmt: skip
    return {"kind": "dump", "postgres": postgres, "tables": found.tables, "next_xid": found.next_xid}


def load(file: Path, url: str) -> None:
    """A dump into an empty database, all or nothing."""
    with psycopg.connect(url) as connection:
        tool = _tool("pg_restore", connection.info.server_version)
    _run([tool, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file)], url)


def put_back(file: Path, url: str) -> None:
    """The dump in place of what is there; where it cannot be loaded, what is there stays."""
    with psycopg.connect(url) as connection:
        connection.execute("ALTER SCHEMA public RENAME TO linli_failed; CREATE SCHEMA public")
    try:
        load(file, url)
    except DumpFailed:
        with psycopg.connect(url) as connection:
            connection.execute("DROP SCHEMA public CASCADE; ALTER SCHEMA linli_failed RENAME TO public")
        raise
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA linli_failed CASCADE")


def is_empty(url: str) -> bool:
    """No table of anybody's."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return row == (0,)


def _tool(name: str, server: int) -> str:
    """Ours, or the one on the PATH where the server is newer than ours."""
    own = binary(name)
    if server // 10000 <= _major(own):
        return own
    theirs = shutil.which(name)
    if theirs and _major(theirs) >= server // 10000:
        return theirs
    raise DumpFailed(
        "old_tool", f"{name} for PostgreSQL {server // 10000} is needed: install postgresql-client-{server // 10000}"
    )


def _major(tool: str) -> int:
    said = subprocess.run(
        [tool, "--version"], capture_output=True, text=True, check=True, env=clean_env(os.environ)
    ).stdout
    return int(said.split()[2].split(".")[0])


def _run(command: list[str], url: str) -> None:
    """The password goes by the environment: arguments can be read by everyone on the machine."""
    given = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    env = clean_env(os.environ) | {"PGPASSWORD": given.pop("password", "")}
    command = [command[0], "--dbname=" + make_conninfo("", **given), *command[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()] or done.stderr.splitlines()
        raise DumpFailed("dump", f"{Path(command[0]).name} could not finish: {lines[0] if lines else done.returncode}")
