"""A process's sign of life for its supervisor: it touches the file that LINLI_BEAT_FILE names, about once a second.

Whoever beats does so from the loop that does the work, so that a loop that stands still is silent too.
"""

import contextlib
import os
import time
from pathlib import Path

_EVERY_S = 1.0
_file = Path(name) if (name := os.environ.get("LINLI_BEAT_FILE", "")) else None
_last = 0.0


def beat() -> None:
    """Cheap: writes at most once a second, and nothing without a supervisor."""
    global _last  # noqa: PLW0603 - one process, one heart
    if _file is not None and time.monotonic() - _last >= _EVERY_S:
        _last = time.monotonic()
        with contextlib.suppress(OSError):  # a full disk is no reason to stop
            _file.touch()


def beat_file(data_dir: Path, name: str) -> Path:
    """Where the process of this name gives its sign."""
    return data_dir / "alive" / name


def silent_s(data_dir: Path, name: str) -> float | None:
    """Seconds since its last sign, None when it never gave one."""
    try:
        return time.time() - beat_file(data_dir, name).stat().st_mtime
    except FileNotFoundError:
        return None


def beat_forever() -> None:
    """For a thread of a server that has no loop of its own to beat from."""
    while True:
        beat()
        time.sleep(_EVERY_S)
