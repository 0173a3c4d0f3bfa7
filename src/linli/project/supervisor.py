"""`linli up`: PostgreSQL, console, ingress and workers as children; a dead child is started again, Ctrl-C stops all."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from types import FrameType

from linli.kit.errors import LinliError
from linli.kit.settings import Settings
from linli.project.postgres import Postgres

log = logging.getLogger(__name__)


class CannotStart(LinliError):
    """One clear sentence why Linli cannot run."""


@dataclass
class Child:
    """One supervised process."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)
    once: bool = False  # ends by itself when its work is done

    def start(self) -> None:
        self.started = [*self.started[-9:], time.monotonic()]
        self.process = subprocess.Popen(self.command, start_new_session=True)

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
    return [
        Child(
            "ingress",
            [*granian, "--port", str(settings.ingress_port), "--interface", "asgi", "--factory",
             "linli.ingress.app:application"],
        ),
        Child(
            "console",
            [*granian, "--port", str(settings.console_port), "--interface", "wsgi", "--blocking-threads", "4",
             "linli.project.wsgi:application"],
        ),
        *(Child(name, [*own, name]) for name in ("drain", "welcome", "deliver", "worker")),
    ]  # fmt: skip


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

    def __init__(self, crew: list[Child], postgres: Postgres | None = None) -> None:
        self.crew = crew
        self._postgres = postgres
        self._stop = threading.Event()

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
        """Until Ctrl-C or SIGTERM: a child that died is started again."""
        self.listen()
        while not self._stop.wait(0.2):
            self.mend()
        self.halt()

    def mend(self) -> None:
        """Start again what died: PostgreSQL first, with its data; the others wait for it by themselves."""
        if self._postgres is not None and self._postgres.died() and not self._stop.is_set():
            log.error("PostgreSQL ended; starting it again")
            self._postgres.start()
        for child in self.crew:
            if child.process is None or child.process.poll() is None or self._stop.is_set():
                continue
            if not (child.once and child.process.returncode == 0):
                log.error("%s ended (%s); starting it again", child.name, child.process.returncode)
                self._stop.wait(child.pause)
                child.start()

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
