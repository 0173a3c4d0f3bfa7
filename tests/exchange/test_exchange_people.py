"""Members and customers as WeCom tells of them: what varies, and the plain way of the calls (wire.md A.1, B, C.1, C.2, C.6, C.7)."""

import pytest

from linli.wecom.app_message_calls import Receivers
from linli.wecom.app_messages import AppText
from linli.wecom.contact_way_calls import SCENE_QR, SINGLE, ContactWaySpec
from linli.wecom.customer_calls import Channels
from linli.wecom.directory_calls import DepartmentRef, StaffPlace, StaffRef
from linli.wecom.join_way_calls import JoinWaySpec
from linli.wecom.message_calls import ChatType, MassMessageSpec
from tests.exchange.asking import DAY, refused
from tests.exchange.ground import Ground, ground, house
from tests.sandbox.stage import AGENT, Receiver

__all__ = ["ground", "house"]

PRIVATE = {
    "gender": 2, "email": "z@mail.example", "biz_mail": "z@corp.example", "address": "一号", "avatar": "https://pic.example/z",
    "telephone": "020-1", "alias": "三哥", "english_name": "Zhang",
}  # fmt: skip


def test_the_address_book_in_every_form(ground: Ground) -> None:
    client = ground.client
    assert client.api_ips() == client.callback_ips() == ("127.0.0.1",)
    assert [one.name for one in client.department_list()] == ["总部", "华东", "一店"]
    assert client.department_simplelist(2) == (
        DepartmentRef(id=2, parent_id=1, order=2),
        DepartmentRef(id=3, parent_id=2, order=3),
    )
    listed = client.user_list(1, fetch_child=True)
    assert listed == tuple(client.user_get(userid) for userid in ("zhangsan", "lisi", "wangwu"))
    assert client.user_simplelist(2) == (
        StaffRef(userid="wangwu", name="王五", department_ids=(2,), open_userid=listed[2].open_userid),
    )
    assert len(client.user_simplelist(1, fetch_child=True)) == 3
    assert list(client.user_list_id(limit=2)) == [
        StaffPlace("zhangsan", 3),
        StaffPlace("lisi", 3),
        StaffPlace("wangwu", 2),
    ]


def test_a_member_is_as_the_admin_says(ground: Ground) -> None:
    ground.reseed(zhangsan=PRIVATE, lisi={"status": 2}, wangwu={"status": 4})
    assert [one.status for one in ground.client.user_list(1, fetch_child=True)] == [1, 2, 4]
    ground.stage.control("act", {"kind": "admin_edits_member", "userid": "lisi", "name": "李四", "status": 1})
    assert ground.client.user_get("lisi").status == 1
    ground.stage.control("act", {"kind": "admin_edits_member", "userid": "lisi", "status": 3}, status=400)
    today = ground.client.user_get("zhangsan")
    assert (today.telephone, today.alias, today.english_name) == ("020-1", "三哥", "Zhang")
    assert (today.mobile, today.gender, today.email, today.avatar, today.qr_code) == ("", 0, "", "", "")


def test_apps_of_before_see_what_is_private(ground: Ground) -> None:
    ground.reseed(zhangsan=PRIVATE)
    ground.tune(private_fields=True)
    old = ground.client.user_get("zhangsan")
    assert (old.mobile, old.gender, old.email, old.address) == ("13800000000", 2, "z@mail.example", "一号")
    assert old.avatar == "https://pic.example/z"
    assert old.qr_code
    assert ground.client.user_get("lisi").avatar


def test_who_has_no_licence_is_named_and_the_others_are_read(ground: Ground) -> None:
    near = ground.customer(1)
    ground.customer(2, of="lisi")
    ground.stage.control("act", {"kind": "admin_edits_member", "userid": "lisi", "licensed": False})
    (page,) = ground.client.customers_of(["zhangsan", "lisi"])
    assert [row.customer.external_userid for row in page.rows] == [near]
    assert page.unlicensed_userids == ("lisi",)
    with refused(701008):
        list(ground.client.customers_of(["lisi"]))


def test_a_word_to_staff_without_a_licence_is_no_success(ground: Ground) -> None:
    ground.reseed(lisi={"licensed": False})
    sent = ground.client.send_app_message(AGENT, Receivers(users=("zhangsan", "lisi")), AppText(content="早"))
    assert sent.unlicensed_users == ("lisi",)
    assert len(ground.stage.control("staff/zhangsan/messages")["messages"]) == 1
    with refused(701008):
        ground.client.send_app_message(AGENT, Receivers(users=("lisi",)), AppText(content="早"))
    to_all = ground.client.send_app_message(AGENT, Receivers(departments=("1",)), AppText(content="早"))
    assert to_all.unlicensed_users == ("lisi",)
    assert ground.stage.control("staff/lisi/messages")["messages"] == []


