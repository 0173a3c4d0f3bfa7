"""The long-running processes behind `linli up`: each a loop that stops at SIGTERM and loses nothing when it is killed."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType

import django
import psycopg
from django.core.management import call_command
from django.db import OperationalError

log = logging.getLogger(__name__)


def _begin(name: str) -> threading.Event:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
    django.setup()
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
        try:
            if step() == 0:
                pause()
        except (OperationalError, psycopg.OperationalError) as error:
            log.warning("the database is away: %s", type(error).__name__)
            _forget_connection()
            stop.wait(0.5)


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


def run_drain() -> None:
    """Inbox rows to effects."""
    stop = _begin("drain")
    from linli.ledger import api as ledger
    from linli.project.routes import ROUTES

    with ThreadPoolExecutor(8, thread_name_prefix="drain") as executor, _ear("linli_inbox") as listen:
        _loop(stop, lambda: ledger.drain_once(ROUTES, executor=executor).claimed, lambda: listen(0.5))


def run_welcome() -> None:
    """Welcomes within their 20 seconds."""
    stop = _begin("welcome")
    from linli.ledger import api as ledger
    from linli.project.welcome import send

    with ThreadPoolExecutor(8, thread_name_prefix="welcome") as executor, _ear("linli_inbox") as listen:
        _loop(stop, lambda: ledger.welcome_once(send, executor=executor), lambda: listen(0.5))


def run_deliver() -> None:
    """Facts get their positions and go to who hears them; what is due by the business clock is started."""
    stop = _begin("deliver")
    from linli.ledger import api as ledger
    from linli.project.subscriptions import SUBSCRIPTIONS
    from linli.project.ticker import start

    start(stop)

    def step() -> int:
        return ledger.sequence_once() + ledger.deliver_once(SUBSCRIPTIONS)

    def pause() -> None:
        stop.wait(0.1)

    _loop(stop, step, pause)


def run_worker() -> None:
    """Slow work: API calls, imports, exports. procrastinate has its own signal handling."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
    django.setup()
    call_command("procrastinate", "worker", "--concurrency", "4", "--fetch-job-polling-interval", "1")
