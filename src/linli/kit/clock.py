"""The one source of time.

Business time (`now`) follows the sandbox's clock when LINLI_CLOCK_FILE names its offset file; everything that measures
(latencies, token lives, rates) uses `monotonic` and `wall`, which nobody can move.
"""

import mmap
import os
import struct
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

_OFFSET = struct.Struct("<d")


class _Offset:
    """Seconds to add to the wall clock: 8 bytes, little-endian double, kept mapped so that a reading costs no call."""

    def __init__(self) -> None:
        self._fixed: datetime | None = None
        self._map: mmap.mmap | None = None
        self._looked = False

    def seconds(self) -> float:
        if not self._looked:
            self._open()
        return float(_OFFSET.unpack_from(self._map)[0]) if self._map is not None else 0.0

    def _open(self) -> None:
        name = os.environ.get("LINLI_CLOCK_FILE", "")
        if not name:
            self._looked = True
            return
        path = Path(name)
        if path.exists() and path.stat().st_size >= _OFFSET.size:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), _OFFSET.size, access=mmap.ACCESS_READ)
            self._looked = True

    def fix(self, moment: datetime | None) -> None:
        self._fixed = moment

    @property
    def fixed(self) -> datetime | None:
        return self._fixed


_offset = _Offset()


def now() -> datetime:
    """The moment of the business, aware, UTC."""
    if _offset.fixed is not None:
        return _offset.fixed
    return datetime.fromtimestamp(time.time() + _offset.seconds(), UTC)


def wall() -> datetime:
    """The real moment, aware, UTC: for expiries that the outside world decides (tokens, sessions)."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds of real time, for differences only."""
    return time.monotonic()


def from_unix(seconds: int) -> datetime:
    """A moment from WeCom's unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def today(zone: str) -> date:
    """The business day in a corp's zone."""
    return now().astimezone(ZoneInfo(zone)).date()


class frozen:  # noqa: N801 - reads as a sentence in tests: `with frozen(at): …`
    """Hold business time still (tests only): `with frozen(moment) as clock: clock.forward(days=1)`."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def __enter__(self) -> Self:
        _offset.fix(self._moment)
        return self

    def forward(self, **span: float) -> None:
        self._moment += timedelta(**span)
        _offset.fix(self._moment)

    def __exit__(self, *_: object) -> None:
        _offset.fix(None)
