"""WeCom's sample answers become typed values."""

import pytest

from linli.wecom import attachments as a
from linli.wecom.app_message_calls import AppMessageSent, Receivers
from linli.wecom.app_messages import AppText
from linli.wecom.contact_way_calls import Conclusions, ContactWayKey, ContactWaySpec
from linli.wecom.customer_calls import Channels, FollowTag
from linli.wecom.directory_calls import Department, DepartmentRef, StaffPlace
from linli.wecom.errors import BadAnswer
from linli.wecom.group_calls import GroupChatRef
from linli.wecom.join_way_calls import JoinWaySpec
from linli.wecom.message_calls import ChatType, MassMessageSpec, MassResult, MassTask, MassTaskMember
from linli.wecom.tag_calls import NewTag, Tag
from tests.wecom.support import Line, json_fixture, ok

WO = "woAJ2GCAAAXtWyujaWJHDDGi0mAC"


def _line(name, *more):
    return Line(json_fixture(f"{name}.response.json"), *more)


def test_departments():
    assert _line("department.list").client.department_list() == (
        Department(id=2, name="广州研发中心", name_en="RDGZ", parent_id=1, order=10, leaders=()),
        Department(id=3, name="邮箱产品部", name_en="mail", parent_id=2, order=40, leaders=()),
    )
    assert _line("department.simplelist").client.department_simplelist() == (
        DepartmentRef(id=2, parent_id=1, order=10),
        DepartmentRef(id=3, parent_id=2, order=40),
    )


def test_staff():
    staff = _line("user.get").client.user_get("zhangsan")
    assert (staff.userid, staff.name, staff.status, staff.gender) == ("zhangsan", "张三", 1, 1)
    assert (staff.department_ids, staff.main_department_id, staff.orders) == ((1, 2), 1, (1, 2))
    assert (staff.leader_flags, staff.external_position) == ((True, False), "产品经理")
    (listed,) = _line("user.list").client.user_list(1)
    assert (listed.name, listed.english_name, listed.alias, listed.mobile) == (
        "李四",
        "jacky",
        "jackzhang",
        "13800000000",
    )


def test_staff_places_over_two_pages():
    line = Line(
        ok(dept_user=[{"userid": "a", "department": 1}, {"userid": "a", "department": 2}], next_cursor="n"),
        ok(dept_user=[{"userid": "b", "department": 1}], next_cursor=""),
    )
    assert list(line.client.user_list_id()) == [StaffPlace("a", 1), StaffPlace("a", 2), StaffPlace("b", 1)]
    assert line.bodies == [{"limit": 10000, "cursor": ""}, {"limit": 10000, "cursor": "n"}]


def test_lists_of_ids():
    assert _line("getcallbackip").client.callback_ips() == ("1.2.3.4", "2.3.3.3")
    assert _line("externalcontact.get_follow_user_list").client.follow_users() == ("zhangsan", "lissi")
    assert len(_line("externalcontact.list").client.customer_ids("u")) == 2


def test_a_customer_over_all_pages():
    last = ok(external_contact={"external_userid": WO + "HAAA"}, follow_user=[{"userid": "third", "createtime": 5}])
    line = _line("externalcontact.get", last)
    detail = line.client.customer(WO + "HAAA")
    assert line.query(0) == {"external_userid": WO + "HAAA"}
    assert line.query(1) == {"external_userid": WO + "HAAA", "cursor": "NEXT_CURSOR"}
    customer = detail.customer
    assert (customer.external_userid, customer.name, customer.type, customer.gender) == (WO + "HAAA", "李四", 2, 1)
    assert (customer.unionid, customer.corp_name) == ("ozynqsulJFCZ2z1aYeS8h-nuasdAAA", "腾讯")
    rocky, tommy, third = detail.follows
    assert (rocky.userid, rocky.remark, rocky.created_at, rocky.add_way) == ("rocky", "李部长", 1525779812, 10)
    assert rocky.tag_ids == ("etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA", "stAJ2GCAAAXtWyujaWJHDDGi0mACHAAA")
    assert rocky.tags is not None
    assert rocky.tags[1] == FollowTag(group_name="标签分组名称", tag_name="标签名称", tag_id=None, type=2)
    assert rocky.remark_mobiles == ("13800000001", "13000000002")
    assert rocky.wechat_channels == Channels(nickname="视频号名称", source=1)
    assert (tommy.state, tommy.tag_ids, tommy.tags, tommy.wechat_channels) == ("外联二维码1", (), (), None)
    assert third.userid == "third"


