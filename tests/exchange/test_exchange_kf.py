"""Customer-service accounts (微信客服, wire.md H)."""

import pytest

from linli.wecom import kf_shapes as k
from linli.wecom.app_event_types import ServiceMessageArrived
from linli.wecom.errors import MessageError, OutcomeUnknown
from linli.wecom.events import parse_event
from linli.wecom.kf_account_calls import KfAccount, KfServicer, KfServicerResult
from linli.wecom.kf_calls import KfSession, KfState
from tests.exchange.asking import refused
from tests.sandbox.stage import AGENT, CORP, SEED, Stage
from wecom_sandbox.server import Options

WANG = {"unionid": "u1", "name": "王小姐"}
HELLO = k.KfText(content="您好")
MENU = k.KfMenu(
    head="请选", items=(k.KfMenuItem(text="退货", id="1"), k.KfMenuItem(text="官网", url="https://l.example"))
)


@pytest.fixture(autouse=True)
def _files(stage):
    stage.own_files()


@pytest.fixture
def account(client):
    """An account that two members serve."""
    open_kfid = client.add_kf_account("售后", "image")
    client.add_kf_servicers(open_kfid, ["zhangsan", "lisi"])
    return open_kfid


def write(stage, account, text="在吗", **more):
    return stage.act("kf_write", open_kfid=account, person=WANG, text=text, **more)["external_userid"]


def rows(client, account, **more):
    return [row for page in client.kf_messages(account, **more) for row in page.messages]


def shown(stage, external):
    return [(one["text"], one["attachments"]) for one in stage.control(f"inbox/{external}")["messages"]]


def test_accounts_are_made_changed_listed_and_deleted(client, rival):
    one, two = client.add_kf_account("售前", "image"), client.add_kf_account("售后", "image")
    client.update_kf_account(two, name="退换")
    first, second = client.kf_accounts(limit=1)
    assert (first.name, first.managed, second.name) == ("售前", True, "退换")
    assert [account.managed for account in rival.kf_accounts()] == [False, False]
    client.delete_kf_account(one)
    assert [account.open_kfid for account in client.kf_accounts()] == [two]
    assert isinstance(second, KfAccount)


def test_servicers_are_told_one_by_one(client, stage):
    kf = client.add_kf_account("售后", "image")
    told = client.add_kf_servicers(kf, ["zhangsan", "nobody"], [2, 99])
    assert [(one.userid, one.department_id, one.code) for one in told] == [
        ("zhangsan", None, 0), ("nobody", None, 60111), (None, 2, 0), (None, 99, 60123),
    ]  # fmt: skip
    again = KfServicerResult(userid="zhangsan", department_id=None, code=0, words="ignored")
    assert client.add_kf_servicers(kf, ["zhangsan"]) == (again,)
    stage.act("kf_rest", open_kfid=kf, userid="zhangsan")
    assert client.kf_servicers(kf) == (
        KfServicer(userid="zhangsan", department_id=None, resting=True),
        KfServicer(userid=None, department_id=2, resting=False),
    )
    done, nothing = client.remove_kf_servicers(kf, ["zhangsan", "lisi"])
    assert (done.words, nothing.words) == ("success", "ignored")
    client.remove_kf_servicers(kf, [], [2])
    assert client.kf_servicers(kf) == ()


def test_what_a_customer_writes_is_heard_fetched_by_its_token_and_answered(client, stage, account, listening):
    listener = listening()
    external = write(stage, account)
    stage.settle()
    event = parse_event(listener.heard[0].xml.encode())
    assert isinstance(event, ServiceMessageArrived)
    assert "FromUserName" not in listener.heard[0].fields
    (row,) = rows(client, event.open_kfid, token=event.token)
    assert (row.open_kfid, row.external_userid, row.origin) == (account, external, 3)
    assert row.content == k.KfText(content="在吗")
    assert client.kf_session(account, external) == KfSession(state=KfState.NEW, servicer="")
    assert client.send_kf(account, external, HELLO, msgid="m-1") == "m-1"
    assert shown(stage, external) == [({"content": "您好"}, [])]
    stage.settle()
    assert len(listener.heard) == 1, "what an app sends fires nothing"
    assert rows(client, account) == [row], "what an app sends is not told"
    stage.control("clock", {"advance": 601})
    with refused(95007):
        rows(client, account, token=event.token)


