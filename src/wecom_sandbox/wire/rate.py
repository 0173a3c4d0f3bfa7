"""The frequency limit per corp and API, blocked for the unit of the limit (wire.md A.4); real time."""

import time
from dataclasses import dataclass

from wecom_sandbox.errors import WireError

WINDOW_S = 60.0


@dataclass
class Window:
    """The calls of one API in the running minute."""

    began: float
    calls: int = 0
    blocked_until: float = 0.0


class RateLimiter:
    """Fixed one-minute windows."""

    def __init__(self) -> None:
        """Start with no calls."""
        self._windows: dict[tuple[str, str], Window] = {}

    def take(self, corp_id: str, path: str, per_minute: int) -> None:
        """Count a call or refuse it."""
        now = time.monotonic()
        window = self._windows.get((corp_id, path))
        if window is None or now >= window.began + WINDOW_S:
            blocked = window.blocked_until if window else 0.0
            window = self._windows[corp_id, path] = Window(now, 0, blocked)
        if now < window.blocked_until:
            raise WireError(45009)
        window.calls += 1
        if window.calls > per_minute:
            window.blocked_until = now + WINDOW_S
            raise WireError(45009)

    def reset(self) -> None:
        """Lift every block, as after a change of the limit."""
        self._windows.clear()
