"""What goes over the wire equals the catalogue's request samples, for equal inputs."""

from dataclasses import replace

import pytest

from linli.wecom import attachments as a
from linli.wecom.app_message_calls import ALL_STAFF, Receivers
from linli.wecom.app_messages import AppText, AppTextCard
from linli.wecom.contact_way_calls import MULTI, SCENE_QR, SINGLE, Conclusions, ContactWaySpec
from linli.wecom.errors import EmptyMessage, MessageTooLong, MissingArgument, TooMany
from linli.wecom.join_way_calls import JoinWaySpec
from linli.wecom.message_calls import ChatType, MassMessageSpec
from linli.wecom.tag_calls import NewTag
from tests.wecom.support import Line, json_fixture, ok

ATTACHMENTS = (
    a.Image(media_id="MEDIA_ID", pic_url="http://p.qpic.cn/pic_wework/3474110808/7a6344sdadfwehe42060/0"),
    a.Link(
        title="消息标题", picurl="https://example.pic.com/path", desc="消息描述", url="https://example.link.com/path"
    ),
    a.MiniProgram(title="消息标题", pic_media_id="MEDIA_ID", appid="wx8bd80126147dfAAA", page="/path/index.html"),
    a.Video(media_id="MEDIA_ID"),
    a.File(media_id="MEDIA_ID"),
)
# The catalogue's sample mixes single type with three users, which WeCom would refuse: MULTI, and the type put back.
WAY = ContactWaySpec(
    type=MULTI, scene=1, style=1, remark="渠道客户", skip_verify=True, state="teststate",
    users=("zhangsan", "lisi", "wangwu"), departments=(2, 3), is_temporary=True, expires_in=86400,
    chat_expires_in=86400, unionid="oxTWIuGaIt6gTKsQRLau2M0AAAA", is_exclusive=True, mark_source=True,
    conclusions=Conclusions(
        text="文本消息内容", image=a.Image(media_id="MEDIA_ID"), link=ATTACHMENTS[1], mini_program=ATTACHMENTS[2]
    ),
)  # fmt: skip
CHANGED_WAY = replace(
    WAY, conclusions=replace(WAY.conclusions, mini_program=replace(ATTACHMENTS[2], page="/path/index"))
)
JOIN = JoinWaySpec(
    scene=2, remark="aa_remark", auto_create_room=True, room_base_name="销售客服群", room_base_id=10,
    chat_ids=("wrOgQhDgAAH2Yy-CTZ6POca8mlBEdaaa", "wrOgQhDgAALPUthpRAKvl7mgiQRwAAA"), state="klsdup3kj3s1",
    mark_source=True,
)  # fmt: skip


def _sent(call, answer=None):
    line = Line(answer or ok(config_id="c", qr_code="q", msgid="m", fail_list=[], tag_group={"group_id": "g"}))
    call(line.client)
    assert [r.method for r in line.requests] == ["POST"]
    assert line.requests[0].url.params["access_token"] == line.tokens.get()
    return line.paths[0], line.bodies[0]


MASS = MassMessageSpec(
    chat_type=ChatType.SINGLE, sender="zhangsan", allow_select=True, text="文本消息内容", attachments=ATTACHMENTS,
    external_userids=("woAJ2GCAAAXtWyujaWJHDDGi0mACAAAA", "wmqfasd1e1927831123109rBAAAA"),
    chat_ids=("wr2GCAAAXtWyujaWJHDDGasdadAAA",),
    tag_groups=(("ete19278asuMT123109rBAAAA", "ete19MT12278109UYteaBAAAA"), ("eteIlKKHSDfuMT18Kg9rBAAAA",)),
)  # fmt: skip

