"""Who belongs to whom: what a process started does not outlive it, however it ended (Linux; elsewhere this does nothing).

The kernel sends the signal when the *thread* that started the child ends: start children from one that stays.
"""

import ctypes
import multiprocessing
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from linli.kit.heartbeat import beat_file

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PATIENCE_S = 10.0
_LINUX = sys.platform == "linux"
_SETPRIV = shutil.which("setpriv") if _LINUX else None


def tied(command: list[str], *, by: str = "KILL") -> list[str]:
    """The command, made so that it gets the signal when who starts it ends; its process id is its own."""
    return [_SETPRIV, "--pdeathsig", by, "--", *command] if _SETPRIV else command


def follow_parent() -> None:
    """For a server's worker, which the server starts in its own way (multiprocessing): killed when the server ends."""
    parent = multiprocessing.parent_process()
    if _LINUX and parent is not None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:  # it ended before we asked
            os.kill(os.getpid(), signal.SIGKILL)


def end_leftovers(data_dir: Path) -> int:
    """Kill what a dead supervisor of this house has left (its death and ours may fall together); returns how many.

    Only for who holds the house: a child of a living supervisor carries the same sign.
    """
    sign = f"LINLI_BEAT_FILE={beat_file(data_dir, '')}/".encode()
    left = [pid for pid in _processes() if pid != os.getpid() and sign in _environment(pid)]
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_S
    while any(sign in _environment(pid) for pid in left) and time.monotonic() < deadline:
        time.sleep(0.02)
    return len(left)


def _processes() -> list[int]:
    return [int(place.name) for place in Path("/proc").glob("[0-9]*")]


def _environment(pid: int) -> bytes:
    """Empty for a process that is gone, or is another user's."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""
