"""From the API's values to commerce's, one order at a time."""

from decimal import Decimal

from linli.access import api as access
from linli.api.schemas import LineIn, OrderIn, OrderOutcome, Orders, OrdersIn, ReasonOut, SourcedOrderIn
from linli.commerce import api as commerce


def record(corp_id: int, body: Orders) -> list[OrderOutcome]:
    """Record every good order; each one's outcome in the order given."""
    given = _sourced(body)
    zone = access.corp(corp_id=corp_id).zone
    outcomes: list[OrderOutcome | None] = [None] * len(given)
    good: dict[str, list[tuple[int, commerce.NewOrder]]] = {}
    for place, (source, order) in enumerate(given):
        try:
            good.setdefault(commerce.checked_source(source), []).append((place, _new_order(order, zone)))
        except commerce.BadValue as bad:
            outcomes[place] = _refused(source, order, bad.code)
    for source, some in good.items():
        found = commerce.record_orders(corp_id=corp_id, source=source, orders=[order for _place, order in some])
        for (place, _order), outcome in zip(some, found, strict=True):
            if outcome.result == "refused":
                outcomes[place] = _refused(source, given[place][1], outcome.reason)
            else:
                outcomes[place] = OrderOutcome(
                    source=source, number=outcome.number, kind=outcome.kind, outcome=outcome.result, id=outcome.id
                )
    return [outcome for outcome in outcomes if outcome is not None]


def _sourced(body: Orders) -> list[tuple[str, OrderIn]]:
    if isinstance(body, OrdersIn):
        return [(body.source, order) for order in body.orders]
    if isinstance(body, SourcedOrderIn):
        return [(body.source, body)]
    return [(order.source, order) for order in body]


def _refused(source: str, order: OrderIn, code: str) -> OrderOutcome:
    reason = ReasonOut(code=code, message=commerce.reason_text(code=code))
    return OrderOutcome(source=source, number=order.number, kind=order.kind, outcome="refused", reason=reason)


def _new_order(order: OrderIn, zone: str) -> commerce.NewOrder:
    return commerce.NewOrder(
        number=order.number,
        paid_at=commerce.read_moment(order.paid_at, zone=zone),
        lines=tuple(_line(line) for line in order.lines),
        buyer_ref=order.buyer_ref,
        currency=order.currency,
        region=order.region,
        kind=order.kind,
    )


def _line(line: LineIn) -> commerce.NewLine:
    price: Decimal = commerce.read_price(str(line.unit_price))
    return commerce.NewLine(
        sku=line.sku,
        quantity=commerce.read_quantity(str(line.quantity)),
        unit_price=price,
        description=line.description,
    )
