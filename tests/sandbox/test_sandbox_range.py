"""Who may call what, from where, about whom (wire.md A.2), and what an app hears."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.stage import AGENT, CORP, RIVAL, RIVAL_SECRET, SECRET, SEED, Receiver, Stage

HELPER, HELPER_SECRET = 2000001, "contact-sync"
# The second app sees 一店 (zhangsan, lisi) only; wangwu is in 华东, above it.
NARROW = {
    **SEED,
    "apps": [
        {"agentid": AGENT, "name": "Linli", "secret": SECRET},
        {"agentid": RIVAL, "name": "Store", "secret": RIVAL_SECRET, "visible": [3]},
        {"agentid": HELPER, "name": "通讯录同步", "secret": HELPER_SECRET, "contacts": True},
    ],
    "reset": True,
}


@pytest.fixture
def narrow(stage: Stage) -> Stage:
    stage.control("seed", NARROW)
    stage.way("shop")
    stage.way("east", users=("wangwu",))
    return stage


@pytest.fixture
def ears() -> Iterator[Any]:
    made: list[Receiver] = []

    def listen(stage: Stage, agentid: int) -> Receiver:
        made.append(Receiver())
        stage.listen(made[-1], agentid)
        return made[-1]

    yield listen
    for receiver in made:
        receiver.hosted.stop()


def store(stage: Stage, path: str, *, code: int = 0, **query: Any) -> dict[str, Any]:
    params = {"access_token": stage.token(RIVAL_SECRET), **query}
    answer = stage.http.get(f"/cgi-bin/{path}", params=params).json()
    assert answer["errcode"] == code, answer
    return answer


def test_an_app_reads_only_whom_it_sees(narrow: Stage) -> None:
    near, far = narrow.befriend(1, "shop"), narrow.befriend(2, "east")
    assert store(narrow, "externalcontact/get_follow_user_list")["follow_user"] == ["zhangsan", "lisi"]
    assert store(narrow, "externalcontact/list", userid="zhangsan")["external_userid"] == [near]
    store(narrow, "externalcontact/list", code=60011, userid="wangwu")
    store(narrow, "externalcontact/list", code=60111, userid="nobody")
    store(narrow, "externalcontact/get", code=40096, external_userid=far)
    narrow.act("scan", state="east", person={"unionid": "union1", "name": "?"}, status=409)  # wangwu may have one
    narrow.control("acts", {"acts": [{"kind": "staff_deletes", "userid": "wangwu", "external_userid": far}]})
    narrow.act("scan", state="east", person={"unionid": "union1", "name": "?"})
    shown = store(narrow, "externalcontact/get", external_userid=near)
    assert [one["userid"] for one in shown["follow_user"]] == ["zhangsan"], "the other clerk's is not theirs to see"
    assert len(narrow.get("externalcontact/get", external_userid=near)["follow_user"]) == 2
    for users, code in ((["zhangsan", "wangwu"], 60011), (["zhangsan", "nobody"], 60111), (["zhangsan"], 0)):
        narrow.contact("batch/get_by_user", {"userid_list": users}, code=code, secret=RIVAL_SECRET)
    rows = narrow.contact("contact_list", {}, secret=RIVAL_SECRET)["info_list"]
    assert {row["follow_userid"] for row in rows} == {"zhangsan"}
    assert [one["id"] for one in store(narrow, "department/list")["department"]] == [3]
    assert {one["userid"] for one in store(narrow, "user/simplelist", department_id=3)["userlist"]} == {
        "zhangsan",
        "lisi",
    }
    for path, query in (
        ("user/list", {"department_id": 2}),
        ("user/get", {"userid": "wangwu"}),
        ("department/list", {"id": 2}),
    ):
        store(narrow, path, code=60011, **query)
    assert {row["userid"] for row in narrow.post("user/list_id", {}, secret=RIVAL_SECRET)["dept_user"]} == {
        "zhangsan",
        "lisi",
    }


def test_an_app_changes_nothing_outside_its_range(narrow: Stage) -> None:
    far, near = narrow.befriend(2, "east"), narrow.befriend(1, "shop")
    group = narrow.act("create_group", owner="wangwu", name="华东群", members=[far])["chat_id"]
    own = narrow.act("create_group", owner="lisi", name="一店群", members=[near])["chat_id"]
    about = {"userid": "wangwu", "external_userid": far}
    listed = narrow.contact("groupchat/list", {"limit": 10}, secret=RIVAL_SECRET)["group_chat_list"]
    assert [one["chat_id"] for one in listed] == [own]
    before = narrow.control("state")
    for path, body in (
        ("remark", {**about, "remark": "x"}),
        ("mark_tag", {**about, "add_tag": ["x"]}),
        ("add_contact_way", {"type": 1, "scene": 2, "user": ["wangwu"]}),
        ("add_contact_way", {"type": 2, "scene": 2, "party": [2]}),
        ("add_msg_template", {"sender": "wangwu", "text": {"content": "x"}}),
        ("groupchat/get", {"chat_id": group}),
        ("groupchat/add_join_way", {"scene": 2, "chat_id_list": [group]}),
        ("groupchat/list", {"limit": 10, "owner_filter": {"userid_list": ["wangwu"]}}),
        ("transfer_customer", {"handover_userid": "wangwu", "takeover_userid": "lisi", "external_userid": [far]}),
        ("transfer_customer", {"handover_userid": "lisi", "takeover_userid": "wangwu", "external_userid": [near]}),
        ("transfer_result", {"handover_userid": "wangwu", "takeover_userid": "lisi"}),
        ("get_user_behavior_data", {"userid": ["wangwu"], "start_time": 1, "end_time": 1}),
        ("customer_acquisition/create_link", {"link_name": "l", "range": {"user_list": ["wangwu"]}}),
    ):
        code = 40058 if path == "get_user_behavior_data" else 60011
        narrow.contact(path, body, code=code, secret=RIVAL_SECRET)
    sent = narrow.contact(
        "add_msg_template", {"external_userid": [far, near], "text": {"content": "x"}}, secret=RIVAL_SECRET
    )
    assert sent["fail_list"] == [far]
    assert narrow.control("state") == before


def test_an_app_hears_only_of_whom_it_sees(narrow: Stage, ears: Any) -> None:
    whole, store_only, helper = (ears(narrow, one) for one in (AGENT, RIVAL, HELPER))
    far, near = narrow.befriend(2, "east"), narrow.befriend(1, "shop")
    narrow.act("create_group", owner="wangwu", name="华东群", members=[far])
    narrow.act("create_group", owner="lisi", name="一店群", members=[near])
    narrow.settle()
    assert whole.changes() == ["add_external_contact"] * 2 + ["create"] * 2 or len(whole.changes()) == 4
    assert sorted(store_only.changes()) == ["add_external_contact", "create"]
    assert helper.changes() == []
    narrow.act("admin_sets_app", agentid=RIVAL, callable=False)
    narrow.act("staff_remarks", userid="zhangsan", external_userid=near, remark="老客")
    narrow.settle()
    assert len(store_only.changes()) == 2, "who may not call for customers does not hear of them"


def test_contact_changes_are_heard_by_the_helper_alone(narrow: Stage, ears: Any) -> None:
    whole, helper = ears(narrow, AGENT), ears(narrow, HELPER)
    external = narrow.befriend(1, "shop")
    group = narrow.act("create_group", owner="zhangsan", name="群", members=[external])["chat_id"]
    narrow.settle()
    before = len(whole.heard)
    narrow.act("admin_adds_department", id=9, name="二店", parentid=2)
    narrow.act("admin_edits_department", id=9, name="二号店")
    narrow.act("admin_adds_member", userid="qianqi", name="钱七", department=[9])
    narrow.act("admin_deletes_department", id=9, status=409)
    narrow.act("admin_edits_member", userid="qianqi", department=[3], position="导购")
    narrow.act("admin_deletes_department", id=9)
    narrow.act("admin_edits_member", userid="zhangsan", new_userid="zhangsan2")
    tag = narrow.post("tag/create", {"tagname": "值班"})["tagid"]
    narrow.act("admin_tags_members", tagid=tag, add=["lisi"])
    narrow.act("staff_leaves", userid="qianqi")
    narrow.settle()
    assert sorted(helper.changes()) == sorted(
        [
            "create_party",
            "update_party",
            "create_user",
            "update_user",
            "delete_party",
            "update_user",
            "update_tag",
            "delete_user",
        ]
    )
    assert len(whole.heard) == before
    renamed = next(one.fields for one in helper.heard if "NewUserID" in one.fields)
    assert (renamed["UserID"], renamed["NewUserID"]) == ("zhangsan", "zhangsan2")
    assert narrow.get("externalcontact/list", userid="zhangsan2")["external_userid"] == [external]
    narrow.get("externalcontact/list", userid="zhangsan", code=60111)
    shown = narrow.contact("groupchat/get", {"chat_id": group})["group_chat"]
    assert (shown["owner"], shown["member_list"][0]["userid"]) == ("zhangsan2", "zhangsan2")
    params = {"access_token": narrow.token(HELPER_SECRET), "userid": "lisi"}
    assert narrow.http.get("/cgi-bin/externalcontact/list", params=params).json()["errcode"] == 48002
    assert narrow.http.get("/cgi-bin/user/get", params=params).json()["errcode"] == 0


def test_a_call_from_an_address_that_is_not_trusted_is_refused(stage: Stage) -> None:
    set_to = stage.act("admin_sets_app", agentid=AGENT, trusted_ips=["203.0.113.0/24", "198.51.100.7"])
    assert set_to["trusted_ips"] == ["203.0.113.0/24", "198.51.100.7/32"]
    told = stage.get("externalcontact/get_follow_user_list", code=60020)
    assert told["follow_user"] == []
    assert "from ip: 127.0.0.1" in told["errmsg"]
    headers = {"X-Address": "203.0.113.9"}
    params = {"access_token": stage.token()}

    def asked() -> int:
        answer = stage.http.get("/cgi-bin/department/list", params=params, headers=headers)
        return int(answer.json()["errcode"])

    assert asked() == 60020, "a header means nothing until it is named"
    stage.control("tunables", {"address_header": "X-Address"})
    assert asked() == 0
    headers["X-Address"] = "192.0.2.1"
    assert asked() == 60020
    stage.act("admin_sets_app", agentid=AGENT, trusted_ips=["127.0.0.1"])
    stage.get("department/list")
    stage.act("admin_sets_app", agentid=AGENT, trusted_ips=["nowhere"], status=400)


def test_an_app_that_is_not_listed_does_no_customer_contact(stage: Stage) -> None:
    stage.act("admin_sets_app", agentid=AGENT, callable=False)
    assert stage.get("externalcontact/get_follow_user_list", code=48002)["follow_user"] == []
    stage.contact("groupchat/list", {"limit": 1}, code=48002)
    stage.get("department/list")
    stage.act("admin_sets_app", agentid=AGENT, callable=True)
    stage.get("externalcontact/get_follow_user_list")


def test_an_app_that_is_stopped_gets_no_token_and_its_old_one_does_nothing(stage: Stage) -> None:
    stage.token()
    stage.act("admin_sets_app", agentid=AGENT, stopped=True)
    stage.get("department/list", code=50003)
    query = {"corpid": CORP, "corpsecret": SECRET}
    assert stage.http.get("/cgi-bin/gettoken", params=query).json()["errcode"] == 40001


def test_half_a_friend_is_greeted_and_seen_by_no_call_until_accepted(heard_stage: Stage, receiver: Receiver) -> None:
    stage = heard_stage
    stage.way("shop")
    person = {"unionid": "u-half", "name": "半友"}
    half = stage.act("scan", state="shop", person=person, half=True)
    stage.settle()
    assert receiver.changes() == ["add_half_external_contact"]
    told = receiver.heard[0].fields
    assert (told["State"], told["WelcomeCode"]) == ("shop", half["welcome_code"])
    about = {"userid": "zhangsan", "external_userid": half["external_userid"]}
    stage.contact("remark", {**about, "remark": "x"}, code=84061)
    stage.get("externalcontact/get", external_userid=about["external_userid"], code=84061)
    stage.get("externalcontact/list", userid="zhangsan", code=84061)
    stage.contact("send_welcome_msg", {"welcome_code": half["welcome_code"], "text": {"content": "您好"}})
    stage.act("staff_accepts", **about)
    stage.settle()
    assert receiver.changes()[-1] == "add_external_contact"
    assert "WelcomeCode" not in receiver.heard[-1].fields
    assert (
        stage.get("externalcontact/get", external_userid=about["external_userid"])["follow_user"][0]["state"] == "shop"
    )
    stage.act("staff_accepts", **about, status=409)
    strict = stage.contact("add_contact_way", {"type": 1, "scene": 2, "user": ["lisi"], "skip_verify": False})[
        "config_id"
    ]
    stage.act("scan", config_id=strict, person=person, half=True, status=409)


def test_an_owner_gives_a_group_another_name_notice_and_owner(heard_stage: Stage, receiver: Receiver) -> None:
    stage = heard_stage
    stage.way()
    chat = stage.act("create_group", owner="zhangsan", name="群", staff=["lisi"], members=[stage.befriend()])["chat_id"]
    stage.act("owner_edits_group", chat_id=chat, owner="wangwu", status=409)
    stage.act("owner_edits_group", chat_id=chat, name="新群", notice="公告", owner="lisi")
    stage.settle()
    details = [one.fields["UpdateDetail"] for one in receiver.heard if "UpdateDetail" in one.fields]
    assert details == ["change_name", "change_notice", "change_owner"]
    shown = stage.contact("groupchat/get", {"chat_id": chat})["group_chat"]
    assert (shown["name"], shown["notice"], shown["owner"]) == ("新群", "公告", "lisi")


def test_a_member_outside_customer_contact_has_no_codes_and_no_customers(stage: Stage) -> None:
    stage.way()
    external = stage.befriend()
    assert "zhangsan" in stage.get("externalcontact/get_follow_user_list")["follow_user"]
    stage.act("admin_edits_member", userid="zhangsan", serves=False)
    assert stage.get("externalcontact/get_follow_user_list")["follow_user"] == ["lisi", "wangwu"]
    stage.get("externalcontact/list", userid="zhangsan", code=84061)
    assert stage.contact("batch/get_by_user", {"userid_list": ["zhangsan"]})["external_contact_list"] == []
    stage.contact("add_contact_way", {"type": 1, "scene": 2, "user": ["zhangsan"]}, code=84074)
    stage.act("admin_edits_member", userid="zhangsan", serves=True)
    assert stage.get("externalcontact/list", userid="zhangsan")["external_userid"] == [external]


def test_a_member_who_is_not_verified_has_no_codes(stage: Stage) -> None:
    users = [{**SEED["users"][0], "verified": False}, *SEED["users"][1:]]
    stage.control("seed", {**SEED, "users": users, "reset": True})
    stage.contact("add_contact_way", {"type": 1, "scene": 2, "user": ["zhangsan"]}, code=41054)
    stage.contact("add_contact_way", {"type": 1, "scene": 2, "user": ["lisi"]})
