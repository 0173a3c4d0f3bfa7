"""`linli up`: PostgreSQL, console, ingress and workers as children; a dead child is started again, Ctrl-C stops all."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import psycopg

from linli.kit.errors import LinliError
from linli.kit.heartbeat import beat_file
from linli.kit.kin import tied
from linli.kit.settings import CONSOLE_THREADS, Settings, read_settings
from linli.project.postgres import Postgres, PostgresFailed

_AGAIN_S = 2
_FULL_BYTES = 32 * 1024 * 1024  # two segments of PostgreSQL's log

_LOOKED_AWAY_S = 5.0
_STARTING = 5  # a start on a busy machine may take so many times as long as a sign of life

log = logging.getLogger(__name__)


class CannotStart(LinliError):
    """One clear sentence why Linli cannot run."""


@dataclass
class Child:
    """One supervised process. With `beat_file` it shows that it lives by touching that file; else only its end is seen."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)
    once: bool = False  # ends by itself when its work is done
    beat_file: Path | None = None
    ended_at: float | None = None
    has_beaten: bool = False
    _beat: int = 0
    _heard_at: float = 0.0

    def start(self) -> None:
        self._end_rest()
        self.started, self.ended_at = [*self.started[-9:], time.monotonic()], None
        env = dict(os.environ)
        if self.beat_file is not None:
            self.beat_file.parent.mkdir(parents=True, exist_ok=True)
            env["LINLI_BEAT_FILE"] = str(self.beat_file)
        self.process = subprocess.Popen(tied(self.command), start_new_session=True, env=env)
        self._heard_at, self._beat, self.has_beaten = time.monotonic(), self._last_beat(), False

    def kill(self) -> None:
        """At once, with all that belongs to it; also one that is stopped."""
        if self.process is not None:
            self._end_rest()
            self.process.wait()

    def _end_rest(self) -> None:
        """A server's workers outlive it when it is killed, and would keep its port and its work."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def silent_s(self, *, watched: bool) -> float:
        """Seconds without a sign of life; 0 when nobody looked meanwhile, for then we were the ones who stood still."""
        if self.beat_file is None:
            return 0.0
        beat = self._last_beat()
        if beat != self._beat or not watched:
            self.has_beaten |= beat != self._beat
            self._beat, self._heard_at = beat, time.monotonic()
        return time.monotonic() - self._heard_at

    def _last_beat(self) -> int:
        """When the file was touched; only its change counts, so a clock that is moved does no harm."""
        return self.beat_file.stat().st_mtime_ns if self.beat_file is not None and self.beat_file.exists() else 0

    @property
    def pause(self) -> float:
        """Seconds before the next start: none for a first death, up to 10 for one that dies at once again and again."""
        recent = [at for at in self.started if at > time.monotonic() - 60]
        return min(10.0, 0.25 * 2 ** max(0, len(recent) - 2)) if len(recent) > 1 else 0.0


def children(settings: Settings) -> list[Child]:
    """The processes of one house, in the order in which they start."""
    python = sys.executable
    granian = [python, "-m", "granian", "--host", settings.host, "--workers", "1", "--no-ws", "--log-level", "error"]
    own = [python, "-m", "linli.project.cli"]
    commands = {
        "ingress": [*granian, "--port", str(settings.ingress_port), "--interface", "asgi", "--factory",
                    "linli.ingress.app:application"],
        "console": [*granian, "--port", str(settings.console_port), "--interface", "wsgi", "--blocking-threads", str(CONSOLE_THREADS),
                    "linli.project.wsgi:application"],
        **{name: [*own, name] for name in ("drain", "welcome", "deliver", "worker")},
        "keeper": [python, "-m", "linli.project.keeper"],
    }  # fmt: skip
    return [Child(name, command, beat_file=beat_file(settings.data_dir, name)) for name, command in commands.items()]


def told_full(folder: Path) -> str:
    """One sentence when the disk of the data is full, "" otherwise."""
    free = shutil.disk_usage(folder).free
    if free >= _FULL_BYTES:
        return ""
    return (
        f"the disk of {folder} is full ({free // 1024} KB free): callbacks are not taken in, nothing that was is lost;"
        " make room, and everything goes on by itself"
    )


def check_port(settings: Settings, port: int, variable: str) -> None:
    """Refuse early, in one sentence, when somebody already listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, port))
        except OSError as error:
            raise CannotStart(
                "port", f"port {port} on {settings.host} is taken ({error.strerror}): free it, or set {variable}"
            ) from error