EXACT = {
    "send_welcome_msg": lambda c: c.send_welcome("CALLBACK_CODE", "文本消息内容", ATTACHMENTS),
    "add_msg_template": lambda c: c.add_mass_message(MASS),
    "cancel_groupmsg_send": lambda c: c.cancel_mass("msgGCAAAXtWyujaWJHDDGi0mACAAAA"),
    "remind_groupmsg_send": lambda c: c.remind_mass("msgGCAAAXtWyujaWJHDDGi0mACAAAA"),
    "mark_tag": lambda c: c.mark_tag(
        "zhangsan", "woAJ2GCAAAd1NPGHKSD4wKmE8Aabj9AAA", add=["TAGID1", "TAGID2"], remove=["TAGID3", "TAGID4"]
    ),
    "groupchat.add_join_way": lambda c: c.add_join_way(JOIN),
    "groupchat.del_join_way": lambda c: c.del_join_way("42b34949e138eb6e027c123cba77faaa"),
    "groupchat.update_join_way": lambda c: c.update_join_way(
        "9ad7fa5cdaa6511298498f979c4722de",
        JoinWaySpec(
            scene=2, remark="bb_remark", room_base_name="销售客服群", room_base_id=10, state="klsdup3kj3s1",
            chat_ids=("wrOgQhDgAAH2Yy-CTZ6POca8mlBEdaaa", "wrOgQhDgAALPUthpRAKvl7mgiQRw_aaa"), mark_source=True,
        ),
    ),
    "update_contact_way": lambda c: c.update_contact_way("42b34949e138eb6e027c123cba77fAAA", CHANGED_WAY),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_a_writing_call_sends_the_sample(name):
    expected = json_fixture(f"externalcontact.{name}.request.json")
    path, body = _sent(EXACT[name])
    assert path == f"externalcontact/{name.replace('.', '/')}"
    assert body == expected


def test_a_new_contact_way_sends_the_sample():
    expected = json_fixture("externalcontact.add_contact_way.request.json")
    path, body = _sent(lambda c: c.add_contact_way(WAY))
    assert path == "externalcontact/add_contact_way"
    assert body == {**expected, "type": MULTI}


# `agentid` belongs to old suites only (wire.md C.3), so a self-built app never sends it.
TAGS = {
    "add_corp_tag": lambda c: c.add_corp_tags(
        [NewTag("TAG_NAME_1", 1), NewTag("TAG_NAME_2", 2)], group_id="GROUP_ID", group_name="GROUP_NAME", order=1
    ),
    "edit_corp_tag": lambda c: c.edit_corp_tag("TAG_ID", name="NEW_TAG_NAME", order=1),
    "del_corp_tag": lambda c: c.del_corp_tags(tag_ids=["TAG_ID_1", "TAG_ID_2"], group_ids=["GROUP_ID_1", "GROUP_ID_2"]),
}


@pytest.mark.parametrize("name", TAGS)
def test_a_tag_call_sends_the_sample(name):
    expected = json_fixture(f"externalcontact.{name}.request.json")
    path, body = _sent(TAGS[name])
    assert path == f"externalcontact/{name}"
    assert body == {key: value for key, value in expected.items() if key != "agentid"}


READS = {
    "get_corp_tag_list": (
        lambda c: c.corp_tags(
            tag_ids=["etXXXXXXXXXX", "etYYYYYYYYYY"], group_ids=["etZZZZZZZZZZZZZ", "etYYYYYYYYYYYYY"]
        ),
        ok(tag_group=[]),
    ),
    "get_contact_way": (
        lambda c: c.get_contact_way("42b34949e138eb6e027c123cba77fad7"),
        ok(contact_way={"config_id": "c"}),
    ),
    "groupchat.get": (
        lambda c: c.group_chat("wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA"),
        ok(group_chat={"chat_id": "c", "member_list": []}),
    ),
    "groupchat.get_join_way": (
        lambda c: c.get_join_way("9ad7fa5cdaa6511298498f979c472aaa"),
        ok(join_way={"config_id": "c"}),
    ),
    "batch.get_by_user": (
        lambda c: list(c.customers_of(["zhangsan", "lisi"])),
        ok(external_contact_list=[]),
    ),
}


@pytest.mark.parametrize("name", READS)
def test_a_reading_call_sends_the_sample(name):
    call, answer = READS[name]
    path, body = _sent(call, answer)
    assert path == f"externalcontact/{name.replace('.', '/')}"
    assert body == json_fixture(f"externalcontact.{name}.request.json")


PAGED = {
    "list_contact_way": (
        lambda c: c.list_contact_ways(start=1622476800, end=1625068800),
        "contact_way",
    ),
    "groupchat.list": (lambda c: c.group_chats(["abel"], limit=10), "group_chat_list"),
    "get_groupmsg_send_result": (
        lambda c: c.mass_results("msgGCAAAXtWyujaWJHDDGi0mACAAAA", "zhangsan ", limit=50),
        "send_list",
    ),
}


@pytest.mark.parametrize("name", PAGED)
def test_a_second_page_sends_the_sample(name):
    expected = json_fixture(f"externalcontact.{name}.request.json")
    call, rows = PAGED[name]
    line = Line(ok(**{rows: []}, next_cursor=expected["cursor"]), ok(**{rows: []}, next_cursor=""))
    assert list(call(line.client)) == []
    assert line.bodies == [{**expected, "cursor": ""}, expected]
    assert set(line.paths) == {f"externalcontact/{name.replace('.', '/')}"}


APP = {
    "message.send": (
        Receivers(users=("UserID1", "UserID2"), departments=("PartyID1",), tags=("TagID1",)),
        lambda wire: AppText(content=wire["text"]["content"]),
    ),
    "message.send.textcard": (
        Receivers(
            users=("UserID1", "UserID2", "UserID3"), departments=("PartyID1", "PartyID2"), tags=("TagID1 ", " TagID2")
        ),
        lambda wire: AppTextCard(
            title="领奖通知", description=wire["textcard"]["description"], url="URL", button="更多"
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", APP)
def test_an_app_message_sends_the_sample(name):
    expected = json_fixture(f"{name}.request.json")
    receivers, make = APP[name]
    path, body = _sent(lambda c: c.send_app_message(1, receivers, make(expected)))
    # Both are WeCom's defaults while the check is off and no id is translated.
    defaults = {"enable_id_trans": 0, "duplicate_check_interval": 1800}
    assert path == "message/send"
    assert body == {key: value for key, value in expected.items() if key not in defaults}
    _path, body = _sent(lambda c: c.send_app_message(1, receivers, make(expected), duplicate_check_seconds=60))
    assert (body["enable_duplicate_check"], body["duplicate_check_interval"]) == (1, 60)


def test_remark_sends_only_what_is_given():
    path, body = _sent(lambda c: c.set_remark("u", "wm1", remark="老客户", mobiles=["138"]))
    assert path == "externalcontact/remark"
    assert body == {"userid": "u", "external_userid": "wm1", "remark": "老客户", "remark_mobiles": ["138"]}
    _path, body = _sent(
        lambda c: c.set_remark("u", "wm1", mobiles=[], company="", description="d", picture_media_id="p")
    )
    assert body["remark_mobiles"] == [""]
    assert (body["remark_company"], body["description"], body["remark_pic_mediaid"]) == ("", "d", "p")


def test_a_single_contact_way_sends_no_departments_and_a_multi_one_clears_them():
    single = ContactWaySpec(type=SINGLE, scene=SCENE_QR, users=("u",))
    _path, body = _sent(lambda c: c.update_contact_way("c", single))
    assert body == {"config_id": "c", "remark": "", "skip_verify": True, "state": "", "user": ["u"]}
    multi = ContactWaySpec(type=MULTI, scene=SCENE_QR, users=("u",))
    _path, body = _sent(lambda c: c.update_contact_way("c", multi))
    assert body["party"] == []


def test_group_message_leaves_the_single_options_out():
    spec = MassMessageSpec(chat_type=ChatType.GROUP, sender="u", text="t")
    _path, body = _sent(lambda c: c.add_mass_message(spec))
    assert body == {"chat_type": "group", "sender": "u", "text": {"content": "t"}}


def test_reads_by_get_carry_their_parameters():
    line = Line(ok(department=[], department_id=[], userlist=[], external_userid=[], follow_user=[], ip_list=[]))
    client = line.client
    client.department_list(2)
    assert line.query() == {"id": "2"}
    client.department_list()
    assert line.query() == {}
    client.department_simplelist(3)
    client.user_list(4, fetch_child=True)
    assert line.query() == {"department_id": "4", "fetch_child": "1"}
    client.customer_ids("u")
    assert line.query() == {"userid": "u"}
    client.follow_users()
    client.callback_ips()
    assert {r.method for r in line.requests} == {"GET"}
    assert line.paths == [
        "department/list", "department/list", "department/simplelist", "user/list", "externalcontact/list",
        "externalcontact/get_follow_user_list", "getcallbackip",
    ]  # fmt: skip


SPEC = MassMessageSpec(chat_type=ChatType.SINGLE, text="t", sender="u")
REFUSED = [
    (lambda c: c.send_welcome("", "t"), MissingArgument),
    (lambda c: c.send_welcome("c"), EmptyMessage),
    (lambda c: c.send_welcome("c", "群" * 1334), MessageTooLong),
    (lambda c: c.send_welcome("c", "t", ATTACHMENTS * 2), TooMany),
    (lambda c: c.add_mass_message(MassMessageSpec(chat_type=ChatType.GROUP, text="t")), MissingArgument),
    (lambda c: c.add_mass_message(MassMessageSpec(chat_type=ChatType.SINGLE, text="t")), MissingArgument),
    (
        lambda c: c.add_mass_message(
            MassMessageSpec(chat_type=ChatType.SINGLE, text="t", external_userids=("x",) * 10_001)
        ),
        TooMany,
    ),
    (
        lambda c: c.add_mass_message(
            MassMessageSpec(chat_type=ChatType.GROUP, text="t", sender="u", chat_ids=("x",) * 2001)
        ),
        TooMany,
    ),
    (
        lambda c: c.add_mass_message(MassMessageSpec(chat_type=ChatType.SINGLE, text="t", tag_groups=(("x",) * 101,))),
        TooMany,
    ),
    (lambda c: next(c.customers_of(["u"] * 101)), TooMany),
    (lambda c: next(c.customers_of([])), MissingArgument),
    (lambda c: next(c.group_chats(["u"] * 101)), TooMany),
    (lambda c: c.set_remark("u", "w"), MissingArgument),
    (lambda c: c.set_remark("u", "w", remark="字" * 21), MessageTooLong),
    (lambda c: c.set_remark("u", "w", description="字" * 151), MessageTooLong),
    (lambda c: c.mark_tag("u", "w"), MissingArgument),
    (lambda c: c.add_corp_tags([NewTag("x")]), MissingArgument),
    (lambda c: c.add_corp_tags([], group_id="g"), MissingArgument),
    (lambda c: c.add_corp_tags([NewTag("字" * 31)], group_id="g"), MessageTooLong),
    (lambda c: c.del_corp_tags(), MissingArgument),
    (lambda c: c.add_contact_way(ContactWaySpec(type=SINGLE, scene=2, users=("a", "b"))), TooMany),
    (lambda c: c.add_contact_way(ContactWaySpec(type=MULTI, scene=2)), MissingArgument),
    (lambda c: c.add_contact_way(ContactWaySpec(type=MULTI, scene=2, users=("a",), state="s" * 31)), MessageTooLong),
    (lambda c: c.add_join_way(JoinWaySpec(scene=2, chat_ids=("c",) * 6)), TooMany),
    (lambda c: c.add_join_way(JoinWaySpec(scene=2, chat_ids=())), MissingArgument),
    (lambda c: c.send_app_message(1, Receivers(), AppText(content="t")), MissingArgument),
    (lambda c: c.send_app_message(1, Receivers(users=("u",) * 1001), AppText(content="t")), TooMany),
    (lambda c: c.send_app_message(1, Receivers(users=(ALL_STAFF,)), AppText(content="群" * 683)), MessageTooLong),
    (
        lambda c: c.send_app_message(
            1, Receivers(users=("u",)), AppTextCard(title="t", description="d", url="u", button="五个字长的")
        ),
        MessageTooLong,
    ),
]


@pytest.mark.parametrize(("call", "kind"), REFUSED)
def test_what_wecom_would_refuse_is_never_sent(call, kind):
    line = Line(ok())
    with pytest.raises(kind) as caught:
        call(line.client)
    assert line.requests == []
    assert line.budget.taken == []
    assert caught.value.zh != caught.value.en
