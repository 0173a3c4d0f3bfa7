"""What travelled lately, for people who look on: calls of apps, events that they heard or not, acts of people."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

KEPT = 400
ACT, EVENT, CALL, CLOCK = "act", "event", "call", "clock"


@dataclass(frozen=True)
class Entry:
    """Something that happened; `code` is 0 where it went well, else an errcode, an HTTP status or a word."""

    n: int
    at: float
    way: str
    name: str
    code: int | str
    corp_id: str = ""
    agentid: int = 0
    # What was said and answered: as it was, written out only when somebody looks.
    said: Any = None
    answered: Any = None


@dataclass
class Tap:
    """The last entries; costs an append while nobody looks."""

    n: int = 0
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    _waiting: set[asyncio.Future[None]] = field(default_factory=set)

    def note(
        self, at: float, way: str, name: str, code: int | str = 0, *, corp_id: str = "", agentid: int = 0,
        said: Any = None, answered: Any = None,
    ) -> None:  # fmt: skip
        """Write an entry and wake whoever waits."""
        self.n += 1
        self.entries.append(Entry(self.n, at, way, name, code, corp_id, agentid, said, answered))
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    def after(self, n: int) -> list[Entry]:
        """List what came after entry `n`, oldest first, as far as it is still kept."""
        newer = []
        for entry in reversed(self.entries):
            if entry.n <= n:
                break
            newer.append(entry)
        return newer[::-1]

    async def wait(self, n: int, seconds: float) -> None:
        """Sleep until there is something after entry `n`, or the time is over."""
        if self.n > n:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            async with asyncio.timeout(seconds):
                await waiter
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(waiter)
