"""Days, bands, RFM, repurchase, cohorts, visitors: on real tables, by hand-counted worlds."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from linli.insights.queries import daily, purchases, rfm, visitors
from linli.insights.queries.ground import ground
from tests.insights.world import TODAY, at

pytestmark = pytest.mark.django_db


def yesterday(on):
    return daily.series(on(), date(2011, 12, 10), date(2011, 12, 10)).last


def test_a_day_is_the_corps_day(world, on):
    # 2011-12-09 16:30 UTC is half past midnight of the 10th in Shanghai; 15:30 UTC is still the 9th there.
    world.scanned(at(-1, 0, 30))
    world.scanned(at(-2, 23, 30))
    assert yesterday(on).added == 1


def test_added_kept_lost_and_who_came_back(world, on):
    world.scanned(at(-1, 10))
    world.scanned(at(-1, 11), lost=at(-1, 20))
    back = world.customer(at(-50))
    world.follow(back, at(-50), lost=at(-1, 9))
    colleague = type(world.staff).objects.create(corp_id=world.corp_id, userid="zhou", status=1)
    world.follow(back, at(-1, 12), staff=colleague)
    day = yesterday(on)
    assert (day.added, day.kept, day.lost) == (2, 1, 1)


def test_joins_and_leaves_leave_out_clerks(world, on):
    stays, goes, clerk = (world.customer(at(-20)) for _ in range(3))
    world.joins(stays, at(-1))
    world.joins(goes, at(-9), left=at(-1))
    world.joins(clerk, at(-1), kind=1)
    day = yesterday(on)
    assert (day.joins, day.leaves, day.net_joins) == (1, 1, 0)


def test_spend_keeps_currencies_and_adjustments_apart(world, on):
    one = world.customer()
    world.order(one, at(-1), "10.50")
    world.order(one, at(-1), "9.50")
    world.order(None, at(-1), "60")
    world.order(one, at(-1), "999", currency="EUR")
    world.order(None, at(-1), "-500", kind="adjustment")
    world.refund(one, at(-1), "4")
    day = yesterday(on)
    assert (day.orders, day.payers, day.spend, day.other_currency) == (4, 1, Decimal(80), 1)
    assert day.known_share == 0.25
    assert (day.refunds, day.refunded) == (1, Decimal(4))


def test_nothing_is_not_a_share_of_zero(world, on):
    assert yesterday(on).known_share is None


def test_another_corps_rows_are_not_counted(world, on, other_world):
    for one in (world, other_world):
        buyer = one.scanned(at(-1))
        one.joins(buyer, at(-1))
        one.order(buyer, at(-1), "7")
    day = yesterday(on)
    assert (day.added, day.joins, day.orders, day.spend) == (1, 1, 1, Decimal(7))


def test_the_band_is_the_same_weekday_of_eight_weeks(world, on):
    one = world.customer(at(-100))
    for week in range(1, 9):
        for _ in range(week):
            world.order(one, at(-1 - 7 * week))
        world.order(one, at(-2 - 7 * week))  # another weekday is nothing to it
    series = daily.series(on(), date(2011, 12, 10), date(2011, 12, 10))
    band = series.band("orders")
    # The 10th and 90th percentile of 1..8, linear: 1.7 and 7.3
    assert (round(band.low, 6), round(band.high, 6), band.weeks) == (1.7, 7.3, 8)


def test_no_band_before_four_such_days_were_seen(world, on):
    world.order(world.customer(), at(-1 - 7 * 3))
    assert daily.series(on(), date(2011, 12, 10), date(2011, 12, 10)).band("orders") is None
    world.order(world.customer(), at(-1 - 7 * 4))
    assert daily.series(on(), date(2011, 12, 10), date(2011, 12, 10)).band("orders").weeks == 4


def test_a_year_of_days_is_three_queries(world, django_assert_num_queries):
    with django_assert_num_queries(3):
        on = ground(world.corp_id)
        assert len(daily.series(on, date(2010, 12, 11), date(2011, 12, 10)).days) == 365


def test_rfm_grid_adds_up(world, on):
    for n in range(6):
        world.score(world.customer(), 5, 5, "champions", m=str(100 + n))
    world.score(world.customer(), 1, 1, "hibernating", m="15")
    world.score(world.customer(), 1, 1, "hibernating", method="published")
    grid = rfm.grid(on(), "default")
    assert (grid.people, grid.spend, grid.as_of) == (7, Decimal(630), TODAY.date())
    assert (grid.rows[0][4].people, grid.rows[4][0].people, grid.largest) == (6, 1, 6)
    parts = {part.segment: part for part in grid.segments}
    assert parts["champions"].people_share == pytest.approx(6 / 7)
    assert parts["champions"].spend_share == pytest.approx(615 / 630)
    assert sum(part.people for part in grid.segments) == sum(cell.people for cell in grid.cells) == 7
    assert rfm.grid(on(), "published").people == 1


def test_the_grid_names_cells_as_published():
    names = [rfm.segment_of(r, f) for r in range(1, 6) for f in range(1, 6)]
    assert {name: names.count(name) for name in set(names)} == {
        "hibernating": 4, "at_risk": 4, "cant_lose": 2, "about_to_sleep": 2, "need_attention": 1, "loyal_customers": 4,
        "promising": 1, "new_customers": 1, "potential_loyalists": 4, "champions": 2,
    }  # fmt: skip


def test_nobody_scored_yet(world, on):
    grid = rfm.grid(on(), "default")
    assert (grid.people, grid.as_of, len(grid.cells)) == (0, None, 25)


def test_repurchase_by_hand(world, on):
    once, twice, thrice = (world.customer() for _ in range(3))
    world.order(once, at(-10), "10")
    for day in (-10, -40):
        world.order(twice, at(day), "20")
    for day in (-10, -11, -12):
        world.order(thrice, at(day), "30")
    world.order(once, at(-200), "10")  # outside
    world.order(None, at(-10), "500")  # nobody's
    found = purchases.repurchase(on(), date(2011, 12, 10) - timedelta(days=89), date(2011, 12, 10))
    assert (found.buyers, found.again, found.orders, found.spend) == (3, 2, 6, Decimal(140))
    assert found.rate == pytest.approx(2 / 3)
    assert found.per_order == pytest.approx(Decimal(140) / 6)
    assert found.per_month == pytest.approx(6 / 3 / (90 / 30.4375))
    assert found.per_active_month == pytest.approx(
        6 / 5
    )  # 12-01 and 11-29, 11-30 are two months for thrice; and twice has two


def test_no_orders_have_no_rate(world, on):
    found = purchases.repurchase(on(), date(2011, 9, 1), date(2011, 12, 10))
    assert (found.rate, found.per_order, found.per_month) == (None, None, None)


def test_cohorts_by_hand(world, on):
    old, new = world.customer(), world.customer()
    for day in (-70, -69, -10):  # 2011-10-02, 10-03, 12-01
        world.order(old, at(day))
    world.order(new, at(-40))  # 2011-11-01
    found = purchases.cohorts(on())
    assert [(one.month, one.people, one.active) for one in found] == [
        (date(2011, 10, 1), 1, [1, 0, 1]),
        (date(2011, 11, 1), 1, [1, 0]),
    ]


def test_visitors_keep_simulated_visits_apart(world, on):
    for n in range(10):
        world.visit(at(-1), simulated=n >= 4)
    world.visit(at(-1), simulated=True, shop=False)
    stays, comes = world.scanned(at(-1)), world.scanned(at(-1))
    world.joins(stays, at(0, 8))
    world.scanned(at(-1), state="")  # came by no code
    elsewhere = world.new_group("别处")
    elsewhere.shop = None
    elsewhere.save()
    world.joins(comes, at(0, 8), group=elsewhere)  # not this shop's group
    found = visitors.conversion(on(), date(2011, 12, 1), date(2011, 12, 11))
    shop, nowhere = found.shops
    assert (shop.visits, shop.simulated, shop.scans, shop.joins) == (4, 6, 2, 1)
    assert (shop.scan_rate, shop.join_rate) == (0.2, 0.5)
    assert (nowhere.shop_id, nowhere.simulated, nowhere.scans) == (None, 1, 0)
    assert (found.whole.looked, found.whole.scans) == (11, 2)
    assert found.whole.scan_rate == pytest.approx(2 / 11)


def test_a_join_before_the_scan_is_not_its_result(world, on):
    early = world.scanned(at(-1, 15))
    world.joins(early, at(-1, 9))
    assert visitors.conversion(on(), date(2011, 12, 1), date(2011, 12, 11)).whole.joins == 0


def test_uncounted_visits_give_no_share(world, on):
    world.scanned(at(-1))
    assert visitors.conversion(on(), date(2011, 12, 1), date(2011, 12, 11)).whole.scan_rate is None
