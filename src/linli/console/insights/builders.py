"""The tables of the insights pages, each from its figures."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from linli.console.insights.tables import Column, Table, Value
from linli.console.insights.words import EFFECTS, MEASURES, METRICS, RFM, SPENT_VERDICTS, VERDICTS
from linli.console.templatetags.linli import num
from linli.insights.queries.daily import Series
from linli.insights.queries.experiments import Comparison, Comparisons
from linli.insights.queries.joining import Matched, Paired
from linli.insights.queries.purchases import Cohort
from linli.insights.queries.rfm import Grid
from linli.insights.queries.visitors import Conversion
from linli.insights.statistics import Difference

_KINDS = {"spend": "money", "refunded": "money", "known_share": "share", "net_joins": "signed"}
DAILY = (
    "added",
    "kept",
    "lost",
    "joins",
    "leaves",
    "net_joins",
    "orders",
    "payers",
    "spend",
    "known_share",
    "refunded",
)


def daily(series: Series) -> Table:
    """Every day, newest first, all metrics."""
    keys = daily_keys(series)
    columns = [Column(_("Day"), "day"), *(Column(METRICS[key][0], _KINDS.get(key, "whole")) for key in keys)]
    rows = [[day.day, *(getattr(day, key) for key in keys)] for day in reversed(series.days)]
    return Table("daily", _("Day by day"), columns, rows)


def daily_keys(series: Series) -> list[str]:
    """The metrics; of a part all orders are known customers', so their share says nothing."""
    return [key for key in DAILY if series.ground.part is None or key != "known_share"]


def daily_part(series: Series, name: str, *metrics: str) -> Table:
    """Some metrics day by day, each with its band when there is only one."""
    whole = daily(series)
    table = whole.part(name, whole.title, [0, *(daily_keys(series).index(metric) + 1 for metric in metrics)])
    if len(metrics) > 1:
        return table
    kind = table.columns[1].kind
    bands = list(reversed(series.bands[metrics[0]]))
    columns = [*table.columns, Column(_("Usual from"), kind), Column(_("Usual to"), kind)]
    rows = [
        [*row, None if band is None else band.low, None if band is None else band.high]
        for row, band in zip(table.rows, bands, strict=True)
    ]
    return Table(name, whole.title, columns, rows)


def segment_link(segment: str, method: str) -> str:
    """The page of a new segment with this condition filled in, as far as it is there."""
    definition = {"kind": "rfm", "segments": [segment], "method": method}
    for name in ("segments:new", "segments:index"):
        try:
            return reverse(name) + "?" + urlencode({"definition": json.dumps(definition, separators=(",", ":"))})
        except NoReverseMatch:
            continue
    return ""