class Supervisor:
    """Starts children, watches them, stops them. `stop` may be called from any thread."""

    def __init__(
        self, crew: list[Child], postgres: Postgres | None = None, *, hang_limit_s: float | None = None
    ) -> None:
        self.crew = crew
        self.postgres = postgres
        self._hang_limit_s = read_settings().hang_limit_s if hang_limit_s is None else hang_limit_s
        self._looked_at = time.monotonic()
        self._stop = threading.Event()
        self._next_try = self._next_look = 0.0
        self._full = ""

    def start(self) -> None:
        for child in self.crew:
            child.start()

    def listen(self) -> None:
        """From here on Ctrl-C and SIGTERM ask for the end instead of tearing things apart."""
        signal.signal(signal.SIGTERM, self._asked)
        signal.signal(signal.SIGINT, self._asked)

    @property
    def asked_to_stop(self) -> bool:
        return self._stop.is_set()

    def watch(self) -> None:
        """Until Ctrl-C or SIGTERM: a child that died or hangs is started again. Whatever goes wrong, none is left behind."""
        self.listen()
        try:
            while not self._stop.wait(0.2):
                self.mend()
                self._watch_disk()
        finally:
            self.halt()

    def mend(self) -> None:
        """Start again what died: PostgreSQL first, with its data; the others wait for it by themselves."""
        if self.postgres is not None and self.postgres.died() and not self._stop.is_set():
            self._mend(self.postgres)
        watched = time.monotonic() - self._looked_at < _LOOKED_AWAY_S
        for child in self.crew:
            if child.process is None or self._stop.is_set():
                continue
            if child.process.poll() is None:
                self._see_that_it_lives(child, watched=watched)
            elif not (child.once and child.process.returncode == 0):
                self._begin_again(child)
        self._looked_at = time.monotonic()

    def _see_that_it_lives(self, child: Child, *, watched: bool) -> None:
        limit = self._hang_limit_s * (1 if child.has_beaten else _STARTING)
        if child.silent_s(watched=watched) > limit > 0:
            log.error("%s gave no sign of life for %g s; ending it", child.name, self._hang_limit_s)
            child.kill()

    def _begin_again(self, child: Child) -> None:
        """After its pause, without waiting for it here: the others may need mending meanwhile."""
        if child.ended_at is None:
            child.ended_at = time.monotonic()
            assert child.process is not None
            log.error("%s ended (%s); starting it again", child.name, child.process.returncode)
        if time.monotonic() >= child.ended_at + child.pause:
            child.start()

    def _watch_disk(self) -> None:
        """Said once when the disk is full, and once when there is room again."""
        if self.postgres is None or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _AGAIN_S
        full = told_full(self.postgres.home)
        if bool(full) != bool(self._full):
            log.error("%s", full or "there is room on the disk again")
        self._full = full

    def _mend(self, postgres: Postgres) -> None:
        """It may not come back at once, for example while the disk is full: the house stays, and tries until it does."""
        if time.monotonic() < self._next_try:
            return
        self._next_try = time.monotonic() + _AGAIN_S
        log.error("PostgreSQL ended; starting it again")
        try:
            postgres.start()
        except (PostgresFailed, OSError, psycopg.Error) as error:
            log.warning("%s; the next try comes in %s s", str(error).splitlines()[0], _AGAIN_S)
            postgres.stop()

    def halt(self) -> None:
        """Ask every child to end, wait, then insist."""
        self._stop.set()
        for child in reversed(self.crew):
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + 15
        for child in self.crew:
            if child.process is not None:
                try:
                    child.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    os.killpg(child.process.pid, signal.SIGKILL)
                    child.process.wait()

    def _asked(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop.set()
