"""The door of commerce: bring orders in, ask what people bought, keep the figures that are made of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from linli.commerce import cells, imports, operations, problems, queries, rfm
from linli.commerce.cells import BadCell
from linli.commerce.keeping import forget_drafts, forget_problems
from linli.commerce.mapping import UCI, ColumnMapping
from linli.commerce.names import checked_source
from linli.commerce.queries import Figures
from linli.commerce.types import ImportInfo, NewLine, NewOrder, OrderInfo, Outcome, RfmCell
from linli.kit.errors import BadInput

__all__ = [
    "UCI",
    "BadValue",
    "ColumnMapping",
    "Figures",
    "ImportInfo",
    "NewLine",
    "NewOrder",
    "OrderInfo",
    "Outcome",
    "RfmCell",
    "attach_buyer",
    "cancel_import",
    "checked_source",
    "figures",
    "forget_drafts",
    "forget_problems",
    "import_file",
    "import_info",
    "order",
    "read_moment",
    "read_price",
    "read_quantity",
    "reason_text",
    "recompute_rfm",
    "record_orders",
    "rfm_grid",
    "rfm_summary",
    "spend_between",
    "start_import",
    "upload",
]  # fmt: skip


_T = TypeVar("_T")
BadValue = BadInput


def read_moment(text: str, *, zone: str) -> datetime:
    """A moment as orders write it, in UTC; without an offset it is in `zone`. BadValue with a code of `reason_text`."""
    return _read(cells.Moments(zone=zone, order="ymd"), text)


def read_price(text: str) -> Decimal:
    """A unit price of at most four decimal places. BadValue with a code of `reason_text`."""
    return _read(cells.price, text)


def read_quantity(text: str) -> int:
    """A whole number. BadValue with a code of `reason_text`."""
    return _read(cells.quantity, text)


def _read(reader: Callable[[str], _T], text: str) -> _T:
    try:
        return reader(text)
    except BadCell as bad:
        raise BadValue(bad.reason, problems.sentence(bad.reason, bad.detail)) from None


def reason_text(*, code: str) -> str:
    """Why an order is refused, as a sentence in the reader's language."""
    return problems.sentence(code)


def record_orders(*, corp_id: int, source: str, orders: Sequence[NewOrder]) -> list[Outcome]:
    """Record orders, refunds and adjustments by source + number; the outcome of each in the order given.

    The same content again is "known"; other content is "changed": the lines are replaced and the totals moved.
    """
    return operations.record_orders(corp_id=corp_id, source=source, orders=orders)


def attach_buyer(*, corp_id: int, mall_id: str, customer_id: int) -> int:
    """Everything this mall member bought belongs to this customer from now on; returns how many documents moved."""
    return operations.attach_buyer(corp_id=corp_id, mall_id=mall_id, customer_id=customer_id)


def order(*, corp_id: int, source: str, number: str) -> OrderInfo | None:
    """One order or refund with its lines, or None."""
    return queries.order_info(corp_id, source=source, number=number)


def spend_between(*, corp_id: int, since: datetime, until: datetime) -> list[tuple[int, Decimal]]:
    """(customer_id, paid minus refunded) for everyone with an order or refund in [since, until)."""
    return queries.spend_between(corp_id, since=since, until=until)


def figures(*, corp_id: int) -> Figures:
    """Lines, invoices and customers that are in, counted from the rows."""
    return queries.figures(corp_id)


def upload(*, corp_id: int, source: str, files: Iterable[tuple[str, BinaryIO]], created_by: str = "") -> int:
    """Keep an upload (one file, or the parts of a cut one in their order) as a draft import; returns the run's id."""
    return imports.upload(corp_id=corp_id, source=source, files=files, created_by=created_by)


def start_import(*, corp_id: int, run_id: int, source: str, mapping: ColumnMapping) -> None:
    """Confirm how a draft is to be read and hand it to a job."""
    imports.start(corp_id=corp_id, run_id=run_id, source=source, mapping=mapping)


def import_file(
    *, corp_id: int, source: str, path: Path, mapping: ColumnMapping = UCI, created_by: str = ""
) -> ImportInfo:
    """Import a file that lies on this machine, here and now (scripts, the demo); the file stays where it is."""
    return imports.import_file(corp_id=corp_id, source=source, path=path, mapping=mapping, created_by=created_by)


def cancel_import(*, corp_id: int, run_id: int) -> None:
    """Stop a run behind its present chunk; what is in stays in, and importing the file again completes it."""
    imports.cancel(corp_id=corp_id, run_id=run_id)


def import_info(*, corp_id: int, run_id: int) -> ImportInfo:
    """How an import stands; NotFound when there is no such run."""
    return imports.info(corp_id=corp_id, run_id=run_id)


def recompute_rfm(*, corp_id: int, as_of: date | None = None) -> Mapping[str, int]:
    """Score every customer by both methods as of a day (today if none); returns method → people scored."""
    return rfm.recompute(corp_id, as_of)


def rfm_summary(*, corp_id: int, method: str) -> list[RfmCell]:
    """The stored segments of a method with people and means, best segment first."""
    return rfm.summary(corp_id, method)


def rfm_grid(*, corp_id: int, method: str) -> list[dict[str, Any]]:
    """People for each pair of R and F score: [{"r", "f", "people", "segment"}], 25 cells at most."""
    return rfm.grid(corp_id, method)
