"""Every kind of archived message goes through the types and comes out equal; what is not known is kept whole (wire.md G.2)."""

import json
from typing import Any

import pytest

from linli.wecom.archive import chat_data_row, read_chat_data
from linli.wecom.archive_bodies import Calendar, Mixed, RedPacket, Switch, Unknown
from linli.wecom.archive_kinds import KINDS
from linli.wecom.archive_messages import build_message, media_of, parse_message
from linli.wecom.errors import BadAnswer
from tests.wecom.support import FIXTURES, json_fixture

SAMPLES = sorted(path.name for path in FIXTURES.glob("msgaudit.message.*.json")) or ["msgaudit.message.text.json"]
FILE = {"md5sum": "m", "filesize": 3, "sdkfileid": "F"}
CALL = {
    "endtime": 5,
    "sdkfileid": "F",
    "demofiledata": [{"filename": "a", "demooperator": "u", "starttime": 1, "endtime": 2}],
}
# One of every kind, made by the table of wire.md: also those of which WeCom shows no sample.
BODIES: dict[str, dict[str, Any]] = {
    "text": {"content": "在吗"},
    "image": FILE,
    "revoke": {"pre_msgid": "m0"},
    "agree": {"userid": "wm1", "agree_time": 1},
    "disagree": {"userid": "wm1", "disagree_time": 1},
    "voice": {"md5sum": "m", "voice_size": 3, "play_length": 2, "sdkfileid": "F"},
    "video": {**FILE, "play_length": 2},
    "card": {"corpname": "微信联系人", "userid": "wm2"},
    "location": {"longitude": 113.3, "latitude": 23, "address": "a", "title": "t", "zoom": 15},
    "emotion": {"type": 1, "width": 2, "height": 2, "imagesize": 9, "md5sum": "m", "sdkfileid": "F"},
    "file": {**FILE, "filename": "价目.pdf", "fileext": "pdf"},
    "link": {"title": "t", "description": "d", "link_url": "u", "image_url": ""},
    "weapp": {"title": "t", "description": "d", "username": "u@app", "displayname": "n", "appid": "wx1", "pagepath": "p"},
    "chatrecord": {"title": "群聊", "item": [{"type": "ChatRecordText", "msgtime": 1603875610, "content": "{}", "from_chatroom": False}]},
    "todo": {"title": "t", "content": "c"},
    "vote": {"votetitle": "t", "voteitem": ["是", "否"], "votetype": 101, "voteid": "v"},
    "collect": {"room_name": "群", "creator": "u", "create_time": "2019-12-11 11:21:22", "title": "t", "details": [{"id": 1, "ques": "q", "type": "Text"}]},
    "redpacket": {"type": 1, "wish": "w", "totalcnt": 1, "totalamount": 3000},
    "external_redpacket": {"type": 1, "wish": "w", "totalcnt": 2, "totalamount": 20},
    "meeting": {"topic": "夕会", "starttime": 1, "endtime": 2, "address": "", "remarks": "", "meetingid": 7, "meetingtype": 102, "status": 1},
    "meeting_notification": {"content": "c", "meeting_id": 6072773153468854000, "notification_type": 2},
    "docmsg": {"title": "t", "link_url": "u", "doc_creator": "c"},
    "markdown": {"content": "c"},
    "news": {"item": [{"title": "t", "description": "d", "url": "u", "picurl": "p"}]},
    "calendar": {"title": "t", "creatorname": "c", "attendeename": ["a"], "starttime": 1, "endtime": 2, "place": "", "remarks": ""},
    "mixed": {"item": [{"type": "text", "content": '{"content":"看"}'}, {"type": "image", "content": json.dumps(FILE)}]},
    "meeting_voice_call": CALL,
    "voip_doc_share": {**FILE, "filename": "a.pdf"},
    "sphfeed": {"feed_type": 4, "sph_name": "n", "feed_desc": "d"},
    "voiptext": {"callduration": 9, "invitetype": 2},
    "qydiskfile": {"filename": "a", "url": "u"},
    "solitaire": {"solitaire_type": 101, "solitaire_content": "#接龙"},
    "note": {"items": [{"msg_type": "text", "content": "c"}]},
}  # fmt: skip
HEAD = {"msgid": "m1", "action": "send", "from": "wm1", "tolist": ["kens"], "roomid": "", "msgtime": 1603875826656}
WITH_MEDIA = {"image", "voice", "video", "emotion", "file", "mixed", "meeting_voice_call", "voip_doc_share"}


