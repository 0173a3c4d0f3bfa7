"""Small files of orders, brought in as a person would bring them in."""

import csv
import io
from collections.abc import Sequence

from linli.commerce import api as commerce
from linli.commerce.mapping import UCI
from linli.commerce.models import CustomerTotals, ImportRun, Order, OrderLine, Refund, RefundLine
from linli.kit.clock import now

HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]


def line(
    number, sku="A", quantity="1", price="2.50", buyer="17850.0", at="2010-12-01 08:26:00", text="MUG", country="UK"
):
    return [number, sku, text, quantity, at, price, buyer, country]


def as_csv(rows: Sequence[Sequence[str]], encoding: str = "utf-8", header: Sequence[str] = HEADER) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode(encoding)


def begin_run(corp_id: int, tmp_path, parts: Sequence[bytes], mapping=UCI, source="uci") -> ImportRun:
    files = []
    for number, body in enumerate(parts):
        path = tmp_path / f"part-{ImportRun.objects.count()}-{number}.csv"
        path.write_bytes(body)
        files.append({"name": path.name, "path": str(path)})
    return ImportRun.objects.create(
        corp_id=corp_id,
        source=source,
        file_name="orders.csv",
        files=files,
        mapping=mapping.to_json(),
        state=ImportRun.State.WAITING,
        created_at=now(),
    )


def everything(corp_id: int) -> dict[str, list]:
    """What is in, without ids and moments of recording: equal when two ways in came to the same."""
    documents = (
        "source",
        "number",
        "buyer_ref",
        "amount",
        "currency",
        "quantity",
        "line_count",
        "region",
        "content_hash",
    )
    lines = ("sku", "description", "quantity", "unit_price")
    refs = dict(Order.objects.filter(corp_id=corp_id).values_list("customer_id", "buyer_ref"))
    refs |= dict(Refund.objects.filter(corp_id=corp_id).values_list("customer_id", "buyer_ref"))
    totals = ("first_paid_at", "last_paid_at", "order_count", "line_count", "quantity", "amount", "refund_count",
              "refund_amount", "last_refunded_at")  # fmt: skip
    return {
        "orders": sorted(Order.objects.filter(corp_id=corp_id).values_list(*documents, "paid_at", "kind")),
        "refunds": sorted(Refund.objects.filter(corp_id=corp_id).values_list(*documents, "refunded_at")),
        "order lines": sorted(OrderLine.objects.filter(corp_id=corp_id).values_list("order__number", *lines)),
        "refund lines": sorted(RefundLine.objects.filter(corp_id=corp_id).values_list("refund__number", *lines)),
        "totals": sorted(
            (refs[row.customer_id], *(str(getattr(row, name)) for name in totals))
            for row in CustomerTotals.objects.filter(corp_id=corp_id).exclude(order_count=0, refund_count=0)
        ),
    }


def figures(corp_id: int):
    return commerce.figures(corp_id=corp_id)