def rfm_segments(grid: Grid, *, links: bool = True) -> Table:
    """The ten segments; each leads to a segment of its people for who may make one."""
    columns = [
        Column(_("Segment")), Column(_("What they do")), Column(_("People"), "whole"),
        Column(_("Share of people"), "share"), Column(_("Spend"), "money"), Column(_("Share of spend"), "share"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [*RFM[part.segment], part.people, part.people_share, part.spend, part.spend_share] for part in grid.segments
    ]
    leads = [segment_link(part.segment, grid.method) if links else "" for part in grid.segments]
    return Table(f"rfm-{grid.method}", _("Segments"), columns, rows, leads)


def rfm_cells(grid: Grid) -> Table:
    """The 25 cells."""
    columns = [
        Column("R", "whole"), Column("F", "whole"), Column(_("Segment")), Column(_("People"), "whole"),
        Column(_("Share of people"), "share"), Column(_("Spend"), "money"), Column(_("Share of spend"), "share"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [cell.r, cell.f, RFM[cell.segment][0], cell.people, cell.people_share, cell.spend, cell.spend_share]
        for cell in grid.cells
    ]
    return Table(f"rfm-cells-{grid.method}", _("Cells"), columns, rows)


def visitors(found: Conversion) -> Table:
    """All shops."""
    columns = [
        Column(_("Shop")), Column(_("City")), Column(_("Real visits"), "whole"), Column(_("Simulated visits"), "whole"),
        Column(_("Scanned and added"), "whole"), Column(_("Of visitors"), "share"),
        Column(_("Of them in a group"), "whole"), Column(_("Of those added"), "share"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [
            shop.name or _("No shop"), shop.city, shop.visits, shop.simulated,
            shop.scans, shop.scan_rate, shop.joins, shop.join_rate,
        ]
        for shop in found.shops
    ]  # fmt: skip
    return Table("visitors", _("Shop by shop"), columns, rows)


def cohorts(found: list[Cohort]) -> Table:
    """Share who bought in each month since; empty where the month has not come."""
    longest = max((len(cohort.active) for cohort in found), default=0)
    columns = [
        Column(_("First purchase in")), Column(_("People"), "whole"),
        *(Column(f"+{k}", "share") for k in range(longest)),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for cohort in found:
        shares = [share for _n, share in cohort.cells]
        rows.append([f"{cohort.month:%Y-%m}", cohort.people, *shares, *([None] * (longest - len(shares)))])
    return Table("cohorts", _("Who came back, by month of first purchase"), columns, rows)


def paired(found: Paired) -> Table:
    """Before against after."""
    columns = [
        Column(_("Measure")), Column(_("People measured"), "whole"), Column(_("Before")), Column(_("After")),
        Column(_("Difference")), Column(_("Interval")),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for side in found.sides:
        label, _formula, kind = MEASURES[side.measure]
        shown = Column("", kind)
        rows.append([label, side.n, shown.show(side.before), shown.show(side.after), *_spread(side.difference, kind)])
    return Table("joining-paired", _("Before against after"), columns, rows)


def matched(found: Matched) -> Table:
    """Members against others."""
    columns = [
        Column(_("Measure")), Column(_("People who joined")), Column(_("Others like them")),
        Column(_("Difference")), Column(_("Interval")),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for effect in found.effects:
        label, _formula, kind = EFFECTS[effect.measure]
        shown = Column("", kind)
        members, others = shown.show(effect.members), shown.show(effect.others)
        rows.append([label, members, others, *_spread(effect.difference, kind)])
    return Table("joining-matched", _("Members against people like them"), columns, rows)


def sends(found: Comparisons) -> Table:
    """Every send's comparison in figures."""
    columns = [
        Column(_("Send")), Column(_("Tasks made on"), "day"), Column(_("Days"), "whole"),
        Column(_("Assigned the message"), "whole"), Column(_("Bought"), "whole"), Column(_("Share"), "share"),
        Column(_("Held out"), "whole"), Column(_("Bought"), "whole"), Column(_("Share"), "share"),
        Column(_("Difference"), "share"), Column(_("Interval from"), "share"), Column(_("Interval to"), "share"),
        Column(_("Spend per head, message"), "money"), Column(_("Spend per head, holdout"), "money"),
        Column(_("Difference"), "money"), Column(_("Interval from"), "money"), Column(_("Interval to"), "money"),
        Column(_("Verdict on who bought")), Column(_("Verdict on spend")),
    ]  # fmt: skip
    return Table("sends", _("Comparisons"), columns, [_send(one) for one in found.items])


def send_arms(one: Comparison) -> Table:
    """One send's two sides."""
    columns = [
        Column(_("Side")), Column(_("People"), "whole"), Column(_("Bought"), "whole"), Column(_("Share"), "share"),
        Column(_("Interval")), Column(_("Spend per head"), "money"),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for label, arm in ((_("Assigned the message"), one.message), (_("Held out"), one.holdout)):
        spread = _range(arm.interval.low, arm.interval.high, "share") if arm.people else "–"
        rows.append([label, arm.people, arm.buyers, arm.rate, spread, arm.spend.mean if arm.people else None])
    return Table(f"send-{one.send_id}", one.name, columns, rows)


def spread_words(found: Difference | None, kind: str) -> Mapping[str, str]:
    """A difference and its interval in words, percentage points where shares are compared."""
    value, interval = _spread(found, kind)
    return {"value": value, "interval": interval}


def _send(one: Comparison) -> list[Value]:
    bought, spent = one.bought, one.spent
    row: list[Value] = [one.name, one.at.date(), one.days]
    for arm in (one.message, one.holdout):
        row += [arm.people, arm.buyers, arm.rate]
    row += [bought.value, bought.interval.low, bought.interval.high] if bought else [None] * 3
    row += [arm.spend.mean if arm.people else None for arm in (one.message, one.holdout)]
    row += [spent.value, spent.interval.low, spent.interval.high] if spent else [None] * 3
    return [*row, VERDICTS[one.verdict], SPENT_VERDICTS[one.spent_verdict]]


def _spread(found: Difference | None, kind: str) -> tuple[str, str]:
    if found is None:
        return "–", str(_("too few people"))
    kind = "points" if kind == "share" else kind
    sign = "+" if found.value > 0 else ""
    return sign + _shown(found.value, kind), _range(found.interval.low, found.interval.high, kind)


def _range(low: float, high: float, kind: str) -> str:
    first = num(low * 100, 1) if kind == "points" else _shown(low, kind)
    return str(_("%(low)s to %(high)s") % {"low": first, "high": _shown(high, kind)})


def _shown(value: float, kind: str) -> str:
    if kind == "points":  # the difference of two shares is no share
        return str(_("%(n)s points") % {"n": num(value * 100, 1)})
    return Column("", kind).show(value)
