"""Questions to orders and refunds; corp first, always."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL

from linli.access.api import Scope
from linli.commerce.models import ImportProblem, ImportRun, Order, OrderLine, Refund, RefundLine
from linli.commerce.staging import sql
from linli.commerce.types import NewLine, OrderInfo
from linli.customers import api as customers


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What is in: `invoices` are orders, adjustments and refunds; `refund_only` people never bought."""

    lines: int
    invoices: int
    orders: int
    adjustments: int
    refunds: int
    customers: int
    refund_only: int
    lines_without_customer: int


def figures(corp_id: int) -> Figures:
    """Counted from the rows, not from the imports."""
    with connection.cursor() as cursor:
        cursor.execute(sql("figures"), {"corp": corp_id})
        orders, adjustments, refunds, lines, anonymous, customers, refund_only = cursor.fetchone()
    return Figures(
        lines=lines, invoices=orders + adjustments + refunds, orders=orders, adjustments=adjustments, refunds=refunds,
        customers=customers, refund_only=refund_only, lines_without_customer=anonymous,
    )  # fmt: skip


def spend_between(corp_id: int, *, since: datetime, until: datetime) -> list[tuple[int, Decimal]]:
    """Paid minus refunded for each customer with either in [since, until)."""
    with connection.cursor() as cursor:
        cursor.execute(sql("spend_between"), {"corp": corp_id, "since": since, "until": until})
        rows: list[tuple[int, Decimal]] = cursor.fetchall()
    return rows


def order_info(corp_id: int, *, source: str, number: str) -> OrderInfo | None:
    """The order of this number, or else the refund of this number."""
    order = Order.objects.filter(corp_id=corp_id, source=source, number=number).first()
    if order is not None:
        return _info(order, order.kind, order.paid_at, order_lines(corp_id, order))
    refund = Refund.objects.filter(corp_id=corp_id, source=source, number=number).first()
    if refund is not None:
        return _info(refund, "refund", refund.refunded_at, refund_lines(corp_id, refund))
    return None


def order_lines(corp_id: int, order: Order) -> list[OrderLine]:
    """The order's lines as they stood."""
    return list(OrderLine.objects.filter(corp_id=corp_id, order=order).order_by("position"))


def refund_lines(corp_id: int, refund: Refund) -> list[RefundLine]:
    """The refund's lines as they stood."""
    return list(RefundLine.objects.filter(corp_id=corp_id, refund=refund).order_by("position"))


def _info(row: Order | Refund, kind: Any, at: datetime, lines: list[OrderLine] | list[RefundLine]) -> OrderInfo:
    return OrderInfo(
        id=row.pk,
        source=row.source,
        number=row.number,
        kind=kind,
        customer_id=row.customer_id,
        buyer_ref=row.buyer_ref,
        paid_at=at,
        amount=row.amount,
        currency=row.currency,
        quantity=row.quantity,
        line_count=row.line_count,
        region=row.region,
        lines=tuple(
            NewLine(sku=line.sku, quantity=line.quantity, unit_price=line.unit_price, description=line.description)
            for line in lines
        ),
    )


@dataclass(frozen=True, kw_only=True)
class OrderSearch:
    """What the list is narrowed to; `what` is "" (of customers), anonymous, adjustments or refunds.

    `text` is a number's beginning, a member id, or a part of a customer's name.
    """

    text: str = ""
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Totals:
    """How many documents are in; `anonymous` are the orders without a customer."""

    orders: int
    anonymous: int
    adjustments: int
    refunds: int


def totals(corp_id: int, scope: Scope) -> Totals:
    """Counted now."""
    order = Q(kind=Order.Kind.ORDER)
    counted = all_orders(corp_id, scope).aggregate(
        orders=Count("id", filter=order),
        anonymous=Count("id", filter=order & Q(customer_id=None)),
        adjustments=Count("id", filter=Q(kind=Order.Kind.ADJUSTMENT)),
    )
    return Totals(**counted, refunds=all_refunds(corp_id, scope).count())


def all_orders(corp_id: int, scope: Scope) -> QuerySet[Order]:
    """Every order of the scope's customers; anonymous ones belong to the whole corp alone."""
    return Order.objects.filter(_seen(corp_id, scope), corp_id=corp_id)


def all_refunds(corp_id: int, scope: Scope) -> QuerySet[Refund]:
    """Every refund of the scope's customers."""
    return Refund.objects.filter(_seen(corp_id, scope), corp_id=corp_id)


def orders(corp_id: int, scope: Scope, search: OrderSearch) -> QuerySet[Order]:
    """Orders, newest first."""
    rows = all_orders(corp_id, scope)
    if search.what == "adjustments":
        rows = rows.filter(kind=Order.Kind.ADJUSTMENT)
    else:
        rows = rows.filter(kind=Order.Kind.ORDER, customer_id__isnull=search.what == "anonymous")
    if search.since:
        rows = rows.filter(paid_at__gte=search.since)
    if search.until:
        rows = rows.filter(paid_at__lt=search.until)
    return rows.filter(_found(corp_id, search.text)).order_by("-paid_at", "-id")


def refunds(corp_id: int, scope: Scope, search: OrderSearch) -> QuerySet[Refund]:
    """Refunds, newest first."""
    rows = all_refunds(corp_id, scope)
    if search.since:
        rows = rows.filter(refunded_at__gte=search.since)
    if search.until:
        rows = rows.filter(refunded_at__lt=search.until)
    return rows.filter(_found(corp_id, search.text)).order_by("-refunded_at", "-id")


def _seen(corp_id: int, scope: Scope) -> Q:
    within = customers.within_sql(corp_id=corp_id, scope=scope)
    return Q() if within is None else Q(customer_id__in=RawSQL(within[0], within[1]))  # noqa: S611 - customers' own text


def _found(corp_id: int, text: str) -> Q:
    if not text:
        return Q()
    pattern = "%" + text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    named = RawSQL(sql("people_named"), [corp_id, pattern])  # noqa: S611 - our own file, with parameters
    return Q(number__startswith=text) | Q(buyer_ref=text) | Q(customer_id__in=named)


def import_runs(corp_id: int) -> QuerySet[ImportRun]:
    """Imports, newest first."""
    return ImportRun.objects.filter(corp_id=corp_id).order_by("-created_at", "-id")


def latest_source(corp_id: int) -> str:
    """The source that was named last, "" at first."""
    return import_runs(corp_id).values_list("source", flat=True).first() or ""


def problems(corp_id: int, run_id: int) -> QuerySet[ImportProblem]:
    """The bad lines of a run in the order of the file."""
    return ImportProblem.objects.filter(corp_id=corp_id, run_id=run_id).order_by("id")
