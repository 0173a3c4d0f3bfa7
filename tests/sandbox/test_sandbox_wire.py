"""Tokens, envelopes, errors, paging and the calls that need no human."""

import re

import pytest

from tests.sandbox.stage import AGENT, CORP, RIVAL_SECRET, SECRET, Stage

TAIL = re.compile(r", hint: \[\d+_\d+_[0-9a-f]{32}\], from ip: [\d.]+, more info at https://.*\?e=(\d+)$")


def test_the_token_stays_the_same_and_its_errors_are_told_apart(stage: Stage) -> None:
    def ask(**query: str) -> dict[str, object]:
        answer: dict[str, object] = stage.http.get("/cgi-bin/gettoken", params=query).json()
        return answer

    first = ask(corpid=CORP, corpsecret=SECRET)
    assert first["expires_in"] == 7200
    assert ask(corpid=CORP, corpsecret=SECRET)["access_token"] == first["access_token"]
    assert ask(corpid=CORP, corpsecret=RIVAL_SECRET)["access_token"] != first["access_token"]
    assert ask(corpid=CORP, corpsecret="no")["errcode"] == 40001
    assert ask(corpid="no", corpsecret=SECRET)["errcode"] == 40013
    assert ask(corpsecret=SECRET)["errcode"] == 41002
    assert ask(corpid=CORP)["errcode"] == 41004


def test_an_error_carries_the_empty_collections_and_the_tail(stage: Stage) -> None:
    bad = stage.http.get("/cgi-bin/externalcontact/get_follow_user_list", params={"access_token": "no"}).json()
    assert bad == {"errcode": 40014, "errmsg": "invalid access_token", "follow_user": []}
    missing = stage.http.post("/cgi-bin/externalcontact/groupchat/list", json={"access_token": stage.token()}).json()
    assert (missing["errcode"], missing["group_chat_list"]) == (41001, [])
    nobody = stage.get("externalcontact/list", userid="zhangsan", code=84061)
    assert nobody["external_userid"] == []
    found = TAIL.search(nobody["errmsg"])
    assert found is not None
    assert found[1] == "84061"
    unknown = stage.get("externalcontact/get", external_userid="wmno", code=40096)
    assert (unknown["external_contact"], unknown["follow_user"]) == ({}, [])


def test_an_expired_token_is_42001(stage: Stage) -> None:
    token = stage.token()
    stage.control("tunables", {"token_life_s": 0})
    answer = stage.http.get("/cgi-bin/getcallbackip", params={"access_token": token}).json()
    assert (answer["errcode"], answer["ip_list"]) == (42001, [])


def test_bad_json_wrong_verbs_and_unknown_paths(stage: Stage) -> None:
    query = {"access_token": stage.token()}
    broken = stage.http.post("/cgi-bin/externalcontact/mark_tag", params=query, content=b"{oops").json()
    assert broken["errcode"] == 40058
    assert "Warning: wrong json format." in broken["errmsg"]
    assert stage.get("externalcontact/mark_tag", code=40063)["errcode"] == 40063
    assert stage.post("externalcontact/get_follow_user_list", code=40058)["follow_user"] == []
    assert stage.http.get("/cgi-bin/externalcontact/no_such", params=query).status_code == 404


def test_the_frequency_limit_is_per_api(stage: Stage) -> None:
    stage.control("tunables", {"rate_per_minute": 3})
    for _ in range(3):
        stage.get("getcallbackip")
    assert stage.get("getcallbackip", code=45009)["ip_list"] == []
    stage.get("get_api_domain_ip")
    stage.control("tunables", {"rate_per_minute": 10_000})
    stage.get("getcallbackip")
    assert stage.control("counters")["errors"]["45009"] == 1


def test_departments_and_members(stage: Stage) -> None:
    assert [one["id"] for one in stage.get("department/list")["department"]] == [1, 2, 3]
    assert [one["id"] for one in stage.get("department/list", id=2)["department"]] == [2, 3]
    assert stage.get("department/simplelist")["department_id"][2] == {"id": 3, "parentid": 2, "order": 3}
    assert [one["userid"] for one in stage.get("user/list", department_id=2)["userlist"]] == ["wangwu"]
    deep = stage.get("user/simplelist", department_id=1, fetch_child=1)["userlist"]
    assert [one["userid"] for one in deep] == ["zhangsan", "lisi", "wangwu"]
    assert stage.get("user/get", userid="zhangsan")["name"] == "张三"
    assert "mobile" not in stage.get("user/get", userid="zhangsan")
    stage.get("user/get", userid="nobody", code=60111)
    first = stage.post("user/list_id", {"limit": 2})
    rest = stage.post("user/list_id", {"limit": 2, "cursor": first["next_cursor"]})
    assert (len(first["dept_user"]), len(rest["dept_user"]), rest["next_cursor"]) == (2, 1, "")


