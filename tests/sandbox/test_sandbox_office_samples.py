"""The office's answers have every key of WeCom's samples (wire.md B, D, E, G.3, H)."""

from collections.abc import Callable
from typing import Any

from tests.sandbox.stage import AGENT, SEED, Stage
from tests.sandbox.test_sandbox_samples import missing

Json = dict[str, Any]
ARCHIVE = {"agentid": 2000004, "name": "会话存档", "secret": "the-archive", "archive": True}
BUTTON = {"text": "好", "key": "ok"}
CARD = {"card_type": "button_interaction", "main_title": {"title": "t"}, "task_id": "1", "button_list": [BUTTON]}
CARDS = {"touser": "lisi", "agentid": AGENT, "msgtype": "template_card", "template_card": CARD}
TEXT = {"msgtype": "text", "text": {"content": "t"}}


def furnish(stage: Stage) -> Json:
    """Let something be everywhere."""
    stage.control("seed", {**SEED, "apps": [*SEED["apps"], ARCHIVE], "reset": True})
    stage.own_files()
    stage.act("admin_sets_archive", userids=["lisi"])
    kf = stage.post("kf/account/add", {"name": "售后", "media_id": "image"})["open_kfid"]
    stage.post("kf/add_contact_way", {"open_kfid": kf, "scene": "s"})
    external = stage.act("kf_write", open_kfid=kf, person={"unionid": "u2", "name": "李先生"}, text="在吗")[
        "external_userid"
    ]
    person = {"unionid": "u1", "name": "王小姐"}
    entered = stage.act("kf_enter", open_kfid=kf, person=person, scene="s", scene_param="p")
    newcomer, code = entered["external_userid"], entered["welcome_code"]
    room = stage.act("create_inner_group", owner="lisi", name="内部")["roomid"]
    robot = stage.act("add_robot", userid="lisi", name="小助手")["robot_id"]
    sent = stage.post("message/send", CARDS)
    ids = {"kf": kf, "external": external, "newcomer": newcomer, "code": code, "room": room, "robot": robot}
    return {**ids, "msgid": sent["msgid"], "response_code": sent["response_code"]}


def posts(at: Json) -> list[tuple[str, str, Json]]:
    """List samples, and the calls that must answer like them."""
    kf, external = at["kf"], at["external"]
    who = {"open_kfid": kf, "external_userid": external}
    return [
        ("message.send", "message/send", CARDS),
        ("message.update_template_card", "message/update_template_card",
         {"agentid": AGENT, "response_code": at["response_code"], "atall": 1, "button": {"replace_name": "x"}}),
        ("message.recall", "message/recall", {"msgid": at["msgid"]}),
        ("appchat.create", "appchat/create", {"userlist": ["lisi", "zhangsan"], "chatid": "C1"}),
        ("appchat.update", "appchat/update", {"chatid": "C1", "name": "n"}),
        ("appchat.send", "appchat/send", {"chatid": "C1", **TEXT}),
        ("tag.create", "tag/create", {"tagname": "UI", "tagid": 12}),
        ("tag.update", "tag/update", {"tagid": 12, "tagname": "UX"}),
        ("user.getuserid", "user/getuserid", {"mobile": "13800000000"}),
        ("kf.account.list", "kf/account/list", {}),
        ("kf.account.update", "kf/account/update", {"open_kfid": kf, "name": "退换"}),
        ("kf.servicer.add", "kf/servicer/add", {"open_kfid": kf, "userid_list": ["lisi"], "department_id_list": [2]}),
        ("kf.sync_msg", "kf/sync_msg", {"open_kfid": kf}),
        ("kf.send_msg", "kf/send_msg", {"touser": external, "open_kfid": kf, **TEXT}),
        ("kf.send_msg_on_event", "kf/send_msg_on_event", {"code": at["code"], **TEXT}),
        ("kf.service_state.trans", "kf/service_state/trans", {**who, "service_state": 3, "servicer_userid": "lisi"}),
        ("kf.customer.batchget", "kf/customer/batchget",
         {"external_userid_list": [at["newcomer"], "nobody"], "need_enter_session_context": 1}),
        ("kf.servicer.del", "kf/servicer/del", {"open_kfid": kf, "userid_list": ["zhangsan"]}),
    ]  # fmt: skip


def test_collected_samples(stage: Stage, sample: Callable[[str], Json]) -> None:
    at = furnish(stage)
    kf = at["kf"]
    answers = {name: stage.post(path, body) for name, path, body in posts(at)}
    stage.post("tag/addtagusers", {"tagid": 12, "userlist": ["lisi"], "partylist": [2]})
    for name, path, query in (
        ("tag.list", "tag/list", {}), ("tag.get", "tag/get", {"tagid": 12}), ("tag.delete", "tag/delete", {"tagid": 12}),
        ("appchat.get", "appchat/get", {"chatid": "C1"}), ("kf.servicer.list", "kf/servicer/list", {"open_kfid": kf}),
        ("ticket.get", "ticket/get", {"type": "agent_config"}),
    ):  # fmt: skip
        answers[name] = stage.get(path, **query)
    answers["kf.account.del"] = stage.post("kf/account/del", {"open_kfid": kf})
    answers["msgaudit.groupchat.get"] = stage.post(
        "msgaudit/groupchat/get", {"roomid": at["room"]}, secret="the-archive"
    )
    params = {"access_token": stage.token("the-archive"), "robot_id": at["robot"]}
    answers["msgaudit.get_robot_info"] = stage.http.get("/cgi-bin/msgaudit/get_robot_info", params=params).json()
    # The row is a customer's, not a servicer's; nobody enters by a channel.
    absent = {
        "kf.sync_msg": {"servicer_userid"},
        "kf.customer.batchget": {"wechat_channels"},
    }
    lacking = {
        name: list(missing(sample(f"{name}.response.json"), ours, absent.get(name, set())))
        for name, ours in answers.items()
    }
    assert {name: gaps for name, gaps in lacking.items() if gaps} == {}