def test_customers_of_several_staff():
    last = ok(
        external_contact_list=[{"external_contact": {"external_userid": "wm3"}, "follow_info": {"userid": "x"}}],
        fail_info={"unlicensed_userid_list": ["y"]},
    )
    line = _line("externalcontact.batch.get_by_user", last)
    first, second = line.client.customers_of(["rocky", "lisi"])
    assert [row.customer.name for row in first.rows] == ["李四", "王五"]
    assert first.rows[1].follow.tag_ids == ("etAJ2GCAAAXtWyujaWJHDDGi0mACHAAA", "stJHDDGi0mAGi0mACHBBByujaW")
    assert first.rows[1].follow.tags is None
    assert first.rows[1].follow.state == "外联二维码1"
    assert first.next_cursor == line.bodies[1]["cursor"] != ""
    assert (second.next_cursor, second.unlicensed_userids) == ("", ("y",))
    assert second.rows[0].follow.tag_ids == ()


def test_a_run_goes_on_from_a_kept_cursor():
    line = Line(ok(external_contact_list=[], next_cursor=""))
    assert len(list(line.client.customers_of(["u"], cursor="kept"))) == 1
    assert line.bodies[0]["cursor"] == "kept"


def test_tags():
    (group,) = _line("externalcontact.get_corp_tag_list").client.corp_tags()
    assert (group.id, group.name, group.created_at, group.order, group.deleted) == (
        "TAG_GROUPID1", "GOURP_NAME", 1557838797, 1, False,
    )  # fmt: skip
    assert group.tags[1] == Tag(id="TAG_ID2", name="NAME2", created_at=1557838797, order=2, deleted=True)
    made = _line("externalcontact.add_corp_tag").client.add_corp_tags([NewTag("n")], group_name="g")
    assert [tag.id for tag in made.tags] == ["TAG_ID1", "TAG_ID2"]


def test_contact_ways():
    made = _line("externalcontact.add_contact_way").client.add_contact_way(
        ContactWaySpec(type=1, scene=2, users=("u",))
    )
    qr = "https://p.qpic.cn/wwhead/duc2TvpEgSdicZ9RrdUtBkv2UiaA/0"
    assert made == ContactWayKey("42b34949e138eb6e027c123cba77fAAA", qr)
    way = _line("externalcontact.get_contact_way").client.get_contact_way("c")
    assert (way.config_id, way.qr_code) == ("42b34949e138eb6e027c123cba77fAAA", qr)
    assert way.spec == ContactWaySpec(
        type=1, scene=1, style=2, remark="test remark", skip_verify=True, state="teststate",
        users=("zhangsan", "lisi", "wangwu"), departments=(2, 3), is_temporary=True, expires_in=86400,
        chat_expires_in=86400, unionid="oxTWIuGaIt6gTKsQRLau2M0AAAA", mark_source=True,
        conclusions=Conclusions(
            text="文本消息内容",
            image=a.Image(pic_url="https://p.qpic.cn/pic_wework/XXXXX"),
            link=a.Link(
                title="消息标题", picurl="https://example.pic.com/path", desc="消息描述",
                url="https://example.link.com/path",
            ),
            mini_program=a.MiniProgram(
                title="消息标题", pic_media_id="MEDIA_ID", appid="wx8bd80126147dfAAA", page="/path/index"
            ),
        ),
    )  # fmt: skip
    listed = _line("externalcontact.list_contact_way", ok(contact_way=[])).client.list_contact_ways()
    assert list(listed) == ["534b63270045c9ABiKEE814ef56d91c62f", "87bBiKEE811c62f63270041c62f5c9A4ef"]


def test_groups():
    refs = list(_line("externalcontact.groupchat.list", ok(group_chat_list=[])).client.group_chats())
    assert refs == [
        GroupChatRef("wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA", 0),
        GroupChatRef("wrOgQhDgAAcwMTB7YmDkbeBsAAAA", 0),
    ]
    chat = _line("externalcontact.groupchat.get").client.group_chat("c")
    assert (chat.name, chat.owner, chat.created_at, chat.admins) == (
        "销售客服群", "ZhuShengBen", 1572505490, ("sam", "pony"),
    )  # fmt: skip
    assert (chat.notice, chat.member_version) == ("文明沟通，拒绝脏话", "71217227bbd112ecfe3a49c482195cb4")
    staff, customer = chat.members
    assert (staff.userid, staff.type, staff.invitor, staff.name) == ("abel", 1, "jack", "张三丰")
    assert (customer.type, customer.invitor, customer.unionid) == (2, None, "ozynqsulJFCZ2z1aYeS8h-nuasdAAA")
    with_state = _line("externalcontact.groupchat.get.with_state").client.group_chat("c")
    assert [(m.state, m.join_scene) for m in with_state.members] == [("klsdup3kj3s1", 3), (None, 1)]


def test_join_ways():
    added = _line("externalcontact.groupchat.add_join_way").client.add_join_way(JoinWaySpec(scene=2, chat_ids=("c",)))
    assert added == "9ad7fa5cdaa6511298498f979c472aaa"
    way = _line("externalcontact.groupchat.get_join_way").client.get_join_way(added)
    assert way.config_id == added
    assert way.qr_code.startswith("http://p.qpic.cn/wwhead/")
    assert way.spec == JoinWaySpec(
        scene=2, remark="aa_remark", auto_create_room=True, room_base_name="销售客服群", room_base_id=10,
        chat_ids=("wrOgQhDgAAH2Yy-CTZ6POca8mlBEdaaa", "wrOgQhDgAALPUthpRAKvl7mgiQRw_aaa"), state="klsdup3kj3s1",
        mark_source=True,
    )  # fmt: skip


