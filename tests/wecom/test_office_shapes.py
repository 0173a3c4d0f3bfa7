"""Identity, app messages, app chats, tags on staff, the archive's consents and customer service: the wire's samples
pass through the types and come out equal."""

import pytest

from linli.wecom import app_messages as m
from linli.wecom import kf_shapes as k
from linli.wecom import template_cards as t
from linli.wecom.app_chat_calls import AppChat
from linli.wecom.app_message_calls import Receivers
from linli.wecom.archive_calls import Agreement, ArchiveRobot, ChatConsent
from linli.wecom.contact_tag_calls import ContactTag, InvalidMembers, TaggedStaff
from linli.wecom.errors import BadAnswer, MissingArgument
from linli.wecom.identity_calls import JsTicket, PrivateDetails, Visitor
from linli.wecom.jssdk import signature
from linli.wecom.kf_account_calls import KfAccount, KfServicer
from linli.wecom.kf_calls import KfCustomer, KfState
from linli.wecom.transport import Lane
from tests.exchange.asking import refused
from tests.wecom.support import Line, json_fixture, ok, refusal

EVERYBODY = Receivers(
    users=("UserID1", "UserID2", "UserID3"), departments=("PartyID1", "PartyID2"), tags=("TagID1 ", " TagID2")
)
KF = "wkAJ2GCAAAZSfhHCt7IFSvLKtMPxyJTw"
MEDIA = "294DpAog3YA5b9rTK4PjjfRfYLO0L5qpDHAJIzhhQ2jAEWjb9i661Q4lk8oFnPtmj"
ACTION = t.CardTarget(type=1, url="https://work.weixin.qq.com/?from=openApi", appid="APPID", pagepath="PAGEPATH")
SITE = "https://work.weixin.qq.com/?from=openApi"
TEXT_NOTICE = t.TextNotice(
    source=t.CardSource(
        icon_url="https://wework.qpic.cn/wwpic/252813_jOfDHtcISzuodLa_1629280209/0", desc="企业微信", color=0
    ),
    title=t.CardTitle(title="欢迎使用企业微信", desc="您的好友正在邀请您加入企业微信"),
    emphasis=t.CardTitle(title="100", desc="数据含义"),
    quote=t.CardQuote(
        title="引用文本标题", text="Jack：企业微信真的很好用~\nBalian：超级好的一款软件！", target=ACTION
    ),
    sub_title="下载企业微信还能抢红包！",
    rows=(
        t.CardRow(name="邀请人", value="张三"),
        t.CardRow(name="企微官网", value="点击访问", target=t.CardTarget(type=1, url=SITE)),
        t.CardRow(name="企微下载", value="企业微信.apk", target=t.CardTarget(type=2, media_id="MEDIAID")),
    ),
    jumps=(
        t.CardJump(title="企业微信官网", target=t.CardTarget(type=1, url=SITE)),
        t.CardJump(title="跳转小程序", target=t.CardTarget(type=2, appid="APPID", pagepath="PAGEPATH")),
    ),
    action=ACTION,
)
SERVED = {"msg_code": "c", "msgid": "m", "open_kfid": "wk", "chatid": "c", "result_list": [], "msg_list": []}
REQUESTS = {
    "auth.getuserdetail": lambda c: c.private_details("USER_TICKET"),
    "appchat.create": lambda c: c.create_app_chat(
        ["userid1", "userid2", "userid3"], name="NAME", owner="userid1", chat_id="CHATID"
    ),
    "appchat.update": lambda c: c.update_app_chat(
        "CHATID", name="NAME", owner="userid2", add=["userid1", "userid2", "userid3"], remove=["userid3", "userid4"]
    ),
    "appchat.send": lambda c: c.send_to_app_chat(
        "CHATID123",
        m.AppText(content="您的快递已到\n请携带工卡前往邮件中心领取", mentioned=("wangqing", "@all")),
    ),
    "message.recall": lambda c: c.recall_app_message(
        "vcT8gGc-7dFb4bxT35ONjBDz901sLlXPZw1DAMC_Gc26qRpK-AK5sTJkkb0128t"
    ),
    "message.update_template_card": lambda c: c.update_template_card(
        1, "response_code", users=("userid1", "userid2"), departments=(2, 3), tags=(44, 55), button="replace_name"
    ),
    "message.send.image": lambda c: c.send_app_message(1, EVERYBODY, m.AppImage(media_id="MEDIA_ID")),
    "message.send.file": lambda c: c.send_app_message(
        1, EVERYBODY, m.AppFile(media_id="1Yv-zXfHjSjU-7LH-GwtYqDGS-zz6w22KmWAT5COgP7o")
    ),
    "message.send.video": lambda c: c.send_app_message(
        1, EVERYBODY, m.AppVideo(media_id="MEDIA_ID", title="Title", description="Description")
    ),
    "user.getuserid": lambda c: c.userid_by_mobile("13430388888"),
    "user.get_userid_by_email": lambda c: c.userid_by_email("12345@qq.com"),
    "tag.create": lambda c: c.create_contact_tag("UI", tag_id=12),
    "tag.update": lambda c: c.rename_contact_tag(12, "UI design"),
    "msgaudit.groupchat.get": lambda c: c.inner_group("wrNplhCgAAIVZohLe57zKnvIV7xBKrig"),
    "kf.account.add": lambda c: c.add_kf_account("新建的客服账号", MEDIA),
    "kf.account.update": lambda c: c.update_kf_account(KF, name="修改客服名", media_id=MEDIA),
    "kf.account.del": lambda c: c.delete_kf_account(KF),
    "kf.account.list": lambda c: list(c.kf_accounts()),
    "kf.servicer.add": lambda c: c.add_kf_servicers("kfxxxxxxxxxxxxxx", ["zhangsan", "lisi"], [2, 4]),
    "kf.servicer.del": lambda c: c.remove_kf_servicers("kfxxxxxxxxxxxxxx", ["zhangsan", "lisi"], [2, 4]),
    "kf.service_state.trans": lambda c: c.move_kf_session(
        "wkxxxxxxxxxxxxxxxxxx", "wmxxxxxxxxxxxxxxxxxx", KfState.SERVED, servicer="zhangsan"
    ),
    "kf.customer.batchget": lambda c: c.kf_customers(["wmxxxxxxxxxxxxxxxxxxxxxx", "zhangsan"]),
    "kf.send_msg": lambda c: c.send_kf(
        "OPEN_KFID", "EXTERNAL_USERID", msgid="MSGID",
        message=k.KfText(content="你购买的物品已发货，可点击链接查看物流状态http://work.weixin.qq.com/xxxxxx"),
    ),
    "kf.send_msg_on_event": lambda c: c.send_kf_on_event("CODE", k.KfText(content="欢迎咨询"), msgid="MSG_ID"),
    "kf.sync_msg": lambda c: next(
        c.kf_messages(
            "wkxxxxxx", cursor="4gw7MepFLfgF2VC5npN", token="ENCApHxnGDNAVNY4AaSJKj4Tb5mwsEMzxhFmHVGcra996NR"
        )
    ),
}  # fmt: skip
# WeCom's own defaults, which Linli does not send while the check is off.
DEFAULTS = {"duplicate_check_interval", "enable_id_trans"}
ANSWER = ok(
    **SERVED, userid="u", members=[], account_list=[], customer_list=[], taglist=[], url="https://work.example/kf"
)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_the_sample(name):
    expected = {key: value for key, value in json_fixture(f"{name}.request.json").items() if key not in DEFAULTS}
    line = Line(ANSWER)
    REQUESTS[name](line.client)
    assert line.bodies == [expected]
    head = "message.send" if name.startswith("message.send") else name
    assert line.paths == [head.replace(".", "/")]


