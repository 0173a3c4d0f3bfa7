"""One house, one directory: a file lock that lives exactly as long as the process that holds it, so it is never stale."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from linli.kit.clock import wall
from linli.kit.errors import LinliError

NAME = "house.lock"


class AlreadyOpen(LinliError):
    """Another process keeps this house open."""


def holder(data_dir: Path) -> str | None:
    """Who keeps the house open ("up, process 4711, since 2026-11-22 08:00"), or None. Creates nothing."""
    try:
        file = (data_dir / NAME).open("r+")
    except FileNotFoundError:
        return None
    with file:
        return None if _take(file) else _told(file)


@contextmanager
def unheld(data_dir: Path) -> Iterator[None]:
    """Nobody keeps the house open, and nobody opens it meanwhile; AlreadyOpen otherwise. Creates nothing."""
    try:
        file = (data_dir / NAME).open("r+")
    except FileNotFoundError:
        yield
        return
    with file:
        if not _take(file):
            raise _refusal(data_dir, _told(file))
        yield


@contextmanager
def held(data_dir: Path, *, by: str) -> Iterator[None]:
    """Hold the house; AlreadyOpen, in one sentence, when somebody else does. `by` is the command, for that sentence."""
    with (data_dir / NAME).open("a+") as file:
        if not _take(file):
            raise _refusal(data_dir, _told(file))
        file.truncate(0)
        file.write(json.dumps({"by": by, "pid": os.getpid(), "since": f"{wall():%Y-%m-%d %H:%M} UTC"}))
        file.flush()
        yield


def _refusal(data_dir: Path, who: str) -> AlreadyOpen:
    """The one sentence for whoever comes second."""
    return AlreadyOpen("already_up", f"another linli is already running on {data_dir} ({who}): stop that one first")


def _take(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _told(file: IO[str]) -> str:
    file.seek(0)
    try:
        note = json.loads(file.read())
    except ValueError:
        return "just starting"
    return f"{note['by']}, process {note['pid']}, since {note['since']}"
