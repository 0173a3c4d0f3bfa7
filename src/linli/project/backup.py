"""`linli backup`: a base backup (or, for a server of one's own, a dump), described by checksums, beside the continuous log.

    <backup_dir>/base/<id>/linli.json base.tar.gz pg_wal.tar.gz backup_manifest    or    linli.json linli.dump
    <backup_dir>/wal/                                                              the log, from the first backup on

Keys are not in it: whoever takes the backup must not be able to open the secrets with it.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from linli.kit.clock import monotonic, wall
from linli.kit.errors import LinliError
from linli.project import archive
from linli.project.archive import Segment
from linli.project.dump import dump
from linli.project.postgres import Postgres, binary
from linli.project.sums import sums

NOTE = "linli.json"
_FORMAT = 1


class BackupFailed(LinliError):
    """The backup could not be made; nothing half-made is left and the older ones are untouched."""


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A whole backup: where it lies, and its description."""

    path: Path
    note: dict[str, Any]

    @property
    def finished_at(self) -> datetime:
        return datetime.fromisoformat(self.note["finished_at"])

    @property
    def start(self) -> Segment:
        """The first segment of the log that a recovery from here needs."""
        return Segment.at(self.note["timeline"], self.note["start_lsn"])


def backups(folder: Path) -> list[Backup]:
    """The whole ones, oldest first; a folder without its description is not one."""
    notes = sorted((folder / "base").glob(f"[0-9]*/{NOTE}"))
    return [Backup(path=path.parent, note=json.loads(path.read_text())) for path in notes]


def take(*, folder: Path, url: str, server: Postgres | None, key: str, keep: int | None, log: bool = False) -> Backup:
    """Make a backup of the running database; `keep` prunes older ones, `log` turns the continuous log on from here.

    BackupFailed leaves nothing half-made. `key` is the id of the master key that its secrets need.
    """
    with _alone(folder):
        for stale in (folder / "base").glob(".*.draft"):
            shutil.rmtree(stale)
        begun, clock = wall(), monotonic()
        draft = folder / "base" / f".{begun:%Y%m%dT%H%M%S%fZ}.draft"
        draft.mkdir(mode=0o700)
        try:
            note = _base(draft, server, log=log) if server is not None else dump(draft, url)
            note |= {
                "format": _FORMAT, "begun_at": begun.isoformat(), "finished_at": wall().isoformat(), "key": key,
                "version": version("linli"), "seconds": round(monotonic() - clock, 1), "files": _files(draft),
            }  # fmt: skip
            note["bytes"] = sum(one["bytes"] for one in note["files"].values())
            write_durably(draft / NOTE, json.dumps(note, indent=1).encode())
        except (OSError, psycopg.Error, subprocess.SubprocessError) as error:
            shutil.rmtree(draft, ignore_errors=True)
            raise BackupFailed("backup", f"the backup could not be made, older ones are untouched: {error}") from error
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        whole = draft.with_name(draft.name.removeprefix(".").removesuffix(".draft"))
        draft.rename(whole)
        sync(whole.parent)
        if keep is not None:
            _prune(folder, keep)
        return Backup(path=whole, note=note)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "base").mkdir(exist_ok=True, mode=0o700)
        lock = (folder / "backup.lock").open("w")
    except OSError as error:
        raise BackupFailed(
            "backup_dir", f"{folder} cannot be written ({error.strerror}): set LINLI_BACKUP_DIR"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupFailed("backup_runs", f"another backup is being written to {folder}: wait for it") from error
        yield


def _base(draft: Path, server: Postgres, *, log: bool) -> dict[str, Any]:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        if log:
            archive.open_slot(connection)
        row = connection.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone()
        assert row is not None
        postgres = connection.info.parameter_status("server_version")
    found = sums(server.url())
    done = subprocess.run(
        [binary("pg_basebackup"), "-D", str(draft), "--format=tar", "--gzip", "--compress=1", "--wal-method=stream",
         "--checkpoint=fast", "--manifest-checksums=SHA256", "--no-password", "-h", str(server.home), "-U", "linli"],
        env=archive.client_env(server), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BackupFailed("basebackup", f"pg_basebackup could not finish: {_last(done.stderr)}")
    span = json.loads((draft / "backup_manifest").read_text())["WAL-Ranges"][-1]
    return {
        "kind": "base", "system": row[0], "postgres": postgres, "timeline": span["Timeline"],
        "start_lsn": span["Start-LSN"], "end_lsn": span["End-LSN"], "tables": found.tables, "next_xid": found.next_xid,
    }  # fmt: skip


def _files(draft: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted(draft.iterdir()):
        path.chmod(0o600)
        with path.open("rb") as file:
            found[path.name] = {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    return found


def _prune(folder: Path, keep: int) -> None:
    every = backups(folder)
    for old in every[:-keep]:
        (old.path / NOTE).unlink()  # first: what is half removed is no backup any more
        shutil.rmtree(old.path)
    kept = [one for one in every[-keep:] if one.note["kind"] == "base"]
    if kept:
        archive.prune(folder / "wal", min(one.start for one in kept))
        if len(every) >= keep:
            for aside in folder.glob("wal-until-*"):
                if aside.stat().st_mtime < kept[0].finished_at.timestamp():
                    shutil.rmtree(aside)


def write_durably(path: Path, content: bytes) -> None:
    """The whole file or none, also after a power cut; mode 0600."""
    draft = path.with_name(f"{path.name}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make a rename in the folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
