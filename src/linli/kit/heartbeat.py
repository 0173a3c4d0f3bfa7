"""A process's sign of life for its supervisor: it touches the file that LINLI_BEAT_FILE names, about once a second.

Whoever beats does so from the loop that does the work, so that a loop that stands still is silent too. A process whose work
lies in threads is alive as long as each of them gives a sign within its patience: then one hung thread silences them all, and
the supervisor replaces the process. Each thread also has a file of its own, `<process>:<thread>`, by which everybody sees it.
"""

import contextlib
import logging
import os
import time
from pathlib import Path

log = logging.getLogger(__name__)
_EVERY_S = 1.0
_STANDS_STILL_S = 120.0  # the rarest thread gives a sign each minute
_file = Path(name) if (name := os.environ.get("LINLI_BEAT_FILE", "")) else None
_last: dict[str, float] = {}  # file name → when it was touched, by the monotonic clock
_signs: dict[str, float] = {}  # thread whose silence counts → its last sign
_patience_s = 0.0
_told: set[str] = set()


def beat() -> None:
    """Cheap: writes at most once a second, and nothing without a supervisor, or while a thread is silent for too long."""
    if _file is not None and not _hung():
        _touch(_file)


def beat_of(thread: str, *, counts: bool = True) -> None:
    """From within a thread. One that does not `count` is only shown."""
    if counts:
        _signs[thread] = time.monotonic()
    if _file is not None:
        _touch(_file.with_name(f"{_file.name}:{thread}"))


def watch_threads(patience_s: float) -> None:
    """From here on silence of more than so many seconds counts (0: never); what earlier threads left is forgotten."""
    global _patience_s  # noqa: PLW0603 - one process, one heart
    _patience_s = patience_s
    _signs.clear()
    if _file is not None:
        for old in _file.parent.glob(f"{_file.name}:*"):
            old.unlink(missing_ok=True)


def beat_file(data_dir: Path, name: str) -> Path:
    """Where the process of this name gives its sign."""
    return data_dir / "alive" / name


def silent_s(data_dir: Path, name: str) -> float | None:
    """Seconds since its last sign, None when it never gave one. A thread's name is `<process>:<thread>`."""
    try:
        return max(0.0, time.time() - beat_file(data_dir, name).stat().st_mtime)
    except FileNotFoundError:
        return None


def threads_silent_s(data_dir: Path) -> dict[str, float]:
    """`<process>:<thread>` → seconds since its last sign, for those that have stood still for longer than any should."""
    return {name: s for name, s in all_silent_s(data_dir).items() if ":" in name and s > _STANDS_STILL_S}


def all_silent_s(data_dir: Path) -> dict[str, float]:
    """Name → seconds since its last sign, for every process and thread that ever gave one."""
    names = sorted(file.name for file in beat_file(data_dir, "").glob("*"))
    return {name: silent for name in names if (silent := silent_s(data_dir, name)) is not None}


def beat_forever() -> None:
    """For a process that has no loop of its own to beat from."""
    while True:
        beat()
        time.sleep(_EVERY_S)


def _touch(file: Path) -> None:
    at = time.monotonic()
    if at - _last.get(file.name, 0.0) >= _EVERY_S:
        _last[file.name] = at
        with contextlib.suppress(OSError):  # a full disk is no reason to stop
            file.touch()


def _hung() -> bool:
    at = time.monotonic()
    hung = {thread for thread, sign in list(_signs.items()) if at - sign > _patience_s > 0}
    for thread in hung - _told:
        log.error("%s gave no sign of life for %g s: this process will be ended and started again", thread, _patience_s)
    _told.clear()
    _told.update(hung)
    return bool(hung)
