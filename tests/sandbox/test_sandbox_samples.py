"""Every answer has the keys of WeCom's own sample, as far down as the sample goes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sandbox.stage import AGENT, CORP, SECRET, Stage

Json = dict[str, Any]

# Private fields that new apps never see (wire.md B), and others that depend on what a corp filled in.
PRIVATE = {"mobile", "gender", "email", "avatar", "address", "qr_code"}
ABSENT: dict[str, set[str]] = {
    "user.get": PRIVATE | {"wechat_channels", "external_profile.external_attr"},
    "user.list": PRIVATE | {"wechat_channels", "external_profile.external_attr"},
    # The samples show a WeCom user (type 2) who also has a unionid, which type 2 never has; add_way 10 brings channels.
    "externalcontact.get": {"unionid", "wechat_channels"},
    "externalcontact.batch.get_by_user": {"unionid"},
    # Ids were not asked for, or the answer is not about a group.
    "externalcontact.get_groupmsg_send_result": {"chat_id"},
    # Only interactive cards have one.
    "message.send": {"response_code"},
    "externalcontact.get_contact_way": {"text", "image", "link", "miniprogram"},
    "externalcontact.groupchat.get": {"invitor"},
}


def missing(sample: object, ours: object, absent: set[str], at: str = "") -> Iterator[str]:
    """Name the keys of the sample that our answer lacks, or holds as another type."""
    if isinstance(sample, dict) and isinstance(ours, dict):
        for key, value in sample.items():
            if key in absent:
                continue
            if key not in ours:
                yield f"{at}.{key}"
            else:
                yield from missing(value, ours[key], absent, f"{at}.{key}")
    elif isinstance(sample, list) and isinstance(ours, list):
        if sample and ours:
            yield from missing(sample[0], ours[0], absent, f"{at}[0]")
    elif type(sample) is not type(ours):
        yield f"{at}: {type(ours).__name__} instead of {type(sample).__name__}"


@pytest.fixture
def furnished(stage: Stage) -> Json:
    """A corp in which every list has somebody in it."""
    partner = {"unionid": "p", "name": "伙伴", "type": 2, "corp_name": "供应商", "position": "经理"}
    way = stage.way("shop")
    one = stage.act("scan", state="shop", person=partner)["external_userid"]
    two = stage.befriend(2)
    group = stage.contact("add_corp_tag", {"group_name": "g", "tag": [{"name": "x"}]})["tag_group"]
    tag = group["tag"][0]["id"]
    stage.contact("mark_tag", {"userid": "zhangsan", "external_userid": one, "add_tag": [tag]})
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[two], staff=["lisi"])["chat_id"]
    join = stage.contact("groupchat/add_join_way", {"scene": 2, "chat_id_list": [chat], "state": "room"})["config_id"]
    stage.act("join", state="room", external_userid=one)
    wish = {"text": {"content": "hi"}, "sender": "zhangsan"}
    link = {"msgtype": "link", "link": {"title": "t", "url": "https://example.com"}}
    msgid = stage.contact("add_msg_template", {**wish, "attachments": [link]})["msgid"]
    stage.act("confirm", msgid=msgid, userid="zhangsan")
    names = {"way": way, "one": one, "two": two, "tag": tag, "chat": chat, "join": join, "msgid": msgid}
    return {**names, "group": group["group_id"]}


GET, POST = "GET", "POST"
HERE = "externalcontact"
CARD = {"title": "t", "description": "d", "url": "https://example.com"}
NOTE = {"touser": "zhangsan", "msgtype": "textcard", "agentid": AGENT, "textcard": CARD}
MARK = {"userid": "zhangsan", "external_userid": "$one", "remove_tag": ["$tag"]}
ROOMS = {"scene": 2, "chat_id_list": ["$chat"]}
MASS = {"text": {"content": "hi"}, "sender": "zhangsan"}

# Sample, and the call that must answer like it; $names are filled in from `furnished`. Deletions come last.
CALLS: list[tuple[str, str, str, Json]] = [
    ("gettoken", GET, "gettoken", {"corpid": CORP, "corpsecret": SECRET}),
    ("getcallbackip", GET, "getcallbackip", {}),
    ("get_api_domain_ip", GET, "get_api_domain_ip", {}),
    ("department.list", GET, "department/list", {}),
    ("department.simplelist", GET, "department/simplelist", {}),
    ("user.list", GET, "user/list", {"department_id": 3}),
    ("user.get", GET, "user/get", {"userid": "zhangsan"}),
    (f"{HERE}.get_follow_user_list", GET, f"{HERE}/get_follow_user_list", {}),
    (f"{HERE}.list", GET, f"{HERE}/list", {"userid": "zhangsan"}),
    (f"{HERE}.get", GET, f"{HERE}/get", {"external_userid": "$one"}),
    (f"{HERE}.batch.get_by_user", POST, f"{HERE}/batch/get_by_user", {"userid_list": ["zhangsan"]}),
    (f"{HERE}.add_contact_way", POST, f"{HERE}/add_contact_way", {"type": 1, "scene": 2, "user": ["lisi"]}),
    (f"{HERE}.get_contact_way", POST, f"{HERE}/get_contact_way", {"config_id": "$way"}),
    (f"{HERE}.list_contact_way", POST, f"{HERE}/list_contact_way", {}),
    (f"{HERE}.update_contact_way", POST, f"{HERE}/update_contact_way", {"config_id": "$way", "remark": "x"}),
    (f"{HERE}.get_corp_tag_list", POST, f"{HERE}/get_corp_tag_list", {"group_id": ["$group"]}),
    (f"{HERE}.add_corp_tag", POST, f"{HERE}/add_corp_tag", {"group_name": "h", "tag": [{"name": "y"}]}),
    (f"{HERE}.edit_corp_tag", POST, f"{HERE}/edit_corp_tag", {"id": "$tag", "name": "z"}),
    (f"{HERE}.mark_tag", POST, f"{HERE}/mark_tag", MARK),
    (f"{HERE}.del_corp_tag", POST, f"{HERE}/del_corp_tag", {"tag_id": ["$tag"]}),
    (f"{HERE}.groupchat.list", POST, f"{HERE}/groupchat/list", {"limit": 9}),
    (f"{HERE}.groupchat.get", POST, f"{HERE}/groupchat/get", {"chat_id": "$chat", "need_name": 1}),
    (f"{HERE}.groupchat.add_join_way", POST, f"{HERE}/groupchat/add_join_way", ROOMS),
    (f"{HERE}.groupchat.get_join_way", POST, f"{HERE}/groupchat/get_join_way", {"config_id": "$join"}),
    (f"{HERE}.groupchat.update_join_way", POST, f"{HERE}/groupchat/update_join_way", {**ROOMS, "config_id": "$join"}),
    (f"{HERE}.groupchat.del_join_way", POST, f"{HERE}/groupchat/del_join_way", {"config_id": "$join"}),
    (f"{HERE}.add_msg_template", POST, f"{HERE}/add_msg_template", MASS),
    (
        f"{HERE}.get_groupmsg_send_result",
        POST,
        f"{HERE}/get_groupmsg_send_result",
        {"msgid": "$msgid", "userid": "zhangsan"},
    ),
    (f"{HERE}.remind_groupmsg_send", POST, f"{HERE}/remind_groupmsg_send", {"msgid": "$msgid"}),
    (f"{HERE}.cancel_groupmsg_send", POST, f"{HERE}/cancel_groupmsg_send", {"msgid": "$msgid"}),
    ("message.send", POST, "message/send", NOTE),
]

# What the collection lacks, called like the rest and held against our own samples below.
OWN_CALLS: dict[str, tuple[str, str, Json]] = {
    "get_groupmsg_task": (POST, f"{HERE}/get_groupmsg_task", {"msgid": "$msgid"}),
    "user/simplelist": (GET, "user/simplelist", {"department_id": 3}),
    "user/list_id": (POST, "user/list_id", {}),
}


def fill(value: Any, names: Json) -> Any:
    """Put the furnished corp's ids where a call says $name."""
    if isinstance(value, dict):
        return {key: fill(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [fill(one, names) for one in value]
    return names[value[1:]] if isinstance(value, str) and value.startswith("$") else value


def ask(stage: Stage, names: Json, verb: str, path: str, args: Json) -> Json:
    """Call one endpoint."""
    filled = fill(args, names)
    return stage.get(path, **filled) if verb == GET else stage.post(path, filled)


# Our own small samples, so that the shapes are held even where the collection is not at hand (wire.md B, C.7).
OWN: dict[str, Json] = {
    "get_groupmsg_list_v2": {
        "errcode": 0,
        "errmsg": "ok",
        "next_cursor": "",
        "group_msg_list": [
            {"msgid": "msg1", "create_time": 1, "create_type": 0, "text": {"content": "x"}, "attachments": [{}]}
        ],
    },
    "get_groupmsg_task": {
        "errcode": 0,
        "errmsg": "ok",
        "next_cursor": "",
        "task_list": [{"userid": "zhangsan", "status": 2, "send_time": 1}],
    },
    "user/simplelist": {
        "errcode": 0,
        "errmsg": "ok",
        "userlist": [{"userid": "zhangsan", "name": "张三", "department": [1], "open_userid": "x"}],
    },
    "user/list_id": {
        "errcode": 0,
        "errmsg": "ok",
        "next_cursor": "",
        "dept_user": [{"userid": "zhangsan", "department": 1}],
    },
}


def test_own_samples(stage: Stage, furnished: Json) -> None:
    now = int(stage.control("clock")["now"])
    span = {"chat_type": "single", "start_time": now - 9, "end_time": now + 9}
    calls = {**OWN_CALLS, "get_groupmsg_list_v2": (POST, f"{HERE}/get_groupmsg_list_v2", span)}
    assert set(calls) == set(OWN)
    for name, call in calls.items():
        assert list(missing(OWN[name], ask(stage, furnished, *call), set())) == []


def test_collected_samples(stage: Stage, furnished: Json, sample: Callable[[str], Json]) -> None:
    lacking: dict[str, list[str]] = {}
    for name, verb, path, args in CALLS:
        wanted = sample(f"{name}.response.json")
        ours = ask(stage, furnished, verb, path, args)
        gaps = list(missing(wanted, ours, ABSENT.get(name, set())))
        extra = [] if name.startswith("user.") else [key for key in ours if key not in wanted and key != "fail_info"]
        if gaps or extra:
            lacking[name] = gaps + [f"extra {key}" for key in extra]
    assert lacking == {}


def test_error_samples(stage: Stage, sample: Callable[[str], Json]) -> None:
    wrong = {"access_token": "no"}
    ours = stage.http.get("/cgi-bin/externalcontact/get_follow_user_list", params=wrong).json()
    assert ours == sample("externalcontact.get_follow_user_list.error_40014.response.json")
    token = stage.token()
    stage.control("tunables", {"token_life_s": 0})
    expired = stage.http.get("/cgi-bin/getcallbackip", params={"access_token": token}).json()
    wanted = sample("getcallbackip.error_42001.response.json")
    assert set(expired) == set(wanted)
    assert expired["errmsg"].split("[")[0] == wanted["errmsg"].split("[")[0]
