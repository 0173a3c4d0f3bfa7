"""Reconciliation, and the codes that lead into groups."""

from datetime import timedelta

import pytest

from linli.customers.handlers import on_external_contact
from linli.groups import api as groups
from linli.groups.conditions import CONDITIONS
from linli.groups.handlers import on_follow_added
from linli.groups.models import GroupChat, JoinWay, Member
from linli.kit.clock import now, wall
from linli.kit.errors import Refused
from linli.ledger.models import FactRow
from linli.ledger.types import Fact
from linli.wecom.errors import ApiError, OutcomeUnknown
from linli.wecom.events import parse_event
from tests.sandbox.conftest import receiver  # noqa: F401
from tests.sandbox.stage import CORP

pytestmark = pytest.mark.django_db(transaction=True)


def test_sync_reads_everything_and_says_so(playing):
    people = playing.people(5)
    playing.room("一店福利群1", members=tuple(people[:3]))
    playing.room("一店福利群2", members=tuple(people[3:]))
    playing.shop()
    groups.sync(corp_id=playing.corp_id)
    assert playing.equal()
    assert {one.customers for one in groups.groups(corp_id=playing.corp_id)} == {3, 2}


def test_a_group_dismissed_unheard_is_found_gone_and_nothing_else_is(playing):
    gone, kept = playing.room("一"), playing.room("二")
    groups.sync(corp_id=playing.corp_id)
    playing.stage.act("dismiss_group", chat_id=gone)
    GroupChat.objects.update(touched_at=None)
    groups.sync(corp_id=playing.corp_id)
    assert [one.chat_id for one in groups.groups(corp_id=playing.corp_id)] == [kept]
    assert playing.equal()


def test_what_could_not_be_read_stays_as_it_was(playing, monkeypatch):
    from linli.connect import api as connect
    from linli.groups import sync as syncing

    room = playing.room()
    groups.sync(corp_id=playing.corp_id)

    def refused(client, chat_id, status=None):
        raise ApiError(60011, "no privilege", "externalcontact/groupchat/get")

    monkeypatch.setattr(syncing, "fetch", refused)
    groups.sync(corp_id=playing.corp_id)
    assert [one.chat_id for one in groups.groups(corp_id=playing.corp_id)] == [room]
    run = connect.latest_runs(corp_id=playing.corp_id)[0]
    assert run.state == "partial"
    assert run.missing[0]["what"] == room


def test_the_next_group_opens_when_one_is_full(playing, receiver):  # noqa: F811
    playing.hear(receiver)
    playing.stage.control("tunables", {"room_qr_limit": 200})
    shop_id = playing.shop()
    playing.room("一店福利群1")
    playing.tell(*playing.heard())
    way = groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    assert way.qr_code
    assert way.step == "made"
    seen = len(playing.heard())
    acts = [
        {"kind": "join", "config_id": way.config_id, "person": {"unionid": f"u{n}", "name": f"客{n}"}}
        for n in range(205)
    ]
    results = playing.stage.control("acts", {"acts": acts})["results"]
    assert sum(one["opened_new"] for one in results) == 1
    playing.tell(*playing.heard()[seen:])
    names = {one.name: one for one in groups.groups(corp_id=playing.corp_id)}
    assert set(names) == {"一店福利群1", "一店福利群2"}
    assert {one.shop_id for one in names.values()} == {shop_id}
    assert sum(one.customers for one in names.values()) == 205
    assert playing.equal()
    groups.sync(corp_id=playing.corp_id)
    again = groups.join_way_for(corp_id=playing.corp_id, shop_id=shop_id)
    assert again is not None
    assert len(again.chat_ids) == 2
    figures = groups.figures(corp_id=playing.corp_id, since=now())
    assert figures.near_full == 1
    assert groups.joined_by_state(corp_id=playing.corp_id) == {way.state: 205}


def test_a_code_needs_a_group_and_is_made_once(playing):
    shop_id = playing.shop()
    with pytest.raises(Refused) as refused:
        groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    assert refused.value.code == "no_group"
    assert JoinWay.objects.count() == 0
    playing.room()
    groups.sync(corp_id=playing.corp_id)
    first = groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    second = groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    assert first == second
    assert playing.stage.control("counters")["api_calls"]["externalcontact/groupchat/add_join_way"] == 1


def test_a_code_left_half_way_is_finished_not_repeated(playing, monkeypatch):
    from linli.wecom.client import Client
    from linli.wecom.errors import NoAnswer

    shop_id = playing.shop()
    playing.room()
    groups.sync(corp_id=playing.corp_id)

    def cut(self, config_id, *, lane=None):
        raise NoAnswer("externalcontact/groupchat/get_join_way", "cut")

    with monkeypatch.context() as patched:
        patched.setattr(Client, "get_join_way", cut)
        with pytest.raises(NoAnswer):
            groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    way = groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    assert way.qr_code
    assert playing.stage.control("counters")["api_calls"]["externalcontact/groupchat/add_join_way"] == 1