def test_a_template_card_is_the_sample():
    expected = json_fixture("webhook.send.template_card.request.json")["template_card"]
    line = Line(json_fixture("message.send.response.json"))
    line.client.send_app_message(1, EVERYBODY, m.AppCard(card=TEXT_NOTICE))
    assert line.bodies[0]["template_card"] == expected


def _line(name):
    return Line(json_fixture(f"{name}.response.json")).client


def test_identity():
    member = Visitor(
        userid="USERID", user_ticket="USER_TICKET", user_doc_ticket="USER_DOC_TICKET", openid=None, external_userid=None
    )
    assert _line("auth.getuserinfo.member").visitor_of_code("c") == member
    assert _line("auth.getuserinfo.member").user_of_code("c") == "USERID"
    outsider = _line("auth.getuserinfo.external").visitor_of_code("c")
    assert (outsider.userid, outsider.openid, outsider.external_userid) == (None, "OPENID", "EXTERNAL_USERID")
    with refused(40029):
        _line("auth.getuserinfo.error").user_of_code("c")
    assert _line("auth.getuserdetail").private_details("t") == PrivateDetails(
        userid="lisi", gender=1, avatar="http://shp.qpic.cn/bizmp/xxxxxxxxxxx/0",
        qr_code="https://open.work.weixin.qq.com/wwopen/userQRCode?vcode=vcfc13b01dfs78e981c", mobile="13800000000",
        email="zhangsan@gzdev.com", biz_mail="zhangsan@qyycs2.wecom.work", address="广州市海珠区新港中路",
    )  # fmt: skip


