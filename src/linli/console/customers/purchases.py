"""What a page about people needs to know of their purchases: read by SQL from commerce's tables, never written.

commerce's door answers for documents and periods, not yet for a page full of people; when it does, this file goes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection

LATEST = 10
_TOTALS = """
SELECT customer_id, order_count, amount - refund_amount, refund_amount, last_paid_at
FROM commerce_customertotals WHERE corp_id = %s AND customer_id = ANY(%s)
"""
_ORDERS = """
SELECT number, paid_at, amount, currency FROM commerce_order
WHERE corp_id = %s AND customer_id = %s ORDER BY paid_at DESC, id DESC LIMIT %s
"""
_CURRENCY = "SELECT currency FROM commerce_order WHERE corp_id = %s ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, kw_only=True)
class Bought:
    """Purchases of one customer; `spend` is paid minus refunded, in the orders' currency."""

    orders: int
    spend: Decimal
    refunded: Decimal
    last_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """One order in a short list."""

    number: str
    paid_at: datetime
    amount: Decimal
    currency: str


def bought(corp_id: int, customer_ids: Collection[int]) -> dict[int, Bought]:
    """Totals by customer; who never bought is absent."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [corp_id, list(customer_ids)])
        return {
            row[0]: Bought(orders=row[1], spend=row[2], refunded=row[3], last_at=row[4]) for row in cursor.fetchall()
        }


def latest_orders(corp_id: int, customer_id: int) -> list[OrderRow]:
    """The newest orders of one customer."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, [corp_id, customer_id, LATEST])
        return [OrderRow(number=row[0], paid_at=row[1], amount=row[2], currency=row[3]) for row in cursor.fetchall()]


def currency(corp_id: int) -> str:
    """The currency of this corp's latest order, "" before the first."""
    with connection.cursor() as cursor:
        cursor.execute(_CURRENCY, [corp_id])
        row = cursor.fetchone()
    return str(row[0]) if row else ""
