"""ECharts options, as plain dicts; colours and formats by the house's names (docs/components.md)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from linli.console.insights.words import METRICS, RFM
from linli.insights.queries.daily import Band, Series
from linli.insights.queries.rfm import Grid

Option = dict[str, Any]


def in_and_out(series: Series, came: str, went: str) -> Option:
    """Two metrics as bars up and down."""
    return {
        "legend": {},
        "tooltip": {"valueFormatter": "@absolute"},
        "xAxis": _days(series),
        "yAxis": {"type": "value", "axisLabel": {"formatter": "@absolute"}, "minInterval": 1},
        "series": [
            _bars(str(METRICS[came][0]), [day.value(came) for day in series.days], "@chart-1"),
            _bars(str(METRICS[went][0]), [-(day.value(went) or 0) for day in series.days], "@chart-2"),
        ],
    }


def with_band(series: Series, metric: str, *, percent: bool = False) -> Option:
    """A metric as a line over the band of what is usual for such a day."""
    shown = "@percent" if percent else "@compact"
    bands = series.bands[metric]
    return {
        "legend": {},
        "tooltip": {"valueFormatter": "@percent" if percent else "@thousands"},
        "xAxis": _days(series),
        "yAxis": {"type": "value", "axisLabel": {"formatter": shown}},
        "series": [
            _edge(_("Usual from"), bands, "low"),
            _edge(_("Usual to"), bands, "high"),
            {
                "name": str(METRICS[metric][0]), "type": "line", "showSymbol": len(series.days) <= 31,
                "data": [day.value(metric) for day in series.days],
                "itemStyle": {"color": "@chart-1"}, "lineStyle": {"color": "@chart-1"},
            },
        ],
    }  # fmt: skip


def rfm_shares(grid: Grid, links: Sequence[str]) -> Option:
    """Each segment's share of people beside its share of spend."""
    parts = list(reversed(grid.segments))
    backwards = list(reversed(links))

    def bars(name: str, values: Sequence[float], colour: str) -> Option:
        data = [{"value": value, "href": link} for value, link in zip(values, backwards, strict=True)]
        return {"name": name, "type": "bar", "data": data, "itemStyle": {"color": colour}}

    return {
        "legend": {},
        "tooltip": {"valueFormatter": "@percent"},
        "xAxis": {"type": "value", "axisLabel": {"formatter": "@percent"}},
        "yAxis": {"type": "category", "data": [str(RFM[part.segment][0]) for part in parts]},
        "series": [
            bars(_("Share of spend"), [part.spend_share for part in parts], "@chart-1"),
            bars(_("Share of people"), [part.people_share for part in parts], "@chart-4"),
        ],
    }


def _days(series: Series) -> Option:
    return {"type": "category", "data": [f"{day.day.month}/{day.day.day}" for day in series.days]}


def _bars(name: str, data: Sequence[float | None], colour: str) -> Option:
    return {"name": name, "type": "bar", "stack": "one", "data": list(data), "itemStyle": {"color": colour}}


def _edge(name: str, bands: Sequence[Band | None], side: str) -> Option:
    return {
        "name": name, "type": "line", "step": "middle", "symbol": "none",
        "data": [None if band is None else round(getattr(band, side), 4) for band in bands],
        "itemStyle": {"color": "@chart-4"}, "lineStyle": {"color": "@chart-4", "width": 1, "type": "dashed"},
    }  # fmt: skip


def lines(
    days: Sequence[date], values: Sequence[tuple[str, Sequence[float | None]]], *, percent: bool = False
) -> Option:
    """Several metrics as lines; a day of which nothing is known is a gap."""
    formatter = "@percent" if percent else "@thousands"
    return {
        "legend": {},
        "tooltip": {"valueFormatter": formatter},
        "xAxis": {"type": "category", "data": [f"{day.month}/{day.day}" for day in days]},
        "yAxis": {"type": "value", "axisLabel": {"formatter": "@percent" if percent else "@compact"}},
        "series": [
            {
                "name": name, "type": "line", "showSymbol": len(days) <= 31, "data": list(data),
                "itemStyle": {"color": f"@chart-{n}"}, "lineStyle": {"color": f"@chart-{n}"},
            }
            for n, (name, data) in enumerate(values, start=1)
        ],
    }  # fmt: skip
