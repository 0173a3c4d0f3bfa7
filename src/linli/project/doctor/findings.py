"""What a check says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg

from linli.kit.settings import Settings


class State(StrEnum):
    """`UNKNOWN`: it could not be looked at, and `todo` says how a person can."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One part: how it is, what that means, what to do (empty where nothing is). Texts are in the active language."""

    check: str
    title: str
    state: State
    says: str
    todo: str = ""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the checks look at. `database` is None when it could not be reached, `away` then says why."""

    settings: Settings
    running: str | None
    database: psycopg.Connection[Any] | None
    embedded: bool
    away: str = ""


Answer = tuple[State, str, str]
Check = Callable[[Ground], Iterator[Answer]]


def well(says: str) -> Answer:
    return State.OK, says, ""


def warn(says: str, todo: str) -> Answer:
    return State.WARN, says, todo


def fail(says: str, todo: str) -> Answer:
    return State.FAIL, says, todo


def unknown(says: str, todo: str) -> Answer:
    return State.UNKNOWN, says, todo
