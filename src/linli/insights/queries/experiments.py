"""What a send did: everyone assigned to it, confirmed or not, against the holdout."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from linli.insights.queries.ground import Ground, Row, ask
from linli.insights.statistics import Difference, Interval, Moments, sample_ratio, share_difference, welch, wilson

WINDOWS = (7, 14, 30)
WINDOW = 14
PAGE = 20


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One side: how many people, how many of them bought within the days, what all of them spent per head."""

    people: int
    buyers: int
    spend: Moments

    @property
    def rate(self) -> float | None:
        """Buyers ÷ people."""
        return self.buyers / self.people if self.people else None

    @property
    def interval(self) -> Interval:
        """The rate's interval (Wilson)."""
        return wilson(self.buyers, self.people)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One send. `over` says whether the days have passed for everyone; `ratio_p` is small when the draw went wrong."""

    send_id: int
    name: str
    state: str
    at: datetime
    days: int
    over: bool
    message: Arm
    holdout: Arm
    ratio_p: float

    @property
    def bought(self) -> Difference | None:
        """Share who bought, message less holdout (Newcombe); None without a holdout."""
        return share_difference(self.message.buyers, self.message.people, self.holdout.buyers, self.holdout.people)

    @property
    def spent(self) -> Difference | None:
        """Spend per head, message less holdout (Welch)."""
        return welch(self.message.spend, self.holdout.spend)

    @property
    def verdict(self) -> str:
        """On who bought: `none` (no holdout), `early`, `few` (too few people), `no_effect`, `more` or `less`."""
        return self._verdict(self.bought)

    @property
    def spent_verdict(self) -> str:
        """The same on spend per head."""
        return self._verdict(self.spent)

    def _verdict(self, found: Difference | None) -> str:
        if not self.holdout.people or not self.message.people:
            return "none"
        if not self.over:
            return "early"
        if found is None:
            return "few"
        if not found.shown:
            return "no_effect"
        return "more" if found.value > 0 else "less"


@dataclass(frozen=True, kw_only=True)
class Comparisons:
    """A page of sends, newest first, and how many there are in all."""

    items: list[Comparison]
    whole: int


def comparisons(on: Ground, *, days: int = WINDOW, offset: int = 0, limit: int = PAGE) -> Comparisons:
    """The sends that reached clerks; two queries, however many sends."""
    sends = ask("sends_compared", on, limit=limit, offset=offset)
    arms: dict[tuple[int, bool], Row] = {}
    if sends:
        rows = ask("holdout", on, sends=[row["id"] for row in sends], days=days)
        arms = {(row["send_id"], row["held_out"]): row for row in rows}
    return Comparisons(
        items=[_comparison(row, arms, on, days) for row in sends], whole=sends[0]["whole"] if sends else 0
    )


def _comparison(send: Row, arms: dict[tuple[int, bool], Row], on: Ground, days: int) -> Comparison:
    message, holdout = _arm(arms.get((send["id"], False))), _arm(arms.get((send["id"], True)))
    meant = send["holdout_percent"] / 100
    _, ratio_p = sample_ratio([message.people, holdout.people], [1 - meant, meant]) if meant else (0.0, 1.0)
    return Comparison(
        send_id=send["id"],
        name=send["name"],
        state=send["state"],
        at=send["tasked_at"],
        days=days,
        over=send["tasked_at"] + timedelta(days=days) <= on.as_of,
        message=message,
        holdout=holdout,
        ratio_p=ratio_p,
    )


def _arm(row: Row | None) -> Arm:
    if row is None:
        return Arm(people=0, buyers=0, spend=Moments(0, 0.0, 0.0))
    spend = Moments(row["people"], float(row["spend_mean"]), float(row["spend_variance"]))
    return Arm(people=row["people"], buyers=row["buyers"], spend=spend)