def test_pages_go_on_until_nothing_is_left_and_an_empty_one_is_not_the_end(client, stage, account):
    for number in range(4):
        write(stage, account, str(number))
    pages = list(client.kf_messages(account, limit=3))
    assert [(len(page.messages), page.more) for page in pages] == [(3, True), (1, False)]
    assert rows(client, account, cursor=pages[0].cursor)[0].content == k.KfText(content="3")
    stage.control("clock", {"advance": 3 * 86_400 + 60})
    write(stage, account, "young")
    pages = list(client.kf_messages(account, limit=4))
    assert [(len(page.messages), page.more) for page in pages] == [(0, True), (1, False)]
    write(stage, account, "younger")
    (row,) = rows(client, account, cursor=pages[-1].cursor)
    assert row.content == k.KfText(content="younger")
    with refused(50100):
        rows(client, account, cursor="nonsense")


def test_without_a_token_the_rate_is_strict(client, stage, account):
    stage.control("tunables", {"kf_syncs_without_token_a_minute": 1})
    rows(client, account)
    with refused(45009):
        rows(client, account)


def test_five_answers_until_the_customer_writes_again(client, stage, account):
    external = write(stage, account)
    for _ in range(5):
        client.send_kf(account, external, HELLO)
    with refused(95001):
        client.send_kf(account, external, HELLO)
    write(stage, account)
    client.send_kf(account, external, HELLO)
    assert len(shown(stage, external)) == 6


def test_nothing_48_hours_after_the_customer_and_nothing_before(client, stage, account):
    stage.way()
    with refused(95002):
        client.send_kf(account, stage.befriend(9), HELLO)
    external = write(stage, account)
    stage.control("clock", {"advance": 48 * 3600 + 1, "force": True})
    with refused(95002):
        client.send_kf(account, external, HELLO)
    assert client.kf_session(account, external).state is KfState.ENDED
    with refused(40096):
        client.send_kf(account, "wmnobody", HELLO)


SENT = [
    HELLO, k.KfText(content="字" * 682), k.KfMedia(kind="image", media_id="image"), k.KfMedia(kind="file", media_id="file"),
    k.KfLink(title="新品", url="https://l.example", thumb_media_id="image"), MENU,
    k.KfMiniProgram(appid="wx1", page="p.html", thumb_media_id="image", title="商城"),
    k.KfLocation(latitude=31.2, longitude=121.5, name="一店"), k.KfAcquisitionLink(url="https://work.example/ca"),
    k.KfMenu(items=tuple(k.KfMenuItem(text="t", id=str(n)) for n in range(10))),
]  # fmt: skip


@pytest.mark.parametrize("message", SENT, ids=lambda one: type(one).__name__)
def test_every_kind_arrives_as_it_was_sent(client, stage, account, message):
    external = write(stage, account)
    client.send_kf(account, external, message)
    wire = k.kf_wire(message)
    ((text, parts),) = shown(stage, external)
    assert ([{"msgtype": "text", "text": text}] if text else parts) == [wire]


TOO_MUCH = [
    (45002, k.KfText(content="字" * 683)), (44004, k.KfText(content="")), (40007, k.KfMedia(kind="voice", media_id="")),
    (40007, k.KfLink(title="t", url="u")), (40058, k.KfMiniProgram(appid="", page="p", thumb_media_id="image")),
    (95008, k.KfMenu(items=tuple(k.KfMenuItem(text="t", id=str(n)) for n in range(11)))), (44004, k.KfMenu(items=())),
    (40008, k.KfMedia(kind="music", media_id="M")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "message"), TOO_MUCH)
def test_what_is_beyond_a_limit_is_refused_on_both_sides(client, stage, account, code, message, monkeypatch):
    external = write(stage, account)
    with pytest.raises(MessageError):
        client.send_kf(account, external, message)
    if code == 40008:
        wire = {"msgtype": message.kind, message.kind: {}}
    else:
        for check in ("need", "at_most", "within_bytes"):
            monkeypatch.setattr(k, check, lambda *_: None)
        wire = k.kf_wire(message)
    stage.post("kf/send_msg", {"touser": external, "open_kfid": account, **wire}, code=code)
    assert shown(stage, external) == []


