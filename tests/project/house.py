"""A house of its own for the tests that break it: commands as an administrator gives them, in a directory of their own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

from linli.project.postgres import Postgres

ROOT = Path(__file__).resolve().parents[2]
BASE = Path("/var/lib/linli") if os.geteuid() == 0 else Path(tempfile.gettempdir())


@dataclass
class House:
    """Its folder holds `data` (the data directory) and `backups`."""

    folder: Path
    env: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return Path(self.env["LINLI_DATA_DIR"])

    @property
    def backups(self) -> Path:
        return Path(self.env["LINLI_BACKUP_DIR"])

    @property
    def server(self) -> Postgres:
        return Postgres(self.data / "postgres", durable=False)

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*words), env=self.env | env, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
        )

    def well(self, *words: str, **env: str) -> str:
        done = self.run(*words, **env)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def refused(self, *words: str, **env: str) -> str:
        """The one sentence with which a command refuses."""
        done = self.run(*words, **env)
        assert done.returncode == 1, done.stderr + done.stdout
        assert done.stderr.startswith("linli: "), done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    def up(self, **env: str) -> subprocess.Popen[bytes]:
        """`linli up`, until it answers; a busy machine takes its time to begin."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command("up"), env=self.env | env, cwd=ROOT, stdout=log, stderr=log)
        self.running.append(process)
        self.until(lambda: self.answers("LINLI_CONSOLE_PORT") and self.answers("LINLI_INGRESS_PORT"), 300)
        return process

    def until(self, holds: Callable[[], object], limit_s: float = 120) -> None:
        """Wait for it, as long as the house runs."""

        def now() -> bool:
            assert self.running[-1].poll() is None, self.told()
            return bool(holds())

        soon(now, self.told, limit_s)

    def down(self) -> None:
        process = self.running.pop()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, self.told()

    def told(self) -> str:
        return self.log()[-4000:]

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def answers(self, port: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.env[port]}/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def pids(self, word: str = "") -> list[int]:
        """Living processes of this house, the database's own ones too."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                words = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environ = (place / "environ").read_bytes()
            except OSError:
                continue
            if (str(self.folder) in words or f"={self.folder}".encode() in environ) and word in words:
                found.append(int(place.name))
        return [pid for pid in found if pid != os.getpid()]

    def kill_up(self) -> None:
        """kill -9 of the supervisor alone."""
        process = self.running.pop()
        process.kill()
        process.wait(10)

    def kill_all(self) -> None:
        """kill -9 of everything at once, as a power cut does."""
        for pid in self.pids():
            kill(pid)
        for process in self.running:
            process.wait(10)
        self.running.clear()
        soon(lambda: not self.pids(), lambda: str(self.pids()))

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            yield connection


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "linli.project.cli", *words]


@contextmanager
def a_house(seed: Path | None = None, *, kind: type[House] = House, **env: str) -> Iterator[Any]:
    """An empty one, or one whose data directory is a copy of `seed`; killed and removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="keep-", dir=BASE))
    folder.chmod(0o755)
    console, ingress = free_ports(2)
    own = {
        "LINLI_DATA_DIR": str(folder / "data"), "LINLI_BACKUP_DIR": str(folder / "backups"),
        "LINLI_CONSOLE_PORT": console, "LINLI_INGRESS_PORT": ingress, "PYTHONPATH": f"{ROOT}/src:{ROOT}",
        "LINLI_KEYS_PASSPHRASE": "correct horse battery", "LINLI_FSYNC": "0",
        "LINLI_PRIVATE_NETWORKS": "127.0.0.1",
    }  # fmt: skip
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("LINLI_") and key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    house = kind(folder, kept | own | env)
    if seed is not None:
        subprocess.run(["cp", "-a", str(seed), str(house.data)], check=True)
    try:
        yield house
    finally:
        house.kill_all()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_database(template: str = "template1") -> Iterator[str]:
    """A database of its own on the test session's server."""
    server, name = os.environ["DATABASE_URL"], f"start_{os.urandom(4).hex()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def free_ports(count: int) -> list[str]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [str(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def soon(holds: Callable[[], bool], told: Callable[[], str] = lambda: "it did not come", limit_s: float = 60) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(0.1)
