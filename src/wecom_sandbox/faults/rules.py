"""One rule: which fault, how often, for which events or calls, and when. Written in YAML or JSON, checked here."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wecom_sandbox.clock import parse_instant
from wecom_sandbox.errors import ControlError
from wecom_sandbox.records import Json

# What can happen to an event on its way, each with the name under which it is counted.
EVENT_FAULTS = {"drop": "dropped", "double": "doubled", "reorder": "reordered", "delay": "delayed", "slow": "slowed"}
# A call answered with a code, whatever it asked for (wire.md A.3).
CODES = {"45009": 45009, "45033": 45033, "-1": -1, "40014": 40014, "42001": 42001}
SLOW_ANSWER, ANSWER_LOST = "slow_answer", "answer_lost"
CALL_FAULTS = (*CODES, SLOW_ANSWER, ANSWER_LOST)
_WAITING = {"delay": 60.0, "slow": 2.0, SLOW_ANSWER: 2.0}
_KEYS = ("fault", "odds", "events", "paths", "seconds", "between", "counts")


@dataclass(frozen=True)
class Rule:
    """A fault and what it strikes; `only` are prefixes of event kinds or of API paths, empty for all.

    `seconds` are the sandbox's for delay, real ones for slow and slow_answer. `between` is a span of the sandbox's
    clock, `counts` one of the numbers that events of a kind, or calls of a path, have since the plan was set (from 1).
    """

    fault: str
    odds: float = 1.0
    only: tuple[str, ...] = ()
    seconds: float = 0.0
    between: tuple[float, float] | None = None
    counts: tuple[int, int] | None = None

    def covers(self, kind: str, nth: int, at: float) -> bool:
        """Does the rule speak of the nth event of this kind, or call of this path, at this moment?"""
        return (
            (not self.only or kind.startswith(self.only))
            and (self.between is None or self.between[0] <= at < self.between[1])
            and (self.counts is None or self.counts[0] <= nth <= self.counts[1])
        )


def read_plan(wishes: object) -> tuple[int | None, list[Rule]]:
    """Read a seed (None when unnamed) and rules: {"seed", "rules": [...]}, or odds by name such as {"double": 0.02}."""
    if not isinstance(wishes, dict):
        raise ControlError(400, "a plan of faults is an object: seed and rules")
    seed = wishes.get("seed")
    if "seed" in wishes and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise ControlError(400, "seed is a whole number")
    rows = wishes.get("rules") or []
    if not isinstance(rows, list):
        raise ControlError(400, "rules is a list")
    short = {str(name): odds for name, odds in wishes.items() if name not in ("seed", "rules")}
    for name in short:
        if name not in (*EVENT_FAULTS, *CALL_FAULTS):
            raise ControlError(400, f"unknown key {name!r}; known: seed, rules, {_known_faults()}")
    rules = [_read(row, f"rules[{number}]") for number, row in enumerate(rows, start=1)]
    rules += [_read({"fault": name, "odds": odds}, name) for name, odds in short.items() if odds != 0]
    return seed, rules


def _read(row: object, where: str) -> Rule:
    if not isinstance(row, dict):
        raise ControlError(400, f"{where} is an object with the keys {', '.join(_KEYS)}")
    for key in row:
        if key not in _KEYS:
            raise ControlError(400, f"{where}: unknown key {key!r}; known: {', '.join(_KEYS)}")
    fault = str(row.get("fault", ""))  # YAML reads 45009 and -1 as numbers
    if fault not in (*EVENT_FAULTS, *CALL_FAULTS):
        raise ControlError(400, f"{where}: unknown fault {fault!r}; known: {_known_faults()}")
    mine, others = ("events", "paths") if fault in EVENT_FAULTS else ("paths", "events")
    if others in row:
        raise ControlError(400, f"{where}: {fault} is chosen by {mine}, not by {others}")
    if "seconds" in row and fault not in _WAITING:
        raise ControlError(400, f"{where}: {fault} takes no seconds")
    return Rule(
        fault=fault,
        odds=_number(row.get("odds", 1), f"{where}: odds", most=1.0),
        only=tuple(_texts(row.get(mine), f"{where}: {mine}")),
        seconds=_number(row.get("seconds", _WAITING.get(fault, 0.0)), f"{where}: seconds", most=86_400.0 * 31),
        between=_span(row.get("between"), f"{where}: between"),
        counts=_counts(row.get("counts"), f"{where}: counts"),
    )


def describe(rule: Rule) -> Json:
    """Write a rule so that `read_plan` gives the same again."""
    row: Json = {"fault": rule.fault, "odds": rule.odds}
    if rule.only:
        row["events" if rule.fault in EVENT_FAULTS else "paths"] = list(rule.only)
    if rule.fault in _WAITING:
        row["seconds"] = rule.seconds
    if rule.between:
        row["between"] = list(rule.between)
    if rule.counts:
        row["counts"] = list(rule.counts)
    return row


def _number(value: Any, where: str, *, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ControlError(400, f"{where} is a number from 0 to {most:g}")
    return float(value)


def _texts(value: object, where: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise ControlError(400, f"{where} is a list of texts")
    return value


def _span(value: object, where: str) -> tuple[float, float] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise ControlError(400, f"{where} is a list of two moments")
    try:
        begin, end = (parse_instant(one.isoformat() if isinstance(one, date | datetime) else one) for one in value)
    except (TypeError, ValueError) as error:
        raise ControlError(400, f"{where} is a list of two moments: {error}") from error
    return begin, end


def _counts(value: object, where: str) -> tuple[int, int] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or not all(type(one) is int for one in value):
        raise ControlError(400, f"{where} is a list of two whole numbers, the first and the last")
    return value[0], value[1]


def _known_faults() -> str:
    return ", ".join((*EVENT_FAULTS, *CALL_FAULTS))