def test_other_limits_on_both_sides(client, stage, account):
    external = write(stage, account)
    for call in (
        lambda: client.send_kf(account, external, HELLO, msgid="x" * 33),
        lambda: client.send_kf(account, external, HELLO, msgid="号"),
        lambda: client.add_kf_account("名" * 17, "image"),
        lambda: client.kf_link(account, scene="x" * 33),
        lambda: client.add_kf_servicers(account, ["u"] * 101),
        lambda: client.add_kf_servicers(account),
        lambda: client.kf_customers(["w"] * 101),
        lambda: rows(client, account, cursor="x" * 65),
        lambda: rows(client, account, token="x" * 129),
        lambda: client.move_kf_session(account, external, KfState.SERVED),
    ):
        with pytest.raises(MessageError):
            call()
    text = {"msgtype": "text", "text": {"content": "t"}}
    stage.post("kf/send_msg", {"touser": external, "open_kfid": account, "msgid": "x" * 33, **text}, code=40058)
    stage.post("kf/account/add", {"name": "名" * 17, "media_id": "image"}, code=95006)
    stage.post("kf/add_contact_way", {"open_kfid": account, "scene": "x" * 33}, code=40058)
    stage.post("kf/servicer/add", {"open_kfid": account, "userid_list": ["u"] * 101}, code=40058)
    stage.post("kf/customer/batchget", {"external_userid_list": ["w"] * 101}, code=40058)
    stage.post("kf/sync_msg", {"open_kfid": account, "cursor": "x" * 65}, code=40058)
    menu = {"list": [{"type": "shout", "shout": {}}]}
    stage.post(
        "kf/send_msg", {"touser": external, "open_kfid": account, "msgtype": "msgmenu", "msgmenu": menu}, code=95009
    )
    stage.control("tunables", {"kf_accounts_most": 1})
    with refused(95005):
        client.add_kf_account("售前", "image")


def test_a_session_goes_from_hand_to_hand_and_only_forward(client, stage, account):
    external = write(stage, account)
    client.move_kf_session(account, external, KfState.ASSISTANT)
    client.send_kf(account, external, HELLO)
    assert client.move_kf_session(account, external, KfState.WAITING)
    with refused(95018):
        client.send_kf(account, external, HELLO)
    with refused(95014):
        client.move_kf_session(account, external, KfState.SERVED, servicer="wangwu")
    stage.act("kf_rest", open_kfid=account, userid="lisi")
    with refused(95019):
        client.move_kf_session(account, external, KfState.SERVED, servicer="lisi")
    assert client.move_kf_session(account, external, KfState.SERVED, servicer="zhangsan")
    assert client.kf_session(account, external) == KfSession(state=KfState.SERVED, servicer="zhangsan")
    for back in (KfState.NEW, KfState.ASSISTANT, KfState.WAITING):
        with refused(95016):
            client.move_kf_session(account, external, back)
    code = client.move_kf_session(account, external, KfState.ENDED)
    client.send_kf_on_event(code, k.KfText(content="再见"))
    with refused(95016):
        client.move_kf_session(account, external, KfState.WAITING)
    write(stage, account)
    assert client.kf_session(account, external).state is KfState.NEW


def test_servicers_take_answer_end_and_take_up_again(client, stage, account):
    external = write(stage, account)
    who = {"open_kfid": account, "external_userid": external}
    stage.act("kf_take", **who, userid="zhangsan")
    stage.act("kf_reply", **who, userid="zhangsan", text="在")
    stage.act("kf_reply", **who, userid="lisi", text="在", status=409)
    code = stage.act("kf_end", **who, userid="zhangsan")["msg_code"]
    stage.act("kf_reply", **who, userid="lisi", text="还在")
    changes = [row.content for row in rows(client, account) if isinstance(row.content, k.KfSessionChanged)]
    assert [(one.change_type, one.old_servicer, one.new_servicer) for one in changes] == [
        (1, "", "zhangsan"), (3, "zhangsan", ""), (4, "", "lisi"),
    ]  # fmt: skip
    assert changes[1].msg_code == code
    replies = [(row.servicer, row.content) for row in rows(client, account) if row.origin == 5]
    assert replies == [("zhangsan", k.KfText(content="在")), ("lisi", k.KfText(content="还在"))]


def test_a_welcome_code_works_once_and_for_20_seconds(client, rival, stage, account):
    assert "scene=poster1" in client.kf_link(account, scene="poster1")
    stage.act("kf_enter", open_kfid=account, person=WANG, scene="unknown", status=404)
    entered = stage.act("kf_enter", open_kfid=account, person=WANG, scene="poster1", scene_param="a")
    (row,) = rows(client, account)
    assert row.content == k.KfEntered(scene="poster1", scene_param="a", welcome_code=entered["welcome_code"])
    assert (row.origin, row.external_userid, row.open_kfid) == (4, entered["external_userid"], account)
    with refused(95007):
        rival.send_kf_on_event(entered["welcome_code"], HELLO)
    assert client.send_kf_on_event(entered["welcome_code"], MENU, msgid="w1") == "w1"
    for code in (entered["welcome_code"], "nobody"):
        with refused(95007):
            client.send_kf_on_event(code, HELLO)
    assert stage.act("kf_enter", open_kfid=account, person=WANG)["welcome_code"] == "", "welcomed lately"
    fresh = stage.act("kf_enter", open_kfid=account, person={"unionid": "u2", "name": "李先生"})["welcome_code"]
    stage.control("clock", {"advance": 21})
    with refused(95007):
        client.send_kf_on_event(fresh, HELLO)
    stage.post("kf/send_msg_on_event", {"code": fresh, "msgtype": "image", "image": {"media_id": "image"}}, code=95007)


