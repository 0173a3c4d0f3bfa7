"""Every kind of callback about groups, dropped: found, applied, said with its cause; late, it does nothing."""

import pytest

from linli.connect import api as connect
from linli.directory import api as directory
from linli.groups import api as groups
from linli.groups.models import JoinWay, Member
from tests.connect.dropping import Dropped, calls, facts, last_fact
from tests.sandbox.stage import CORP

UPDATE = "change_external_chat.update"


@pytest.fixture
def dropped(playing, line, stage):
    playing.shop()
    people = playing.people(8)
    rooms = [playing.room(f"一店福利群{n}", members=tuple(people[:4])) for n in range(3)]
    groups.sync(corp_id=line.id)
    found = Dropped(stage, line.id)
    yield found, people, rooms
    found.receiver.hosted.stop()


def test_each_dropped_kind_is_found_said_once_and_late_it_changes_nothing(dropped, playing, line, stage):
    drop, people, rooms = dropped
    stage.control("clock", {"advance": 500, "force": True})
    stage.act("invite", chat_id=rooms[0], external_userids=people[4:6])
    stage.act("leave", chat_id=rooms[0], external_userid=people[0])
    stage.act("kick", chat_id=rooms[0], external_userid=people[1])
    stage.act("dismiss_group", chat_id=rooms[1])
    playing.room("新群", owner="clerk1-0", members=(people[7],))
    world = stage.sandbox.world.corps[CORP].groups[rooms[2]]
    world.name, world.owner = "换了名字", "clerk0-1"  # nobody can do this by the control plane
    before = last_fact()
    found = groups.reconcile(corp_id=line.id)
    assert playing.equal()
    assert dict(found.missed) == {
        f"{UPDATE}.add_member": 2, f"{UPDATE}.del_member": 2, "change_external_chat.dismiss": 1,
        "change_external_chat.create": 1, f"{UPDATE}.change_name": 1, f"{UPDATE}.change_owner": 1,
    }  # fmt: skip
    said = facts(line.id, before)
    assert {cause for _, cause, _ in said} == {connect.MISSED}
    after = last_fact()
    drop.arrive_late()
    assert facts(line.id, after) == []
    assert playing.equal()
    left = Member.objects.filter(group__chat_id=rooms[0], left_at__isnull=False)
    assert dict(left.values_list("member_id", "left_by")) == {people[0]: "self", people[1]: "removed"}
    again = groups.reconcile(corp_id=line.id)
    assert (again.added, again.changed, again.ended) == (0, 0, 0)


def test_the_first_reading_is_no_missed_callback(dropped, line):
    causes = {cause for kind, cause, _ in facts(line.id) if kind.startswith("groups.")}
    assert causes == {connect.SYNC}
    found = connect.reconciliations(corp_id=line.id)
    assert (dict(found.missed_callbacks), found.applied > 0) == ({}, True)


def test_the_fewest_calls_that_can_show_it(dropped, line, stage):
    before = calls(stage)
    assert groups.reconcile(corp_id=line.id).read == 3
    fewest = 1 + 3  # one list for up to a hundred owners, and each group by its id
    assert calls(stage) - before <= 1.05 * fewest


def test_a_group_code_deleted_at_wecom_is_wanted_again_and_made_anew(dropped, playing, line, stage):
    shop = directory.shops(corp_id=line.id)[0]
    way = groups.open_join_way(corp_id=line.id, shop_id=shop.id)
    stage.contact("groupchat/del_join_way", {"config_id": way.config_id})
    found = groups.reconcile(corp_id=line.id)
    assert dict(found.elsewhere) == {"groups.join_way_gone": 1}
    assert JoinWay.objects.get(id=way.id).step == JoinWay.Step.WANTED
    anew = groups.open_join_way(corp_id=line.id, shop_id=shop.id)
    assert anew.config_id != way.config_id
    assert dict(groups.reconcile(corp_id=line.id).elsewhere) == {}