@pytest.mark.parametrize("how", ["answer lost", "killed"])
def test_a_group_code_whose_answer_was_lost_is_made_again_and_loses_nobody(playing, how, monkeypatch):
    """The declared exception: WeCom has no list of join ways, so nobody can tell whether the first was made."""
    shop_id = playing.shop()
    room = playing.room()
    groups.sync(corp_id=playing.corp_id)
    if how == "killed":
        _killed_after_the_call(playing, shop_id, monkeypatch)
    else:
        rule = {"fault": "answer_lost", "counts": [1, 1], "paths": ["externalcontact/groupchat/add_join_way"]}
        playing.stage.control("faults", {"seed": 1, "rules": [rule]})
        with pytest.raises(OutcomeUnknown):
            groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    way = groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    assert groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id) == way
    there = playing.stage.sandbox.world.corps[CORP].join_ways
    assert len(there) == 2
    assert {(one.state, tuple(one.chat_id_list)) for one in there.values()} == {(way.state, (room,))}
    (lost,) = there.keys() - {way.config_id}
    assert not JoinWay.objects.filter(config_id=lost).exists()  # nobody can change or delete it any more
    # No picture of it was ever shown; who came by it all the same is in the same group, counted to the same code.
    for number, config_id in enumerate((way.config_id, lost)):
        person = {"unionid": f"u{number}", "name": f"客{number}"}
        playing.stage.act("join", config_id=config_id, person=person)
    groups.sync(corp_id=playing.corp_id)
    assert groups.joined_by_state(corp_id=playing.corp_id) == {way.state: 2}
    assert playing.equal()


def _killed_after_the_call(playing, shop_id, monkeypatch):
    def killed(way, config_id):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("linli.groups.join_ways._keep_config", killed)
        with pytest.raises(SystemExit):
            groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    with pytest.raises(Refused):  # as long as its maker may be alive
        groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    JoinWay.objects.update(called_at=wall() - timedelta(minutes=2))


def test_who_joined_unknown_is_named_when_they_become_a_customer(playing, receiver):  # noqa: F811
    playing.hear(receiver)
    room = playing.room()
    way = playing.stage.contact("groupchat/add_join_way", {"scene": 2, "chat_id_list": [room], "state": "door"})
    person = {"unionid": "u9", "name": "阿May"}
    joined = playing.stage.act("join", config_id=way["config_id"], person=person)["external_userid"]
    playing.tell(*playing.heard())
    assert Member.objects.get(member_id=joined).customer_id is None
    playing.stage.way("front", ("clerk0-0",))
    playing.stage.act("scan", state="front", person=person)
    playing.stage.settle()
    on_external_contact(parse_event(receiver.heard[-1].xml.encode()), corp_id=playing.corp_id)
    on_follow_added([Fact.from_row(FactRow.objects.get(kind="customers.follow_added"))])
    customer_id = Member.objects.get(member_id=joined).customer_id
    assert customer_id is not None
    assert FactRow.objects.get(kind="groups.member_known").customer_id == customer_id
    assert selected(playing.corp_id, mode="any") == {customer_id}
    assert selected(playing.corp_id, mode="none") == set()
    playing.stage.act("leave", chat_id=room, external_userid=joined)
    playing.tell(*playing.heard()[-1:])
    assert selected(playing.corp_id, mode="any") == set()
    assert selected(playing.corp_id, mode="none") == {customer_id}


def selected(corp_id, **condition):
    from django.db import connection

    sql, values = CONDITIONS["group_member"](condition, corp_id=corp_id)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {row[0] for row in cursor.fetchall()}


def test_the_next_group_is_of_the_same_community(playing, receiver):  # noqa: F811
    from tests.groups.test_communities import FULL

    playing.hear(receiver)
    playing.stage.control("tunables", {"room_qr_limit": 2})
    shop_id = playing.shop()
    playing.room("一店福利群")
    playing.tell(*playing.heard())
    sheet = groups.save_community(corp_id=playing.corp_id, sheet=FULL)
    (first,) = groups.groups(corp_id=playing.corp_id)
    groups.assign_group(corp_id=playing.corp_id, group_id=first.id, community_id=sheet.id)
    way = groups.open_join_way(corp_id=playing.corp_id, shop_id=shop_id)
    seen = len(playing.heard())
    for n in range(3):
        playing.stage.act("join", config_id=way.config_id, person={"unionid": f"u{n}", "name": f"客{n}"})
    playing.tell(*playing.heard()[seen:])
    found = groups.groups(corp_id=playing.corp_id)
    assert [one.name for one in found] == ["一店福利群", "一店福利群2"]
    assert {one.community_id for one in found} == {sheet.id}