def test_relations_come_in_pages_that_survive_a_deletion(stage: Stage) -> None:
    stage.way("a", ("zhangsan",))
    stage.way("b", ("lisi",))
    mine = [stage.befriend(number, "a") for number in range(3)]
    his = [stage.befriend(number, "b") for number in range(2, 5)]
    body: dict[str, object] = {"userid_list": ["zhangsan", "lisi"], "limit": 2}
    first = stage.contact("batch/get_by_user", body)
    stage.act("staff_deletes", userid="zhangsan", external_userid=mine[0])
    seen = list(first["external_contact_list"])
    cursor = first["next_cursor"]
    while cursor:
        page = stage.contact("batch/get_by_user", {**body, "cursor": cursor})
        seen += page["external_contact_list"]
        cursor = page["next_cursor"]
    pairs = [(one["follow_info"]["userid"], one["external_contact"]["external_userid"]) for one in seen]
    assert pairs == [*(("zhangsan", one) for one in mine), *(("lisi", one) for one in his)]
    stage.contact("batch/get_by_user", {**body, "cursor": "bad"}, code=50100)
    stage.contact("groupchat/list", {"limit": 9, "cursor": first["next_cursor"]}, code=50100)


def test_a_page_limit_over_the_maximum_is_clamped_or_falls_back(stage: Stage) -> None:
    stage.way()
    stage.control("acts", {"acts": [_scan(number) for number in range(120)]})
    assert len(stage.contact("batch/get_by_user", {"userid_list": ["zhangsan"]})["external_contact_list"]) == 50
    clamped = stage.contact("batch/get_by_user", {"userid_list": ["zhangsan"], "limit": 1000})
    assert len(clamped["external_contact_list"]) == 100
    for _ in range(60):
        stage.contact("add_msg_template", {"sender": "zhangsan", "text": {"content": "hi"}})
    now = int(stage.control("clock")["now"])
    body = {"chat_type": "single", "start_time": now - 60, "end_time": now + 60, "limit": 1000}
    fallen = stage.contact("get_groupmsg_list_v2", body)
    assert len(fallen["group_msg_list"]) == 50
    rest = stage.contact("get_groupmsg_list_v2", {**body, "cursor": fallen["next_cursor"]})
    assert (len(rest["group_msg_list"]), rest["next_cursor"]) == (10, "")


def _scan(number: int) -> dict[str, object]:
    return {"kind": "scan", "state": "shop", "person": {"unionid": f"union{number}", "name": f"顾客{number}"}}


def test_more_than_500_followers_come_in_pages(empty_stage: Stage) -> None:
    users = [{"userid": f"u{number}", "name": f"员工{number}", "department": [1]} for number in range(501)]
    app = {"agentid": AGENT, "name": "Linli", "secret": SECRET}
    empty_stage.control("seed", {"corp_id": CORP, "apps": [app], "departments": [], "users": users})
    for number in range(501):
        empty_stage.way(f"w{number}", (f"u{number}",))
    scans = [{**_scan(1), "state": f"w{number}"} for number in range(501)]
    external_userid = empty_stage.control("acts", {"acts": scans})["results"][0]["external_userid"]
    first = empty_stage.get("externalcontact/get", external_userid=external_userid)
    rest = empty_stage.get("externalcontact/get", external_userid=external_userid, cursor=first["next_cursor"])
    assert (len(first["follow_user"]), len(rest["follow_user"]), rest["next_cursor"]) == (500, 1, "")


def test_remarks_overwrite_and_clear(stage: Stage) -> None:
    stage.way()
    who = {"userid": "zhangsan", "external_userid": stage.befriend()}
    stage.contact("remark", {**who, "remark": "老客", "remark_mobiles": ["138", "139"]})
    stage.contact("remark", {**who, "remark_mobiles": ""})
    stage.contact("remark", who, code=40058)
    stage.contact("remark", {**who, "remark": "长" * 21}, code=40058)
    stage.contact("remark", {**who, "userid": "lisi", "remark": "x"}, code=84061)
    follow = stage.get("externalcontact/get", external_userid=who["external_userid"])["follow_user"][0]
    assert (follow["remark"], follow["remark_mobiles"], follow["state"], follow["add_way"]) == ("老客", [], "shop", 1)


