"""The figures of the demo's report, as plain values."""

from dataclasses import asdict
from typing import Any

from linli.insights.queries import experiments, rfm
from linli.insights.queries.ground import Ground, ask
from linli.insights.statistics import Difference


def report(on: Ground, funnels: dict[int, Any]) -> dict[str, Any]:
    """RFM counts by both methods, the import's figures, each send's comparison; `funnels` by send id."""
    (orders,) = ask("orders_report", on)
    found = experiments.comparisons(on, limit=1000).items
    return {
        "as_of": on.as_of.isoformat(),
        "orders": {key: int(value) for key, value in orders.items()},
        "rfm": {method: _counts(rfm.grid(on, method)) for method in rfm.METHODS},
        "sends": [{"id": one.send_id, "name": one.name, **asdict(funnels[one.send_id])} for one in found],
        "holdout": [_comparison(one) for one in found],
    }


def _counts(grid: rfm.Grid) -> dict[str, int]:
    return {part.segment: part.people for part in grid.segments}


def _comparison(one: experiments.Comparison) -> dict[str, Any]:
    return {
        "id": one.send_id,
        "name": one.name,
        "days": one.days,
        "days_over": one.over,
        "message": _arm(one.message),
        "holdout": _arm(one.holdout),
        "bought": _difference(one.bought),
        "spent": _difference(one.spent),
        "verdict": one.verdict,
        "spent_verdict": one.spent_verdict,
        "sample_ratio_p": round(one.ratio_p, 6),
    }


def _arm(arm: experiments.Arm) -> dict[str, Any]:
    return {
        "people": arm.people, "buyers": arm.buyers,
        "share": None if arm.rate is None else round(arm.rate, 6), "spend_per_head": round(arm.spend.mean, 4),
    }  # fmt: skip


def _difference(found: Difference | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {"value": round(found.value, 6), "low": round(found.interval.low, 6), "high": round(found.interval.high, 6)}
