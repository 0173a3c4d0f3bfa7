"""`linli restore`: a house built anew from a backup and the log, in an empty directory; whole, or not at all."""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from linli.kit.clock import monotonic
from linli.kit.errors import LinliError
from linli.project import archive, dump
from linli.project.backup import Backup, backups, sync
from linli.project.postgres import Postgres, PostgresFailed, binary, clean_env, new_password, own
from linli.project.sums import differing, sums

_DRAFT = "postgres.draft"
_TRUST = "local all all trust\n"  # only for the check, on a socket in a directory that nobody else can enter


class RestoreFailed(LinliError):
    """The house could not be restored; what had been begun is removed, the backup is untouched."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came back; `log` and `checked` are said to the administrator."""

    backup: Backup
    seconds: float
    log: str
    rows: int
    tables: int
    checked: str


def restore(*, source: Path, into: Path, until: datetime | None = None) -> Restored:
    """Verify first, recover to the end of the log or to `until`, check every table; RestoreFailed leaves nothing half-made."""
    begun = monotonic()
    existed = into.exists()
    _must_be_empty(into)
    chosen, folder = _choose(source, until)
    verify(chosen)
    if chosen.note["kind"] == "dump":
        return _load(chosen, begun, until)
    log = _log(chosen, folder, until)
    draft = into / _DRAFT
    try:
        into.mkdir(parents=True, exist_ok=True)
        next_xid = rebuild(chosen, draft, log=log, until=until)
        checked, rows, tables = _check(chosen, draft, quiet=next_xid == chosen.note["next_xid"])
        settle(draft, into / "postgres")
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        if not existed:
            shutil.rmtree(into, ignore_errors=True)
        if isinstance(error, OSError | tarfile.TarError | subprocess.SubprocessError):
            raise RestoreFailed("restore", f"the house could not be restored: {error}") from error
        raise
    said = f"with {len(log)} segments of the log" if log else "without a log: as it was when the backup ended"
    return Restored(backup=chosen, seconds=monotonic() - begun, log=said, rows=rows, tables=tables, checked=checked)


def settle(draft: Path, home: Path) -> None:
    """The draft was made without fsync: now it becomes durable, then it takes its place."""
    subprocess.run(["sync", "-f", str(draft)], check=True)
    draft.rename(home)
    sync(home.parent)


def finish_going_back(data_dir: Path) -> None:
    """Before the server starts: a whole restored cluster waits as `postgres.back` when a going back was killed."""
    back, home, failed = data_dir / "postgres.back", data_dir / "postgres", data_dir / "postgres.failed"
    if not back.exists():
        return
    if home.exists():
        shutil.rmtree(failed, ignore_errors=True)
        home.rename(failed)
    back.rename(home)


def verify(backup: Backup) -> None:
    """Every file is there and is, byte for byte, what was written."""
    for name, known in backup.note["files"].items():
        path = backup.path / name
        if not path.exists():
            raise RestoreFailed("missing", f"{path} is missing: this backup cannot be used, take an older one")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != known["sha256"]:
                raise RestoreFailed(
                    "corrupt", f"{path} is damaged (its checksum differs): take an older backup or another copy"
                )


def rebuild(backup: Backup, home: Path, *, log: list[Path], until: datetime | None = None) -> int:
    """The cluster of a verified base backup under `home`, recovered and stopped, with a password of its own.

    Returns the number that the next writing transaction had at the end of the recovery.
    """
    shutil.rmtree(home, ignore_errors=True)
    data, wal = home / "pgdata", home / "archive"
    data.mkdir(parents=True, mode=0o700)
    _unpack(backup.path / "base.tar.gz", data)
    _unpack(backup.path / "pg_wal.tar.gz", data / "pg_wal")
    shutil.copy2(backup.path / "backup_manifest", data)
    _verify_pages(data)
    wal.mkdir()
    for path in [*log, *(log[0].parent.glob("*.history") if log else ())]:
        shutil.copyfile(path, wal / path.name.removesuffix(".partial"))
    (home / "trust.conf").write_text(_TRUST)
    (data / "recovery.signal").touch()
    server = Postgres(home, durable=False, extra=_recovery(home, wal, until))
    own(home)
    try:
        next_xid = server.recover()
        new_password(server)
    except PostgresFailed as error:
        raise RestoreFailed("recovery", _why(error, until)) from error
    finally:
        server.stop()
    shutil.rmtree(wal)
    (home / "trust.conf").unlink()
    return next_xid


def _must_be_empty(into: Path) -> None:
    shutil.rmtree(into / _DRAFT, ignore_errors=True)  # what a restore that was killed had begun
    if into.exists() and (not into.is_dir() or any(path.suffix != ".key" for path in into.iterdir())):
        raise RestoreFailed(
            "not_empty", f"{into} is not empty: restore into an empty directory, then change LINLI_DATA_DIR"
        )


