"""The stage of one lane: a directory, PostgreSQL, a sandbox, and Linli's processes, set back to one beginning for each seed."""

import contextlib
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import uvicorn

from linli.ingress.app import application
from linli.project import processes
from linli.project.postgres import Postgres
from linli_chaos.forks import fork
from linli_demo.sandbox import Sandbox, wait
from wecom_sandbox.server import Options, listen
from wecom_sandbox.server import Sandbox as StandIn

HERE = "127.0.0.1"
START = 1_291_161_600.0  # 2010-12-01 in China


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Stage:
    """Everything that one lane has; `deaths` counts by name what died and was started again."""

    folder: Path
    server: Postgres
    sandbox_port: int
    ingress_port: int
    begun: str = "begun"
    starts: float = START
    kill_at: str = ""
    deaths: dict[str, int] = field(default_factory=dict)
    crew: dict[str, int] = field(default_factory=dict)
    stand_in: int = 0
    _open: psycopg.Connection[Any] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def saved(self) -> Path:
        """The sandbox as it stood at the beginning; the database of this name is Linli then."""
        return self.folder / f"{self.begun}.json"

    def roles(self) -> dict[str, Callable[[], object]]:
        """Linli's processes, as `linli up` has them; the console is not needed."""
        return {
            "ingress": self._ingress,
            "drain": processes.run_drain,
            "welcome": processes.run_welcome,
            "deliver": processes.run_deliver,
            "worker": processes.run_worker,
        }

    def set_back(self) -> Sandbox:
        """Begin anew: the database and the sandbox as they stood at the beginning, nothing running but they."""
        self.stop(save=False)
        for noted in ("killed", "clock", "audit.head"):  # the last names a seal of a database that is no more
            (self.folder / noted).unlink(missing_ok=True)
        self.copy_database(self.begun, "linli")
        state = self.folder / "sandbox.json"
        shutil.copy(self.saved, state)
        return self.start_sandbox(state)

    def start_sandbox(self, state: Path) -> Sandbox:
        """A stand-in for WeCom, from a saved world or a new one."""
        listener = listen(HERE, self.sandbox_port)
        options = Options(self.folder / "clock", state, self.starts)

        def serve() -> None:
            config = uvicorn.Config(
                StandIn(options).app(), log_level="critical", access_log=False, timeout_graceful_shutdown=1
            )
            uvicorn.Server(config).run(sockets=[listener])

        self.stand_in = fork(serve, log=self.log)
        listener.close()
        return wait(f"http://{HERE}:{self.sandbox_port}")

    def stop_sandbox(self, *, save: bool = True) -> None:
        """Let it save and leave, or end it where nobody wants its world any more."""
        if self.stand_in:
            os.kill(self.stand_in, signal.SIGTERM if save else signal.SIGKILL)
            os.waitpid(self.stand_in, 0)
            self.stand_in = 0

    def start(self) -> None:
        """All of Linli's processes, with this seed's kill points."""
        self.deaths.clear()
        for name in self.roles():
            self._start(name)

    def kill(self, name: str) -> None:
        """kill -9, now."""
        pid = self.server.process.pid if name == "postgres" and self.server.process else self.crew.get(name, 0)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def mend(self) -> None:
        """What `linli up` does five times a second: start again what died."""
        if self.server.died():
            self.deaths["postgres"] = self.deaths.get("postgres", 0) + 1
            self.server.start()
        for name, pid in list(self.crew.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                self.deaths[name] = self.deaths.get(name, 0) + 1
                if name == "worker":
                    self._a_minute_passes()
                self._start(name)

    def stop(self, *, save: bool = True) -> None:
        """End Linli's processes and the sandbox."""
        for pid in self.crew.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.crew.clear()
        if self.server.died():
            self.server.start()
        self.stop_sandbox(save=save)

    def copy_database(self, source: str, target: str) -> None:
        """Make `target` anew as a copy of `source`."""
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)".encode())
            for _ in range(500):
                try:
                    # FILE_COPY ends with a checkpoint; without one, a crash would set the copied sequences back.
                    connection.execute(f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY FILE_COPY".encode())
                except psycopg.errors.ObjectInUse:  # a session of a process that was just killed
                    time.sleep(0.02)
                else:
                    return
        raise RuntimeError(f"somebody still uses the database {source}")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database, on a connection that is kept; [] from what returns no rows. What is asked may be asked twice."""
        if self._open is not None:
            try:
                return _answer(self._open, sql, values)
            except psycopg.OperationalError:  # its server was killed, or the database made anew
                self._open.close()
        self._open = psycopg.connect(self.server.url(), autocommit=True)
        return _answer(self._open, sql, values)

    def _start(self, name: str) -> None:
        self.crew[name] = fork(self.roles()[name], log=self.log, env={"LINLI_KILL_AT": self.kill_at})

    def _ingress(self) -> None:
        uvicorn.run(application(), host=HERE, port=self.ingress_port, log_level="critical", access_log=False)

    def _a_minute_passes(self) -> None:
        """A worker counts as dead 30 s after its last heartbeat; nobody here waits so long."""
        self.rows("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")


def _answer(connection: psycopg.Connection[Any], sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    cursor = connection.execute(sql.encode(), values)
    return cursor.fetchall() if cursor.description else []
