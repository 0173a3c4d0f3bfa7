"""Threads that a process may not outlive: where one dies, the process ends, and its supervisor starts it again, whole."""

import logging
import os
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


def vital(run: Callable[[], object], *, name: str) -> threading.Thread:
    """A thread, not started yet. An error that leaves it would leave its work undone by a process that looks well."""

    def live() -> None:
        try:
            run()
        except BaseException:  # noqa: BLE001 - whatever it was
            try:
                log.critical("%s died, and its process with it", name, exc_info=True)
            finally:
                os._exit(1)

    return threading.Thread(target=live, name=name, daemon=True)
