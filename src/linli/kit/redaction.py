"""Logs without secrets and people: what an error says is replaced by what it is, and known shapes are blacked out.

The texts of errors quote what they stumbled over (PostgreSQL: "Key (phone)=(139…) already exists"), so a log keeps an
error's class, its code and where it happened, never its words.
"""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

_SHAPES = (
    (re.compile(r"((?:access_token|corpsecret|suite_access_token|secret|token|aes_key|password)=)[^&\s\"']+", re.IGNORECASE), r"\1***"),
    (re.compile(r"((?:access_token|corpsecret|secret|token|encoding_aes_key|password)[\"']?\s*:\s*[\"'])[^\"']+", re.IGNORECASE), r"\1***"),
    (re.compile(r"(Bearer\s+)\S+"), r"\1***"),
    (re.compile(r"\blk_[\w-]{8,}"), "lk_***"),
    (re.compile(r"(postgres(?:ql)?://[^:/\s]*:)[^@\s]+(@)"), r"\1***\2"),
    (re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/]{43}=?(?![A-Za-z0-9+/_=-])"), "***"),  # an EncodingAESKey
    (re.compile(r"(?<![\w.])(?:\+?86[- ]?)?1[3-9]\d{9}(?!\w)"), "1**********"),
    (re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), "***@***"),
)  # fmt: skip


def redact(text: str) -> str:
    """The text without tokens, keys, passwords and mainland mobile numbers."""
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def described(error: BaseException) -> str:
    """What an error is without what it says: class, code, and for the database its state and the constraint."""
    parts = [type(error).__name__]
    for holder in (error, error.__cause__):
        code = getattr(holder, "code", None) or getattr(holder, "sqlstate", None)
        constraint = getattr(getattr(holder, "diag", None), "constraint_name", None)
        parts += [str(one) for one in (code, constraint) if isinstance(one, str | int) and str(one) not in parts]
    return " ".join(parts)


class QuietFormatter(logging.Formatter):
    """A line as configured, in which errors are described, not quoted, and known shapes are blacked out."""

    def format(self, record: logging.LogRecord) -> str:
        """The quiet line."""
        return redact(super().format(quieted(record)))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Where it happened, frame by frame, and what it was; of its causes too."""
        return "\n".join(_told(ei[1])) if ei and ei[1] is not None else ""


def quieted(record: logging.LogRecord) -> logging.LogRecord:
    """A copy in which errors are described; the record itself stays: another handler may want it."""
    quiet = logging.makeLogRecord(record.__dict__ | {"exc_text": None})
    if isinstance(record.args, tuple):
        quiet.args = tuple(described(one) if isinstance(one, BaseException) else one for one in record.args)
    if isinstance(record.msg, BaseException):
        quiet.msg, quiet.args = described(record.msg), None
    return quiet


def _told(error: BaseException) -> list[str]:
    lines: list[str] = []
    for one in _chain(error):
        frames = traceback.extract_tb(one.__traceback__)[-15:]
        told = [*(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames), described(one)]
        lines = [*told, "then:", *lines] if lines else told
    return lines


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, latest first. Errors that are raised again may lead to each other: each comes once."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def quiet_deaths() -> None:
    """An error that nobody catches, in the main thread or another, goes to the log and so through its formatter."""
    log = logging.getLogger("linli")

    def died(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            log.critical("ended by an error", exc_info=(kind, error, trace))

    def thread_died(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            log.critical("a thread ended by an error", exc_info=(told.exc_type, told.exc_value, told.exc_traceback))

    sys.excepthook, threading.excepthook = died, thread_died
