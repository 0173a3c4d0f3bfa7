"""The facts commerce publishes. Amounts are decimal strings in the order's currency, times ISO 8601 in UTC."""

from typing import Final, TypedDict

ORDER_PAID: Final = "commerce.order_paid"
ORDER_REFUNDED: Final = "commerce.order_refunded"
ORDER_CHANGED: Final = "commerce.order_changed"


class OrderData(TypedDict):
    """The data of order_paid (subject "order:ID") and order_refunded (subject "refund:ID")."""

    id: int
    source: str
    number: str
    buyer_ref: str
    amount: str
    currency: str
    quantity: int
    line_count: int
    at: str


class OrderChangedData(OrderData):
    """The data of order_changed: the new figures and the ones before."""

    document: str
    amount_before: str
    customer_id_before: int | None
