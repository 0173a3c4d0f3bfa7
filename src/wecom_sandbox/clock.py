"""Virtual time: real time plus an offset that never shrinks, shared through an 8-byte file."""

import os
import struct
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

CHINA = timezone(timedelta(hours=8))


class VirtualClock:
    """The one source of business time; writes its offset (float64, little-endian seconds) to a file."""

    def __init__(self, *, file: Path | None = None, offset: float = 0.0) -> None:
        """Publish `offset` in `file` at once, so that followers never read an older world's time."""
        self.offset = offset
        self._descriptor: int | None = None
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        self._publish()

    def time(self) -> float:
        """Virtual unix time with its fraction."""
        return time.time() + self.offset

    def now(self) -> int:
        """Virtual unix time in whole seconds, the grain of the wire."""
        return int(self.time())

    def iso(self) -> str:
        """Virtual time as ISO 8601 in China's zone."""
        return datetime.fromtimestamp(self.time(), CHINA).isoformat(timespec="milliseconds")

    def advance(self, seconds: float) -> None:
        """Move forward; the caller has checked that `seconds` is not negative."""
        self.set_offset(self.offset + seconds)

    def set_offset(self, offset: float) -> None:
        """Take and publish an offset."""
        self.offset = offset
        self._publish()

    def close(self) -> None:
        """Release the file; its content stays for the followers."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _publish(self) -> None:
        # In place, never by rename: the followers have mapped this very inode.
        if self._descriptor is not None:
            os.pwrite(self._descriptor, struct.pack("<d", self.offset), 0)


def day_start(now: int) -> int:
    """Tell when the calendar day of a moment began, in China."""
    return int(datetime.fromtimestamp(now, CHINA).replace(hour=0, minute=0, second=0).timestamp())


def month_start(now: int) -> int:
    """Tell when the calendar month of a moment began, in China."""
    return int(datetime.fromtimestamp(now, CHINA).replace(day=1, hour=0, minute=0, second=0).timestamp())


def published_offset(file: Path) -> float | None:
    """Read the offset an earlier run left for its followers."""
    content = file.read_bytes() if file.exists() else b""
    return float(struct.unpack("<d", content)[0]) if len(content) == struct.calcsize("<d") else None


def parse_instant(value: object) -> float:
    """Read a unix time or an ISO 8601 text (China's zone when it names none)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        message = "an instant is a unix time or an ISO 8601 text"
        raise TypeError(message)
    if isinstance(value, int | float):
        return float(value)
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=CHINA)).timestamp()
