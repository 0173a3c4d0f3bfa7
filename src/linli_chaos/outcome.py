"""What a seed came to."""

from dataclasses import dataclass, field

# The kinds of story; what was recorded before there were two is of the first.
TRADE, TURNOVER = KINDS = ("trade", "turnover")


@dataclass
class Outcome:
    """What a seed came to; `wrong` is empty when all that is promised held."""

    seed: int
    kind: str = TRADE
    events: int = 0
    dropped: int = 0
    reconciled: int = 0
    missed: int = 0
    undetectable: int = 0
    lost: int = 0
    welcomes: int = 0
    late: int = 0
    tasks: int = 0
    played: dict[str, int] = field(default_factory=dict)
    deaths: dict[str, int] = field(default_factory=dict)
    points: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)  # what a kind counts of its own
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
