"""Processor time of each process of a running house, while a piece of work goes on: what holds it up is what is busiest."""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def _times() -> dict[int, tuple[int, float]]:
    """Of every process: its parent, and its seconds of processor so far with those of ended children it waited for."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            found[int(folder.name)] = int(words[1]), sum(map(int, words[11:13])) / _TICKS
    return found


class Busy:
    """Seconds of processor by name since the beginning, of named processes and all below them."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._names = {pid: name for name, pid in pids.items()}
        self._first: dict[int, float] = {}
        self._last: dict[int, tuple[str, float]] = {}
        self._began = time.monotonic()
        self.look()
        self._first = {pid: seconds for pid, (_, seconds) in self._last.items()}

    def look(self) -> None:
        """Once a second is enough: a process that lives shorter is missed."""
        times, self.lasted_s = _times(), time.monotonic() - self._began
        for pid, (_, seconds) in times.items():
            at = pid
            while at not in self._names and at in times:
                at = times[at][0]
            if name := self._names.get(at):
                self._last[pid] = name, seconds

    def seconds(self) -> dict[str, float]:
        """Name → seconds of processor, the busiest first."""
        found: dict[str, float] = {}
        for pid, (name, seconds) in self._last.items():
            found[name] = found.get(name, 0.0) + seconds - self._first.get(pid, 0.0)
        return dict(sorted(found.items(), key=lambda one: -one[1]))


@contextmanager
def watched(pids: Mapping[str, int]) -> Iterator[Busy]:
    """Look once a second until the block ends."""
    busy, stop = Busy(pids), threading.Event()

    def keep_looking() -> None:
        while not stop.wait(1):
            busy.look()

    thread = threading.Thread(target=keep_looking, daemon=True)
    thread.start()
    try:
        yield busy
    finally:
        stop.set()
        thread.join()
        busy.look()