def whole(kind: str) -> dict[str, Any]:
    extra = {"meeting_voice_call": {"voiceid": "gr1"}, "voip_doc_share": {"voipid": "gr2"}}.get(kind, {})
    head = {key: value for key, value in HEAD.items() if not (extra and key == "roomid")}
    return {**head, "msgtype": kind, KINDS[kind][0]: BODIES[kind], **extra}


def said(kind: str) -> dict[str, Any]:
    """What somebody says, without the head that WeCom puts before it."""
    return {key: value for key, value in whole(kind).items() if key not in HEAD}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_of_wecom_comes_out_equal(name):
    data = json_fixture(name)
    message = parse_message(data)
    assert message.known
    assert build_message(message) == data


def test_the_table_names_every_kind_of_the_wire():
    assert set(BODIES) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_kind_is_typed_and_comes_out_equal(kind):
    data = whole(kind)
    message = parse_message(data)
    assert message.known, "not kept as unknown"
    assert (message.kind, message.sender, message.people, message.sent_at_ms) == (
        kind,
        "wm1",
        ("wm1", "kens"),
        HEAD["msgtime"],
    )
    assert not message.more
    assert build_message(message) == data


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_fields_that_a_later_release_adds_are_kept(kind):
    data = whole(kind)
    key = KINDS[kind][0]
    data = {**data, "later": [1], key: {**data[key], "newer": {"a": None}}}
    message = parse_message(data)
    assert message.known
    assert (message.more, message.body.more) == ({"later": [1]}, {"newer": {"a": None}})
    assert build_message(message) == data


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_a_body_of_another_shape_is_kept_whole(kind):
    data = whole(kind)
    for body in (None, [], "text", {}, {name: {"of": "another type"} for name in BODIES[kind]}):
        other = {**data, KINDS[kind][0]: body}
        message = parse_message(other)
        assert isinstance(message.body, Unknown)
        assert (message.kind, build_message(message)) == (kind, other)


def test_a_kind_that_nobody_knows_is_kept_whole():
    data = {**HEAD, "msgtype": "hologram", "hologram": {"beam": [1, {"deep": "光"}]}, "since": 5}
    message = parse_message(data)
    assert (message.known, message.kind, message.sender) == (False, "hologram", "wm1")
    assert message.body.more == {"hologram": {"beam": [1, {"deep": "光"}]}, "since": 5}
    assert build_message(message) == data


def test_switching_the_company_has_no_kind_and_other_names():
    data = {"msgid": "125289002219525886280", "action": "switch", "time": 1554119421840, "user": "XuJinSheng"}
    message = parse_message(data)
    assert isinstance(message.body, Switch)
    assert (message.kind, message.sender, message.sent_at_ms) == ("switch", "XuJinSheng", 1554119421840)
    assert build_message(message) == data


@pytest.mark.parametrize("wrong", ["from", "tolist", "roomid", "msgtime", "msgtype", "action"])
def test_a_head_of_another_shape_loses_nothing(wrong):
    for value in (None, {"a": 1}, [1], True):
        data = {**whole("text"), wrong: value}
        assert build_message(parse_message(data)) == data
    data = whole("text")
    del data[wrong]
    assert build_message(parse_message(data)) == data


@pytest.mark.parametrize("data", [None, [], "x", {}, {"msgid": ""}, {"msgid": 5}])
def test_what_is_no_message_is_refused(data):
    with pytest.raises(BadAnswer):
        parse_message(data)


def test_both_red_packets_share_a_key_and_seven_kinds_share_info():
    assert [parse_message(whole(kind)).body for kind in ("redpacket", "external_redpacket")] == [
        RedPacket(type=1, wish="w", totalcnt=1, totalamount=3000), RedPacket(type=1, wish="w", totalcnt=2, totalamount=20),
    ]  # fmt: skip
    assert len({KINDS[kind][1] for kind, (key, _) in KINDS.items() if key == "info"}) == 7
    assert isinstance(parse_message(whole("calendar")).body, Calendar)


def test_files_are_found_also_inside_parts():
    for kind in BODIES:
        found = media_of(parse_message(whole(kind)))
        assert [one.sdkfileid for one in found] == (["F"] if kind in WITH_MEDIA else []), kind
    (one,) = media_of(parse_message(whole("mixed")))
    assert (one.md5sum, one.size) == ("m", 3)
    assert isinstance(parse_message(whole("mixed")).body, Mixed)


def test_a_page_of_rows_comes_out_equal():
    data = json_fixture("msgaudit.sdk.GetChatData.response.json")
    rows = read_chat_data(data)
    assert [chat_data_row(one) for one in rows] == data["chatdata"]
    assert (rows[0].seq, rows[0].key_version) == (196, 3)
    assert "ftJ" not in repr(rows[0]), "neither key nor text is ever shown"
