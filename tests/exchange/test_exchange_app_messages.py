"""Messages of the app to staff (wire.md D)."""

import pytest

from linli.wecom import app_messages as m
from linli.wecom import template_cards as t
from linli.wecom.app_event_types import CardPressed, SelectedItem
from linli.wecom.app_message_calls import ALL_STAFF, Receivers
from linli.wecom.errors import MessageError
from linli.wecom.events import parse_event
from tests.exchange.asking import refused
from tests.exchange.conftest import client_of
from tests.sandbox.stage import AGENT, RIVAL, SEED

ZHANGSAN = Receivers(users=("zhangsan",))
ACTION = t.CardTarget(type=1, url="https://linli.example/t")
TITLE = t.CardTitle(title="群发待确认", desc="三位客户")
PICK = t.CardChoice(key="yes", text="确认")
SELECT = t.CardSelect(question_key="q1", options=(t.CardChoice(key="o1", text="早"), t.CardChoice(key="o2", text="晚")))
ASKING = {
    "button_interaction": t.ButtonCard(title=TITLE, task_id="b1", buttons=(PICK,), select=SELECT),
    "vote_interaction": t.VoteCard(
        title=TITLE, task_id="v1", question_key="q1", options=SELECT.options, submit=PICK, several=True
    ),
    "multiple_interaction": t.FormCard(title=TITLE, task_id="m1", selects=(SELECT,), submit=PICK),
}
MENU = t.CardMenu(desc="更多", items=(t.CardChoice(key="later", text="稍后"),))
PLAIN = {
    "text_notice": t.TextNotice(title=TITLE, action=ACTION, sub_title="一" * 112, rows=(t.CardRow(name="到期"),) * 6),
    "news_notice": t.NewsNotice(
        title=TITLE, action=ACTION, picture=t.CardPicture(url="https://p.example/1"), paragraphs=(TITLE,) * 4
    ),
}
ARTICLE = m.Article(title="新品", url="https://linli.example/1")
WHOLE = m.WholeArticle(title="新品", thumb_media_id="image", content="x" * (666 * 1024))
KINDS = [
    m.AppText(content="字" * 682), m.AppMarkdown(content="字" * 682), m.AppImage(media_id="image"), m.AppVoice(media_id="voice"),
    m.AppVideo(media_id="video", title="t" * 128, description="d" * 512), m.AppFile(media_id="file", safe=True),
    m.AppTextCard(title="题" * 128, description="述" * 512, url="https://linli.example", button="四个字的"),
    m.AppNews(articles=(ARTICLE,) * 8), m.AppWholeNews(articles=(WHOLE,), safe=2),
    m.AppMiniNotice(appid="wx1", title="四字标题", description="十二字" * 4, items=(("k", "v"),) * 10),
    *(m.AppCard(card=card) for card in [*PLAIN.values(), *ASKING.values()]),
]  # fmt: skip
TOO_MUCH = [
    m.AppMarkdown(content="字" * 683), m.AppImage(media_id=""), m.AppVideo(media_id="video", title="t" * 129),
    m.AppVideo(media_id="video", description="d" * 513), m.AppTextCard(title="题" * 129, description="d", url="u"),
    m.AppNews(articles=(ARTICLE,) * 9), m.AppNews(articles=()), m.AppNews(articles=(m.Article(title="t"),)),
    m.AppWholeNews(articles=(m.WholeArticle(title="t", thumb_media_id="image", content="x" * (666 * 1024 + 1)),)),
    m.AppMiniNotice(appid="wx1", title="三个字"), m.AppMiniNotice(appid="wx1", title="四字标题", description="字" * 13),
    m.AppMiniNotice(appid="wx1", title="四字标题", items=(("k", "v"),) * 11),
    m.AppCard(card=t.TextNotice(title=TITLE, action=ACTION, sub_title="一" * 113)),
    m.AppCard(card=t.TextNotice(title=TITLE)), m.AppCard(card=t.TextNotice(title=TITLE, action=t.CardTarget(type=3))),
    m.AppCard(card=t.TextNotice(action=ACTION)),
    m.AppCard(card=t.TextNotice(title=TITLE, action=ACTION, rows=(t.CardRow(name="n"),) * 7)),
    m.AppCard(card=t.TextNotice(title=TITLE, action=ACTION, jumps=(t.CardJump(title="j"),) * 4)),
    m.AppCard(card=t.NewsNotice(title=TITLE, action=ACTION, paragraphs=(TITLE,) * 5)),
    m.AppCard(card=t.TextNotice(title=TITLE, action=ACTION, menu=MENU)),
    m.AppCard(card=t.ButtonCard(title=TITLE, task_id="b", buttons=(PICK,) * 7)),
    m.AppCard(card=t.ButtonCard(title=TITLE, task_id="号", buttons=(PICK,))),
    m.AppCard(card=t.ButtonCard(title=TITLE, buttons=(PICK,))),
    m.AppCard(card=t.VoteCard(title=TITLE, task_id="v", question_key="q", options=(PICK,) * 21, submit=PICK)),
    m.AppCard(card=t.FormCard(title=TITLE, task_id="m", selects=(SELECT,) * 4, submit=PICK)),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _files(stage):
    stage.own_files()


def messages(stage, userid="zhangsan"):
    return stage.control(f"staff/{userid}/messages")["messages"]


def names(value):
    """What stands for a case in the name of its test."""
    return type(value.card).__name__ if isinstance(value, m.AppCard) else type(value).__name__


@pytest.mark.parametrize("message", KINDS, ids=names)
def test_every_kind_arrives_as_it_was_sent_up_to_its_limits(client, stage, message):
    sent = client.send_app_message(AGENT, ZHANGSAN, message)
    (got,) = messages(stage)
    wire = m.message_wire(message)
    assert (got["msgid"], got["msgtype"], got["safe"]) == (sent.msgid, wire["msgtype"], wire.get("safe", 0))
    assert got["content"] == wire[wire["msgtype"]]
    asks = got["msgtype"] == "template_card" and got["content"]["card_type"] in ASKING
    assert bool(sent.response_code) == asks


@pytest.mark.parametrize("message", TOO_MUCH, ids=names)
def test_what_is_beyond_a_limit_is_refused_on_both_sides(client, stage, message, monkeypatch):
    with pytest.raises(MessageError):
        client.send_app_message(AGENT, ZHANGSAN, message)
    assert stage.control("counters")["api_calls"] == {}
    unchecked(monkeypatch)
    wire = m.message_wire(message)
    answer = stage.http.post(
        "/cgi-bin/message/send",
        params={"access_token": stage.token()},
        json={"touser": "zhangsan", "agentid": AGENT, **wire},
    )
    assert answer.json()["errcode"] in {40007, 40058, 45002}, answer.json()
    assert messages(stage) == []


def unchecked(monkeypatch):
    """Take the client's checks away, to see what the other side does alone."""
    for module in (m, t):
        for check in ("need", "at_most", "within_bytes", "within_characters"):
            monkeypatch.setattr(module, check, lambda *_: None)
    monkeypatch.setattr(t, "_check", lambda _card: None)
    monkeypatch.setattr(m, "_NOTICE_WORDS", range(1000))


def test_whom_it_misses_is_told_in_lower_case(client, stage):
    client.create_contact_tag("导购", tag_id=7)
    client.tag_staff(7, ["lisi"])
    who = Receivers(users=("zhangsan", "Nobody"), departments=("2", "99"), tags=("7", "8"))
    sent = client.send_app_message(AGENT, who, m.AppText(content="看"))
    assert (sent.invalid_users, sent.invalid_departments, sent.invalid_tags) == (("nobody",), ("99",), ("8",))
    assert [len(messages(stage, one)) for one in ("zhangsan", "lisi", "wangwu")] == [1, 1, 1]
    with refused(81013):
        client.send_app_message(AGENT, Receivers(users=("nobody",)), m.AppText(content="看"))
    with refused(40056):
        client.send_app_message(RIVAL, ZHANGSAN, m.AppText(content="看"))


def test_all_staff_are_those_in_sight(stage):
    narrow = {"agentid": 1000009, "name": "Store", "secret": "narrow", "visible": [3]}
    stage.control("seed", {**SEED, "apps": [*SEED["apps"], narrow], "reset": True})
    client = client_of(stage, "narrow")
    client.send_app_message(1000009, Receivers(users=(ALL_STAFF,)), m.AppText(content="看"))
    assert [len(messages(stage, one)) for one in ("zhangsan", "lisi", "wangwu")] == [1, 1, 0]
    with refused(81013):
        client.send_app_message(1000009, Receivers(users=("wangwu",), departments=("2",)), m.AppText(content="看"))
    client.close()


def test_an_equal_message_is_swallowed_for_as_long_as_it_was_asked(client, stage):
    def say(content):
        client.send_app_message(AGENT, ZHANGSAN, m.AppText(content=content), duplicate_check_seconds=600)

    say("一"), say("一"), say("二")
    assert len(messages(stage)) == 2
    stage.control("clock", {"advance": 601})
    say("一")
    assert len(messages(stage)) == 3
    with pytest.raises(MessageError):
        client.send_app_message(AGENT, ZHANGSAN, m.AppText(content="一"), duplicate_check_seconds=14_401)
    with pytest.raises(MessageError):
        client.send_app_message(AGENT, Receivers(users=(ALL_STAFF,)), m.AppMiniNotice(appid="wx1", title="四字标题"))


def test_beyond_the_limits_of_a_person_messages_vanish_silently(client, rival, stage):
    stage.control("tunables", {"notices_per_minute": 2, "notices_per_hour": 3})

    def count():
        for _ in range(3):
            assert client.send_app_message(AGENT, ZHANGSAN, m.AppText(content="看")).msgid
        return len(messages(stage))

    assert count() == 2
    stage.control("clock", {"advance": 61})
    assert count() == 3
    rival.send_app_message(RIVAL, ZHANGSAN, m.AppText(content="看"))
    assert len(messages(stage)) == 4
    stage.control("clock", {"advance": 3601})
    assert count() == 6


def test_beyond_the_day_of_an_app_messages_are_refused(client, rival, stage):
    stage.control("tunables", {"account_cap": 1, "notices_per_account_a_day": 3})
    everybody = Receivers(users=(ALL_STAFF,))
    client.send_app_message(AGENT, everybody, m.AppText(content="看"))
    with refused(45009):
        client.send_app_message(AGENT, ZHANGSAN, m.AppText(content="看"))
    rival.send_app_message(RIVAL, ZHANGSAN, m.AppText(content="看"))
    stage.control("clock", {"advance": 86_401})
    client.send_app_message(AGENT, everybody, m.AppText(content="看"))
    stage.control("tunables", {"rate_per_minute": 0, "account_cap": 9})
    assert client.send_app_message(AGENT, ZHANGSAN, m.AppText(content="看")).msgid, "the base limits do not count these"


def test_a_message_is_taken_back_within_a_day(client, rival, stage):
    first = client.send_app_message(AGENT, ZHANGSAN, m.AppText(content="一"))
    second = client.send_app_message(AGENT, ZHANGSAN, m.AppText(content="二"))
    client.recall_app_message(second.msgid)
    assert [one["recalled"] for one in messages(stage)] == [False, True]
    for refuse in (lambda: rival.recall_app_message(first.msgid), lambda: client.recall_app_message("nobody")):
        with refused(40058):
            refuse()
    stage.control("clock", {"advance": 86_401})
    with refused(42052):
        client.recall_app_message(first.msgid)


@pytest.mark.parametrize("kind", ASKING)
def test_a_press_comes_to_its_app_and_its_code_changes_the_card_once(client, stage, listening, kind):
    listener, other = listening(), listening(RIVAL)
    sent = client.send_app_message(AGENT, ZHANGSAN, m.AppCard(card=ASKING[kind]))
    stage.act("press_card", userid="zhangsan", msgid=sent.msgid, key="yes", chosen={"q1": ["o1", "o2"]})
    stage.settle()
    (heard,) = listener.heard
    pressed = parse_event(heard.xml.encode())
    assert other.heard == []
    assert isinstance(pressed, CardPressed)
    assert (pressed.user_id, pressed.agent_id, pressed.event_key) == ("zhangsan", AGENT, "yes")
    assert (pressed.task_id, pressed.card_type) == (ASKING[kind].task_id, kind)
    assert pressed.selected_items == (SelectedItem(question_key="q1", option_ids=("o1", "o2")),)
    assert client.update_template_card(AGENT, pressed.response_code, users=("zhangsan", "lisi"), button="已确认") == (
        "lisi",
    )
    assert messages(stage)[0]["content"]["replaced"] == "已确认"
    with refused(60140):
        client.update_template_card(AGENT, pressed.response_code, users=("zhangsan",), button="再来")
    stage.settle()
    assert len(listener.heard) == 1, "what an app does fires nothing"


def test_the_code_of_the_message_changes_the_whole_card_within_72_hours(client, rival, stage):
    card = m.AppCard(card=ASKING["button_interaction"])
    first, second = (client.send_app_message(AGENT, ZHANGSAN, card) for _ in range(2))
    client.update_template_card(AGENT, first.response_code, everybody=True, card=PLAIN["text_notice"])
    assert [one["content"]["card_type"] for one in messages(stage)] == ["text_notice", "button_interaction"]
    with refused(40058):
        rival.update_template_card(RIVAL, second.response_code, everybody=True, button="x")
    with refused(81013):
        client.update_template_card(AGENT, second.response_code, users=("lisi",), button="x")
    with refused(40056):
        client.update_template_card(RIVAL, second.response_code, everybody=True, button="x")
    stage.control("clock", {"advance": 72 * 3600 + 1})
    with refused(60140):
        client.update_template_card(AGENT, second.response_code, departments=(3,), button="x")


def test_a_card_knows_what_can_be_pressed_and_chosen(client, stage):
    card = t.TextNotice(title=TITLE, action=ACTION, menu=MENU, task_id="t1")
    sent = client.send_app_message(AGENT, ZHANGSAN, m.AppCard(card=card))
    assert sent.response_code
    who = {"userid": "zhangsan", "msgid": sent.msgid}
    assert stage.act("press_card", **who, key="later")["response_code"] != sent.response_code
    stage.act("press_card", **who, key="yes", status=404)
    stage.act("press_card", **who, key="later", chosen={"q1": ["o1"]}, status=400)
    stage.act("press_card", userid="lisi", msgid=sent.msgid, key="later", status=404)
    client.recall_app_message(sent.msgid)
    stage.act("press_card", **who, key="later", status=404)


@pytest.mark.parametrize(
    "message",
    [m.AppImage(media_id="nowhere"), m.AppImage(media_id="voice"), m.AppVoice(media_id="file"), m.AppVideo(media_id="image"),
     m.AppFile(media_id="video"), m.AppWholeNews(articles=(m.WholeArticle(title="t", thumb_media_id="file", content="x"),))],
)  # fmt: skip
def test_a_file_is_sent_as_what_it_was_uploaded(client, stage, message):
    with refused(40007):
        client.send_app_message(AGENT, ZHANGSAN, message)
    assert messages(stage) == []


def test_a_file_that_ended_is_not_sent(client, stage):
    stage.control("clock", {"advance": 3 * 86_400})
    with refused(40145):
        client.send_app_message(AGENT, ZHANGSAN, m.AppImage(media_id="image"))
    stage.control("tunables", {"ended_media_code": 40007})
    with refused(40007):
        client.send_app_message(AGENT, ZHANGSAN, m.AppImage(media_id="image"))
