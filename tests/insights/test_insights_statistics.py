"""The statistics against figures that others published, and against tables."""

import csv

import pytest

from linli.insights.statistics import (
    Interval,
    Moments,
    Stratum,
    chi_square_tail,
    paired,
    percentile,
    sample_ratio,
    share_difference,
    stratified,
    student_quantile,
    usable,
    welch,
    welch_z,
    wilson,
)


class near:  # noqa: N801 - reads as a sentence
    """An interval as printed, to four places."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    def __eq__(self, other):
        return (other.low, other.high) == (pytest.approx(self.low, abs=6e-5), pytest.approx(self.high, abs=6e-5))

    __hash__ = None

    def __repr__(self):
        return f"near({self.low}, {self.high})"


def test_wilson_equals_newcombe_1998_table_1():
    assert wilson(81, 263) == near(0.2553, 0.3662)
    assert wilson(15, 148) == near(0.0624, 0.1605)
    assert wilson(0, 20) == near(0.0, 0.1611)
    assert wilson(1, 29) == near(0.0061, 0.1718)


def test_share_difference_equals_newcombe_1998_method_10():
    assert share_difference(56, 70, 48, 80).interval == near(0.0524, 0.3339)
    assert share_difference(9, 10, 3, 10).interval == near(0.1705, 0.8090)
    assert share_difference(10, 10, 0, 20).interval == near(0.6791, 1.0)
    assert share_difference(5, 56, 0, 29).interval == near(-0.0381, 0.1926)


def test_nobody_is_not_a_share_of_zero():
    assert wilson(0, 0) == Interval(0.0, 1.0)
    assert share_difference(0, 0, 1, 5) is None
    assert welch(Moments.of([1.0]), Moments.of([1.0, 2.0])) is None
    assert paired(Moments.of([1.0])) is None
    assert stratified([]) is None


@pytest.mark.parametrize(
    ("p", "freedom", "table"),
    [
        (0.975, 1, 12.7062),
        (0.975, 5, 2.5706),
        (0.975, 10, 2.2281),
        (0.95, 30, 1.6973),
        (0.975, 120, 1.9799),
        (0.995, 8, 3.3554),
    ],
)
def test_student_equals_the_table(p, freedom, table):
    assert student_quantile(p, freedom) == pytest.approx(table, abs=5e-5)


def test_student_is_normal_in_the_end():
    assert student_quantile(0.975, 5e6) == pytest.approx(1.959964, abs=1e-6)


def test_chi_square_equals_the_table():
    assert chi_square_tail(3.8415, 1) == pytest.approx(0.05, abs=1e-5)
    assert chi_square_tail(5.9915, 2) == pytest.approx(0.05, abs=1e-5)
    assert chi_square_tail(11.0705, 5) == pytest.approx(0.05, abs=1e-5)
    assert chi_square_tail(9.4877, 4) == pytest.approx(0.05, abs=1e-5)


def test_welch_by_hand():
    # Two samples of fifteen; the interval is put together from Welch's formula term by term.
    a = Moments.of([27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4])
    b = Moments.of([27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4])
    assert (round(a.mean, 2), round(b.mean, 2)) == (20.82, 23.65)
    found = welch(a, b)
    error = (a.variance / 15 + b.variance / 15) ** 0.5
    assert welch_z(a, b) == pytest.approx(found.value / error)
    freedom = error**4 / ((a.variance / 15) ** 2 / 14 + (b.variance / 15) ** 2 / 14)
    assert found.interval.high - found.value == pytest.approx(student_quantile(0.975, freedom) * error)
    assert found.shown


def test_paired_by_hand():
    # Differences 1..5: mean 3, variance 2.5, error 0.70711, t(4) 2.77645
    found = paired(Moments.of([1, 2, 3, 4, 5]))
    assert found.interval == near(3 - 1.96324, 3 + 1.96324)


def test_stratified_weighs_by_those_who_did_and_leaves_out_what_cannot_be_compared():
    strata = [
        Stratum(Moments(10, 2.0, 1.0), Moments(5, 1.0, 1.0)),
        Stratum(Moments(30, 4.0, 1.0), Moments(5, 1.0, 1.0)),
        Stratum(Moments(1, 99.0, 0.0), Moments(50, 0.0, 1.0)),
    ]
    found = stratified(strata)
    assert [usable(one) for one in strata] == [True, True, False]
    assert found.value == pytest.approx(0.25 * 1 + 0.75 * 3)
    spread = 1.959964 * (0.25**2 * (0.1 + 0.2) + 0.75**2 * (1 / 30 + 0.2)) ** 0.5
    assert found.interval == near(2.5 - spread, 2.5 + spread)


def test_percentile_is_linear_as_numpys():
    assert percentile([1, 2, 3, 4], 0.1) == pytest.approx(1.3)
    assert percentile([4, 3, 2, 1], 0.9) == pytest.approx(3.7)
    assert percentile([7], 0.1) == 7


@pytest.fixture(scope="module")
def hillstrom():
    from pathlib import Path

    path = Path(__file__).resolve().parents[3] / "shared" / "data" / "hillstrom" / "hillstrom.csv"
    if not path.exists():
        pytest.skip("../shared is not here: the published uplift figures (Hillstrom) were NOT checked")
    arms = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            arms.setdefault(row["segment"], []).append((int(row["visit"]), int(row["conversion"]), float(row["spend"])))
    return arms


@pytest.mark.parametrize(
    ("arm", "visit", "conversion", "points", "spend", "spend_z"),
    [("Mens E-Mail", 22.6, 7.39, 0.681, 0.770, 5.30), ("Womens E-Mail", 14.0, 3.78, 0.311, 0.424, 3.26)],
)
def test_hillstrom_as_published(hillstrom, arm, visit, conversion, points, spend, spend_z):
    mailed, control = hillstrom[arm], hillstrom["No E-Mail"]
    n, m = len(mailed), len(control)

    def hits(rows, place):
        return sum(row[place] for row in rows)

    def z(place):
        return welch_z(*(Moments.of([row[place] for row in rows]) for rows in (mailed, control)))

    assert z(0) == pytest.approx(visit, abs=0.05)
    assert z(1) == pytest.approx(conversion, abs=0.005)
    bought = share_difference(hits(mailed, 1), n, hits(control, 1), m)
    assert bought.value * 100 == pytest.approx(points, abs=0.0005)
    assert bought.shown
    a, b = (Moments.of([row[2] for row in rows]) for rows in (mailed, control))
    assert welch(a, b).value == pytest.approx(spend, abs=0.0005)
    assert welch_z(a, b) == pytest.approx(spend_z, abs=0.005)


def test_hillstrom_sample_ratio(hillstrom):
    square, p = sample_ratio([len(rows) for rows in hillstrom.values()], [1, 1, 1])
    assert square == pytest.approx(0.203, abs=0.0005)
    assert p == pytest.approx(0.9035, abs=0.0005)
