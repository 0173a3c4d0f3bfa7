"""What joining goes with, what sends did, and the report."""

from datetime import timedelta

import pytest

from linli.insights import api as insights
from linli.insights.queries import experiments, joining
from linli.messaging import api as messaging
from tests.insights.world import at, two_cohorts

pytestmark = pytest.mark.django_db


def test_joining_on_the_day_of_the_first_purchase_leaves_nobody_to_compare(world, on):
    two_cohorts(world)
    found = joining.before_and_after(on())
    assert (found.joined, found.comparable, found.sides) == (40, 0, [])


def test_before_and_after_by_hand(world, on):
    for extra in range(4):
        one = world.customer()
        world.order(one, at(-300), "5")  # the first purchase: before both sides
        world.order(one, at(-150), "10")
        world.joins(one, at(-120))
        world.order(one, at(-120, 15), "999")  # the day of joining is on no side
        world.order(one, at(-100), "20")
        world.order(one, at(-98), "40")
        for n in range(extra):
            world.order(one, at(-60 - n * 10), "30")
    young = world.customer()  # joined too lately
    world.order(young, at(-300))
    world.joins(young, at(-50))
    found = joining.before_and_after(on())
    assert (found.joined, found.comparable) == (5, 4)
    sides = {side.measure: side for side in found.sides}
    assert (sides["often"].n, sides["often"].before) == (4, pytest.approx(1 / 3))
    assert sides["often"].after == pytest.approx((2 + 3 + 4 + 5) / 4 / 3)
    assert sides["often"].difference.value == pytest.approx(2.5 / 3)
    # Differences 1/3 × (1, 2, 3, 4): t(3) 3.18245 × sd 1.29099 / 2 / 3
    assert sides["often"].difference.interval.low == pytest.approx((2.5 - 3.182446 * 1.290994 / 2) / 3, abs=1e-5)
    assert sides["spend"].before == pytest.approx(10)
    assert sides["spend"].after == pytest.approx((30 + 30 + 30 + 30) / 4)
    assert sides["week"].before == 0
    assert sides["week"].after == pytest.approx((1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 4)


def test_members_against_others_by_hand(world, on):
    two_cohorts(world)
    found = joining.against_others(on())
    assert (found.members, found.others, found.later, found.strata) == (40, 40, 0, 5)
    assert (found.members_used, found.others_used, found.strata_used) == (40, 40, 5)
    effects = {effect.measure: effect for effect in found.effects}
    assert (effects["orders"].members, effects["orders"].others) == (pytest.approx(1), pytest.approx(0.5))
    assert (effects["again"].difference.value, effects["week"].difference.value) == (
        pytest.approx(0.5),
        pytest.approx(1),
    )
    assert effects["spend"].difference.value == pytest.approx(25)
    assert effects["orders"].difference.shown


def test_who_joins_later_is_on_neither_side(world, on):
    two_cohorts(world)
    late = world.customer()
    world.order(late, at(-200))
    world.joins(late, at(-180))
    never_watched = world.customer()
    world.order(never_watched, at(-30))
    found = joining.against_others(on())
    assert (found.members, found.others, found.later) == (40, 40, 1)


def test_a_send_is_compared_over_everyone_assigned(world, on):
    send = world.send(tasked=at(-20))
    states = ["sent", "tasked", "cancelled", "over_limit", "unknown"] * 18 + ["holdout"] * 10
    people = [world.customer() for _ in states]
    for one, state in zip(people, states, strict=True):
        world.recipient(send, one, state)
    world.recipient(send, world.customer(), "excluded", reason="capped")
    for one in [*people[:9], people[95]]:
        world.order(one, at(-15), "100")
    world.order(people[50], at(-21))  # before
    world.order(people[51], at(-5))  # after the 14 days
    (found,) = experiments.comparisons(on()).items
    assert (found.message.people, found.message.buyers, found.holdout.people, found.holdout.buyers) == (90, 9, 10, 1)
    assert (found.message.spend.mean, found.holdout.spend.mean) == (pytest.approx(10), pytest.approx(10))
    assert found.verdict == "no_effect"
    assert found.bought.interval.low < 0 < found.bought.interval.high
    assigned = messaging.assigned(corp_id=world.corp_id, send_id=send.pk)
    assert found.message.people + found.holdout.people == len(assigned)
    assert found.holdout.people == sum(arm == "holdout" for _, arm in assigned)


def test_an_effect_is_said_when_the_interval_leaves_out_0(world, on):
    send = world.send(tasked=at(-20), holdout=50)
    for n in range(100):
        one = world.customer()
        world.recipient(send, one, "sent" if n < 50 else "holdout")
        if n < 30:
            world.order(one, at(-15))
    (found,) = experiments.comparisons(on()).items
    assert found.verdict == "more"
    assert found.bought.value == pytest.approx(0.6)
    assert found.ratio_p == pytest.approx(1)


def test_a_draw_that_went_wrong_shows(world, on):
    send = world.send(tasked=at(-20), holdout=50)
    for n in range(100):
        world.recipient(send, world.customer(), "sent" if n < 90 else "holdout")
    assert experiments.comparisons(on()).items[0].ratio_p < 0.001


def test_no_verdict_before_its_time_or_without_a_holdout(world, on):
    early, alone = world.send("早", tasked=at(-3)), world.send("独", tasked=at(-30), holdout=0)
    for n in range(10):
        world.recipient(early, world.customer(), "holdout" if n < 2 else "sent")
        world.recipient(alone, world.customer(), "sent")
    few = world.send("少", tasked=at(-40))
    world.recipient(few, world.customer(), "sent")
    world.recipient(few, world.customer(), "holdout")
    world.send("未发")
    found = experiments.comparisons(on())
    assert found.whole == 3
    assert {one.name: one.spent_verdict for one in found.items} == {"早": "early", "独": "none", "少": "few"}


def test_any_number_of_sends_is_two_queries(world, on, django_assert_num_queries):
    for n in range(7):
        world.recipient(world.send(f"第{n}次", tasked=at(-20 + n)), world.customer(), "sent")
    ground = on()
    with django_assert_num_queries(2):
        assert len(experiments.comparisons(ground).items) == 7


def test_the_report_adds_up(world):
    known = world.customer()
    world.order(known, at(-3), lines=4)
    world.order(None, at(-3), lines=5)
    world.order(None, at(-3), kind="adjustment", lines=1)
    world.refund(known, at(-2), lines=2)
    world.refund(world.customer(), at(-2), lines=3)
    world.score(known, 5, 1, "new_customers", method="published")
    send = world.send(tasked=at(-20))
    for state in ("sent", "tasked", "holdout"):
        world.recipient(send, world.customer(), state)
    found = insights.report(corp_id=world.corp_id)
    assert found["orders"] == {
        "lines": 15, "invoices": 5, "customers": 2, "lines_without_customer": 6, "orders": 2, "adjustments": 1, "refunds": 2,
    }  # fmt: skip
    assert found["rfm"]["published"]["new_customers"] == 1
    assert sum(found["rfm"]["default"].values()) == 0
    assert (found["sends"][0]["planned"], found["sends"][0]["sent"], found["sends"][0]["holdout"]) == (3, 1, 1)
    assert found["holdout"][0]["message"]["people"] == 2
    assert found["holdout"][0]["verdict"] == "no_effect"


def test_a_story_is_noted_and_told(world):
    insights.note_story(corp_id=None, key="prepare", done=1, total=1)
    insights.note_story(corp_id=None, key="prepare", done=2, total=2, note="好了")
    insights.note_story(corp_id=world.corp_id, key="year", done=3, total=365, note="2010-12-03")
    steps = insights.story(corp_id=world.corp_id)
    assert [(one.key, one.done, one.total, one.note, one.over) for one in steps] == [
        ("prepare", 2, 2, "好了", True),
        ("year", 3, 365, "2010-12-03", False),
    ]


def test_the_days_of_a_comparison_can_be_chosen(world, on):
    send = world.send(tasked=at(-20))
    one = world.customer()
    world.recipient(send, one, "sent")
    world.recipient(send, world.customer(), "holdout")
    world.order(one, at(-20) + timedelta(days=10))
    assert [experiments.comparisons(on(), days=days).items[0].message.buyers for days in (7, 14)] == [0, 1]
