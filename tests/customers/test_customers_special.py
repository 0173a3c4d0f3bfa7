"""What the platform does in ways of its own: UserIDs that change, half friends, transfers with their 24 hours."""

from collections import Counter
from dataclasses import replace

import pytest

from linli.access import api as access
from linli.access.models import Account
from linli.customers import api as customers
from linli.customers import marking
from linli.customers.handlers import on_external_contact
from linli.customers.models import Follow, FollowChange, MarkIntent
from linli.customers.operations import apply
from linli.customers.readings import Note
from linli.directory import api as directory
from linli.directory.handlers import on_contact
from linli.directory.models import Staff
from linli.groups import api as groups
from linli.groups.models import GroupChat, Member
from linli.kit.clock import now
from linli.wecom.events import parse_event
from tests.connect.dropping import Dropped, facts, hand_on, last_fact
from tests.connect.staged import befriend
from tests.customers.acting import created, event, theirs
from tests.sandbox.stage import CORP

OLD, NEW = "clerk0-0", "lin.ke"


def renamed(was: str, userid: str, at: int = 1795000000):
    return parse_event(
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>sys</FromUserName><CreateTime>{at}</CreateTime>"
        f"<MsgType>event</MsgType><Event>change_contact</Event><ChangeType>update_user</ChangeType><UserID>{was}</UserID>"
        f"<NewUserID>{userid}</NewUserID></xml>".encode()
    )


def rename_at_wecom(stage, was: str, userid: str) -> None:
    """The administrator changes a UserID: all that hangs on it carries the new one."""
    corp = stage.sandbox.world.corps[CORP]
    user = corp.users.pop(was)
    user.userid = userid
    corp.users[userid] = user
    for (who, external), follow in list(corp.follows.items()):
        if who == was:
            del corp.follows[who, external]
            follow.userid = userid
            corp.follows[userid, external] = follow
    corp.follows_of[userid] = corp.follows_of.pop(was)
    for group in corp.groups.values():
        if group.owner == was:
            group.owner = userid
        for member in group.members.values():
            if member.userid == was:
                member.userid = userid
        if was in group.members:
            group.members[userid] = group.members.pop(was)


@pytest.fixture
def house(line, stage):
    directory.sync(corp_id=line.id)
    friends = [befriend(stage, person, OLD) for person in range(3)]
    stage.act("create_group", owner=OLD, name="一群", members=friends[:1])
    customers.sync(corp_id=line.id)
    groups.sync(corp_id=line.id)
    hand_on()
    return friends


def test_a_renamed_member_keeps_customers_groups_and_account(line, stage, house):
    account, _password = access.invite(
        corp_id=line.id, username="lin", name="林可", role="clerk", userid=OLD,
        scope=access.Scope(frozenset({("own", Staff.objects.get(userid=OLD).pk)})),
    )  # fmt: skip
    rename_at_wecom(stage, OLD, NEW)
    before = last_fact()
    on_contact(renamed(OLD, NEW), corp_id=line.id)
    on_contact(renamed(OLD, NEW), corp_id=line.id)  # twice, as callbacks come
    hand_on()
    assert [kind for kind, _, _ in facts(line.id, before)] == ["directory.staff_renamed"]
    found = [one.reconcile(corp_id=line.id) for one in (directory, customers, groups)]
    assert [(one.added, one.ended, one.unread) for one in found] == [(0, 0, ())] * 3  # nobody left, nobody joined
    assert Follow.objects.filter(live=True, staff__userid=NEW).count() == 3
    assert not Staff.objects.filter(userid=OLD).exists()
    assert GroupChat.objects.get().owner_userid == NEW
    assert list(Member.objects.filter(kind=1, left_at=None).values_list("member_id", flat=True)) == [NEW]
    assert {one.id: one.userid for one in access.accounts(corp_id=line.id)}[account] == NEW
    assert Account.objects.get(id=account).is_active


def test_a_member_met_under_the_new_id_before_the_change_was_heard_is_one_person(line, stage, house):
    person = Staff.objects.get(userid=OLD).pk
    changes = set(FollowChange.objects.values_list("follow__customer", "kind", "at"))
    rename_at_wecom(stage, OLD, NEW)
    for one in (directory, customers, groups):  # a night comes before the callback: one is out of sight, another is new
        one.reconcile(corp_id=line.id)
    hand_on()
    assert Follow.objects.filter(live=True).exclude(staff_id=person).count() == 3
    held = Follow.objects.filter(staff_id=person).select_related("customer").order_by("id")
    over = [  # a reading that had begun before concluded of two that they are over, as WeCom does not show them
        Note(
            external_userid=one.customer.external_userid,
            userid=OLD,
            kind="lost",
            at=now(),
            held=(one.read_no, one.added_at),
        )
        for one in held[:2]
    ]
    apply(corp_id=line.id, notes=over)
    before = last_fact()
    on_contact(renamed(OLD, NEW), corp_id=line.id)
    hand_on()
    assert set(Follow.objects.values_list("staff_id", "live")) == {(person, True)}
    assert (
        set(FollowChange.objects.exclude(kind__in=["lost", "restored"]).values_list("follow__customer", "kind", "at"))
        == changes
    )
    assert (Follow.objects.count(), Member.objects.filter(kind=1).count()) == (3, 1)
    said = Counter(kind for kind, _, _ in facts(line.id, before))
    assert said == {"directory.staff_merged": 1, "directory.staff_renamed": 1, "customers.follow_restored": 2,
        "customers.follow_merged": 3,
    }  # fmt: skip
    found = [one.reconcile(corp_id=line.id) for one in (directory, customers, groups)]
    assert [(one.added, one.ended, one.unread) for one in found] == [(0, 0, ())] * 3
    assert customers.digest(corp_id=line.id)["follows"] == theirs(stage)["follows"]
    hand_on()
    late = event("add_external_contact", OLD, house[0], created(stage, NEW, house[0]))  # of the time before, told late
    on_external_contact(late, corp_id=line.id)
    assert set(Follow.objects.values_list("staff_id", flat=True)) == {person}
    assert Follow.objects.count() == 3


