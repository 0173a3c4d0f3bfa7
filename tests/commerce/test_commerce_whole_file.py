"""The whole of UCI Online Retail, as it ships, through the product's own import; every figure was published or counted before."""

import hashlib
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from linli.commerce import api as commerce
from linli.commerce import rfm
from linli.commerce.models import CustomerTotals, ImportProblem, Order, OrderLine, Refund, RfmScore
from linli.ledger.models import FactRow
from linli_demo import retail

TODAY = date(2011, 12, 11)
PUBLISHED = {
    "hibernating": 1074, "loyal_customers": 817, "champions": 606, "at_risk": 569, "potential_loyalists": 492,
    "about_to_sleep": 322, "need_attention": 205, "promising": 112, "cant_lose": 84, "new_customers": 57,
}  # fmt: skip
FIRST_CUSTOMERS = {
    "12346": (326, 1, "77183.60", "hibernating"),
    "12347": (3, 182, "4310.00", "champions"),
    "12348": (76, 31, "1797.24", "at_risk"),
    "12349": (19, 73, "1757.55", "loyal_customers"),
    "12350": (311, 17, "334.40", "hibernating"),
}


def test_what_ships_is_the_source_byte_for_byte():
    digest = hashlib.sha256()
    for text in retail.csv_texts(retail.lines()):
        digest.update(text.encode())
    assert digest.hexdigest() == "a9ca5fd62c79f74a778bbb7ece4f6b7ba98311165f51217026ce01b27700c907"
    assert len(retail.buyers()) == 4372


def test_days_of_the_file_keep_invoices_whole():
    november = list(retail.lines(date(2011, 11, 1), date(2011, 11, 30)))
    assert {line[retail.AT][:7] for line in november} == {"2011-11"}
    rest = [*retail.lines(None, date(2011, 10, 31)), *november, *retail.lines(date(2011, 12, 1), None)]
    assert Counter(rest) == Counter(retail.lines())
    assert not {line[0] for line in november} & {line[0] for line in retail.lines(date(2011, 12, 1), None)}


@pytest.mark.slow
def test_the_whole_file_gives_the_published_figures(corp, tmp_path):
    path = tmp_path / "online_retail.csv.gz"
    assert retail.write_csv(path, retail.lines()) == 541_909
    run = commerce.import_file(corp_id=corp.id, source="uci", path=path)

    assert (run.state, run.lines_total, run.lines_done) == ("done", 541_909, 541_909)
    assert (run.orders_new, run.refunds_new, run.anonymous_lines, run.problem_count) == (22_064, 3_836, 135_080, 0)
    found = commerce.figures(corp_id=corp.id)
    assert (found.lines, found.invoices, found.customers) == (541_909, 25_900, 4_372)
    assert (found.lines_without_customer, found.refund_only, found.adjustments) == (135_080, 33, 3)
    _check_money(corp.id)
    _check_rfm(corp.id)
    _check_facts(corp.id)

    before = _digest()
    again = commerce.import_file(corp_id=corp.id, source="uci", path=path)
    assert (again.orders_known, again.refunds_known) == (22_064, 3_836)
    assert (again.orders_new, again.orders_changed, again.refunds_new, again.refunds_changed) == (0, 0, 0, 0)
    assert _digest() == before
    _check_facts(corp.id)
    assert not ImportProblem.objects.filter(corp_id=corp.id).exists()


def _digest() -> list[str]:
    """Every row of every table of orders, ids and moments included: a repeated import may not touch one."""
    tables = ("order", "orderline", "refund", "refundline", "customertotals")
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT sum(hashtextextended(t::text, 0))::text, count(*) FROM commerce_{table} t")
            found.append(cursor.fetchone())
    return found


def _check_money(corp_id: int) -> None:
    """Against sums made from the file's own texts, without the product."""
    paid, back, pieces = Decimal(0), Decimal(0), Counter()
    for invoice, _sku, _text, quantity, _at, price, customer, _country in retail.lines():
        amount = Decimal(quantity) * Decimal(price)
        if invoice.startswith("C"):
            back -= amount
        else:
            paid += amount
            if customer:
                pieces[customer.removesuffix(".0")] += int(Decimal(quantity))
    assert sum(Order.objects.filter(corp_id=corp_id).values_list("amount", flat=True)) == paid
    assert sum(Refund.objects.filter(corp_id=corp_id).values_list("amount", flat=True)) == back
    assert OrderLine.objects.filter(corp_id=corp_id, quantity__lt=0).count() == 1336
    names = dict(
        Order.objects.filter(corp_id=corp_id, customer_id__isnull=False).values_list("customer_id", "buyer_ref")
    )
    totals = CustomerTotals.objects.filter(corp_id=corp_id, order_count__gt=0)
    assert {names[row.customer_id]: row.quantity for row in totals} == dict(pieces)


def _check_rfm(corp_id: int) -> None:
    assert rfm.rfm(corp_id, TODAY, "published") == PUBLISHED
    assert commerce.recompute_rfm(corp_id=corp_id, as_of=TODAY) == {"published": 4338, "default": 4317}
    stored = {cell.segment: cell for cell in commerce.rfm_summary(corp_id=corp_id, method="published")}
    assert {segment: cell.people for segment, cell in stored.items()} == PUBLISHED
    best = stored["champions"]
    assert (round(best.mean_r_days, 6), round(best.mean_f, 6), round(best.mean_m, 6)) == (
        6.40099,
        289.031353,
        6960.915446,
    )
    assert sum(cell["people"] for cell in commerce.rfm_grid(corp_id=corp_id, method="published")) == 4338
    names = dict(
        Order.objects.filter(corp_id=corp_id, buyer_ref__in=FIRST_CUSTOMERS).values_list("buyer_ref", "customer_id")
    )
    for buyer, (r_days, f, m, segment) in FIRST_CUSTOMERS.items():
        score = RfmScore.objects.get(corp_id=corp_id, method="published", customer_id=names[buyer])
        assert (score.r_days, score.f, score.m, score.segment) == (r_days, f, Decimal(m), segment)


def _check_facts(corp_id: int) -> None:
    kinds = Counter(
        FactRow.objects.filter(corp_id=corp_id, kind__startswith="commerce.").values_list("kind", flat=True)
    )
    assert kinds == {"commerce.order_paid": 22_061, "commerce.order_refunded": 3_836}