def test_who_comes_from_a_channel_says_which(ground: Ground) -> None:
    ground.stage.way("shop")
    person = {"unionid": "u1", "name": "客"}
    for channels in ({}, {"nickname": "邻里", "source": 4}, "邻里"):
        ground.stage.act("scan", state="shop", person=person, channels=channels, status=400)
    external = ground.stage.act("scan", state="shop", person=person, channels={"nickname": "邻里", "source": 2})
    (follow,) = ground.client.customer(external["external_userid"]).follows
    assert (follow.add_way, follow.wechat_channels) == (10, Channels(nickname="邻里", source=2))
    (page,) = ground.client.customers_of(["zhangsan"])
    assert page.rows[0].follow.wechat_channels == follow.wechat_channels
    (plain,) = ground.client.customer(ground.customer(2)).follows
    assert (plain.add_way, plain.wechat_channels) == (1, None)


def test_a_customer_is_listed_and_remarked(ground: Ground) -> None:
    external = ground.customer()
    assert ground.client.follow_users() == ("zhangsan", "lisi", "wangwu")
    assert ground.client.customer_ids("zhangsan") == (external,)
    ground.client.set_remark("zhangsan", external, remark="熟客", description="爱喝茶", mobiles=["13900000000"])
    (follow,) = ground.client.customer(external).follows
    assert (follow.remark, follow.description, follow.remark_mobiles) == ("熟客", "爱喝茶", ("13900000000",))


def test_a_code_is_made_listed_changed_and_deleted(ground: Ground) -> None:
    spec = ContactWaySpec(type=SINGLE, scene=SCENE_QR, users=("lisi",), state="a")
    config = ground.client.add_contact_way(spec).config_id
    assert list(ground.client.list_contact_ways()) == [config]
    ground.client.update_contact_way(
        config, ContactWaySpec(type=SINGLE, scene=SCENE_QR, users=("zhangsan",), state="b")
    )
    changed = ground.client.get_contact_way(config).spec
    assert (changed.users, changed.state) == (("zhangsan",), "b")
    ground.client.del_contact_way(config)
    assert list(ground.client.list_contact_ways()) == []


def test_a_group_code_is_made_read_changed_and_deleted(ground: Ground) -> None:
    chats = tuple(
        ground.stage.act("create_group", owner="zhangsan", name=name, members=[])["chat_id"] for name in ("一", "二")
    )
    config = ground.client.add_join_way(JoinWaySpec(scene=2, chat_ids=chats[:1], state="a"))
    ground.client.update_join_way(config, JoinWaySpec(scene=2, chat_ids=chats, state="b", remark="改"))
    read = ground.client.get_join_way(config)
    assert (read.spec.chat_ids, read.spec.state, read.spec.remark) == (chats, "b", "改")
    assert ground.stage.http.get(read.qr_code).headers["content-type"] == "image/png"
    ground.client.del_join_way(config)
    with refused(41044):
        ground.client.get_join_way(config)


def test_a_mass_message_is_made_found_reminded_confirmed_and_stopped(ground: Ground) -> None:
    client, external = ground.client, ground.customer()
    spec = MassMessageSpec(chat_type=ChatType.SINGLE, text="上新", sender="zhangsan")
    msgid = client.add_mass_message(spec).msgid
    now = ground.stage.control("clock")["now"]
    (found,) = client.mass_messages(int(now) - DAY, int(now) + DAY, ChatType.SINGLE)
    assert (found.msgid, found.creator, found.text) == (msgid, None, "上新")
    client.remind_mass(msgid)
    assert [(one.userid, one.status) for one in client.mass_tasks(msgid)] == [("zhangsan", 0)]
    ground.stage.act("confirm", userid="zhangsan", msgid=msgid)
    assert [(one.userid, one.status) for one in client.mass_tasks(msgid)] == [("zhangsan", 2)]
    assert [(one.external_userid, one.status) for one in client.mass_results(msgid, "zhangsan")] == [(external, 1)]
    client.cancel_mass(client.add_mass_message(spec).msgid)


def test_a_welcome_waits_for_the_consent_that_the_corp_asks(ground: Ground, receiver_of) -> None:
    ground.stage.act("admin_sets_archive", edition=1, userids=["zhangsan"])
    ground.tune(welcome_waits_for_consent=True)
    ground.stage.way("shop")
    receiver_of(ground)
    met = ground.stage.act("scan", state="shop", person={"unionid": "u", "name": "客"})
    ground.stage.settle()
    with refused(41053):
        ground.client.send_welcome(met["welcome_code"], "您好")
    ground.stage.act("agree_to_archive", userid="zhangsan", external_userid=met["external_userid"])
    ground.client.send_welcome(met["welcome_code"], "您好")
    (said,) = ground.stage.control(f"inbox/{met['external_userid']}")["messages"]
    assert said["kind"] == "welcome"


@pytest.fixture
def receiver_of():
    made: list[Receiver] = []

    def listen(ground: Ground) -> None:
        made.append(Receiver())
        ground.stage.listen(made[-1])

    yield listen
    for one in made:
        one.hosted.stop()
