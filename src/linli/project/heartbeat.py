"""A process that works touches a file; one that hangs does not. `linli doctor` reads how long ago it was."""

import contextlib
from pathlib import Path

from linli.kit.clock import monotonic, wall

_EVERY_S = 1.0
_last: dict[str, float] = {}


def beat(data_dir: Path, name: str) -> None:
    """I am at work: once a second at most, and a full disk is no reason to stop."""
    if _last.get(name, -_EVERY_S) > monotonic() - _EVERY_S:
        return
    _last[name] = monotonic()
    with contextlib.suppress(OSError):
        _file(data_dir, name).parent.mkdir(exist_ok=True)
        _file(data_dir, name).touch()


def silent_s(data_dir: Path, name: str) -> float | None:
    """Seconds since its last sign, None when it never gave one."""
    try:
        return wall().timestamp() - _file(data_dir, name).stat().st_mtime
    except FileNotFoundError:
        return None


def _file(data_dir: Path, name: str) -> Path:
    return data_dir / "beats" / name
