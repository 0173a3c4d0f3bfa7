"""What goes wrong with callbacks on their way, drawn from a seed so that a run can be repeated."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from wecom_sandbox.errors import ControlError


@dataclass(frozen=True)
class Course:
    """How one event travels: how many copies, and behind how many later events it is held back."""

    copies: int = 1
    behind: int = 0


Fault = Callable[[Course, random.Random, "Counter[str]"], Course]

HELD_BEHIND = (1, 2, 3)


def _double(course: Course, _rng: random.Random, tally: "Counter[str]") -> Course:
    tally["doubled"] += 1
    return Course(course.copies + 1, course.behind)


def _reorder(course: Course, rng: random.Random, tally: "Counter[str]") -> Course:
    tally["reordered"] += 1
    return Course(course.copies, rng.choice(HELD_BEHIND))


# A new fault is one more row: it changes the course of an event it strikes.
FAULTS: dict[str, Fault] = {"double": _double, "reorder": _reorder}


class FaultPlan:
    """The probability of each fault; every fault draws from its own stream of one seed."""

    def __init__(self) -> None:
        """Start with nothing going wrong."""
        self.seed = 0
        self.odds: dict[str, float] = dict.fromkeys(FAULTS, 0.0)
        self._streams = self._streams_of(0)

    def change(self, wishes: dict[str, object]) -> None:
        """Take new odds for all faults (0 when unnamed) and begin the streams anew."""
        odds = dict.fromkeys(FAULTS, 0.0)
        seed = wishes.get("seed", self.seed)
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise ControlError(400, "seed is a whole number")
        for name, value in wishes.items():
            if name == "seed":
                continue
            if name not in odds:
                raise ControlError(400, f"unknown fault {name!r}; known: {', '.join(FAULTS)}")
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ControlError(400, f"{name}: a probability from 0 to 1")
            odds[name] = float(value)
        self.odds, self.seed = odds, seed
        self._streams = self._streams_of(seed)

    def course(self, tally: "Counter[str]") -> Course:
        """Decide how the next event travels."""
        course = Course()
        for name, strike in FAULTS.items():
            rng = self._streams[name]
            if rng.random() < self.odds[name]:
                course = strike(course, rng, tally)
        return course

    def describe(self) -> dict[str, object]:
        """Give the odds and the seed."""
        return {**self.odds, "seed": self.seed}

    @staticmethod
    def _streams_of(seed: int) -> dict[str, random.Random]:
        return {name: random.Random(f"{seed}/{name}") for name in FAULTS}  # noqa: S311 (repeatable, not secret)
