"""What segment conditions over orders mean in SQL: each gives a select of customer ids for one corp as of a moment.

Money and counts are net: spend is what was paid minus what was refunded. Who never bought has 0 orders and 0 spend, and so is
found by upper limits.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from linli.commerce.rfm import METHODS
from linli.kit.clock import now

Condition = Mapping[str, Any]
Sql = tuple[str, list[object]]
_EVERYONE = "SELECT id FROM customers_customer WHERE corp_id = %s"


def last_purchase(condition: Condition, *, corp_id: int) -> Sql:
    """`op` within (the last `days`), before (that, not since), never."""
    totals = "SELECT customer_id FROM commerce_customertotals WHERE corp_id = %s AND "
    match condition["op"]:
        case "within":
            return f"{totals} last_paid_at >= %s", [corp_id, _since(condition)]
        case "before":
            return f"{totals} last_paid_at < %s", [corp_id, _since(condition)]
        case "never":
            sql = f"{_EVERYONE} EXCEPT {totals} order_count > 0"
            return sql, [corp_id, corp_id]
        case other:
            raise ValueError(other)


def frequency(condition: Condition, *, corp_id: int) -> Sql:
    """Orders (or their lines, `basis`) between `min` and `max`, ever or in the last `days`."""
    lines = condition.get("basis", "orders") == "lines"
    if condition.get("days") is None:
        sql = (
            "SELECT customer_id, CASE WHEN %s THEN line_count ELSE order_count END FROM commerce_customertotals "
            "WHERE corp_id = %s"
        )
        params: list[object] = [lines, corp_id]
    else:
        sql = (
            "SELECT customer_id, sum(CASE WHEN %s THEN line_count ELSE 1 END) FROM commerce_order "
            "WHERE corp_id = %s AND kind = 'order' AND paid_at >= %s AND paid_at <= %s GROUP BY customer_id"
        )
        params = [lines, corp_id, _since(condition), _as_of(condition)]
    return _between(condition, sql, params, corp_id)


def spend(condition: Condition, *, corp_id: int) -> Sql:
    """Paid minus refunded between `min` and `max` (decimal texts), ever or in the last `days`."""
    if condition.get("days") is None:
        sql = "SELECT customer_id, amount - refund_amount FROM commerce_customertotals WHERE corp_id = %s"
        params: list[object] = [corp_id]
    else:
        sql = (
            "SELECT customer_id, sum(amount) FROM ("
            "SELECT customer_id, amount FROM commerce_order "
            "WHERE corp_id = %s AND kind = 'order' AND paid_at >= %s AND paid_at <= %s UNION ALL "
            "SELECT customer_id, -amount FROM commerce_refund "
            "WHERE corp_id = %s AND refunded_at >= %s AND refunded_at <= %s) moved GROUP BY customer_id"
        )
        params = 2 * [corp_id, _since(condition), _as_of(condition)]
    return _between(condition, sql, params, corp_id)


def rfm(condition: Condition, *, corp_id: int) -> Sql:
    """In one of `segments` by `method`, as last computed."""
    method = condition.get("method", "published")
    if method not in METHODS:
        raise ValueError(method)
    sql = "SELECT customer_id FROM commerce_rfmscore WHERE corp_id = %s AND method = %s AND segment = ANY(%s)"
    return sql, [corp_id, method, list(condition["segments"])]


def bought_sku(condition: Condition, *, corp_id: int) -> Sql:
    """Bought (more than zero of) one of `skus`, ever or in the last `days`."""
    sql = (
        "SELECT o.customer_id FROM commerce_orderline l JOIN commerce_order o ON o.id = l.order_id "
        "WHERE l.corp_id = %s AND l.sku = ANY(%s) AND l.quantity > 0 AND o.kind = 'order' AND o.paid_at <= %s"
    )
    params: list[object] = [corp_id, list(condition["skus"]), _as_of(condition)]
    if condition.get("days") is not None:
        return f"{sql} AND o.paid_at >= %s", [*params, _since(condition)]
    return sql, params


CONDITIONS: Mapping[str, Callable[..., Sql]] = {
    "last_purchase": last_purchase,
    "frequency": frequency,
    "spend": spend,
    "rfm": rfm,
    "bought_sku": bought_sku,
}


def _between(condition: Condition, figures: str, params: list[object], corp_id: int) -> Sql:
    """Those whose figure lies between the limits; where 0 lies between them, those without a figure too."""
    low, high = (None if condition.get(key) is None else Decimal(condition[key]) for key in ("min", "max"))
    limits: list[tuple[str, object]] = []
    if low is not None:
        limits.append(("n >= %s", low))
    if high is not None:
        limits.append(("n <= %s", high))
    where = " AND ".join(text for text, _value in limits) or "true"
    values = [value for _text, value in limits]
    if (low or 0) <= 0 <= (0 if high is None else high):
        sql = (
            f"SELECT c.id FROM customers_customer c LEFT JOIN ({figures}) f (id, given) USING (id) "  # noqa: S608
            f"CROSS JOIN LATERAL (SELECT coalesce(f.given, 0)) AS g (n) WHERE c.corp_id = %s AND {where}"
        )
        return sql, [*params, corp_id, *values]
    return f"SELECT id FROM ({figures}) f (id, n) WHERE {where}", [*params, *values]  # noqa: S608


def _as_of(condition: Condition) -> datetime:
    return cast("datetime", condition.get("as_of") or now())


def _since(condition: Condition) -> datetime:
    return _as_of(condition) - timedelta(days=int(condition["days"]))
