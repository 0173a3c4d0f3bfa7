"""Group events against the real sandbox: any order, any number of times, the same groups and members."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.groups import api as groups
from linli.groups.handlers import on_external_chat
from linli.groups.models import GroupChat, Member
from linli.groups.reading import DataLags
from linli.kit.clock import frozen, now
from linli.ledger.models import FactRow
from tests.sandbox.conftest import receiver  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def rows(chat_id):
    live = Member.objects.filter(group__chat_id=chat_id, left_at=None).order_by("kind", "member_id")
    return list(live.values_list("member_id", "kind", "join_scene", "state"))


def kinds():
    return list(FactRow.objects.filter(kind__startswith="groups.").order_by("id").values_list("kind", flat=True))


def test_a_join_by_code_keeps_scene_and_state(playing, receiver):  # noqa: F811
    playing.hear(receiver)
    room = playing.room()
    way = playing.stage.contact(
        "groupchat/add_join_way", {"scene": 2, "chat_id_list": [room], "state": "door", "room_base_name": "群"}
    )
    person = playing.stage.act("join", config_id=way["config_id"], person={"unionid": "u1", "name": "阿May"})
    playing.tell(*playing.heard())
    assert rows(room) == [("clerk0-0", 1, 1, ""), (person["external_userid"], 2, 3, "door")]
    assert kinds() == ["groups.opened", "groups.member_joined"]
    joined = FactRow.objects.get(kind="groups.member_joined")
    assert (joined.data["scene"], joined.data["state"], joined.data["customer"]) == (3, "door", None)
    assert playing.equal()


def test_leaving_follows_the_chain_without_a_call_and_tells_how(playing, receiver):  # noqa: F811
    playing.hear(receiver)
    first, second = playing.people(2)
    room = playing.room(members=(first, second))
    playing.tell(*playing.heard())
    calls = playing.stage.control("counters")["api_calls"].get("externalcontact/groupchat/get", 0)
    playing.stage.act("leave", chat_id=room, external_userid=first)
    playing.stage.act("kick", chat_id=room, external_userid=second)
    playing.tell(*playing.heard()[1:])
    gone = dict(Member.objects.exclude(left_at=None).values_list("member_id", "left_by"))
    assert gone == {first: "self", second: "removed"}
    assert playing.stage.control("counters")["api_calls"]["externalcontact/groupchat/get"] == calls
    assert playing.equal()


def test_who_comes_back_begins_another_stay(playing, receiver):  # noqa: F811
    playing.hear(receiver)
    (person,) = playing.people(1)
    room = playing.room(members=(person,))
    playing.tell(*playing.heard())
    playing.stage.act("leave", chat_id=room, external_userid=person)
    playing.stage.control("clock", {"advance": 3600, "force": True})
    playing.stage.act("invite", chat_id=room, external_userids=[person])
    playing.tell(*playing.heard()[1:])
    stays = list(Member.objects.filter(member_id=person).order_by("joined_at").values_list("left_by", "left_at"))
    assert [by for by, _ in stays] == ["self", ""]
    assert stays[1][1] is None
    assert playing.equal()


def test_a_dismissal_wins_whenever_it_comes(playing, receiver):  # noqa: F811
    playing.hear(receiver)
    (person,) = playing.people(1)
    room = playing.room(members=(person,))
    playing.stage.act("dismiss_group", chat_id=room)
    created, dismissed = playing.heard()
    playing.tell(dismissed, created, dismissed)
    assert GroupChat.objects.get(chat_id=room).dismissed_at is not None
    assert groups.groups(corp_id=playing.corp_id) == []
    assert playing.equal()


def test_data_behind_the_event_is_waited_for_then_left_to_the_sync(playing, receiver):  # noqa: F811
    playing.hear(receiver)
    playing.stage.control("tunables", {"group_lag_s": 30.0})
    room = playing.room()
    (created,) = playing.heard()
    for _ in range(3):
        with pytest.raises(DataLags):
            playing.tell(created)
    playing.tell(created)
    assert GroupChat.objects.get(chat_id=room).stale
    playing.stage.control("tunables", {"group_lag_s": 0.0})
    playing.stage.sandbox.world.lags.clear()
    groups.sync(corp_id=playing.corp_id)
    assert not GroupChat.objects.get(chat_id=room).stale
    assert playing.equal()


def test_a_join_whose_data_never_comes_follows_the_chain(playing, receiver):  # noqa: F811
    playing.hear(receiver)
    room = playing.room()
    playing.tell(*playing.heard())
    (person,) = playing.people(1)
    playing.stage.control("tunables", {"group_lag_s": 30.0})
    playing.stage.act("invite", chat_id=room, external_userids=[person])
    joined = playing.heard()[-1]
    for _ in range(3):
        with pytest.raises(DataLags):
            playing.tell(joined)
    playing.tell(joined)
    assert rows(room) == [("clerk0-0", 1, 1, ""), (person, 2, 0, "")]
    assert GroupChat.objects.get(chat_id=room).stale
    playing.stage.sandbox.world.lags.clear()
    groups.sync(corp_id=playing.corp_id)
    assert rows(room) == [("clerk0-0", 1, 1, ""), (person, 2, 1, "")]
    assert Member.objects.filter(member_id=person).count() == 1
    assert playing.equal()


def test_a_notice_that_a_later_reading_showed_already_is_waited_for_no_more(playing, receiver):  # noqa: F811
    """Each reading in between began the patience anew: where a hand-over reads a group again and again it never ended."""
    playing.hear(receiver)
    room = playing.room()
    playing.tell(*playing.heard())
    playing.stage.act("owner_edits_group", chat_id=room, notice="明天上新")
    edited = playing.heard()[-1]
    groups.reread(corp_id=playing.corp_id, chat_id=room)
    with pytest.raises(DataLags):  # read so soon after the event, the data may be those of before
        playing.tell(edited)
    with frozen(now() + timedelta(seconds=60)):
        groups.reread(corp_id=playing.corp_id, chat_id=room)
        playing.tell(edited)
    assert GroupChat.objects.get(chat_id=room).notice == "明天上新"
    assert playing.equal()


def test_a_visit_that_was_over_before_anybody_looked_is_not_waited_for(playing, receiver):  # noqa: F811
    """Readings in between began the patience anew, until the event was set aside for a person."""
    playing.hear(receiver)
    room = playing.room()
    playing.tell(*playing.heard())
    (person,) = playing.people(1)
    playing.stage.act("invite", chat_id=room, external_userids=[person])
    playing.stage.act("leave", chat_id=room, external_userid=person)
    joined, left = playing.heard()[-2:]
    groups.reread(corp_id=playing.corp_id, chat_id=room)
    with pytest.raises(DataLags):
        playing.tell(joined)
    with frozen(now() + timedelta(seconds=60)):
        playing.tell(joined, left)
    assert playing.equal()


ORDERS = st.lists(st.integers(0, 3), max_size=3).flatmap(lambda again: st.permutations([0, 1, 2, 3, *again]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=ORDERS)
def test_any_order_and_any_repetition_end_in_the_same_state(playing, receiver, order):  # noqa: F811
    """Everything happened before Linli hears of any of it: the hardest case, because readings are ahead of events."""
    if playing.receiver is None:
        playing.hear(receiver)
    before = len(playing.heard())
    one, two, three = playing.people(3, start=1 + before * 10)
    room = playing.room(members=(one,))
    stage = playing.stage
    stage.act("invite", chat_id=room, external_userids=[two, three])
    stage.act("leave", chat_id=room, external_userid=one)
    stage.act("kick", chat_id=room, external_userid=two)
    events = playing.heard()[before:]
    for at in order:
        deliver(events[at], playing.corp_id)
    assert [row[0] for row in rows(room)] == ["clerk0-0", three]
    assert playing.equal()


def deliver(event, corp_id):
    """As the inbox does: what asks for patience comes again."""
    for _ in range(8):
        try:
            on_external_chat(event, corp_id=corp_id)
        except DataLags:
            continue
        return
    raise AssertionError("an event was never taken")
