"""What must be written although the database was away for a moment: the outcome of something that cannot be undone."""

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

from linli.kit.clock import monotonic

log = logging.getLogger(__name__)
_PAUSE_S = 0.2


def durably(write: Callable[[], object], *, within_s: float) -> None:
    """Call `write` until the database has taken it, on a new connection each time; raises its error after `within_s` seconds."""
    deadline = monotonic() + within_s
    while True:
        connection.close_if_unusable_or_obsolete()
        try:
            write()
        except (OperationalError, InterfaceError) as error:
            if monotonic() > deadline:
                raise
            log.warning("an outcome waits for the database: %s", type(error).__name__)
            connection.close()
            time.sleep(_PAUSE_S)
        else:
            return
