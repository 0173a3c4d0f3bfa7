"""Chats of staff that an app makes (wire.md D, appchat)."""

import pytest

from linli.wecom import app_messages as m
from linli.wecom.app_chat_calls import AppChat
from linli.wecom.errors import MessageError, OutcomeUnknown
from tests.exchange.asking import refused
from tests.exchange.conftest import client_of
from tests.sandbox.stage import SEED

STAFF = ["zhangsan", "lisi"]


def messages(stage, userid):
    return [one["content"] for one in stage.control(f"staff/{userid}/messages")["messages"]]


def test_a_chat_is_made_changed_read_and_spoken_in(client, stage):
    chat = client.create_app_chat(STAFF, name="店务", owner="lisi", chat_id="STORE1")
    assert client.app_chat(chat) == AppChat(
        chat_id="STORE1", name="店务", owner="lisi", userids=("zhangsan", "lisi"), chat_type=0
    )
    client.update_app_chat(chat, name="二店", owner="wangwu", add=["wangwu"], remove=["lisi"])
    changed = client.app_chat(chat)
    assert (changed.name, changed.owner, changed.userids) == ("二店", "wangwu", ("zhangsan", "wangwu"))
    client.send_to_app_chat(chat, m.AppText(content="开会", mentioned=("wangwu", "@all")))
    said = {"content": "开会", "mentioned_list": ["wangwu", "@all"]}
    assert [messages(stage, one) for one in ("zhangsan", "lisi", "wangwu")] == [[said], [], [said]]
    assert client.app_chat(client.create_app_chat(STAFF)).owner == "zhangsan"


REFUSED = [
    (86215, lambda c: c.create_app_chat(STAFF, chat_id="STORE1")),
    (86005, lambda c: c.create_app_chat(STAFF, owner="wangwu")),
    (86007, lambda c: c.create_app_chat([*STAFF, "nobody"])),
    (86003, lambda c: c.app_chat("nowhere")),
    (86003, lambda c: c.send_to_app_chat("nowhere", m.AppText(content="t"))),
    (86006, lambda c: c.update_app_chat("STORE1", remove=["lisi"])),
    (86007, lambda c: c.update_app_chat("STORE1", add=["nobody"])),
    (86005, lambda c: c.update_app_chat("STORE1", owner="wangwu")),
]


@pytest.mark.parametrize(("code", "call"), REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(client, code, call):
    client.create_app_chat(STAFF, name="店务", chat_id="STORE1")
    before = client.app_chat("STORE1")
    with refused(code):
        call(client)
    assert client.app_chat("STORE1") == before


def test_limits_are_checked_on_both_sides(client, stage):
    many = [f"u{number}" for number in range(2001)]
    for call in (
        lambda: client.create_app_chat(["lisi"]),
        lambda: client.create_app_chat(many),
        lambda: client.create_app_chat(STAFF, name="名" * 51),
        lambda: client.create_app_chat(STAFF, chat_id="x" * 33),
        lambda: client.create_app_chat(STAFF, chat_id="店"),
        lambda: client.update_app_chat("STORE1"),
    ):
        with pytest.raises(MessageError):
            call()
    assert stage.control("counters")["api_calls"] == {}
    stage.post("appchat/create", {"userlist": ["lisi"]}, code=86006)
    stage.post("appchat/create", {"userlist": many}, code=86006)
    stage.post("appchat/create", {"userlist": STAFF, "name": "名" * 51}, code=86004)
    stage.post("appchat/create", {"userlist": STAFF, "chatid": "店"}, code=86216)
    stage.post("appchat/update", {}, code=86002)
    chat = client.create_app_chat(STAFF)
    stage.post("appchat/send", {"chatid": chat, "msgtype": "template_card", "template_card": {}}, code=40008)


def test_only_the_app_that_made_it_and_sees_the_whole_corp(client, rival, stage):
    narrow = {"agentid": 1000009, "name": "Store", "secret": "narrow", "visible": [2]}
    stage.control("seed", {**SEED, "apps": [*SEED["apps"], narrow], "reset": True})
    chat = client.create_app_chat(STAFF)
    for call in (
        lambda: rival.app_chat(chat),
        lambda: rival.update_app_chat(chat, name="别名"),
        lambda: rival.send_to_app_chat(chat, m.AppText(content="t")),
    ):
        with refused(86008):
            call()
    store = client_of(stage, "narrow")
    with refused(60011):
        store.create_app_chat(STAFF)
    store.close()


def test_rates(client, stage):
    stage.control(
        "tunables",
        {"app_chats_a_day": 1, "app_chat_updates_an_hour": 1, "app_chat_pushes_a_minute": 4, "app_chat_per_minute": 1},
    )
    chat = client.create_app_chat(STAFF)
    client.update_app_chat(chat, name="一")
    client.send_to_app_chat(chat, m.AppText(content="一"))
    client.send_to_app_chat(chat, m.AppText(content="二"))
    assert messages(stage, "lisi") == [{"content": "一"}], "the second vanished silently"
    for call in (
        lambda: client.create_app_chat(STAFF),
        lambda: client.update_app_chat(chat, name="二"),
        lambda: client.send_to_app_chat(chat, m.AppText(content="三")),
    ):
        with refused(45009):
            call()


def test_whether_a_chat_was_made_is_read_by_its_own_id(client, stage):
    stage.control("faults", {"rules": [{"fault": "answer_lost", "counts": [1, 1], "paths": ["appchat/create"]}]})
    with pytest.raises(OutcomeUnknown):
        client.create_app_chat(STAFF, chat_id="STORE1")
    assert client.app_chat("STORE1").userids == ("zhangsan", "lisi")
