"""When a clerk leaves: a plan is laid before the operator, or carried out, or nothing, as the rule says."""

import pytest
from django.db import transaction

from linli.directory import api as directory
from linli.directory.models import Staff
from linli.handover import api
from linli.handover.models import Handover
from linli.kit.errors import BadInput, Refused


def rule(firm, mode: str, **more) -> None:
    values = {"split": "even", "groups_to": "keeper", "customer_cap": 5000, **more}
    api.set_rule(corp_id=firm.corp_id, mode=mode, author="周岚", **values)


def test_without_a_rule_a_plan_is_proposed_and_nothing_is_called(firm):
    firm.befriended(3)
    firm.room()
    firm.leaves()
    firm.deliver()
    row = Handover.objects.get()
    assert (row.state, row.by_rule, row.giver.userid) == ("proposed", True, "clerk0-1")
    assert firm.said("handover.proposed")[0]["shop"] == row.shop_id
    made = api.plan(corp_id=firm.corp_id, wish=api.from_json(row.wish))
    assert (made.giving, made.groups_giving) == (3, 1)
    assert firm.calls() + firm.calls("groupchat/transfer") == 0
    key = api.start(corp_id=firm.corp_id, wish=api.from_json(row.wish), author="周岚", handover_id=row.pk)
    assert key == row.pk
    firm.work(key)
    assert (firm.counts(key), list(firm.rooms(key).values())) == ({"waiting": 3}, ["done"])
    with pytest.raises(Refused):
        api.start(corp_id=firm.corp_id, wish=api.from_json(row.wish), author="周岚", handover_id=row.pk)


def test_where_the_rule_says_so_it_is_carried_out(firm):
    rule(firm, "carry_out")
    firm.befriended(2)
    firm.leaves()
    firm.deliver()
    row = Handover.objects.get()
    assert (row.state, row.by_rule) == ("running", True)
    firm.work(row.pk)
    firm.a_day()
    firm.work(row.pk)
    assert firm.counts(row.pk) == {"done": 2}


def test_where_nobody_could_take_over_a_person_must_choose(firm):
    rule(firm, "carry_out")
    firm.befriended(1)
    Staff.objects.exclude(userid="clerk0-1").update(shop=None)
    firm.stage.act("staff_leaves", userid="clerk0-1")
    directory.confirm_left(corp_id=firm.corp_id, userids=["clerk0-1"])
    firm.deliver()
    assert Handover.objects.get().state == "proposed"


def test_no_rule_no_proposal(firm):
    rule(firm, "off")
    firm.befriended(1)
    firm.leaves()
    firm.deliver()
    assert not Handover.objects.exists()


def test_who_has_nothing_leaves_without_a_word(firm):
    firm.leaves("clerk1-2")
    firm.deliver()
    assert not Handover.objects.exists()


def test_who_comes_back_keeps_what_they_have(firm):
    firm.befriended(1)
    firm.leaves()
    firm.deliver()
    Staff.objects.filter(userid="clerk0-1").update(status=Staff.Status.ACTIVE, left_at=None)
    from linli.ledger import api as ledger

    data = {"staff_id": firm.staff("clerk0-1"), "userid": "clerk0-1", "shop_id": None, "cause": "changed_elsewhere"}
    with transaction.atomic():
        ledger.publish(corp_id=firm.corp_id, kind="directory.staff_joined", subject="staff:clerk0-1", data=data)
    firm.deliver()
    assert Handover.objects.get().state == "dismissed"


def test_told_by_a_callback_the_member_is_asked_for_by_name(firm):
    firm.befriended(1)
    firm.told_deleted("clerk0-1")
    assert Staff.objects.get(userid="clerk0-1").left_at is None, (
        "WeCom still has them: the callback is not believed blindly"
    )
    firm.stage.act("staff_leaves", userid="clerk0-1")
    firm.told_deleted("clerk0-1")
    firm.told_deleted("clerk0-1")
    firm.deliver()
    assert Handover.objects.get().state == "proposed"


def test_who_is_only_not_found_has_not_left_and_nothing_of_theirs_is_given_away(firm):
    """60111 says "not there or outside the app's range": out of sight, until WeCom says that they left."""
    rule(firm, "carry_out")
    firm.befriended(1)
    firm.stage.act("staff_leaves", userid="clerk0-1")
    found = directory.reconcile(corp_id=firm.corp_id)
    firm.deliver()
    row = Staff.objects.get(userid="clerk0-1")
    assert (row.status, row.left_at) == (Staff.Status.ACTIVE, None)
    assert row.out_of_sight_at is not None
    assert not Handover.objects.exists()
    assert [(one["what"], "60111" in one["why"], "userid not found" in one["said"]) for one in found.unread] == [
        ("clerk0-1", True, True)
    ]
    again = directory.reconcile(corp_id=firm.corp_id)
    assert (len(again.unread), again.changed) == (1, 0), "listed every night, said once"
    api.reconcile(corp_id=firm.corp_id)  # the list of the unassigned is WeCom's word
    firm.deliver()
    row.refresh_from_db()
    assert (row.status, row.out_of_sight_at) == (Staff.Status.LEFT, None)
    assert Handover.objects.get().state == "running"


def test_an_owner_of_groups_without_customers_is_found_to_have_resigned(firm):
    firm.room()
    firm.stage.act("staff_leaves", userid="clerk0-1")
    assert directory.reconcile(corp_id=firm.corp_id).unread == ()
    firm.deliver()
    assert Staff.objects.get(userid="clerk0-1").left_at is not None
    assert Handover.objects.get().state == "proposed"


def test_a_rule_that_makes_no_sense_is_refused(firm):
    for more in ({"customer_cap": 0}, {"split": "dice"}, {"groups_to": "nobody"}):
        with pytest.raises(BadInput):
            rule(firm, "propose", **more)
    with pytest.raises(BadInput):
        rule(firm, "now")
