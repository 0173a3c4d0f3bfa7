"""Customers go from one clerk to others, on the job and after a resignation, over real HTTP."""

from datetime import timedelta

import pytest

from linli.customers import api as customers
from linli.customers.marking import mark_waiting
from linli.customers.models import Follow
from linli.handover import api
from linli.handover.models import CustomerMove, Handover
from linli.kit.clock import now
from linli.kit.errors import Refused
from tests.connect.staged import befriend

TAKER = "clerk0-2"


def test_on_the_job_they_wait_a_day_and_then_everything_follows(firm):
    first, second = firm.befriended(2)
    key = firm.begin(takers=(TAKER,))
    assert firm.counts(key) == {"waiting": 2}
    assert firm.calls() == 1, "both in one call"
    (due, _) = CustomerMove.objects.filter(handover_id=key).values_list("takeover_at", flat=True)
    assert abs((due - now()).total_seconds() - 86_400) < 120
    firm.a_day()
    firm.work(key)
    assert firm.counts(key) == {"done": 2}
    assert firm.state(key) == "done"
    assert firm.ours(first) == firm.holder(first) == [TAKER]
    assert {one["cause"] for one in firm.said("handover.handed_over")} == {"result"}
    assert len(firm.said("customers.follow_lost")) == 2
    firm.hear()
    assert len(firm.said("customers.follow_lost")) == 2, "the callbacks say nothing more"
    assert len(firm.said("customers.follow_added")) == 4
    assert Follow.objects.filter(live=False, lost_by="transfer").count() == 2
    assert len(firm.said("handover.handed_over")) == 2
    assert firm.ours(second) == [TAKER]


def test_those_of_one_who_left_are_taken_over_and_the_old_relation_ends(firm):
    first, second = firm.befriended(2)
    firm.leaves()
    firm.hear()
    key = firm.begin(takers=(TAKER,))
    assert firm.counts(key) == {"waiting": 2}
    firm.a_day()
    assert firm.hear() == ["change_external_contact.add_external_contact"] * 2
    firm.work(key)
    assert (firm.counts(key), firm.state(key)) == ({"done": 2}, "done")
    assert [firm.ours(one) for one in (first, second)] == [[TAKER], [TAKER]]
    assert Follow.objects.filter(live=False, lost_by="resigned").count() == 2
    assert firm.said("handover.handed_over")[0]["resigned"] is True


def test_a_refusal_is_heard_at_once_and_counts_nothing(firm):
    shy, willing = firm.befriended(2)
    key = firm.begin(takers=(TAKER,))
    firm.stage.act("customer_refuses_transfer", external_userid=shy)
    firm.hear()
    assert firm.states(key) == {shy: "refused", willing: "waiting"}
    assert firm.said("handover.not_handed_over") == [
        {
            "handover": key, "giver": firm.staff("clerk0-1"), "taker": firm.staff(TAKER), "cause": "event",
            "why": "refused", "code": 0,
        }
    ]  # fmt: skip
    firm.a_day()
    firm.work(key)
    assert firm.states(key) == {shy: "refused", willing: "done"}
    assert firm.ours(shy) == ["clerk0-1"]
    assert firm.plan(takers=(TAKER,)).giving == 1, "who refused may be asked again"


def test_a_refusal_whose_callback_never_came_is_found_by_asking(firm):
    (shy,) = firm.befriended(1)
    key = firm.begin(takers=(TAKER,))
    firm.stage.act("customer_refuses_transfer", external_userid=shy)
    firm.work(key)
    assert (firm.states(key), firm.state(key)) == ({shy: "refused"}, "done")
    firm.hear()
    assert [one["cause"] for one in firm.said("handover.not_handed_over")] == ["result"], (
        "and the callback adds nothing"
    )


