"""Requests in hand, and the console's own heartbeat.

granian limits how long a request's head may take to arrive, and nothing of what happens then. So the limit stands where a
request can stand still: no statement of the console runs longer than `Settings.patience_s` (settings.py), calls to WeCom have
limits of their own. What hangs all the same holds one thread, and is shown; when every thread is held, nobody is answered any
more: then the console gives no further sign of life, and the supervisor replaces it. A long download is not in hand: its view has
answered.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.http import HttpRequest

from linli.kit import logs
from linli.kit.heartbeat import beat
from linli.kit.metrics import OLDEST_REQUEST
from linli.kit.settings import CONSOLE_THREADS

log = logging.getLogger(__name__)
_EVERY_S = 1.0


@dataclass(eq=False)
class _InHand:
    request: HttpRequest
    since: float
    ident: str
    told: bool = False


_in_hand: set[_InHand] = set()


@contextmanager
def in_hand(request: HttpRequest, ident: str) -> Iterator[None]:
    """While a view works on its answer."""
    one = _InHand(request, time.monotonic(), ident)
    _in_hand.add(one)
    try:
        yield
    finally:
        _in_hand.discard(one)


def look(patience_s: float) -> None:
    """One look at all that is in hand: tell of each that is late, once; a sign of life unless all threads are held by such."""
    at = time.monotonic()
    there = list(_in_hand)
    OLDEST_REQUEST.set(max((at - one.since for one in there), default=0.0))
    late = [one for one in there if at - one.since > patience_s > 0]
    for one in late:
        if not one.told:
            one.told = True
            match = one.request.resolver_match
            with logs.bound(request_id=one.ident):
                log.error("a request is not answered for %g s", patience_s, extra={"route": match and match.route})
    if len(late) < CONSOLE_THREADS:
        beat()


def watch(patience_s: float) -> None:
    """In a thread of its own, as long as the process lives."""

    def run() -> None:
        while True:
            look(patience_s)
            time.sleep(_EVERY_S)

    threading.Thread(target=run, name="heartbeat", daemon=True).start()
