"""What crosses the door of commerce: plain frozen values."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Kind = Literal["order", "adjustment", "refund"]
Result = Literal["new", "known", "changed", "refused"]


@dataclass(frozen=True, kw_only=True)
class NewLine:
    """One line as the source wrote it: quantity × unit_price is its amount; a negative quantity is allowed."""

    sku: str
    quantity: int
    unit_price: Decimal
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """An order, refund or adjustment to record. `paid_at` (for a refund: when it was refunded) is aware.

    The amount is the sum of the lines; a refund's lines carry negative quantities, as exports write them.
    """

    number: str
    paid_at: datetime
    lines: tuple[NewLine, ...]
    buyer_ref: str = ""
    currency: str = "CNY"
    region: str = ""
    kind: Kind = "order"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one NewOrder; `reason` is a code of problems.REASONS when refused."""

    number: str
    kind: Kind
    result: Result
    id: int | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderInfo:
    """A recorded order or refund with its lines."""

    id: int
    source: str
    number: str
    kind: Kind
    customer_id: int | None
    buyer_ref: str
    paid_at: datetime
    amount: Decimal
    currency: str
    quantity: int
    line_count: int
    region: str
    lines: tuple[NewLine, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ImportInfo:
    """How an import stands; the counts are of what is durably in."""

    id: int
    source: str
    file_name: str
    state: str
    lines_total: int
    lines_done: int
    anonymous_lines: int
    orders_new: int
    orders_known: int
    orders_changed: int
    refunds_new: int
    refunds_known: int
    refunds_changed: int
    problem_count: int
    erased_orders: int
    error_code: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RfmCell:
    """One segment of one method: how many people and their means."""

    segment: str
    people: int
    mean_r_days: float
    mean_f: float
    mean_m: float
