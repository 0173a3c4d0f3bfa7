"""The file's lines as a till pushes them: orders with their lines, at most 200 a call."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from linli_demo.retail import ZONE
from linli_demo.sandbox import chunks


def batches(lines: Iterable[tuple[str, ...]], *, size: int = 200) -> Iterator[list[dict[str, Any]]]:
    """Bodies for POST /api/v1/orders."""
    ordered = sorted(lines, key=lambda line: line[0])  # stable: an invoice's lines keep their order
    return iter(
        chunks((_order(number, list(rows)) for number, rows in groupby(ordered, key=lambda line: line[0])), size)
    )


def _order(number: str, rows: list[tuple[str, ...]]) -> dict[str, Any]:
    moment = max(row[4] for row in rows)
    return {
        "number": number,
        "kind": {"C": "refund", "A": "adjustment"}.get(number[0], "order"),
        "paid_at": datetime.fromisoformat(moment).replace(tzinfo=ZONE).isoformat(),
        "buyer_ref": rows[0][6].removesuffix(".0"),
        "currency": "GBP",
        "region": rows[0][7],
        "lines": [
            {"sku": row[1], "description": row[2], "quantity": int(float(row[3])), "unit_price": row[5]} for row in rows
        ],
    }
