"""The writers of commerce: record orders from the API, give orders to another customer, keep RFM."""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from linli.commerce import cells, staging
from linli.commerce.applying import apply_chunk
from linli.commerce.cells import BadCell
from linli.commerce.staging import KINDS, sql
from linli.commerce.types import NewLine, NewOrder, Outcome
from linli.customers import api as customers

MOST_LINES = 2000
_MEMBERS_AT_ONCE = 500


def record_orders(*, corp_id: int, source: str, orders: Sequence[NewOrder]) -> list[Outcome]:
    """Record orders by source + number: the outcome of each, in the order given. A number given twice: the last counts."""
    refused = {place: reason for place, order in enumerate(orders) if (reason := _refusal(order))}
    good = {(order.number.strip(), order.kind == "refund"): order
            for place, order in enumerate(orders) if place not in refused}  # fmt: skip
    found: dict[tuple[str, bool], tuple[int, str]] = {}
    if good:
        refs = {cells.buyer(order.buyer_ref) for order in good.values()} - {""}
        known = ensure_buyers(corp_id, refs)
        with transaction.atomic():
            staging.begin()
            staging.copy_text(_rows(good.values()))
            staging.group(chunk_lines=2**31 - 1)
            staging.name_customers(known)
            staging.forget_buyers(refs - set(known))
            apply_chunk(corp_id=corp_id, source=source, chunk=1)
            found = _outcomes(corp_id, source)
            staging.end()
    return [_outcome(order, refused.get(place, ""), found) for place, order in enumerate(orders)]


def ensure_buyers(corp_id: int, refs: Iterable[str]) -> dict[str, int]:
    """Customer ids of mall members; unknown ones become customers, some hundreds a transaction; the erased are absent."""
    wanted = sorted(refs)
    known = customers.find(corp_id=corp_id, kind="mall", values=wanted) if wanted else {}
    unknown = [ref for ref in wanted if ref not in known]
    for start in range(0, len(unknown), _MEMBERS_AT_ONCE):
        some = unknown[start : start + _MEMBERS_AT_ONCE]
        with transaction.atomic():
            known |= customers.ensure_members(
                corp_id=corp_id, members=[customers.Member(mall_id=ref, unionid=None, name="") for ref in some]
            )
    return known


def attach_buyer(*, corp_id: int, mall_id: str, customer_id: int) -> int:
    """The orders and refunds of this member belong to this customer from now on; returns how many moved."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql("attach_buyer"), {"corp": corp_id, "buyer": mall_id, "customer": customer_id})
        moved, owners = cursor.fetchone()
        if moved:
            cursor.execute(sql("totals_lock"), {"corp": corp_id, "customers": [*owners, customer_id]})
            cursor.execute(sql("totals_again"), {"corp": corp_id, "customers": [*owners, customer_id]})
    return int(moved)


def _refusal(order: NewOrder) -> str:
    try:
        cells.number(order.number)
        cells.buyer(order.buyer_ref)
        cells.plain(order.region, most=64, reason="region_too_long")
        cells.currency(order.currency)
        cells.checked_moment(order.paid_at)
        for line in order.lines:
            _check_line(line)
    except BadCell as bad:
        return bad.reason
    if not order.lines:
        return "no_lines"
    return "too_many_lines" if len(order.lines) > MOST_LINES else ""


def _check_line(line: NewLine) -> None:
    cells.plain(line.sku, most=64, reason="sku_too_long")
    cells.plain(line.description, most=500, reason="description_too_long")
    price = cells.checked_price(line.unit_price)
    if abs(line.quantity) > cells.MOST_QUANTITY:
        raise BadCell("quantity_too_large")
    cells.check_amount(line.quantity, price)


def _rows(orders: Iterable[NewOrder]) -> Iterable[str]:
    seq = 0
    for order in orders:
        for line in order.lines:
            seq += 1
            yield staging.row_text(
                seq, KINDS[order.kind], order.number.strip(), cells.buyer(order.buyer_ref),
                cells.checked_moment(order.paid_at), line.sku.strip(), line.description.strip(), line.quantity,
                cells.checked_price(line.unit_price), order.region.strip(), cells.currency(order.currency),
            )  # fmt: skip


def _outcomes(corp_id: int, source: str) -> dict[tuple[str, bool], tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql("apply_outcomes"), {"corp": corp_id, "source": source})
        return {(number, is_refund): (id_, result) for number, is_refund, id_, result in cursor.fetchall()}


def _outcome(order: NewOrder, reason: str, found: dict[tuple[str, bool], tuple[int, str]]) -> Outcome:
    if reason:
        return Outcome(number=order.number, kind=order.kind, result="refused", reason=reason)
    id_, result = found[order.number.strip(), order.kind == "refund"]
    return Outcome(number=order.number.strip(), kind=order.kind, result=result, id=id_)  # type: ignore[arg-type]
