"""What a seed came to."""

from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What a seed came to; `wrong` is empty when all that is promised held."""

    seed: int
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
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
