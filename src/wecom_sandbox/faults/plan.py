"""Decides the fate of each event and each call: the nth of its kind meets the same fate in every run of a seed."""

import hashlib
from collections import Counter
from dataclasses import dataclass

from wecom_sandbox.faults.rules import ANSWER_LOST, CODES, EVENT_FAULTS, SLOW_ANSWER, Rule, describe, read_plan
from wecom_sandbox.records import Json

HELD_BEHIND = (1, 2, 3)
# No call for a token carries one that could end.
TOKEN_ENDS = {"40014", "42001"}


@dataclass(frozen=True)
class Course:
    """How one event travels.

    Not at all; in how many copies; behind how many later events; after how many of the sandbox's seconds; and over how
    many real seconds its body trickles in.
    """

    dropped: bool = False
    copies: int = 1
    behind: int = 0
    delay: float = 0.0
    slow: float = 0.0


@dataclass(frozen=True)
class Fate:
    """How one call is answered: with a code instead of work, late, or not at all although the work was done."""

    code: int | None = None
    pause: float = 0.0
    lost: bool = False


class FaultPlan:
    """Seed, rules, and how many events of each kind and calls of each path there were since they were set."""

    def __init__(self) -> None:
        """Start with nothing going wrong."""
        self.seed = 0
        self.rules: list[Rule] = []
        self.played: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def change(self, wishes: object) -> None:
        """Take another plan, whole or not at all; the counts begin anew. Raises ControlError for what it cannot read."""
        seed, rules = read_plan(wishes)
        self.seed, self.rules = self.seed if seed is None else seed, rules
        self.played.clear()
        self._seen.clear()

    def course(self, kind: str, at: float) -> Course:
        """Decide how the next event of this kind travels, `at` virtual seconds."""
        struck = self._strike(kind, at, frozenset(EVENT_FAULTS))
        if "drop" in struck:
            struck = {"drop": struck["drop"]}
        self._count(kind, struck)
        behind = HELD_BEHIND[int(self._draw("reorder/behind", kind) * len(HELD_BEHIND))] if "reorder" in struck else 0
        return Course(
            dropped="drop" in struck,
            copies=2 if "double" in struck else 1,
            behind=behind,
            delay=struck["delay"].seconds if "delay" in struck else 0.0,
            slow=struck["slow"].seconds if "slow" in struck else 0.0,
        )

    def fate(self, path: str, at: float) -> Fate:
        """Decide how the next call of this path is answered; a code comes instead of the work."""
        codes = CODES.keys() - TOKEN_ENDS if path == "gettoken" else CODES
        struck = self._strike(path, at, frozenset((*codes, SLOW_ANSWER, ANSWER_LOST)))
        code = next((name for name in struck if name in CODES), None)
        if code is not None:
            struck = {name: rule for name, rule in struck.items() if name in (code, SLOW_ANSWER)}
        self._count(path, struck)
        return Fate(
            code=None if code is None else CODES[code],
            pause=struck[SLOW_ANSWER].seconds if SLOW_ANSWER in struck else 0.0,
            lost=ANSWER_LOST in struck,
        )

    def describe(self) -> Json:
        """Give the seed and the rules, in the form that `change` takes."""
        return {"seed": self.seed, "rules": [describe(rule) for rule in self.rules]}

    def counts(self) -> dict[str, dict[str, int]]:
        """Tell what was really played: by fault, then by kind of event or path."""
        found: dict[str, dict[str, int]] = {}
        for name, count in sorted(self.played.items()):
            fault, kind = name.split(" ", 1)
            found.setdefault(fault, {})[kind] = count
        return found

    def freeze(self) -> Json:
        """Give everything that must survive a restart, so that the streams go on where they stood."""
        return {"plan": self.describe(), "played": self.played, "seen": self._seen}

    def thaw(self, frozen: Json) -> None:
        """Go on where a saved plan stood."""
        self.change(frozen.get("plan", frozen))  # a state saved before there were rules has odds by name
        self.played.update(frozen.get("played", {}))
        self._seen.update(frozen.get("seen", {}))

    def _strike(self, kind: str, at: float, among: frozenset[str]) -> dict[str, Rule]:
        """Draw for each fault once; the first rule of a fault that covers and strikes wins."""
        self._seen[kind] += 1
        struck: dict[str, Rule] = {}
        for rule in self.rules:
            if rule.fault not in among or rule.fault in struck or not rule.covers(kind, self._seen[kind], at):
                continue
            if self._draw(rule.fault, kind) < rule.odds:
                struck[rule.fault] = rule
        return struck

    def _draw(self, stream: str, kind: str) -> float:
        """Draw from [0, 1), a function of seed, stream, kind and number: order among other kinds cannot matter."""
        text = f"{self.seed}/{stream}/{kind}/{self._seen[kind]}"
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest()) / 2**56

    def _count(self, kind: str, struck: dict[str, Rule]) -> None:
        self.played.update(f"{fault} {kind}" for fault in struck)
