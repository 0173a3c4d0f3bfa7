"""Super users: the first tenth and the next fifth by spend in 90 days, again every Monday, told by facts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.commerce.models import Order
from linli.ledger.models import FactRow
from linli.segments import api
from linli.segments.definition import SuperUser
from linli.segments.models import SuperRun
from linli.segments.super_users import rank
from tests.segments import people

MONDAY = datetime(2026, 7, 12, 22, 0, tzinfo=UTC)  # 06:00 in Shanghai


def pay(corp_id: int, customer_id: int, amount: str, at: datetime) -> None:
    number = f"n{Order.objects.count()}"
    Order.objects.create(
        corp_id=corp_id, source="test", number=number, customer_id=customer_id, buyer_ref="", paid_at=at,
        amount=Decimal(amount), currency="CNY", quantity=1, line_count=1, recorded_at=at,
        content_hash="00000000-0000-0000-0000-000000000000",
    )  # fmt: skip


@given(st.lists(st.decimals(-5, 50, places=2), max_size=200))
def test_ranking_is_exact_and_breaks_ties_by_customer(amounts):
    spends = list(enumerate(amounts))
    found = rank(spends)
    spenders = sorted((row for row in spends if row[1] > 0), key=lambda row: (-row[1], row[0]))
    n = len(spenders)
    assert [one.customer_id for one in found] == [row[0] for row in spenders[: (3 * n + 5) // 10]]
    assert sum(one.tier == "super" for one in found) == (n + 5) // 10
    assert rank(list(reversed(spends))) == found


@pytest.fixture
def shoppers(corp):
    crowd = people.customers(corp.id, 20)
    for n, one in enumerate(crowd):
        pay(corp.id, one.id, str(100 - n), MONDAY - timedelta(days=30))
    return corp, [one.id for one in crowd]


def kinds(corp_id: int) -> list[tuple[str, int]]:
    rows = FactRow.objects.filter(corp_id=corp_id, kind__startswith="segments.").order_by("id")
    return list(rows.values_list("kind", "customer_id"))


def test_standings_and_their_facts(shoppers):
    corp, ids = shoppers
    run = api.recompute_super_users(corp_id=corp.id, as_of=MONDAY)
    assert (run.spenders, run.super_count, run.near_count) == (20, 2, 4)
    assert api.members(corp_id=corp.id, definition=SuperUser("super")) == ids[:2]
    assert api.members(corp_id=corp.id, definition=SuperUser("near")) == ids[2:6]
    assert kinds(corp.id) == [
        *(("segments.became_super", one) for one in ids[:2]),
        *(("segments.became_near", one) for one in ids[2:6]),
    ]


def test_the_same_moment_twice_is_one_run_and_a_change_is_told_once(shoppers):
    corp, ids = shoppers
    api.recompute_super_users(corp_id=corp.id, as_of=MONDAY)
    said = len(kinds(corp.id))
    api.recompute_super_users(corp_id=corp.id, as_of=MONDAY)
    assert len(kinds(corp.id)) == said
    pay(corp.id, ids[19], "999", MONDAY + timedelta(days=1))
    api.recompute_super_users(corp_id=corp.id, as_of=MONDAY + timedelta(days=7))
    assert kinds(corp.id)[said:] == [
        ("segments.left_super", ids[1]),
        ("segments.became_near", ids[1]),
        ("segments.left_near", ids[5]),
        ("segments.became_super", ids[19]),
    ]
    kept = {one.customer_id: one.since for one in api.super_users_of(corp_id=corp.id)}
    assert kept[ids[0]] == MONDAY
    assert kept[ids[19]] == MONDAY + timedelta(days=7)


def test_a_jump_of_the_clock_is_caught_up_week_by_week(shoppers):
    corp, _ids = shoppers
    api.tick(corp_id=corp.id, at=MONDAY - timedelta(hours=5))
    assert not SuperRun.objects.exists()
    api.tick(corp_id=corp.id, at=MONDAY + timedelta(days=15))
    runs = SuperRun.objects.order_by("as_of").values_list("as_of", flat=True)
    assert list(runs) == [MONDAY + timedelta(days=7 * week) for week in range(3)]
    assert api.tick(corp_id=corp.id, at=MONDAY + timedelta(days=15)) == 0


def test_who_has_not_spent_within_90_days_is_out(shoppers):
    corp, _ids = shoppers
    run = api.recompute_super_users(corp_id=corp.id, as_of=MONDAY + timedelta(days=61))
    assert (run.spenders, run.super_count) == (0, 0)
