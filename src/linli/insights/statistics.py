"""Intervals and tests for comparisons: pure functions over counts and moments.

Every interval is a 95 % one unless `level` says otherwise.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

LEVEL = 0.95
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both in the unit of what was estimated."""

    low: float
    high: float

    def covers(self, value: float) -> bool:
        """Is the value inside, bounds included?"""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Difference:
    """First minus second, with its interval."""

    value: float
    interval: Interval

    @property
    def shown(self) -> bool:
        """Does the interval leave 0 out?"""
        return not self.interval.covers(0.0)


@dataclass(frozen=True, slots=True)
class Moments:
    """What a sample of a number boils down to; `variance` is the unbiased one (n less 1)."""

    n: int
    mean: float
    variance: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Moments":
        """The moments of given values; the variance of fewer than two is 0."""
        n = len(values)
        if not n:
            return cls(0, 0.0, 0.0)
        mean = math.fsum(values) / n
        return cls(n, mean, math.fsum((v - mean) ** 2 for v in values) / (n - 1) if n > 1 else 0.0)


@dataclass(frozen=True, slots=True)
class Stratum:
    """People alike in what is matched on: those who did, and those who did not."""

    did: Moments
    did_not: Moments


def wilson(successes: int, n: int, *, level: float = LEVEL) -> Interval:
    """Wilson's score interval of a share; nobody asked means anything from 0 to 1."""
    if n == 0:
        return Interval(0.0, 1.0)
    z = _z(level)
    p = successes / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def share_difference(a: int, n_a: int, b: int, n_b: int, *, level: float = LEVEL) -> Difference | None:
    """a/n_a less b/n_b with Newcombe's hybrid score interval (1998, method 10); None when a side is empty."""
    if not n_a or not n_b:
        return None
    first, second = a / n_a, b / n_b
    one, two = wilson(a, n_a, level=level), wilson(b, n_b, level=level)
    value = first - second
    low = value - math.hypot(first - one.low, two.high - second)
    high = value + math.hypot(one.high - first, second - two.low)
    return Difference(value, Interval(low, high))


def welch(a: Moments, b: Moments, *, level: float = LEVEL) -> Difference | None:
    """Difference of two means with Welch's interval (unequal variances); None with fewer than two on a side."""
    if a.n < 2 or b.n < 2:
        return None
    value = a.mean - b.mean
    error = _welch_error(a, b)
    if not error:
        return Difference(value, Interval(value, value))
    part_a, part_b = a.variance / a.n, b.variance / b.n
    freedom = (part_a + part_b) ** 2 / (part_a**2 / (a.n - 1) + part_b**2 / (b.n - 1))
    half = student_quantile((1 + level) / 2, freedom) * error
    return Difference(value, Interval(value - half, value + half))


def welch_z(a: Moments, b: Moments) -> float:
    """The difference of two means in its standard errors."""
    error = _welch_error(a, b)
    return (a.mean - b.mean) / error if error else 0.0


def paired(differences: Moments, *, level: float = LEVEL) -> Difference | None:
    """The mean of differences within persons with Student's interval; None with fewer than two persons."""
    if differences.n < 2:
        return None
    half = student_quantile((1 + level) / 2, differences.n - 1) * math.sqrt(differences.variance / differences.n)
    return Difference(differences.mean, Interval(differences.mean - half, differences.mean + half))


def stratified(strata: Sequence[Stratum], *, level: float = LEVEL) -> Difference | None:
    """Did minus did not, within strata, weighted by those who did (the effect on those who did); normal interval.

    A stratum needs two people on each side; the caller counts what falls out (`usable`).
    """
    used = [stratum for stratum in strata if usable(stratum)]
    whole = sum(stratum.did.n for stratum in used)
    if not whole:
        return None
    value = variance = 0.0
    for stratum in used:
        weight = stratum.did.n / whole
        value += weight * (stratum.did.mean - stratum.did_not.mean)
        variance += weight**2 * _welch_error(stratum.did, stratum.did_not) ** 2
    half = _z(level) * math.sqrt(variance)
    return Difference(value, Interval(value - half, value + half))


def usable(stratum: Stratum) -> bool:
    """Can this stratum be compared at all?"""
    return stratum.did.n >= 2 and stratum.did_not.n >= 2


def sample_ratio(counts: Sequence[int], shares: Sequence[float]) -> tuple[float, float]:
    """Chi-square of the counts against the shares that were meant, and its p-value; (0, 1) for an empty sample."""
    whole = sum(counts)
    if not whole:
        return 0.0, 1.0
    total = math.fsum(shares)
    meant = [whole * share / total for share in shares]
    square = math.fsum((count - want) ** 2 / want for count, want in zip(counts, meant, strict=True) if want)
    return square, chi_square_tail(square, len(counts) - 1)


def chi_square_tail(x: float, freedom: int) -> float:
    """P(chi-square with `freedom` degrees > x), by the recursion from 1 or 2 degrees."""
    if freedom < 1:
        return 1.0
    tail = math.erfc(math.sqrt(x / 2)) if freedom % 2 else math.exp(-x / 2)
    for k in range(1 if freedom % 2 else 2, freedom, 2):
        tail += (x / 2) ** (k / 2) * math.exp(-x / 2) / math.gamma(k / 2 + 1)
    return tail


def percentile(values: Sequence[float], q: float) -> float:
    """The q-th part (0 to 1) of sorted values, linear between neighbours (as numpy's default)."""
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def student_quantile(p: float, freedom: float) -> float:
    """The point below which Student's t with `freedom` degrees falls with probability p (0.5 ≤ p < 1)."""
    if freedom > 1e6:
        return _NORMAL.inv_cdf(p)
    low, high = 0.0, 2.0
    while _student_cdf(high, freedom) < p:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if _student_cdf(middle, freedom) < p else (low, middle)
    return (low + high) / 2


def _student_cdf(t: float, freedom: float) -> float:
    return 1 - _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0.0 or x >= 1.0:
        return min(1.0, max(0.0, x))
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 500):
        step = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + step * d)
        c = 1 + step / c
        fraction *= c * d
        step = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / (1 + step * d)
        c = 1 + step / c
        fraction *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return front * fraction / a


def _welch_error(a: Moments, b: Moments) -> float:
    return math.sqrt(a.variance / a.n + b.variance / b.n)


def _z(level: float) -> float:
    return _NORMAL.inv_cdf((1 + level) / 2)
