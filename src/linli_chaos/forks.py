"""Real processes, cheaply: children forked from one warm parent, so that a seed costs milliseconds to start, not seconds.

The parent never opens a database connection of Django's, starts no thread and asks for no business time: a child begins as
a process of its own would. SIGKILL is SIGKILL.
"""

import contextlib
import ctypes
import os
import pickle
import random
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from linli.kit import killpoints

PR_SET_PDEATHSIG = 1


def fork(work: Callable[[], object], *, log: Path, env: Mapping[str, str] | None = None) -> int:
    """Start a child that does `work` and ends; returns its process id. What it prints goes to `log`."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _become(log, env or {})
        work()
        code = 0
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it was, the child ends here and the log tells
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def ask(work: Callable[[], Any], *, log: Path) -> Any:
    """Let a child do `work` and return what it returns; RuntimeError when it fell, the log says why."""
    reader, writer = os.pipe()

    def tell() -> None:
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(work(), pipe)

    pid = fork(tell, log=log)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    if not told:
        raise RuntimeError(
            f"{getattr(work, '__name__', 'the work')} fell; the end of its log:\n{log.read_text()[-3000:]}"
        )
    return pickle.loads(told)  # noqa: S301 - our own child's words


def _become(log: Path, env: Mapping[str, str]) -> None:
    """Take on what a fresh process would have: a session, streams, signals, chance, and kill points of its own."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # nobody outlives the parent
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_DFL)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    random.seed()
    os.environ.update(env)
    old, new = killpoints.passing, killpoints.prepared()
    for module in list(sys.modules.values()):
        if getattr(module, "passing", None) is old:
            module.passing = new  # type: ignore[attr-defined]
