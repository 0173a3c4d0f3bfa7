"""Segment conditions over orders, asked in SQL as segments ask them."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from linli.commerce import api as commerce
from linli.commerce.conditions import CONDITIONS
from linli.customers import api as customers
from tests.commerce.files import line

AS_OF = datetime(2011, 1, 1, tzinfo=UTC)


@pytest.fixture
def people(bring, corp):
    """often: 3 orders, one of them lately; once: one order, long ago, sent back; back: only ever cancelled; never: nothing."""
    customers.ensure_member(corp_id=corp.id, mall_id="never")
    bring(
        [
            line("1", buyer="often", at="2010-12-01", quantity="4"), line("1", buyer="often", at="2010-12-01", sku="B"),
            line("2", buyer="often", at="2010-12-20"), line("3", buyer="often", at="2010-12-30", sku="C", quantity="-1"),
            line("4", buyer="once", at="2010-12-05"), line("C4", buyer="once", at="2010-12-30", quantity="-1"),
            line("C5", buyer="back", at="2010-12-06", quantity="-1"), line("6", buyer=""),
            line("A7", buyer="never", at="2010-12-31"),
        ]
    )  # fmt: skip
    return customers.find(corp_id=corp.id, kind="mall", values=["often", "once", "back", "never"])


def ask(corp, people, kind, **condition):
    sql, params = CONDITIONS[kind]({"kind": kind, "as_of": AS_OF, **condition}, corp_id=corp.id)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT id FROM ({sql}) c(id) WHERE id IS NOT NULL", params)
        found = {row[0] for row in cursor.fetchall()}
    return {name for name, id_ in people.items() if id_ in found}


@pytest.mark.parametrize(
    ("kind", "condition", "who"),
    [
        ("last_purchase", {"op": "within", "days": 10}, {"often"}),
        ("last_purchase", {"op": "within", "days": 40}, {"often", "once"}),
        ("last_purchase", {"op": "before", "days": 10}, {"once"}),
        ("last_purchase", {"op": "never"}, {"back", "never"}),
        ("frequency", {"min": 2}, {"often"}),
        ("frequency", {"min": 1, "max": 1}, {"once"}),
        ("frequency", {"max": 0}, {"back", "never"}),
        ("frequency", {"min": 4, "basis": "lines"}, {"often"}),
        ("frequency", {"min": 2, "days": 15}, {"often"}),
        ("frequency", {"min": 3, "days": 15}, set()),
        ("frequency", {"max": 1, "days": 5}, {"often", "once", "back", "never"}),
        ("spend", {"min": "12.49"}, {"often"}),
        ("spend", {"min": "12.51"}, set()),
        ("spend", {"max": "0"}, {"once", "back", "never"}),
        ("spend", {"min": "-2.5", "max": "-2.5"}, {"back"}),
        ("spend", {"min": "0", "max": "0", "days": 15}, {"often", "back", "never"}),
        ("spend", {"max": "-1", "days": 15}, {"once"}),
        ("bought_sku", {"skus": ["B", "X"]}, {"often"}),
        ("bought_sku", {"skus": ["C"]}, set()),
        ("bought_sku", {"skus": ["A"], "days": 15}, {"often"}),
    ],
)
def test_who_is_meant(corp, people, kind, condition, who):
    assert ask(corp, people, kind, **condition) == who


def test_rfm_as_last_computed(corp, people):
    assert ask(corp, people, "rfm", segments=["champions", "hibernating"]) == set()
    assert commerce.recompute_rfm(corp_id=corp.id, as_of=AS_OF.date()) == {"published": 2, "default": 1}
    cells = commerce.rfm_summary(corp_id=corp.id, method="published")
    assert sum(cell.people for cell in cells) == 2
    found = set()
    for cell in cells:
        found |= ask(corp, people, "rfm", segments=[cell.segment])
    assert found == {"often", "once"}
    assert ask(corp, people, "rfm", segments=["need_attention"], method="default") == {"often"}


def test_equal_figures_get_equal_scores(bring, corp):
    """Most people bought once: by Linli's own method they are all in one fifth."""
    from linli.commerce.models import RfmScore

    rows = [line(str(number), buyer=str(number), price=str(number)) for number in range(1, 21)]
    rows += [line(f"9{number}", buyer=str(number), price="1") for number in range(1, 6)]
    bring(rows)
    commerce.recompute_rfm(corp_id=corp.id, as_of=AS_OF.date())
    scores = RfmScore.objects.filter(corp_id=corp.id, method="default")
    assert {(row.f, row.f_score) for row in scores} == {(1, 2), (2, 5)}
    assert {row.r for row in scores} == {3}
    assert {row.m_score for row in scores} == {1, 2, 3, 4, 5}


def test_a_member_who_turns_out_to_be_somebody_else(bring, corp, people):
    from linli.commerce.models import CustomerTotals

    moved = commerce.attach_buyer(corp_id=corp.id, mall_id="once", customer_id=people["often"])
    assert moved == 2
    both = CustomerTotals.objects.get(corp_id=corp.id, customer_id=people["often"])
    assert (both.order_count, both.line_count, both.refund_count, both.amount - both.refund_amount) == (4, 5, 1, 12.5)
    none = CustomerTotals.objects.get(corp_id=corp.id, customer_id=people["once"])
    assert (none.order_count, none.amount, none.last_paid_at, none.refund_count) == (0, 0, None, 0)
    assert commerce.attach_buyer(corp_id=corp.id, mall_id="once", customer_id=people["often"]) == 0
    spends = dict(commerce.spend_between(corp_id=corp.id, since=datetime(2010, 1, 1, tzinfo=UTC), until=AS_OF))
    assert spends == {people["often"]: 12.5, people["back"]: -2.5}