def _choose(source: Path, until: datetime | None) -> tuple[Backup, Path]:
    """The newest backup that was finished before the moment, and the folder with its log."""
    folder = source.parent.parent if (source / "linli.json").exists() else source
    found = [one for one in backups(folder) if source in (one.path, folder)]
    if not found:
        raise RestoreFailed("no_backup", f"no whole backup lies in {source}")
    fitting = [one for one in found if until is None or one.finished_at <= until]
    if not fitting:
        raise RestoreFailed(
            "too_early", f"the oldest backup ends at {found[0].finished_at:%Y-%m-%d %H:%M} UTC, after that moment"
        )
    return fitting[-1], folder


def _log(backup: Backup, folder: Path, until: datetime | None) -> list[Path]:
    files, missing = archive.chain(folder / "wal", backup.start)
    if missing is None:
        return files
    if files and until is not None and until.timestamp() < files[-1].stat().st_mtime:
        return files
    whole = datetime.fromtimestamp(files[-1].stat().st_mtime, UTC) if files else backup.finished_at
    raise RestoreFailed(
        "log_hole",
        f"the log has a hole: {missing.name} is missing in {folder / 'wal'}; it is whole until {whole:%Y-%m-%d %H:%M:%S} UTC:"
        " give --until a moment before that, or put the file back",
    )


def _unpack(file: Path, into: Path) -> None:
    into.mkdir(exist_ok=True, mode=0o700)
    with tarfile.open(file) as tar:
        tar.extractall(into, filter="data")


def _verify_pages(data: Path) -> None:
    """PostgreSQL's own look at what was unpacked: every file by its manifest, and the log that belongs to it."""
    command = [binary("pg_verifybackup"), "--quiet", "--exit-on-error", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean_env(os.environ))
    if done.returncode:
        raise RestoreFailed("corrupt", f"PostgreSQL finds the backup damaged: {done.stderr.strip().splitlines()[0]}")
    (data / "backup_manifest").unlink()


def _recovery(home: Path, wal: Path, until: datetime | None) -> dict[str, str]:
    settings = {
        "restore_command": f"cp {wal}/%f %p",
        "recovery_target_timeline": "latest",
        "recovery_target_action": "promote",
        "hba_file": str(home / "trust.conf"),
    }
    if until is not None:
        settings["recovery_target_time"] = until.astimezone(UTC).isoformat()
    return settings


def _check(backup: Backup, draft: Path, *, quiet: bool) -> tuple[str, int, int]:
    """Read every row of every table; where nothing was written after the backup, all must be what it was."""
    server = Postgres(draft, durable=False)
    try:
        server.start()
        found = sums(server.url())
    finally:
        server.stop()
    rows = sum(int(one[0]) for one in found.tables.values())
    checked = judge(backup, found.tables, quiet=quiet)
    (draft / "up.lock").unlink(missing_ok=True)
    return checked, rows, len(found.tables)


def judge(backup: Backup, tables: dict[str, list[int | str]], *, quiet: bool) -> str:
    """The sentence about the check; RestoreFailed when a quiet house did not come back as it was."""
    wrong = differing(backup.note["tables"], tables)
    if not quiet:
        return "every table was read to its end; the house was at work, so its sums have moved on since the backup"
    if wrong:
        raise RestoreFailed(
            "differs", f"restored, but {', '.join(wrong[:5])} are not what they were: take another backup"
        )
    return "every table has the rows and the checksum that it had"


def _load(backup: Backup, begun: float, until: datetime | None) -> Restored:
    """A dump goes into the empty database that DATABASE_URL names."""
    url = os.environ.get("DATABASE_URL", "")
    if until is not None:
        raise RestoreFailed(
            "until", "a dump has no log: it knows only the moment at which it was made; leave --until away"
        )
    if not url or not dump.is_empty(url):
        raise RestoreFailed("database_url", "this backup is a dump: let DATABASE_URL name an empty database for it")
    dump.load(backup.path / dump.FILE, url)
    found = sums(url)
    checked = judge(backup, found.tables, quiet=True)
    rows = sum(int(one[0]) for one in found.tables.values())
    return Restored(
        backup=backup,
        seconds=monotonic() - begun,
        log="from a dump",
        rows=rows,
        tables=len(found.tables),
        checked=checked,
    )


def _why(error: PostgresFailed, until: datetime | None) -> str:
    if "recovery ended before configured recovery target was reached" in str(error) and until is not None:
        last = re.findall(r"last completed transaction was at log time (\S+ \S+)", str(error))
        return f"the log ends before {until:%Y-%m-%d %H:%M:%S %Z}" + (
            f": its last entry is of {last[-1]} UTC" if last else ""
        )
    return f"PostgreSQL could not recover: {str(error).strip().splitlines()[-1]}"