def test_a_message_that_is_not_taken_comes_back_as_failed(client, stage, account):
    external = write(stage, account)
    stage.act("kf_refuses", open_kfid=account, external_userid=external)
    msgid = client.send_kf(account, external, HELLO)
    assert rows(client, account)[-1].content == k.KfSendFailed(msgid=msgid, fail_type=10)
    assert shown(stage, external) == []


def test_customers_of_sessions(client, stage, account):
    client.kf_link(account, scene="poster1")
    external = stage.act("kf_enter", open_kfid=account, person=WANG, scene="poster1")["external_userid"]
    stage.way()
    found = client.kf_customers([external, stage.befriend(5), "wmnobody"], context=True)
    (one,) = found.customers
    assert (one.external_userid, one.nickname, one.unionid, one.scene) == (external, "王小姐", "u1", "poster1")
    assert len(found.invalid) == 2
    assert client.kf_customers([external]).customers[0].scene == ""


def test_only_the_app_that_made_an_account_uses_it(rival, client, stage, account):
    external = write(stage, account)
    calls = [
        lambda c, kf: c.update_kf_account(kf, name="别名"), lambda c, kf: c.delete_kf_account(kf),
        lambda c, kf: c.kf_link(kf), lambda c, kf: c.add_kf_servicers(kf, ["lisi"]),
        lambda c, kf: c.remove_kf_servicers(kf, ["lisi"]), lambda c, kf: c.kf_servicers(kf),
        rows, lambda c, kf: c.send_kf(kf, external, HELLO),
        lambda c, kf: c.kf_session(kf, external), lambda c, kf: c.move_kf_session(kf, external, KfState.WAITING),
    ]  # fmt: skip
    for call in calls:
        with refused(60011):
            call(rival, account)
        with refused(95004):
            call(client, "wknowhere")


def test_what_was_made_is_read_where_the_answer_was_lost(client, stage):
    stage.control("faults", {"rules": [{"fault": "answer_lost", "counts": [1, 1], "paths": ["kf/account/add"]}]})
    with pytest.raises(OutcomeUnknown):
        client.add_kf_account("售后", "image")
    assert [one.name for one in client.kf_accounts()] == ["售后"]


def test_the_office_survives_a_restart(tmp_path):
    options = Options(state_file=tmp_path / "state.json")
    stage = Stage(options)
    stage.control("seed", SEED)
    stage.own_files()
    kf = stage.post("kf/account/add", {"name": "售后", "media_id": "image"})["open_kfid"]
    external = write(stage, kf)
    stage.post("tag/create", {"tagname": "导购", "tagid": 5})
    stage.post("tag/addtagusers", {"tagid": 5, "userlist": ["lisi"]})
    stage.post("appchat/create", {"userlist": ["lisi", "zhangsan"], "chatid": "C1"})
    sent = stage.post("message/send", {"touser": "lisi", "agentid": AGENT, "msgtype": "text", "text": {"content": "t"}})
    room = stage.act("create_inner_group", owner="lisi", name="内部")["roomid"]
    stage.act("admin_sets_archive", userids=["lisi"])
    stage.stop()
    again = Stage(options)
    try:
        assert again.post("kf/sync_msg", {"open_kfid": kf})["msg_list"][0]["external_userid"] == external
        who = {"open_kfid": kf, "external_userid": external}
        assert again.post("kf/service_state/get", who)["service_state"] == 0
        assert again.get("tag/get", tagid=5)["userlist"] == [{"userid": "lisi", "name": "李四"}]
        assert again.get("appchat/get", chatid="C1")["chat_info"]["owner"] == "lisi"
        again.post("message/recall", {"msgid": sent["msgid"]})
        office = again.sandbox.world.corps[CORP].office
        assert (office.inner_groups[room].name, office.archive_seats) == ("内部", {"lisi": 1})
    finally:
        again.stop()


@pytest.mark.parametrize(
    "message",
    [k.KfMedia(kind="image", media_id="nowhere"), k.KfMedia(kind="video", media_id="image"),
     k.KfLink(title="t", url="u", thumb_media_id="file"), k.KfMiniProgram(appid="wx", page="p", thumb_media_id="voice")],
)  # fmt: skip
def test_a_file_is_sent_as_what_it_was_uploaded(client, stage, account, message):
    external = write(stage, account)
    with refused(40007):
        client.send_kf(account, external, message)
    with refused(40007):
        client.add_kf_account("售前", "voice")
    assert shown(stage, external) == []
