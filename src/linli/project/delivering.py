"""The delivery process: one thread gives facts their positions, and every subscriber has a thread of its own, so that a slow
one holds up no other; one more goes on with dry runs."""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

import psycopg
from django.db import InterfaceError, OperationalError, connection, connections

from linli.kit.heartbeat import beat_of
from linli.ledger import api as ledger
from linli.project.vital import vital

log = logging.getLogger(__name__)
_RETRY_LOOK_S = 0.5  # what was set aside becomes due without anybody ringing


def _sign(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Each statement is a sign of life, before and after it: a batch may take its time as long as it gets on."""
    beat_of(threading.current_thread().name)
    try:
        return execute(sql, params, many, context)
    finally:
        beat_of(threading.current_thread().name)


class Bell:
    """Wakes who waits; who was busy meanwhile does not miss it."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = 0

    def ring(self) -> None:
        with self._condition:
            self._rung += 1
            self._condition.notify_all()

    def count(self) -> int:
        return self._rung

    def wait(self, heard: int, seconds: float) -> None:
        """Until it has rung more than `heard` times, or so many seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._rung > heard, timeout=seconds)


class Round:
    """The subscribers' threads, from `with` to the end of its block; `stop` ends them."""

    def __init__(self, subscriptions: Sequence[ledger.Subscription], stop: threading.Event) -> None:
        self._stop = stop
        self._hears = {one.name: frozenset(one.kinds) for one in subscriptions}
        works: list[tuple[str, Callable[[], int]]] = [(one.name, partial(ledger.deliver, one)) for one in subscriptions]
        works.append(("dry runs", self._dry_runs))
        self.bells = {name: Bell() for name, _ in works}
        self._threads = [vital(partial(self._go, work, self.bells[name]), name=name) for name, work in works]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for bell in self.bells.values():
            bell.ring()
        for thread in self._threads:
            thread.join()

    def ring(self, kinds: Collection[str]) -> None:
        """Facts of these kinds have their positions. Who hears none of them comes by at its next look."""
        for name, heard in self._hears.items():
            if not heard.isdisjoint(kinds):
                self.bells[name].ring()

    def _go(self, work: Callable[[], int], bell: Bell) -> None:
        with connection.execute_wrapper(_sign):
            self._work(work, bell)
        connections.close_all()

    def _work(self, work: Callable[[], int], bell: Bell) -> None:
        while not self._stop.is_set():
            beat_of(threading.current_thread().name)
            heard = bell.count()
            try:
                if work() == 0:
                    bell.wait(heard, _RETRY_LOOK_S)
            except (OperationalError, InterfaceError, psycopg.OperationalError) as error:
                log.warning("%s waits for the database: %s", threading.current_thread().name, type(error).__name__)
                connections.close_all()
                self._stop.wait(_RETRY_LOOK_S)
            except Exception:  # the engine's own fault: say so, and look again
                log.exception("%s stumbled", threading.current_thread().name)
                connections.close_all()
                self._stop.wait(_RETRY_LOOK_S * 10)

    def _dry_runs(self) -> int:
        for replay_id in ledger.open_dry_runs():
            ledger.dry_run(replay_id, stop=self._stop.is_set)
        return 0