def test_a_taker_who_fills_up_meanwhile_is_full(firm):
    (late,) = firm.befriended(1)
    key = firm.begin(takers=(TAKER,))
    firm.stage.control("tunables", {"customer_cap": 0})
    firm.a_day()
    firm.hear()
    assert firm.states(key) == {late: "full"}
    assert firm.ours(late) == ["clerk0-1"]
    (share,) = firm.plan(takers=(TAKER,)).takers
    assert share.problem == "said_full", "the next plan knows it"


def test_each_customer_has_the_code_that_wecom_gave_for_them(firm):
    mine, theirs = firm.befriended(2)
    firm.stage.contact(
        "transfer_customer",
        {"handover_userid": "clerk0-1", "takeover_userid": "clerk0-0", "external_userid": [theirs]},
    )  # somebody in WeCom's own console was quicker
    key = firm.begin(takers=(TAKER,))
    assert firm.states(key) == {mine: "waiting", theirs: "failed"}
    assert CustomerMove.objects.get(external_userid=theirs).code == 40100


def test_a_whole_call_that_is_refused_fails_each_with_its_code_and_the_taker_is_known(firm):
    firm.befriended(2)
    firm.stage.act("staff_stays_away", userid=TAKER, days=400)
    key = firm.begin(takers=(TAKER,))
    assert (firm.counts(key), firm.state(key)) == ({"failed": 2}, "done")
    assert set(CustomerMove.objects.values_list("code", flat=True)) == {40205}
    (share,) = firm.plan(takers=(TAKER,)).takers
    assert (share.problem, share.warning) == ("", "wecom_40205"), "WeCom does not say which of the two it means"


def test_the_customer_reads_the_words_that_were_written(firm):
    (one,) = firm.befriended(1)
    firm.begin(takers=(TAKER,), message="小周接着照顾您")
    firm.a_day()
    firm.stage.control("state")
    assert firm.stage.control(f"inbox/{one}")["messages"][-1]["text"] == {"content": "小周接着照顾您"}


def test_a_hundred_and_one_take_two_calls_and_all_are_listed_once(firm):
    everyone = firm.befriended(101)
    key = firm.begin(takers=(TAKER,))
    assert firm.counts(key) == {"waiting": 101}
    assert firm.calls() == 2
    firm.a_day()
    before = firm.calls("externalcontact/get")
    firm.work(key)
    assert firm.counts(key) == {"done": 101}
    assert firm.calls("externalcontact/get") - before == 101, "one reading each"
    assert firm.calls("transfer_result") == 2, "one look while they waited, one at the end, for the two calls together"
    assert firm.holder(everyone[-1]) == [TAKER]


def test_what_wecom_does_not_take_along_is_marked_on_the_new_relation_and_only_that(firm):
    firm.stage.control("tunables", {"transfer_keeps_marks": False})
    kept, bare = firm.befriended(2)
    tags = customers.ensure_tags(corp_id=firm.corp_id, group="偏好", names=["拿铁", "蛋糕"])
    follow = Follow.objects.get(customer__external_userid=kept)
    customers.tag_follow(corp_id=firm.corp_id, follow_id=follow.pk, tag_ids=list(tags.values()))
    mark_waiting(corp_id=firm.corp_id)
    firm.stage.act("staff_remarks", userid="clerk0-1", external_userid=kept, remark="老客户王姐")
    firm.hear()
    key = firm.begin(takers=(TAKER,))
    firm.a_day()
    firm.work(key)
    mark_waiting(corp_id=firm.corp_id)
    (theirs,) = [row for row in firm.stage.control("state")["follows"] if row["external_userid"] == kept]
    assert (theirs["userid"], theirs["remark"], len(theirs["tags"])) == (TAKER, "老客户王姐", 2)
    new = Follow.objects.get(customer__external_userid=kept, live=True)
    assert (new.staff.userid, new.remark) == (TAKER, "老客户王姐")
    assert not CustomerMove.objects.filter(remark_due=True).exists()
    assert firm.calls("externalcontact/mark_tag") == 2, "the clerk's own, and the one carried on"
    assert firm.ours(bare) == [TAKER]


