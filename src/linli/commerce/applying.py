"""From staged orders to rows: one chunk, one transaction, set by set.

An order is known by source + number. New: written. The same content again: nothing happens. Other content: the lines are
replaced, the totals move by the difference, and order_changed says so. Orders, refunds, totals and facts stand or fall
together; locks are taken in the order orders → refunds → totals, each sorted, so that two writers never wait in a circle.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from linli.commerce.facts import ORDER_CHANGED, ORDER_PAID, ORDER_REFUNDED
from linli.commerce.staging import sql
from linli.kit.clock import now
from linli.ledger import api as ledger

_ORDERS = {
    "table": "commerce_order",
    "lines": "commerce_orderline",
    "key": "order_id",
    "at": "paid_at",
    "is_refund": "false",
    "kind_column": "kind, ",
    "kind_value": "CASE s.kind WHEN 0 THEN 'order' ELSE 'adjustment' END, ",
    "was_purchase": "d.kind = 'order'",
}
_REFUNDS = {
    "table": "commerce_refund",
    "lines": "commerce_refundline",
    "key": "refund_id",
    "at": "refunded_at",
    "is_refund": "true",
    "kind_column": "",
    "kind_value": "",
    "was_purchase": "false",
}


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What one chunk did."""

    lines: int
    orders_new: int = 0
    orders_known: int = 0
    orders_changed: int = 0
    refunds_new: int = 0
    refunds_known: int = 0
    refunds_changed: int = 0


def apply_chunk(*, corp_id: int, source: str, chunk: int) -> Applied:
    """Write one staged chunk; the caller holds the transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a chunk is applied in one transaction with its progress")
    scope: dict[str, Any] = {"corp": corp_id, "source": source, "chunk": chunk, "now": now()}
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE staged_applied")
        for document in (_ORDERS, _REFUNDS):
            for step in ("apply_insert", "apply_lock_changed"):
                cursor.execute(sql(step).format(**document), scope)
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE NOT is_new) FROM staged_applied")
        touched, changed = cursor.fetchone()
        for document in (_ORDERS, _REFUNDS) if touched else ():
            if changed:
                _replace(cursor, document, scope)
            cursor.execute(sql("apply_lines").format(**document), scope)
        if touched:
            cursor.execute(sql("apply_totals"), scope)
        if changed:
            _correct_moments(cursor, scope)
        applied = _count(cursor, chunk)
    if touched:
        ledger.publish_many(corp_id=corp_id, facts=_facts(source, chunk))
    return applied


def _replace(cursor: Any, document: dict[str, str], scope: dict[str, Any]) -> None:
    for step in ("apply_forget_lines", "apply_replace"):
        cursor.execute(sql(step).format(**document), scope)


def _correct_moments(cursor: Any, scope: dict[str, Any]) -> None:
    cursor.execute(
        "SELECT coalesce(array_agg(id), '{}') FROM ("
        "SELECT customer_before FROM staged_applied WHERE NOT is_new AND customer_before IS NOT NULL UNION "
        "SELECT s.customer_id FROM staged_applied a JOIN staged_order s USING (number, is_refund) "
        "WHERE s.chunk = %(chunk)s AND NOT a.is_new AND s.customer_id IS NOT NULL) AS touched (id)",
        scope,
    )
    cursor.execute(sql("totals_moments"), scope | {"customers": cursor.fetchone()[0]})


def _count(cursor: Any, chunk: int) -> Applied:
    cursor.execute(
        "SELECT coalesce(sum(s.line_count), 0)::integer, "
        "count(*) FILTER (WHERE NOT s.is_refund AND a.is_new), "
        "count(*) FILTER (WHERE NOT s.is_refund AND a.id IS NULL), "
        "count(*) FILTER (WHERE NOT s.is_refund AND NOT a.is_new), "
        "count(*) FILTER (WHERE s.is_refund AND a.is_new), "
        "count(*) FILTER (WHERE s.is_refund AND a.id IS NULL), "
        "count(*) FILTER (WHERE s.is_refund AND NOT a.is_new) "
        "FROM staged_order s LEFT JOIN staged_applied a USING (number, is_refund) WHERE s.chunk = %s",
        [chunk],
    )
    lines, new, known, changed, refunds_new, refunds_known, refunds_changed = cursor.fetchone()
    return Applied(
        lines=lines, orders_new=new, orders_known=known, orders_changed=changed,
        refunds_new=refunds_new, refunds_known=refunds_known, refunds_changed=refunds_changed,
    )  # fmt: skip


def _facts(source: str, chunk: int) -> Iterator[ledger.NewFact]:
    with connection.cursor() as cursor:
        cursor.execute(sql("apply_facts"), {"chunk": chunk})
        rows = cursor.fetchall()  # all of them now: the ledger reads the iterator while its COPY holds the connection
    return (_fact(source, *row) for row in rows)


def _fact(
    source: str, id_: int, is_refund: bool, is_new: bool, number: str, customer_id: int | None, buyer_ref: str, at: Any,
    amount: str, currency: str, quantity: int, line_count: int, amount_before: str | None, customer_before: int | None,
) -> ledger.NewFact:  # fmt: skip
    document = "refund" if is_refund else "order"
    data: dict[str, Any] = {
        "id": id_,
        "source": source,
        "number": number,
        "buyer_ref": buyer_ref,
        "amount": amount,
        "currency": currency,
        "quantity": quantity,
        "line_count": line_count,
        "at": at.isoformat(),
    }
    kind = ORDER_REFUNDED if is_refund else ORDER_PAID
    if not is_new:
        kind = ORDER_CHANGED
        data |= {"document": document, "amount_before": amount_before, "customer_id_before": customer_before}
    # A change happens when it is learned of; a purchase when it was paid.
    occurred_at = at if is_new else None
    return ledger.NewFact(
        kind=kind, subject=f"{document}:{id_}", data=data, occurred_at=occurred_at, customer_id=customer_id
    )
