"""What joining a group goes with: within persons, and against people who did not join."""

from collections.abc import Mapping
from dataclasses import dataclass

from linli.insights.queries.ground import Ground, Row, ask
from linli.insights.statistics import Difference, Moments, Stratum, paired, stratified, usable

DAYS = 90
PAIRED = ("often", "active", "spend", "week")
MATCHED = ("orders", "spend", "again", "week")


@dataclass(frozen=True, kw_only=True)
class Side:
    """One measure on both sides of joining, over `n` people measured on both."""

    measure: str
    n: int
    before: float | None
    after: float | None
    difference: Difference | None


@dataclass(frozen=True, kw_only=True)
class Paired:
    """Of `joined` people `comparable` were observed long enough on both sides; `sides` is empty when nobody was."""

    days: int
    joined: int
    comparable: int
    sides: list[Side]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One measure of members and of people like them, weighted as the members are."""

    measure: str
    members: float
    others: float
    difference: Difference


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Members compared with non-members alike; what fell out is counted: joined later, or nobody like them."""

    days: int
    members: int
    others: int
    later: int
    members_used: int
    others_used: int
    strata_used: int
    strata: int
    effects: list[Effect]


def before_and_after(on: Ground, *, days: int = DAYS) -> Paired:
    """Within persons; one query."""
    rows = {row["name"]: row for row in ask("joining_paired", on, days=days)}
    head = rows[""]
    sides = [_side(rows[name]) for name in PAIRED if name in rows]
    return Paired(days=days, joined=head["joined"], comparable=head["comparable"], sides=sides)


def against_others(on: Ground, *, days: int = DAYS) -> Matched:
    """Members against non-members, matched; one query."""
    rows = ask("joining_matched", on, days=days)
    later = sum(row["n"] for row in rows if row["side"] == "later")
    pairs: dict[tuple[object, object], dict[str, Row]] = {}
    for row in rows:
        if row["side"] != "later":
            pairs.setdefault((row["month"], row["quintile"]), {})[row["side"]] = row
    sizes = [_stratum(pair, "orders") for pair in pairs.values()]
    used = [one for one in sizes if usable(one)]
    return Matched(
        days=days,
        members=sum(one.did.n for one in sizes),
        others=sum(one.did_not.n for one in sizes),
        later=later,
        members_used=sum(one.did.n for one in used),
        others_used=sum(one.did_not.n for one in used),
        strata_used=len(used),
        strata=len(sizes),
        effects=[found for name in MATCHED if (found := _effect(name, [_stratum(p, name) for p in pairs.values()]))],
    )


def _side(row: Row) -> Side:
    moments = Moments(row["n"], float(row["difference"]), float(row["variance"]))
    return Side(
        measure=row["name"],
        n=row["n"],
        before=float(row["before"]),
        after=float(row["after"]),
        difference=paired(moments),
    )


def _stratum(pair: Mapping[str, Row], measure: str) -> Stratum:
    return Stratum(did=_moments(pair.get("did"), measure), did_not=_moments(pair.get("did_not"), measure))


def _moments(row: Row | None, measure: str) -> Moments:
    if row is None:
        return Moments(0, 0.0, 0.0)
    return Moments(row["n"], float(row[f"{measure}_mean"]), float(row[f"{measure}_variance"]))


def _effect(measure: str, strata: list[Stratum]) -> Effect | None:
    found = stratified(strata)
    if found is None:
        return None
    used = [one for one in strata if usable(one)]
    whole = sum(one.did.n for one in used)
    members = sum(one.did.n * one.did.mean for one in used) / whole
    return Effect(measure=measure, members=members, others=members - found.value, difference=found)
