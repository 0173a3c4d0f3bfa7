"""Who would get whom, and who is left out and why: known before anything is called."""

from datetime import timedelta

import pytest

from linli.customers import api as customers
from linli.customers.marking import mark_waiting
from linli.customers.models import Follow, FollowChange
from linli.directory.models import Staff
from linli.handover import api
from linli.handover.models import Reading
from linli.kit.clock import now
from linli.kit.errors import BadInput, NotFound
from tests.connect.staged import befriend

KEEPER, GIVER, TAKER, ELSEWHERE = "clerk0-0", "clerk0-1", "clerk0-2", "clerk1-0"


def gets(made: api.Plan) -> dict[str, int]:
    return {one.userid: one.gets for one in made.takers}


def test_without_takers_the_giver_s_own_shop_gets_them_evenly(firm):
    firm.befriended(5)
    made = firm.plan()
    assert sorted(gets(made).items()) == [(KEEPER, 3), (TAKER, 2)]
    assert (made.giving, dict(made.left_out)) == (5, {})
    assert firm.calls() == 0


def test_by_load_who_has_fewest_gets_most(firm):
    firm.befriended(4)
    firm.befriended(3, TAKER, start=10)
    assert gets(firm.plan(split="load")) == {KEEPER: 4, TAKER: 0}
    firm.befriended(4, start=4)
    made = firm.plan(split="load")
    assert sorted(one.has + one.gets for one in made.takers) == [5, 6]


def test_whom_a_customer_knows_already_gets_them(firm):
    firm.befriended(4)
    for n in (0, 1, 2):
        befriend(firm.stage, n, TAKER)
    customers.sync(corp_id=firm.corp_id)
    made = firm.plan(split="known")
    by_customer = {line.external_userid: line.taker_id for line in made.customers}
    assert [by_customer[firm.people[n]] for n in (0, 1, 2)] == [firm.staff(TAKER)] * 3
    assert by_customer[firm.people[3]] in {firm.staff(KEEPER), firm.staff(TAKER)}


def test_the_cap_of_customers_leaves_the_rest_out(firm):
    firm.befriended(5)
    api.set_rule(corp_id=firm.corp_id, mode="propose", split="even", groups_to="keeper", customer_cap=2, author="周岚")
    made = firm.plan()
    assert gets(made) == {KEEPER: 2, TAKER: 2}
    assert dict(made.left_out) == {"taker_full": 1}
    key = firm.begin()
    assert firm.counts(key) == {"waiting": 4, "left_out": 1}
    assert [one.room for one in firm.plan().takers] == [0, 0], "who is on their way takes a place"


def test_who_was_handed_over_twice_in_ninety_days_waits_and_it_is_said_until_when(firm):
    often, once = firm.befriended(2)
    follow = Follow.objects.get(customer__external_userid=often)
    other = Follow.objects.get(customer__external_userid=once)
    for days, of in ((80, follow), (40, follow), (100, other), (3, other)):
        FollowChange.objects.create(
            corp_id=firm.corp_id, follow=of, kind="lost", by="transfer", at=now() - timedelta(days=days), cause="event"
        )
    lines = {line.external_userid: line for line in firm.plan().customers}
    assert (lines[often].reason, lines[once].reason) == ("too_often", "")
    free_at = lines[often].free_at
    assert free_at is not None
    assert timedelta(days=9) <= free_at - now() <= timedelta(days=11)
    firm.clock.forward(days=12)
    assert firm.plan().giving == 2


def test_resigned_hand_overs_are_not_counted_so_and_a_year_is_the_end(firm):
    (one,) = firm.befriended(1)
    follow = Follow.objects.get(customer__external_userid=one)
    firm.leaves()
    for days in (3, 4):
        FollowChange.objects.create(
            corp_id=firm.corp_id, follow=follow, kind="lost", by="transfer", at=now() - timedelta(days=days), cause="x"
        )
    Follow.objects.update(live=True)
    assert firm.plan().giving == 1
    Staff.objects.filter(userid=GIVER).update(left_at=now() - timedelta(days=366))
    assert dict(firm.plan().left_out) == {"too_long_ago": 1}


def test_who_is_in_hand_or_half_is_left_out(firm):
    first, second, third = firm.befriended(3)
    Follow.objects.filter(customer__external_userid=third).update(incomplete="half")
    rows = Follow.objects.filter(customer__external_userid=second)
    firm.begin(takers=(TAKER,), work=False)
    assert dict(firm.plan().left_out) == {"in_hand": 2, "half": 1}
    assert rows.get().live
    assert first


def test_takers_who_cannot_are_named_with_the_reason(firm):
    firm.befriended(2)
    Staff.objects.filter(userid=KEEPER).update(status=Staff.Status.DISABLED)
    Reading.objects.update_or_create(corp_id=firm.corp_id, defaults={"able": [KEEPER, ELSEWHERE], "able_at": now()})
    made = firm.plan(takers=(KEEPER, TAKER, ELSEWHERE))
    assert {one.userid: one.problem for one in made.takers} == {KEEPER: "not_active", TAKER: "not_able", ELSEWHERE: ""}
    assert gets(made)[ELSEWHERE] == 2
    assert dict(firm.plan(takers=(KEEPER,)).left_out) == {"no_taker": 2}


def test_only_those_with_a_tag(firm):
    vip, _other = firm.befriended(2)
    tags = customers.ensure_tags(corp_id=firm.corp_id, group="等级", names=["金卡"])
    customers.tag_follow(
        corp_id=firm.corp_id,
        follow_id=Follow.objects.get(customer__external_userid=vip).pk,
        tag_ids=list(tags.values()),
    )
    mark_waiting(corp_id=firm.corp_id)
    made = firm.plan(tag_ids=tuple(tags.values()))
    assert [line.external_userid for line in made.customers] == [vip]


def test_groups_follow_the_keeper_and_stay_where_nobody_can(firm):
    firm.room()
    made = firm.plan(customers=False, groups_to="keeper")
    assert [(line.taker_id, line.reason) for line in made.groups] == [(firm.staff(KEEPER), "")]
    Staff.objects.filter(shop_id=Staff.objects.get(userid=GIVER).shop_id).exclude(userid=GIVER).update(status=2)
    made = firm.plan(customers=False, groups_to="keeper")
    assert [line.reason for line in made.groups] == ["no_taker"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"split": "dice"}, "bad_way"),
        ({"customers": False}, "nothing_chosen"),
        ({"takers": (GIVER,)}, "same_person"),
        ({"groups_to": "one"}, "no_groups_taker"),
        ({"message": "字" * 201}, "long_message"),
    ],
)
def test_wishes_of_which_no_plan_can_be_made(firm, more, code):
    with pytest.raises(BadInput, check=lambda error: error.code == code):
        firm.plan(**more)


def test_a_giver_of_another_corp_is_not_there(firm):
    with pytest.raises(NotFound):
        api.plan(corp_id=firm.corp_id + 1, wish=firm.wish())


def test_a_plan_asks_the_same_questions_for_one_customer_and_for_fifty(firm, django_assert_max_num_queries):
    firm.befriended(50)
    with django_assert_max_num_queries(25):
        assert firm.plan(split="known", groups_to="keeper").giving == 50
