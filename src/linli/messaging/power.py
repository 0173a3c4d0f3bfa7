"""How small a lift a send could show: two proportions, two-sided 5 %, power 80 %."""

import math
from dataclasses import dataclass

Z_ALPHA = 1.959964
Z_POWER = 0.841621
FALLBACK_RATE = 0.10


@dataclass(frozen=True, slots=True)
class Power:
    """`lift` is relative (0.38 means 38 %), None where an arm is empty; `rate` is the base it was reckoned with."""

    lift: float | None
    rate: float
    measured: bool


def detectable(with_message: int, held_out: int, rate: float | None) -> Power:
    """The smallest relative lift that these arms would show four times out of five."""
    measured = rate is not None and 0 < rate < 1
    base = rate if measured and rate is not None else FALLBACK_RATE
    if not with_message or not held_out:
        return Power(None, base, measured)
    spread = math.sqrt(base * (1 - base) * (1 / with_message + 1 / held_out))
    return Power((Z_ALPHA + Z_POWER) * spread / base, base, measured)
