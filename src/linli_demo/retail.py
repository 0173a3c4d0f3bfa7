"""UCI Online Retail as it ships in data/: its 541,909 lines in their own order, whole or for some days.

The texts are the source's, quirks included (17850.0 for a customer, 6.0 for a quantity, lines that stand twice). A line is the
tuple of its eight texts, in the order of HEADER. Times are read in the demo corp's zone.
"""

import csv
import gzip
import io
import lzma
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

PACKED = Path(__file__).resolve().parents[2] / "data" / "online_retail.xz"
HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
ZONE = ZoneInfo("Asia/Shanghai")
INVOICE, AT, CUSTOMER = 0, 4, 6
Line = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer of the file, and the moment of the first line that names them (cancellations too)."""

    mall_id: str
    first_at: datetime


def lines(first: date | None = None, last: date | None = None) -> Iterator[Line]:
    """The lines of invoices begun on the days from `first` to `last`, both included, in the file's order.

    An invoice stays whole: it belongs to the day of its first line (no invoice of the file goes over midnight).
    """
    low, high = str(first or ""), str(last or "9999")
    day_of: dict[str, str] = {}
    for line in zip(*_columns(), strict=True):
        if low <= day_of.setdefault(line[INVOICE], line[AT][:10]) <= high:
            yield line


def buyers() -> list[Buyer]:
    """The 4,372 customers in the order of their first line."""
    firsts: dict[str, str] = {}
    columns = _columns()
    for customer, at in zip(columns[CUSTOMER], columns[AT], strict=True):
        if customer and (customer not in firsts or at < firsts[customer]):
            firsts[customer] = at
    found = [
        Buyer(mall_id=customer.removesuffix(".0"), first_at=datetime.fromisoformat(at).replace(tzinfo=ZONE))
        for customer, at in firsts.items()
    ]
    return sorted(found, key=lambda buyer: (buyer.first_at, buyer.mall_id))


def csv_texts(some: Iterable[Line]) -> Iterator[str]:
    """The header and the lines as pieces of CSV; of all lines, byte for byte the source's file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for count, line in enumerate(some, start=1):
        writer.writerow(line)
        if count % 2000 == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def write_csv(target: Path, some: Iterable[Line]) -> int:
    """Write lines as CSV, packed when the name ends in .gz; returns how many lines it wrote."""
    kept = list(some)
    with (
        gzip.open(target, "wt", compresslevel=3, encoding="utf-8", newline="")
        if target.suffix == ".gz"
        else target.open("w", encoding="utf-8", newline="")
    ) as file:
        file.writelines(csv_texts(kept))
    return len(kept)


@lru_cache(maxsize=1)
def _columns() -> list[list[str]]:
    """The columns' texts; equal texts are one object, so that all of it takes 70 MB."""
    columns: list[list[str]] = []
    for column in lzma.decompress(PACKED.read_bytes()).decode().split("\0"):
        name, *cells = column.split("\n")
        if name != HEADER[len(columns)]:
            raise ValueError(f"{PACKED.name} is not the packed UCI Online Retail")
        columns.append([sys.intern(cell) for cell in cells])
    return columns
