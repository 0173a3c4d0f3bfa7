"""Frequency limits, blocked for the unit of the limit (wire.md A.4); real time."""

import time
from dataclasses import dataclass

from wecom_sandbox.errors import WireError

MINUTE_S, HOUR_S = 60.0, 3600.0


@dataclass
class Window:
    """The calls in the running unit."""

    began: float
    calls: int = 0
    blocked_until: float = 0.0


class RateLimiter:
    """Fixed windows, by who calls what, and by their length."""

    def __init__(self) -> None:
        """Start with no calls."""
        self._windows: dict[tuple[str, str, float], Window] = {}

    def take(self, who: str, what: str, most: int, unit_s: float = MINUTE_S) -> None:
        """Count a call or refuse it."""
        now = time.monotonic()
        key = (who, what, unit_s)
        window = self._windows.get(key)
        if window is None or now >= window.began + unit_s:
            blocked = window.blocked_until if window else 0.0
            window = self._windows[key] = Window(now, 0, blocked)
        if now < window.blocked_until:
            raise WireError(45009)
        window.calls += 1
        if window.calls > most:
            window.blocked_until = now + unit_s
            raise WireError(45009)

    def refuse_blocked(self, who: str, what: str, unit_s: float) -> None:
        """Refuse who is blocked, without counting."""
        window = self._windows.get((who, what, unit_s))
        if window is not None and time.monotonic() < window.blocked_until:
            raise WireError(45009)

    def reset(self) -> None:
        """Lift every block, as after a change of the limit."""
        self._windows.clear()
