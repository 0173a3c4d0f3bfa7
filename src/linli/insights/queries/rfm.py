"""The RFM grid, from the scores that commerce keeps."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from linli.insights.queries.ground import Ground, Row, ask

METHODS = ("published", "default")
# From the best to the lost; also the order of the tables.
SEGMENTS = (
    "champions", "loyal_customers", "potential_loyalists", "new_customers", "promising",
    "need_attention", "about_to_sleep", "at_risk", "cant_lose", "hibernating",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Part:
    """People and their spend, with their shares of the whole (0 to 1)."""

    people: int
    spend: Decimal
    people_share: float
    spend_share: float


@dataclass(frozen=True, kw_only=True)
class Cell(Part):
    """One of the 25: R and F scores, 5 is best."""

    r: int
    f: int
    segment: str


@dataclass(frozen=True, kw_only=True)
class SegmentPart(Part):
    """All of one segment."""

    segment: str


@dataclass(frozen=True, kw_only=True)
class Grid:
    """`cells` has all 25, R 5 first, F 1 first; empty ones are zeros. `as_of` is None when nothing was scored yet."""

    method: str
    as_of: date | None
    people: int
    spend: Decimal
    cells: list[Cell]
    segments: list[SegmentPart]

    @property
    def rows(self) -> list[list[Cell]]:
        """The cells by R, 5 first."""
        return [self.cells[place : place + 5] for place in range(0, 25, 5)]

    @property
    def largest(self) -> int:
        """The most people in one cell."""
        return max(cell.people for cell in self.cells)


def grid(on: Ground, method: str) -> Grid:
    """The grid by one method; one query."""
    rows = ask("rfm_grid", on, method=method)
    people = sum(row["people"] for row in rows)
    spend = sum((row["spend"] for row in rows), Decimal(0))
    cells = [
        Cell(r=r, f=f, segment=segment_of(r, f), **_part(_of(rows, r=r, f=f), people, spend))
        for r in range(5, 0, -1)
        for f in range(1, 6)
    ]
    segments = [SegmentPart(segment=name, **_part(_of(rows, segment=name), people, spend)) for name in SEGMENTS]
    return Grid(
        method=method,
        as_of=max((row["as_of"] for row in rows), default=None),
        people=people,
        spend=spend,
        cells=cells,
        segments=segments,
    )


def segment_of(r: int, f: int) -> str:
    """The segment of a cell; commerce scores both methods by this one grid (the published one)."""
    if r <= 2:
        return "hibernating" if f <= 2 else "at_risk" if f <= 4 else "cant_lose"
    if r == 3:
        return "about_to_sleep" if f <= 2 else "need_attention" if f == 3 else "loyal_customers"
    if f == 1:
        return "promising" if r == 4 else "new_customers"
    if r == 4:
        return "potential_loyalists" if f <= 3 else "loyal_customers"
    return "potential_loyalists" if f <= 3 else "champions"


def _of(rows: list[Row], **wanted: object) -> list[Row]:
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def _part(rows: list[Row], people: int, spend: Decimal) -> dict[str, Any]:
    n = sum(row["people"] for row in rows)
    m = sum((row["spend"] for row in rows), Decimal(0))
    return {
        "people": n, "spend": m,
        "people_share": n / people if people else 0.0, "spend_share": float(m / spend) if spend else 0.0,
    }  # fmt: skip