def test_contact_way_errors_and_update(stage: Stage) -> None:
    for body, code in [
        ({"scene": 2}, 41037),
        ({"type": 1}, 41038),
        ({"type": 9, "scene": 2}, 41039),
        ({"type": 1, "scene": 9}, 41040),
        ({"type": 1, "scene": 2, "user": ["zhangsan", "lisi"]}, 41041),
        ({"type": 1, "scene": 1, "style": 9, "user": ["zhangsan"]}, 41042),
    ]:
        stage.contact("add_contact_way", body, code=code)
    stage.contact("get_contact_way", {}, code=41043)
    stage.contact("get_contact_way", {"config_id": "no"}, code=41044)
    config_id = stage.way("old", ("zhangsan", "lisi"))
    stage.contact("update_contact_way", {"config_id": config_id, "user": ["lisi"], "state": "new"})
    way = stage.contact("get_contact_way", {"config_id": config_id})["contact_way"]
    assert (way["user"], way["state"], way["type"], way["skip_verify"]) == (["lisi"], "new", 2, True)
    assert stage.http.get(way["qr_code"]).headers["content-type"] == "image/png"
    assert stage.act("scan", state="new", person={"unionid": "u", "name": "客"})["userid"] == "lisi"
    stage.act("scan", state="old", person={"unionid": "u", "name": "客"}, status=404)
    stage.contact("del_contact_way", {"config_id": config_id}, secret=RIVAL_SECRET, code=41044)
    stage.contact("del_contact_way", {"config_id": config_id})
    assert stage.contact("list_contact_way")["contact_way"] == []


def test_tags_are_owned_by_their_app(stage: Stage) -> None:
    wish = {"group_name": "等级", "tag": [{"name": "金"}, {"name": "银", "order": 5}, {"name": "金"}]}
    group = stage.contact("add_corp_tag", wish)["tag_group"]
    assert [tag["name"] for tag in group["tag"]] == ["银", "金"]
    more = stage.contact("add_corp_tag", {"group_name": "等级", "tag": [{"name": "铜"}]})["tag_group"]
    assert more["group_id"] == group["group_id"]
    stage.contact("add_corp_tag", {"group_name": "等级", "tag": [{"name": "铜"}]}, code=40071)
    stage.contact("add_corp_tag", {"group_name": "等级", "tag": [{"name": "x" * 31}]}, code=40072)
    silver, gold = (tag["id"] for tag in group["tag"])
    stage.contact("edit_corp_tag", {"id": gold, "name": "银"}, code=40071)
    stage.contact("edit_corp_tag", {"id": gold, "name": "钻"}, secret=RIVAL_SECRET, code=60011)
    stage.contact("del_corp_tag", {"tag_id": [gold]}, secret=RIVAL_SECRET, code=60011)
    stage.contact("edit_corp_tag", {"id": "etno", "name": "钻"}, code=40068)
    stage.contact("del_corp_tag", {"tag_id": [gold]})
    everything = stage.contact("get_corp_tag_list")["tag_group"]
    assert [tag["name"] for tag in everything[0]["tag"]] == ["银", "铜"]
    assert "deleted" not in everything[0]
    asked = stage.contact("get_corp_tag_list", {"tag_id": [gold, silver]})["tag_group"]
    assert {tag["name"]: tag["deleted"] for tag in asked[0]["tag"]} == {"银": False, "金": True}
    stage.contact("del_corp_tag", {"tag_id": [silver, more["tag"][0]["id"]]})
    assert stage.contact("get_corp_tag_list")["tag_group"] == []


def test_marking_is_per_relation(stage: Stage) -> None:
    stage.way("a", ("zhangsan",))
    stage.way("b", ("lisi",))
    external_userid = stage.befriend(1, "a")
    stage.befriend(1, "b")
    tags = stage.contact("add_corp_tag", {"group_name": "等级", "tag": [{"name": "金"}]})["tag_group"]["tag"]
    gold = tags[0]["id"]
    who = {"userid": "zhangsan", "external_userid": external_userid}
    stage.contact("mark_tag", {**who, "add_tag": [gold]}, secret=RIVAL_SECRET)
    stage.contact("mark_tag", {**who, "add_tag": ["etno"]}, code=40068)
    stage.contact("mark_tag", who, code=40058)
    follows = stage.get("externalcontact/get", external_userid=external_userid)["follow_user"]
    assert [[tag["tag_id"] for tag in follow["tags"]] for follow in follows] == [[gold], []]


@pytest.mark.parametrize(("touser", "code"), [("zhangsan|Nobody", 0), ("nobody", 81013), ("", 82001)])
def test_app_messages(stage: Stage, touser: str, code: int) -> None:
    body = {"touser": touser, "msgtype": "textcard", "agentid": AGENT}
    card = {"title": "待确认", "description": "群发任务", "url": "https://example.com/t"}
    answer = stage.post("message/send", {**body, "textcard": card}, code=code)
    if code == 0:
        assert answer["invaliduser"] == "nobody"
        assert stage.control("staff/zhangsan/messages")["messages"][0]["content"] == card
    stage.post("message/send", {**body, "agentid": 1, "textcard": card}, code=40056)