def test_what_wecom_takes_along_is_not_done_twice(firm):
    (kept,) = firm.befriended(1)
    tags = customers.ensure_tags(corp_id=firm.corp_id, group="偏好", names=["拿铁"])
    follow = Follow.objects.get(customer__external_userid=kept)
    customers.tag_follow(corp_id=firm.corp_id, follow_id=follow.pk, tag_ids=list(tags.values()))
    mark_waiting(corp_id=firm.corp_id)
    firm.stage.act("staff_remarks", userid="clerk0-1", external_userid=kept, remark="老客户")
    firm.hear()
    before = {path: firm.calls(path) for path in ("externalcontact/mark_tag", "externalcontact/remark")}
    firm.begin(takers=(TAKER,))
    firm.a_day()
    key = CustomerMove.objects.get().handover_id
    firm.work(key)
    assert customers.marks_waiting(corp_id=firm.corp_id) == 0
    assert {path: firm.calls(path) for path in before} == before


def test_a_customer_who_had_the_taker_already_keeps_one_relation(firm):
    (both,) = firm.befriended(1)
    befriend(firm.stage, 0, TAKER)
    customers.sync(corp_id=firm.corp_id)
    assert firm.ours(both) == ["clerk0-1", TAKER]
    key = firm.begin(takers=(TAKER,))
    firm.a_day()
    firm.work(key)
    assert (firm.states(key), firm.ours(both)) == ({both: "done"}, [TAKER])
    firm.hear()
    assert firm.ours(both) == firm.holder(both) == [TAKER]


def test_who_gets_no_answer_for_three_days_has_no_result(firm):
    (one,) = firm.befriended(1)
    firm.stage.control("tunables", {"transfer_s": 30 * 86_400})
    key = firm.begin(takers=(TAKER,))
    CustomerMove.objects.update(takeover_at=now())
    firm.clock.forward(days=34)
    firm.work(key)
    assert (firm.states(key), firm.state(key)) == ({one: "no_result"}, "done")


def test_the_ticker_looks_again_when_it_is_time_and_not_before(firm):
    firm.befriended(1)
    key = firm.begin(takers=(TAKER,))
    row = Handover.objects.get(id=key)
    assert row.due_at is not None
    assert timedelta(0) < row.due_at - now() <= timedelta(hours=6)
    assert api.tick(corp_id=firm.corp_id, at=now()) == 0
    assert api.tick(corp_id=firm.corp_id, at=row.due_at) == 1
    assert api.tick(corp_id=firm.corp_id, at=row.due_at) == 0, "one job"


def test_a_callback_brings_the_look_forward(firm):
    firm.befriended(1)
    key = firm.begin(takers=(TAKER,))
    firm.a_day()
    Handover.objects.update(due_at=now() + timedelta(hours=3))
    firm.hear()
    assert api.tick(corp_id=firm.corp_id, at=now()) == 1
    firm.work(key)
    assert firm.state(key) == "done"


def test_what_is_not_called_yet_can_be_stopped_and_nothing_else(firm):
    firm.befriended(3)
    key = firm.begin(takers=(TAKER,), work=False)
    assert api.cancel(corp_id=firm.corp_id, handover_id=key, author="周岚") == 3
    firm.work(key)
    assert (firm.counts(key), firm.state(key), firm.calls()) == ({"cancelled": 3}, "cancelled", 0)
    again = firm.begin(takers=(TAKER,))
    assert api.cancel(corp_id=firm.corp_id, handover_id=again, author="周岚") == 0, "WeCom has no way back"
    assert firm.counts(again) == {"waiting": 3}


def test_two_plans_at_once_give_nobody_away_twice(firm):
    firm.befriended(2)
    firm.begin(takers=(TAKER,), work=False)
    with pytest.raises(Refused, check=lambda error: error.code == "nothing_goes"):
        firm.begin(takers=("clerk0-0",))
    assert Handover.objects.count() == 1
