"""Every kind of callback about customers and tags, dropped: found, applied, said with its cause; late, it does nothing."""

import math

import pytest
from django.utils import timezone

from linli.connect import api as connect
from linli.customers import api as customers
from linli.customers import marking, retagging
from linli.customers.models import Follow, MarkIntent, Tag
from linli.customers.queries import checksums
from linli.directory import api as directory
from linli.ledger.models import InboxRow
from linli.wecom.client import Client
from linli.wecom.errors import ApiError
from tests.connect.dropping import Dropped, calls, facts, hand_on, last_fact
from tests.connect.staged import befriend
from tests.customers.acting import ours, theirs

ADD = "change_external_contact.add_external_contact"
EDIT = "change_external_contact.edit_external_contact"
DEL = "change_external_contact.del"


@pytest.fixture
def dropped(line, stage):
    """Six people with a clerk each and two tags, all known to Linli; from now on every callback is dropped."""
    for person in range(6):
        befriend(stage, person, f"clerk{person % 3}-0")
    stage.act("admin_creates_tags", group_name="口味", names=["手冲", "拿铁", "冷萃"])
    directory.sync(corp_id=line.id)
    customers.sync(corp_id=line.id)
    found = Dropped(stage, line.id)
    yield found
    found.receiver.hosted.stop()


def same(corp_id, stage) -> bool:
    return checksums(ours(corp_id)) == checksums(theirs(stage))


def play(stage) -> None:
    """One of each: added, deleted by the clerk, deleted by the customer, tagged, remarked; a tag made, renamed, deleted."""
    state = stage.control("state")
    follows, tags = state["follows"], {one["name"]: one["id"] for one in state["tags"]}
    stage.control("clock", {"advance": 100, "force": True})
    pairs = [{"userid": one["userid"], "external_userid": one["external_userid"]} for one in follows]
    befriend(stage, 99, "clerk0-0")
    stage.act("staff_deletes", **pairs[0])
    stage.act("customer_deletes", **pairs[1])
    stage.act("staff_tags", **pairs[2], add=[tags["手冲"], tags["拿铁"]])
    stage.act("staff_remarks", **pairs[3], remark="爱喝冷萃")
    stage.act("admin_creates_tags", group_name="口味", names=["热巧"])
    stage.act("admin_edits_tag", id=tags["拿铁"], name="燕麦拿铁")
    stage.act("admin_deletes_tag", id=tags["冷萃"])


def test_each_dropped_kind_is_found_said_once_and_late_it_changes_nothing(dropped, line, stage):
    play(stage)
    before = last_fact()
    found = customers.reconcile(corp_id=line.id)
    assert same(line.id, stage)
    assert dict(found.missed) == {
        ADD: 1, DEL: 2, EDIT: 2, "change_external_tag.create": 1, "change_external_tag.update": 1,
        "change_external_tag.delete": 1,
    }  # fmt: skip
    assert (found.added, found.changed, found.ended, found.missed_callbacks) == (2, 3, 3, 8)
    assert dict(found.undetectable) == {"welcomes": 1}
    said = facts(line.id, before)
    derived = {"customers.joined", "customers.identified"}  # what follows from the addition
    assert {cause for kind, cause, _ in said if kind not in derived} == {connect.MISSED}
    assert sorted(kind.partition(".")[2] for kind, _, missed in said if missed) == [
        "follow_added", "follow_edited", "follow_lost", "follow_lost", "tag_changed", "tag_deleted", "tag_made",
        "tagged",
    ]  # fmt: skip
    after = last_fact()
    dropped.arrive_late()
    assert facts(line.id, after) == []
    assert same(line.id, stage)
    assert sorted(Follow.objects.filter(live=False).values_list("lost_by", flat=True)) == ["customer", "staff"]
    again = customers.reconcile(corp_id=line.id)
    assert (again.added, again.changed, again.ended) == (0, 0, 0)


def test_the_reverse_what_callbacks_told_is_not_found_again(dropped, line, stage):
    play(stage)
    dropped.arrive_late()
    assert same(line.id, stage)
    before = last_fact()
    found = customers.reconcile(corp_id=line.id)
    assert (found.added, found.changed, found.ended, dict(found.missed)) == (0, 0, 0, {})
    assert facts(line.id, before) == []


@pytest.mark.parametrize(("listed", "ended"), [("whole", 1), ("refused", 0), ("shown", 0)])
def test_a_customer_whom_only_members_out_of_range_have_is_looked_for_in_the_members_own_list(
    dropped, line, stage, monkeypatch, listed, ended
):
    """40096 may mean either; the relation ends when the member's own list, which comes whole, does not show it."""
    row = stage.control("state")["follows"][0]
    one, clerk = row["external_userid"], row["userid"]
    stage.act("staff_deletes", userid=clerk, external_userid=one)
    own_list = Client.customer_ids

    def out_of_range(self, external, **more):
        raise ApiError(40096, "invalid external userid", "externalcontact/get")

    def members_list(self, userid, **more):
        if listed == "refused":
            raise ApiError(60011, "no privilege", "externalcontact/list")
        return (*own_list(self, userid, **more), *([one] if listed == "shown" else []))

    monkeypatch.setattr(Client, "customer", out_of_range)
    monkeypatch.setattr(Client, "customer_ids", members_list)
    found = customers.reconcile(corp_id=line.id)
    assert found.ended == ended
    assert Follow.objects.filter(customer__external_userid=one, live=True).count() == 1 - ended
    assert [(gap["key"], one in str(gap)) for gap in found.unread] == ([(clerk, False)] if listed == "refused" else [])


