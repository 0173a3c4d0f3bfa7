"""The long-running processes behind `linli up`: each a loop that stops at SIGTERM and loses nothing when it is killed."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import count
from types import FrameType
from typing import Any

import django
import psycopg
from django.db import OperationalError

from linli.kit import logs, metrics
from linli.kit.clock import monotonic
from linli.kit.giveway import give_way
from linli.kit.heartbeat import beat, watch_threads
from linli.kit.killpoints import passing
from linli.kit.redaction import described, quiet_deaths
from linli.kit.settings import read_settings
from linli.wecom.errors import RateLimited, TransportError

log = logging.getLogger(__name__)
_LONG_S = 10.0
# WeCom waits for callbacks and welcomes, a person for the console; what has time gives way when processors are few.
_NICE = {"drain": 5, "deliver": 5, "worker": 10}

_PLACED = 10_000  # facts that get their positions at once
_OBJECTS = 16  # to a thread of the drain, when many wait: what is written together costs less


def _be(name: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
    os.environ["PGAPPNAME"] = f"linli {name}"  # every session of this process carries its name
    os.environ["LINLI_PROCESS"] = name
    give_way(_NICE.get(name, 0))
    django.setup()
    quiet_deaths()
    metrics.start(name)


def _begin(name: str) -> threading.Event:
    _be(name)
    stop = threading.Event()

    def asked(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    log.info("%s is up", name)
    return stop


def _loop(stop: threading.Event, step: Callable[[], int], pause: Callable[[], None]) -> None:
    """Step while there is work, pause when there is none; a database that is away is waited for."""
    while not stop.is_set():
        beat()
        try:
            if step() == 0:
                pause()
        except (OperationalError, psycopg.OperationalError) as error:
            log.warning("the database is away: %s", type(error).__name__)
            _forget_connection()
            stop.wait(0.5)


def _retry(stop: threading.Event, once: Callable[[], object]) -> None:
    """Do it one time, as soon as the database answers."""
    while not stop.is_set():
        try:
            once()
        except (OperationalError, psycopg.OperationalError):
            _forget_connection()
            stop.wait(0.5)
        else:
            return


class _Sole:
    """That a process is the only one of its name: a lock that lives as long as its session, which dies with the process.

    A predecessor that was killed is gone at once; one that an orphaned supervisor left behind is waited for. What it still
    has running in the database is ended then, so that nothing of it happens after its successor has begun.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._session: psycopg.Connection | None = None

    def take(self, stop: threading.Event) -> None:
        _retry(stop, lambda: self._take(stop))

    def _take(self, stop: threading.Event) -> None:
        self._session = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
        waited = monotonic()
        while not stop.is_set():
            beat()
            if self._one("SELECT pg_try_advisory_lock(hashtext('linli.process'), hashtext(%s))", self._name):
                self._one(
                    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND application_name = %s AND pid <> pg_backend_pid()",
                    f"linli {self._name}",
                )
                return
            if monotonic() - waited > _LONG_S:
                log.warning("another %s process is still at work; waiting for its end", self._name)
                waited = monotonic()
            stop.wait(0.2)

    def _one(self, sql: str, value: str) -> object:
        assert self._session is not None
        row = self._session.execute(sql, [value]).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


@contextmanager
def _alone(name: str, stop: threading.Event) -> Iterator[None]:
    sole = _Sole(name)
    sole.take(stop)
    try:
        yield
    finally:
        sole.close()


def _forget_connection() -> None:
    from django.db import connections

    connections.close_all()


@contextmanager
def _ear(channel: str) -> Iterator[Callable[[float], None]]:
    """A function that waits for a NOTIFY on the channel, or so many seconds."""
    state: dict[str, psycopg.Connection | None] = {"connection": None}

    def listen(seconds: float) -> None:
        connection = state["connection"]
        if connection is None or connection.closed:
            connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
            connection.execute(f"LISTEN {channel}")
            state["connection"] = connection
        for _ in connection.notifies(timeout=seconds, stop_after=1):
            return

    try:
        yield listen
    finally:
        if state["connection"] is not None:
            state["connection"].close()


class _Crew:
    """Threads that each carry one piece of work; new work is claimed for those that are free, and for `ahead` more.

    With so much ahead, one claim brings work for many threads, and none of them waits for the next.
    """

    def __init__(self, name: str, size: int, *, ahead: int = 0) -> None:
        self.executor = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._size = size + ahead
        self._enough = ahead // 2
        self._busy: set[Future[Any]] = set()

    def step(self, claim: Callable[[ThreadPoolExecutor, int], Sequence[Future[Any]]]) -> int:
        """Claim for the free threads; returns how much was claimed, or 1 when all were busy and one was waited for."""
        for future in [future for future in self._busy if future.done()]:
            self._busy.discard(future)
            if (error := future.exception()) is not None:
                log.error("a piece of work ended badly; its claim runs out and it is taken up again", exc_info=error)
        free = self._size - len(self._busy)
        if free <= self._enough:
            wait(self._busy, timeout=1.0, return_when=FIRST_COMPLETED)
            return 1
        claimed = claim(self.executor, free)
        self._busy.update(claimed)
        return len(claimed)


