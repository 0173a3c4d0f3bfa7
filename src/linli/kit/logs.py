"""Logs: one line for each event, JSON for machines, plain on a terminal (LINLI_LOG=json|text); no secrets, no personal data.

The rule is that nothing of the kind is logged in the first place; `redact` is the last net below it. The standard library's
formatter with a dict is all there is to it, so no logging package is brought in. Tracebacks carry no local values.
"""

import json
import logging
import os
import re
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from linli.kit.errors import BadInput
from linli.kit.redaction import QuietFormatter, quieted, redact

_KNOWN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_bound: ContextVar[Mapping[str, Any]] = ContextVar("linli_log_bound")
_EXTRA = ("request_id", "job_id", "corp_id", "method", "route", "status", "ms")


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Every line logged inside carries these fields: request_id, job_id, corp_id."""
    token = _bound.set({**_bound.get({}), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


def request_id(given: str | None) -> str:
    """The caller's X-Request-ID when it is one (letters, digits, . _ -; at most 64), else a new one."""
    return given if given is not None and _KNOWN_ID.fullmatch(given) else uuid.uuid4().hex


class Gather(logging.Filter):
    """Puts the bound fields onto a record, on the thread that logs it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        for name, value in _bound.get({}).items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True


class JsonLines(QuietFormatter):
    """One JSON object on one line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Fields: ts (UTC, ISO 8601), level, logger, message, process, and those of _EXTRA that are known."""
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(quieted(record).getMessage()),
            "process": self._process,
        }
        line |= {name: getattr(record, name) for name in _EXTRA if getattr(record, name, None) is not None}
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class Plain(QuietFormatter):
    """For a person at a terminal."""

    def __init__(self, process: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The usual line, with what would be fields in JSON behind it."""
        known = [f"{name}={value}" for name in _EXTRA if (value := getattr(record, name, None)) is not None]
        return " ".join([f"{self._process}:", super().format(record), *known])


def is_json(env: Mapping[str, str] = os.environ) -> bool:
    """LINLI_LOG, or JSON unless somebody watches at a terminal."""
    chosen = env.get("LINLI_LOG") or ("text" if sys.stderr.isatty() else "json")
    if chosen not in {"json", "text"}:
        raise BadInput("wrong_setting", f"LINLI_LOG={chosen!r}: json or text")
    return chosen == "json"


def config(process: str = "") -> dict[str, Any]:
    """For logging.config.dictConfig. `process` is drain, console, …; else LINLI_PROCESS names it."""
    json_lines = is_json()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"gather": {"()": Gather}},
        "formatters": {
            "line": {
                "()": JsonLines if json_lines else Plain,
                "process": process or os.environ.get("LINLI_PROCESS", "linli"),
            }
        },
        "handlers": {"err": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["gather"]}},
        "root": {"handlers": ["err"], "level": "WARNING"},
        "loggers": {
            "linli": {"level": "INFO" if json_lines else "WARNING"},
            # httpx logs whole URLs, and WeCom's carry the token; django.request repeats what linli.request says,
            # and procrastinate's messages hold the arguments of jobs.
            "httpx": {"level": "ERROR"},
            "django.request": {"level": "CRITICAL" if json_lines else "ERROR"},
            "procrastinate": {"level": "WARNING"},
        },
    }
