"""The list of orders and refunds, and one of them with its lines."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render

from linli.commerce import queries
from linli.commerce.models import Order, Refund
from linli.commerce.queries import OrderSearch
from linli.console.commerce import words
from linli.console.door import PageRequest
from linli.console.sight import sight_of
from linli.customers import api as customers
from linli.kit.clock import now

PAGE_SIZE = 50


def index(request: PageRequest) -> HttpResponse:
    """The list; `what` chooses orders, anonymous sales, adjustments or refunds."""
    corp_id = request.corp.id
    search = _search(request)
    totals = queries.totals(corp_id, request.scope)
    rows: Any = (
        queries.refunds(corp_id, request.scope, search)
        if search.what == "refunds"
        else queries.orders(corp_id, request.scope, search)
    )
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    persons = customers.profiles(corp_id=corp_id, customer_ids={row.customer_id for row in page if row.customer_id})
    context = {
        "page": page,
        "rows": [
            {"row": row, "person": (person := persons.get(row.customer_id or 0)), "buyer": _buyer(request, row, person)}
            for row in page
        ],
        "search": search,
        "since": request.GET.get("since", ""),
        "until": request.GET.get("until", ""),
        "totals": totals,
        "tabs": words.tabs(search.what, totals),
        "as_of": now().astimezone(ZoneInfo(request.corp.zone)),
        "api_call": words.api_call(request.build_absolute_uri("/api/v1/orders")),
    }
    return render(request, "commerce/index.html", context)


def order(request: PageRequest, order_id: int) -> HttpResponse:
    """One order with its lines."""
    row = queries.all_orders(request.corp.id, request.scope).filter(id=order_id).first()
    if row is None:
        raise Http404
    return _document(request, row, row.paid_at, queries.order_lines(request.corp.id, row))


def refund(request: PageRequest, refund_id: int) -> HttpResponse:
    """One refund with its lines."""
    row = queries.all_refunds(request.corp.id, request.scope).filter(id=refund_id).first()
    if row is None:
        raise Http404
    return _document(request, row, row.refunded_at, queries.refund_lines(request.corp.id, row))


def _document(request: PageRequest, row: Order | Refund, at: datetime, lines: list[Any]) -> HttpResponse:
    persons = customers.profiles(corp_id=request.corp.id, customer_ids=[row.customer_id] if row.customer_id else [])
    context = {
        "row": row,
        "at": at,
        "is_refund": isinstance(row, Refund),
        "person": persons.get(row.customer_id or 0),
        "lines": [{"line": line, "amount": line.quantity * line.unit_price} for line in lines],
    }
    return render(request, "commerce/order.html", context)


def _buyer(request: PageRequest, row: Order | Refund, person: customers.Profile | None) -> str:
    """The name, else the member id, as far as this account may see."""
    sight = sight_of(request)
    if person is not None and person.name:
        return sight.show("name", person.name, person.id)
    return sight.show("mall", row.buyer_ref, row.customer_id)


def _search(request: PageRequest) -> OrderSearch:
    given, zone = request.GET, ZoneInfo(request.corp.zone)
    what = given.get("what", "")
    until = _day(given.get("until", ""))
    return OrderSearch(
        text=given.get("q", "").strip()[:100],
        what=what if what in words.WHAT else "",
        since=_midnight(_day(given.get("since", "")), zone),
        until=_midnight(until + timedelta(days=1) if until and until < date.max else None, zone),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, tzinfo=zone)
