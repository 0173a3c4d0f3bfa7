"""The audit trail's chain grows by a link a minute, in a thread of its own so that nothing slow holds it up."""

import logging
import threading

from django.db import Error as DatabaseError
from django.db import connection

from linli.access import api as access
from linli.kit.errors import LinliError
from linli.kit.heartbeat import beat_of
from linli.project.vital import vital

log = logging.getLogger(__name__)
_EVERY_S = 60.0
_PATIENCE_S = 20.0


def start(stop: threading.Event) -> threading.Thread:
    """Seal once a minute until `stop`; a database that is away, or a chain that needs a person, is tried again a minute later."""
    sealer = access.AuditSealer()

    def run() -> None:
        while not stop.wait(_EVERY_S):
            beat_of("sealer", counts=False)
            try:
                if left := access.sweep_acts():
                    log.warning("%d requests ended with their process: their outcome is unknown", left)
                sealer.seal(patience_s=_PATIENCE_S, pause=stop.wait)
            except LinliError as error:
                log.warning("the audit trail is not being sealed: %s", error)
            except DatabaseError:
                log.exception("the audit trail could not be sealed")
                connection.close()

    thread = vital(run, name="sealer")
    thread.start()
    return thread