def test_a_callback_that_waits_in_the_inbox_was_not_missed(dropped, line, stage):
    external = befriend(stage, 99, "clerk0-0")
    row = InboxRow.objects.create(
        corp_id=line.id, payload_hash=b"1", kind=ADD, object_key=f"customer:{external}", payload=b"<xml/>",
        event_at=timezone.now(), received_at=timezone.now(),
    )  # fmt: skip
    assert dict(customers.reconcile(corp_id=line.id).missed) == {}
    row.delete()
    assert dict(customers.reconcile(corp_id=line.id).missed) == {ADD: 1}


def test_a_relation_deleted_and_added_again_is_told_as_an_addition(dropped, line, stage):
    row = stage.control("state")["follows"][0]
    pair = {"userid": row["userid"], "external_userid": row["external_userid"]}
    tag = Tag.objects.get(name="手冲").wecom_id
    stage.control("clock", {"advance": 50, "force": True})
    stage.act("staff_tags", **pair, add=[tag])
    stage.act("staff_remarks", **pair, remark="爱喝冷萃")
    customers.reconcile(corp_id=line.id)
    stage.act("staff_deletes", **pair)
    customers.reconcile(corp_id=line.id)
    stage.control("clock", {"advance": 5000, "force": True})
    stage.act("scan", state="s-clerk0-0", external_userid=row["external_userid"])
    found = customers.reconcile(corp_id=line.id)
    # Remark and tag went with the old relation: of that the addition would have told, nobody edited anything.
    assert dict(found.missed) == {ADD: 1}
    assert same(line.id, stage)
    assert not [kind for kind, *_ in facts(line.id) if kind.endswith("restored")]


def test_what_linli_itself_is_marking_is_no_missed_callback(dropped, line, stage):
    follow = Follow.objects.select_related("customer", "staff").first()
    tag = Tag.objects.get(name="手冲")
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tag.pk])
    body = {"userid": follow.staff.userid, "external_userid": follow.customer.external_userid}
    stage.contact("mark_tag", {**body, "add_tag": [tag.wecom_id]})  # our call, whose outcome is not written yet
    before = last_fact()
    assert dict(customers.reconcile(corp_id=line.id).missed) == {}
    assert facts(line.id, before) == [("customers.tagged", "linli", ())]
    marking.mark_waiting(corp_id=line.id)
    assert len(facts(line.id, before)) == 1


def test_what_linli_marked_before_a_relation_ended_is_no_missed_callback(dropped, line, stage):
    """Found by chaos: the answer to the call was lost, then the customer went; WeCom still shows the relation with our tag."""
    stage.control("tunables", {"one_way_after_customer_deletes": True})
    follow = Follow.objects.select_related("customer", "staff").first()
    tag = Tag.objects.get(name="手冲")
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tag.pk])
    pair = {"userid": follow.staff.userid, "external_userid": follow.customer.external_userid}
    stage.contact("mark_tag", {**pair, "add_tag": [tag.wecom_id]})
    stage.control("clock", {"advance": 60, "force": True})
    stage.act("customer_deletes", **pair)
    dropped.arrive_late()
    marking.mark_waiting(corp_id=line.id)
    assert MarkIntent.objects.get().why == retagging.ENDED
    before = last_fact()
    assert dict(customers.reconcile(corp_id=line.id).missed) == {}
    assert facts(line.id, before) == [("customers.tagged", "linli", ())]


def test_one_way_deletion_is_not_revealed_and_not_invented(dropped, line, stage):
    stage.control("tunables", {"one_way_after_customer_deletes": True})
    row = stage.control("state")["follows"][0]
    stage.act("customer_deletes", userid=row["userid"], external_userid=row["external_userid"])
    found = customers.reconcile(corp_id=line.id)
    assert (found.ended, dict(found.missed), dict(found.undetectable)) == (0, {}, {"welcomes": 0})


def test_subscribers_act_once(dropped, line, stage):
    from linli.acquisition import api as acquisition

    clerk = next(one for one in directory.staff(corp_id=line.id) if one.userid == "clerk1-0")
    code = acquisition.make_channel_code(corp_id=line.id, name="海报", channel="海报", staff_ids=[clerk.id])
    hand_on()
    person = {"unionid": "u-poster", "name": "看海报来的"}
    stage.act("scan", state=code.state, person=person)
    dropped.stage.settle()
    customers.reconcile(corp_id=line.id)
    hand_on()
    marking.mark_waiting(corp_id=line.id)
    assert MarkIntent.objects.filter(corp_id=line.id).count() == 1
    follow = next(one for one in stage.control("state")["follows"] if one["state"] == code.state)
    assert len(follow["tags"]) == 1
    dropped.arrive_late()
    hand_on()
    marking.mark_waiting(corp_id=line.id)
    assert MarkIntent.objects.filter(corp_id=line.id).count() == 1
    assert same(line.id, stage)


def test_the_fewest_calls_that_can_show_it(line, stage):
    for clerk in range(2):
        stage.way(f"s-{clerk}", (f"clerk{clerk}-0",))
    acts = [
        {"kind": "scan", "state": f"s-{n % 2}", "person": {"unionid": f"u{n}", "name": f"客{n}"}} for n in range(250)
    ]
    assert all(one["ok"] for one in stage.control("acts", {"acts": acts})["results"])
    directory.sync(corp_id=line.id)
    customers.sync(corp_id=line.id)
    before = calls(stage)
    assert customers.reconcile(corp_id=line.id).read == 250
    fewest = 1 + 1 + math.ceil(250 / 100)  # the tags, who has customers, and pages of a hundred relations
    assert calls(stage) - before <= 1.05 * fewest
