"""What a page about people needs to know of their purchases; read only, from commerce's rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from linli.commerce.models import CustomerTotals, Order

LATEST = 10


@dataclass(frozen=True, kw_only=True)
class Bought:
    """Purchases of one customer; `spend` is paid minus refunded, in the orders' currency."""

    orders: int
    spend: Decimal
    refunded: Decimal
    last_at: datetime | None


def bought(corp_id: int, customer_ids: Collection[int]) -> dict[int, Bought]:
    """Totals by customer; who never bought is absent."""
    rows = CustomerTotals.objects.filter(corp_id=corp_id, customer_id__in=list(customer_ids))
    return {
        row.customer_id: Bought(
            orders=row.order_count,
            spend=row.amount - row.refund_amount,
            refunded=row.refund_amount,
            last_at=row.last_paid_at,
        )
        for row in rows
    }


def latest_orders(corp_id: int, customer_id: int) -> list[Order]:
    """The newest orders of one customer."""
    rows = Order.objects.filter(corp_id=corp_id, customer_id=customer_id)
    return list(rows.order_by("-paid_at", "-id")[:LATEST])


def currency(corp_id: int) -> str:
    """The currency of this corp's orders, "" before the first."""
    return Order.objects.filter(corp_id=corp_id).values_list("currency", flat=True).first() or ""