def run_drain() -> None:
    """Inbox rows to effects."""
    stop = _begin("drain")
    from linli.ledger import api as ledger
    from linli.project.routes import ROUTES

    def claim(executor: ThreadPoolExecutor, free: int) -> Sequence[Future[Any]]:
        return ledger.drain_some(ROUTES, executor=executor, objects=free * _OBJECTS, pieces=free)

    crew = _Crew("drain", 8, ahead=8)
    with _alone("drain", stop), crew.executor, _ear("linli_inbox") as listen:
        _retry(stop, ledger.release_claims)
        _loop(stop, lambda: crew.step(claim), lambda: listen(0.2))


def run_welcome() -> None:
    """Welcomes within their 20 seconds."""
    stop = _begin("welcome")
    from linli.ledger import api as ledger
    from linli.project.welcome import send

    def claim(executor: ThreadPoolExecutor, free: int) -> Sequence[Future[Any]]:
        return ledger.welcome_some(send, executor=executor, limit=free)

    crew = _Crew("welcome", 16)
    with _alone("welcome", stop), crew.executor, _ear("linli_inbox") as listen:
        _retry(stop, ledger.release_welcomes)
        _loop(stop, lambda: crew.step(claim), lambda: listen(0.5))


def run_deliver() -> None:
    """Facts get their positions and go to who hears them; what is due by the business clock is started."""
    stop = _begin("deliver")
    from linli.ledger import api as ledger
    from linli.project import sealer, ticker
    from linli.project.delivering import Round

    with _alone("deliver", stop):
        watch_threads(read_settings().patience_s)
        ticker.start(stop)
        sealer.start(stop)
        with Round(ledger.subscriptions(), stop) as going:
            rounds = count()

            def step() -> int:
                # New facts are about now. Those of an import or a late result lie anywhere: looked for twice a second.
                placed = ledger.place(limit=_PLACED, near=next(rounds) % 5 > 0)
                going.ring(placed)
                # A full batch has more behind it. Else what comes within the pause is placed, and heard, together.
                return int(sum(placed.values()) == _PLACED)

            def pause() -> None:
                stop.wait(0.1)

            _loop(stop, step, pause)


def run_worker() -> None:
    """Slow work: API calls, imports, exports. What a predecessor had in hand is taken up at once."""
    stop = _begin("worker")
    from linli.project.stalled import take_up_all

    with _alone("worker", stop):
        _retry(stop, take_up_all)
        if not stop.is_set():
            work()


def work() -> None:
    """procrastinate's worker, on connections of its own and with its own signal handling."""
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    async def live() -> None:
        async with app.open_async():
            heart = asyncio.create_task(_beat_forever())
            await app.run_worker_async(
                concurrency=4,
                fetch_job_polling_interval=1.0,
                task_middleware=[_one_job],
                worker_middleware=[_with_job_id],
            )
            heart.cancel()

    logging.getLogger("procrastinate.worker").addFilter(briefly)
    connector = app.connector
    assert isinstance(connector, DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()):
        asyncio.run(live())


def briefly(record: logging.LogRecord) -> bool:
    """A filter: what passes by itself (the line to WeCom, its limits, the database) is one line, not a traceback each time."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, TransportError | RateLimited | OperationalError | psycopg.OperationalError):
        record.msg, record.args, record.exc_info = f"{record.getMessage()} ({described(error)})", (), None
    return True


async def _beat_forever() -> None:
    while True:
        beat()
        await asyncio.sleep(1)


def _one_job(run: Callable[[], Any], _context: object, _worker: object) -> object:
    _leave_the_dead()
    passing("worker.fetched")
    done: object = run()
    passing("worker.done")
    return done


def _leave_the_dead() -> None:
    """Let go of this thread's connection if its server is gone (it was restarted): Django never does so between jobs."""
    from django.db import connections

    for one in connections.all(initialized_only=True):
        if one.connection is not None and not one.is_usable():
            one.close()


async def _with_job_id(call_next: Callable[[], Awaitable[Any]], context: Any, _worker: object) -> Any:
    """Every line that a job logs carries its id."""
    with logs.bound(job_id=context.job.id, corp_id=context.job.task_kwargs.get("corp_id")):
        return await call_next()