def test_tickets_and_their_signature():
    ticket = JsTicket(value="pIKi3wRPNWCGF-pyP-YU5KWjDDD", expires_in=7200)
    client = _line("ticket.get")
    assert (client.agent_ticket(), client.corp_ticket()) == (ticket, ticket)
    line = Line(ok(ticket="t", expires_in=1))
    line.client.agent_ticket(), line.client.corp_ticket()
    assert (line.paths, line.query(0)) == (["ticket/get", "get_jsapi_ticket"], {"type": "agent_config"})
    vector = json_fixture("jssdk_signature_vector.json")
    given = {"ticket": vector["jsapi_ticket"], "nonce": vector["noncestr"], "timestamp": vector["timestamp"]}
    for address in (vector["url"], vector["url"] + "#/sidebar"):
        assert signature(**given, url=address) == vector["signature"]
    assert signature(**given, url=vector["url"] + "&x=1") != vector["signature"]
    with pytest.raises(MissingArgument):
        signature(**{**given, "ticket": ""}, url="u")


def test_app_chats_and_cards():
    assert _line("appchat.create").create_app_chat(["a", "b"]) == "CHATID"
    assert _line("appchat.get").app_chat("c") == AppChat(
        chat_id="CHATID", name="NAME", owner="userid2", userids=("userid1", "userid2", "userid3"), chat_type=0
    )
    assert _line("message.update_template_card").update_template_card(1, "c", everybody=True, button="b") == ()
    for name, call in (
        ("appchat.update", lambda c: c.update_app_chat("c", name="n")),
        ("appchat.send", lambda c: c.send_to_app_chat("c", m.AppText(content="t"))),
        ("message.recall", lambda c: c.recall_app_message("m")),
        ("tag.update", lambda c: c.rename_contact_tag(1, "n")),
        ("tag.delete", lambda c: c.delete_contact_tag(1)),
        ("kf.account.del", lambda c: c.delete_kf_account("k")),
        ("kf.account.update", lambda c: c.update_kf_account("k", name="n")),
    ):
        assert call(_line(name)) is None


def test_staff_and_their_tags():
    assert _line("user.getuserid").userid_by_mobile("1") == "zhangsan"
    assert _line("user.get_userid_by_email").userid_by_email("e") == "zhangsan"
    assert _line("tag.create").create_contact_tag("n", tag_id=12) == 12
    assert _line("tag.list").contact_tags() == (ContactTag(1, "a"), ContactTag(2, "b"))
    assert _line("tag.get").contact_tag(1) == TaggedStaff(
        name="乒乓球协会", staff=(("zhangsan", "李四"),), department_ids=(2,)
    )
    told = Line(ok(invalidlist="a|b", invalidparty=[2, 4])).client.tag_staff(1, ["a"])
    assert told == InvalidMembers(userids=("a", "b"), department_ids=(2, 4))
    line = Line(ok(department={"id": 2, "name": "n", "parentid": 1}, openid="o"))
    assert line.client.department_get(2).name == "n"
    assert line.client.staff_openid("u") == "o"
    line.client.delete_contact_tag(9)
    assert ([one.method for one in line.requests], line.query()) == (["GET", "POST", "GET"], {"tagid": "9"})
    assert line.budget.taken[-1] == ("tag/delete", Lane.HUMAN)


def test_the_archive():
    robot = ArchiveRobot(id="wbxxxxxxxxxxxxxxxxxxxxxxxx", name="机器人A", creator_userid="zhangsan")
    assert _line("msgaudit.get_robot_info").archive_robot("w") == robot
    group = _line("msgaudit.groupchat.get").inner_group("w")
    assert (group.name, group.creator, group.created_at) == ("蓦然回首", "ZhangWenChao", 1592361604)
    assert group.members == (("ZhangWenChao", 1592361605), ("xujinsheng", 1592377076))
    row = {"status_change_time": 5, "userid": "u", "exteranalopenid": "wm", "agree_status": "Agree"}
    line = Line(ok(agreeinfo=[row]))
    consent = ChatConsent(userid="u", external_userid="wm", agreement=Agreement.AGREE, changed_at=5)
    assert line.client.single_consents([("u", "wm")]) == (consent,)
    assert line.bodies == [{"info": [{"userid": "u", "exteranalopenid": "wm"}]}]
    with pytest.raises(BadAnswer):
        Line(ok(agreeinfo=[{**row, "agree_status": "Perhaps"}])).client.room_consents("wr")