def test_a_loss_concluded_from_a_former_id_is_none(line, stage, house):
    """The reading asked under the old id, and the change was heard while it was under way."""
    follow = Follow.objects.select_related("customer").first()
    on_contact(renamed(OLD, NEW), corp_id=line.id)
    gone = Note(
        external_userid=follow.customer.external_userid, userid=OLD, kind="lost", at=follow.added_at,
        held=(follow.read_no, follow.added_at),
    )  # fmt: skip
    apply(corp_id=line.id, notes=[gone])
    assert Follow.objects.get(pk=follow.pk).live
    apply(corp_id=line.id, notes=[replace(gone, userid=NEW)])  # the same of the present id is one
    assert not Follow.objects.get(pk=follow.pk).live


def test_a_name_that_is_taken_already_moves_nothing(line, stage, house):
    on_contact(renamed(OLD, "clerk1-0", at=int(now().timestamp()) + 600), corp_id=line.id)
    assert Follow.objects.filter(live=True, staff__userid=OLD).count() == 3


def test_a_half_friend_is_no_difference_until_the_other_half_is_there(line, stage, house):
    corp = stage.sandbox.world.corps[CORP]
    external = befriend(stage, 9, OLD)
    follow = corp.follows[OLD, external]
    corp.remove_follow(follow)
    half = event("add_half_external_contact", OLD, external, follow.createtime - 9, State="h")
    on_external_contact(half, corp_id=line.id)
    found = customers.reconcile(corp_id=line.id)
    assert (found.added, found.ended, dict(found.missed)) == (0, 0, {})
    row = Follow.objects.get(customer__external_userid=external)
    assert (row.live, row.incomplete) == (False, "half")
    corp.add_follow(follow)  # confirmed, and the callback of that was lost
    found = customers.reconcile(corp_id=line.id)
    assert dict(found.missed) == {"change_external_contact.add_external_contact": 1}
    row.refresh_from_db()
    assert (row.live, row.incomplete) == (True, "")


@pytest.fixture
def dropped(line, stage, house):
    found = Dropped(stage, line.id)
    yield found
    found.receiver.hosted.stop()


def test_a_transfer_is_nothing_for_24_hours_and_then_a_loss_and_an_addition(line, stage, house, dropped):
    body = {"handover_userid": OLD, "takeover_userid": "clerk1-0", "external_userid": house[:1]}
    assert stage.contact("transfer_customer", body)["customer"] == [{"external_userid": house[0], "errcode": 0}]
    (waiting,) = stage.contact("transfer_result", {"handover_userid": OLD, "takeover_userid": "clerk1-0"})["customer"]
    stage.control("clock", {"to": waiting["takeover_time"] - 3600, "force": True})
    before = last_fact()
    assert customers.reconcile(corp_id=line.id).changed == 0
    assert facts(line.id, before) == []
    stage.control("clock", {"to": waiting["takeover_time"] + 1, "force": True})
    found = customers.reconcile(corp_id=line.id)
    assert dict(found.missed) == {
        "change_external_contact.add_external_contact": 1, "change_external_contact.del": 1,
    }  # fmt: skip
    live = Follow.objects.filter(live=True, customer__external_userid=house[0])
    assert [one.staff.userid for one in live.select_related("staff")] == ["clerk1-0"]
    said = last_fact()
    dropped.arrive_late()  # the callbacks of both come after all: who ended it is known then, and nothing is said twice
    assert [kind for kind, _, _ in facts(line.id, said) if "follow_added" in kind or "follow_lost" in kind] == []
    assert Follow.objects.get(live=False, customer__external_userid=house[0]).lost_by == "transfer"


def test_a_tag_refused_for_the_old_id_is_asked_for_again(line, stage, house):
    (tag,) = customers.ensure_tags(corp_id=line.id, group="渠道", names=["门口"]).values()
    follow = Follow.objects.order_by("id").first()
    rename_at_wecom(stage, OLD, NEW)
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tag])
    marking.mark_waiting(corp_id=line.id)
    assert MarkIntent.objects.get().why == "60111"
    on_contact(renamed(OLD, NEW), corp_id=line.id)
    hand_on()
    marking.mark_waiting(corp_id=line.id)
    assert MarkIntent.objects.get().state == MarkIntent.State.DONE
    assert [one["tags"] for one in theirs(stage)["follows"] if one["tags"]] != []


def test_a_refusal_that_comes_after_the_change_was_heard_is_asked_again(line, stage, house, monkeypatch):
    (tag,) = customers.ensure_tags(corp_id=line.id, group="渠道", names=["门口"]).values()
    follow = Follow.objects.order_by("id").first()
    rename_at_wecom(stage, OLD, NEW)
    customers.tag_follow(corp_id=line.id, follow_id=follow.pk, tag_ids=[tag])
    call = marking._call

    def slow(client, relation):
        why = call(client, relation)
        if why:  # the change is heard, by everybody, before the answer is
            on_contact(renamed(OLD, NEW), corp_id=line.id)
            hand_on()
        return why

    monkeypatch.setattr(marking, "_call", slow)
    marking.mark_waiting(corp_id=line.id)
    assert MarkIntent.objects.get().state == MarkIntent.State.DONE