def test_mass_messages():
    spec = MassMessageSpec(chat_type=ChatType.SINGLE, sender="u", text="t")
    made = _line("externalcontact.add_msg_template").client.add_mass_message(spec)
    assert made == MassTask("msgGCAAAXtWyujaWJHDDGi0mAAAA", ("wmqfasd1e1927831123109rBAAAA",))
    results = _line("externalcontact.get_groupmsg_send_result", ok(send_list=[])).client.mass_results("m", "u")
    assert list(results) == [
        MassResult(
            userid="zhangsan", external_userid="wmqfasd1e19278asdasAAAA", chat_id="wrOgQhDgAAMYQiS5ol9G7gK9JVAAAA",
            status=1, sent_at=1552536375,
        )
    ]  # fmt: skip


def test_the_list_of_mass_messages_tells_api_made_ones_by_their_missing_creator():
    line = Line(
        ok(
            group_msg_list=[
                {
                    "msgid": "m1", "creator": "u", "create_time": 7, "create_type": 1,
                    "attachments": [{"msgtype": "image", "image": {"media_id": "x"}}],
                },
            ],
            next_cursor="2",
        ),
        ok(group_msg_list=[{"msgid": "m2", "create_time": 8, "create_type": 0, "text": {"content": "t"}}]),
    )  # fmt: skip
    personal, ours = line.client.mass_messages(1, 9, ChatType.GROUP)
    assert (personal.creator, personal.text, personal.attachments) == ("u", "", (a.Image(media_id="x"),))
    assert (ours.creator, ours.text, ours.created_at, ours.create_type) == (None, "t", 8, 0)
    assert line.bodies[0] == {
        "chat_type": "group", "start_time": 1, "end_time": 9, "filter_type": 2, "limit": 100, "cursor": "",
    }  # fmt: skip
    assert line.paths[0] == "externalcontact/get_groupmsg_list_v2"


def test_the_members_of_a_task():
    line = Line(ok(task_list=[{"userid": "a", "status": 2, "send_time": 5}, {"userid": "b", "status": 0}]))
    assert list(line.client.mass_tasks("m")) == [MassTaskMember("a", 2, 5), MassTaskMember("b", 0, None)]
    assert (line.paths, line.bodies) == (
        ["externalcontact/get_groupmsg_task"],
        [{"msgid": "m", "limit": 1000, "cursor": ""}],
    )


def test_app_messages_tell_whom_they_missed():
    line = _line("message.send")
    assert line.client.send_app_message(1, Receivers(users=("u",)), AppText(content="t")) == AppMessageSent(
        msgid="xxxx", invalid_users=("userid1", "userid2"), invalid_departments=("partyid1", "partyid2"),
        invalid_tags=("tagid1", "tagid2"), unlicensed_users=("userid3", "userid4"), response_code="xyzxyz",
    )  # fmt: skip


LISTS = [
    lambda c: c.follow_users(),
    lambda c: c.customer_ids("u"),
    lambda c: c.customer("w"),
    lambda c: list(c.customers_of(["u"])),
    lambda c: c.department_list(),
    lambda c: c.department_simplelist(),
    lambda c: c.user_list(1),
    lambda c: list(c.user_list_id()),
    lambda c: c.callback_ips(),
    lambda c: c.corp_tags(),
    lambda c: list(c.list_contact_ways()),
    lambda c: list(c.group_chats()),
    lambda c: c.group_chat("c"),
    lambda c: list(c.mass_messages(1, 2, ChatType.SINGLE)),
    lambda c: list(c.mass_tasks("m")),
    lambda c: list(c.mass_results("m", "u")),
]


@pytest.mark.parametrize("call", LISTS)
def test_a_missing_main_list_never_reads_as_none(call):
    with pytest.raises(BadAnswer):
        call(Line(ok()).client)


@pytest.mark.parametrize(
    "answer",
    [ok(follow_user={}), ok(follow_user="x"), ok(follow_user=[1]), ok(follow_user=[None])],
)
def test_a_list_of_the_wrong_shape_is_refused(answer):
    with pytest.raises(BadAnswer):
        Line(answer).client.follow_users()


def test_paging_that_runs_in_a_circle_is_refused():
    page = ok(group_chat_list=[{"chat_id": "c", "status": 0}], next_cursor="same")
    chats = Line(page).client.group_chats()
    assert [next(chats).chat_id, next(chats).chat_id] == ["c", "c"]
    with pytest.raises(BadAnswer, match="repeats"):
        next(chats)