def test_accounts_and_servicers():
    (account,) = _line("kf.account.list").kf_accounts()
    assert (account.open_kfid, account.name, account.managed) == (
        "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q", "咨询客服", False,
    )  # fmt: skip
    assert isinstance(account, KfAccount)
    assert _line("kf.account.add").add_kf_account("n", "m") == KF
    zhangsan, _, department, _ = _line("kf.servicer.list").kf_servicers("k")
    assert zhangsan == KfServicer(userid="zhangsan", department_id=None, resting=False)
    assert (department.userid, department.department_id) == (None, 2)
    for name in ("add", "del"):
        call = {"add": "add_kf_servicers", "del": "remove_kf_servicers"}[name]
        told = getattr(_line(f"kf.servicer.{name}"), call)("k", ["zhangsan"])
        assert [(one.userid, one.department_id, one.words) for one in told][1:3] == [
            ("lisi", None, "ignored"), (None, 2, "success"),
        ]  # fmt: skip


def test_sessions():
    assert _line("kf.send_msg").send_kf("k", "w", k.KfText(content="t")) == "MSG_ID"
    assert _line("kf.send_msg_on_event").send_kf_on_event("c", k.KfText(content="t")) == "MSG_ID"
    assert _line("kf.service_state.trans").move_kf_session("k", "w", KfState.WAITING) == "MSG_CODE"
    found = _line("kf.customer.batchget").kf_customers(["w"], context=True)
    assert found.customers == (
        KfCustomer(
            external_userid="wmxxxxxxxxxxxxxxxxxxxxxx", nickname="张三", avatar="http://xxxxx", gender=1,
            unionid="oxasdaosaosdasdasdasd", scene="123", scene_param="abc",
        ),
    )  # fmt: skip
    assert found.invalid == ("zhangsan",)


def _received(body):
    line = Line(ok(msg_list=[body], has_more=0, next_cursor="c"))
    (page,) = line.client.kf_messages("wk")
    return page.messages[0]


def test_what_comes_from_sync_msg():
    page = next(_line("kf.sync_msg").kf_messages("wk"))
    (row,) = page.messages
    assert (page.more, page.cursor, row.origin, row.servicer) == (True, "4gw7MepFLfgF2VC5npN", 3, "Zhangsan")
    assert (row.sent_at, row.content) == (1615478585, k.KfText(content=""))
    events = {
        "enter_session": k.KfEntered(scene="123", scene_param="abc", welcome_code="aaaaaa"),
        "msg_send_fail": k.KfSendFailed(msgid="FAIL_MSGID", fail_type=4),
        "session_status_change": k.KfSessionChanged(
            change_type=1, old_servicer="OLD_SERVICER_USERID", new_servicer="NEW_SERVICER_USERID", msg_code="MSG_CODE"
        ),
    }
    for name, content in events.items():
        row = _received(json_fixture(f"kf.event.{name}.message.json"))
        assert (row.content, row.open_kfid) == (content, "wkAJ2GCAAASSm4_FhToWMFea0xAFfd3Q")
        assert row.external_userid == "wmAJ2GCAAAme1XQRC-NI-q0_ZM9ukoAw"
    kinds = {
        k.KfMedia(kind="voice", media_id="M"): {"msgtype": "voice", "voice": {"media_id": "M"}},
        k.KfLink(title="t", url="u", description="d", picture_url="p"): {
            "msgtype": "link", "link": {"title": "t", "url": "u", "desc": "d", "pic_url": "p"},
        },
        k.KfLocation(latitude=1.5, longitude=2, name="n"): {
            "msgtype": "location", "location": {"latitude": 1.5, "longitude": 2, "name": "n"},
        },
        k.KfMiniProgram(appid="a", page="p", thumb_media_id="M"): {
            "msgtype": "miniprogram", "miniprogram": {"appid": "a", "pagepath": "p", "thumb_media_id": "M"},
        },
        k.KfOther(kind="channels"): {"msgtype": "channels", "channels": {}},
        k.KfOther(kind="event.user_recall_msg"): {"msgtype": "event", "event": {"event_type": "user_recall_msg"}},
        k.KfOther(kind="image"): {"msgtype": "image"},
    }  # fmt: skip
    for content, body in kinds.items():
        assert _received(body).content == content


def test_has_more_alone_ends_the_walk_and_a_cursor_that_stands_still_is_no_answer():
    empty = ok(msg_list=[], has_more=1, next_cursor="a")
    line = Line(empty, ok(msg_list=[], has_more=0, next_cursor="a"))
    assert [page.more for page in line.client.kf_messages("wk")] == [True, False]
    with pytest.raises(BadAnswer):
        list(Line(empty).client.kf_messages("wk"))
    with refused(95007):
        list(Line(refusal(95007, msg_list=[])).client.kf_messages("wk", token="t"))
    with pytest.raises(BadAnswer):
        Line(ok(service_state=9)).client.kf_session("wk", "wm")
