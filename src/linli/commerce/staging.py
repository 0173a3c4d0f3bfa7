"""The session's own staging tables: lines go in by COPY, and come out grouped as orders in chunks.

They are temporary tables: a killed import leaves nothing behind, and nobody else's rows are ever in them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from pathlib import Path

from django.db import connection

from linli.commerce.cells import for_copy

ORDER, ADJUSTMENT, REFUND = 0, 1, 2
KINDS = {"order": ORDER, "adjustment": ADJUSTMENT, "refund": REFUND}
CHUNK_LINES = 20_000
_COPY = (
    "COPY staged_line (seq, number, kind, buyer_ref, at, sku, description, quantity, unit_price, region, currency, "
    "line_hash) FROM STDIN"
)


@cache
def sql(name: str) -> str:
    """A statement of this room, kept in sql/<name>.sql."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def line_hash(content: str) -> int:
    """64 signed bits of a line's content; their sum over an order knows no order of lines but counts doubles."""
    return int.from_bytes(blake2b(content.encode(), digest_size=8).digest(), "big", signed=True)


@dataclass(frozen=True, kw_only=True)
class StagedFigures:
    """What the whole staged content amounts to."""

    lines: int
    anonymous_lines: int
    chunks: int
    first_at: datetime | None
    last_at: datetime | None


def begin() -> None:
    """Empty staging tables for this session."""
    with connection.cursor() as cursor:
        cursor.execute(sql("staging_begin"))


def end() -> None:
    """Give the staged rows back."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS staged_line, staged_order, staged_applied")


def copy_text(rows: Iterable[str]) -> None:
    """Rows already in COPY's text format."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write(row)


def row_text(
    seq: int,
    kind: int,
    number: str,
    buyer_ref: str,
    at: datetime,
    sku: str,
    description: str,
    quantity: int,
    unit_price: Decimal,
    region: str,
    currency: str,
) -> str:
    """One staged line from plain values (the API's way; files build theirs from remembered texts)."""
    content = f"{for_copy(sku)}\t{for_copy(description)}\t{quantity}\t{unit_price}"
    return (
        f"{seq}\t{for_copy(number)}\t{kind}\t{for_copy(buyer_ref)}\t{at.isoformat()}\t{content}\t{for_copy(region)}\t"
        f"{currency}\t{line_hash(content)}\n"
    )


def group(*, chunk_lines: int = CHUNK_LINES) -> StagedFigures:
    """Make orders of the staged lines, in the file's order, and cut them into chunks of about `chunk_lines` lines."""
    with connection.cursor() as cursor:
        cursor.execute(sql("staging_group"), {"chunk_lines": chunk_lines})
        cursor.execute(sql("staging_figures"))
        lines, anonymous, chunks, first, last = cursor.fetchone()
    return StagedFigures(lines=lines, anonymous_lines=anonymous, chunks=chunks, first_at=first, last_at=last)


def buyers() -> list[str]:
    """The members named in the staged orders, sorted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT buyer_ref COLLATE \"C\" FROM staged_order WHERE buyer_ref <> '' ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def name_customers(known: dict[str, int]) -> None:
    """Write the customers' ids beside the orders of the members."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE staged_order s SET customer_id = k.id FROM unnest(%s::text[], %s::bigint[]) AS k (ref, id) "
            "WHERE s.buyer_ref = k.ref",
            [list(known), list(known.values())],
        )


def forget_buyers(refs: Iterable[str]) -> int:
    """Take these members off the staged orders, which come in as anonymous sales; returns how many orders.

    The content's hash is of the file's own words, so the same file again still finds its orders known.
    """
    with connection.cursor() as cursor:
        cursor.execute("UPDATE staged_order SET buyer_ref = '' WHERE buyer_ref = ANY(%s)", [list(refs)])
        return int(cursor.rowcount)


@contextmanager
def session() -> Iterator[None]:
    """Staging tables for the time of a `with`."""
    begin()
    try:
        yield
    finally:
        if connection.is_usable():
            end()
