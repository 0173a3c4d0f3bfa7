"""What is due, corp by corp: by the business clock super users, counts, sends, reminders, results, hand-overs; by the wall clock
the night's reconciliation."""

import logging
import threading

from django.db import connection

from linli.archive import api as archive
from linli.connect import api as connect
from linli.handover import api as handover
from linli.kit.clock import monotonic, now
from linli.kit.errors import LinliError
from linli.kit.heartbeat import beat_of
from linli.ledger import api as ledger
from linli.messaging import api as messaging
from linli.project.partitions import Keeper
from linli.project.stalled import take_up_stalled
from linli.project.vital import vital
from linli.segments import api as segments
from linli.wecom.errors import WecomError

log = logging.getLogger(__name__)
_EVERY_S = 1.0
_STALLED_EVERY_S = 60.0
# Troubles of the way to WeCom, of its proxies and its limits: they end without anybody's doing.
_PASSING = ("NotSent", "NoAnswer", "RateLimited")


def tick() -> None:
    """One look at the clock. What fails is due again at the next look."""
    connect.close_abandoned()
    for corp_id in connect.connected_corps():
        connect.reconcile_if_due(corp_id=corp_id)
        for room in (archive, segments, messaging, handover):
            try:
                room.tick(corp_id=corp_id, at=now())
            except (LinliError, WecomError) as error:
                log.warning("%s is late for corp %s: %s", room.__name__, corp_id, type(error).__name__)


def start(stop: threading.Event) -> threading.Thread:
    """A thread of its own, so that a slow answer of WeCom does not hold up the delivery of facts."""

    def run() -> None:
        looked: float | None = None
        keeper = Keeper()
        while not stop.wait(_EVERY_S):
            beat_of("ticker", counts=False)  # a look may wait for WeCom as long as it likes
            try:
                at = monotonic()
                if looked is None or at - looked >= _STALLED_EVERY_S:
                    looked = at
                    take_up_stalled()
                    ledger.wake_callbacks(errors=_PASSING)
                keeper.look(at)
                tick()
            except Exception:  # the database may be away: say so, and look again
                log.exception("the ticker stumbled")
                connection.close()

    thread = vital(run, name="ticker")
    thread.start()
    return thread
