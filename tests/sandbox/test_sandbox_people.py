"""Welcomes, rooms, mass messages and farewells, played by people."""

from typing import Any

from tests.sandbox.stage import RIVAL_SECRET, Receiver, Stage, until

HELLO = {"text": {"content": "您好"}}


def code_of(receiver: Receiver, at: int = -1) -> str:
    return receiver.heard[at].fields["WelcomeCode"]


def test_a_welcome_works_once(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.way()
    external_userid = heard_stage.befriend()
    heard_stage.settle()
    assert heard_stage.control("outstanding")["welcomes_open"] == 1
    wish = {"welcome_code": code_of(receiver), **HELLO}
    heard_stage.contact("send_welcome_msg", {**wish, "text": {}}, code=44004)
    heard_stage.contact("send_welcome_msg", HELLO, code=41049)
    heard_stage.contact("send_welcome_msg", {**wish, "welcome_code": "no"}, code=41050)
    heard_stage.contact("send_welcome_msg", wish)
    heard_stage.contact("send_welcome_msg", wish, secret=RIVAL_SECRET, code=41096)
    heard_stage.contact("send_welcome_msg", wish, code=41051)
    heard_stage.control("clock", {"advance": 2})
    heard_stage.contact("send_welcome_msg", wish, secret=RIVAL_SECRET, code=41051)
    inbox = heard_stage.control(f"inbox/{external_userid}")["messages"]
    assert [(one["kind"], one["text"]["content"]) for one in inbox] == [("welcome", "您好")]
    tally = heard_stage.control("counters")
    assert (tally["welcomes_issued"], tally["welcomes_sent"], tally["welcomes_expired"]) == (1, 1, 0)


def test_a_welcome_lives_twenty_virtual_seconds(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.way()
    heard_stage.befriend()
    heard_stage.settle()
    heard_stage.control("clock", {"advance": 10})
    assert "welcome" in heard_stage.control("clock", {"advance": 10.5}, status=409)["error"]
    heard_stage.control("clock", {"advance": 10.5, "force": True})
    heard_stage.contact("send_welcome_msg", {"welcome_code": code_of(receiver), **HELLO}, code=41050)
    assert heard_stage.control("counters")["welcomes_expired"] == 1
    assert heard_stage.control("outstanding")["welcomes_open"] == 0


def test_no_welcome_where_nobody_listens_or_for_wecom_users(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.way()
    partner = {"unionid": "p", "name": "伙伴", "type": 2, "corp_name": "供应商"}
    found = heard_stage.act("scan", state="shop", person=partner)
    heard_stage.settle()
    assert "WelcomeCode" not in receiver.heard[0].fields
    contact = heard_stage.get("externalcontact/get", external_userid=found["external_userid"])["external_contact"]
    assert (contact["type"], contact["corp_name"], "unionid" in contact) == (2, "供应商", False)


def test_a_shared_code_leads_to_the_member_with_fewest_customers(stage: Stage) -> None:
    stage.way("one", ("lisi",))
    stage.befriend(0, "one")
    stage.way("all", ("zhangsan", "lisi", "wangwu"))
    chosen = [stage.act("scan", state="all", person=_person(number))["userid"] for number in range(1, 6)]
    assert chosen == ["zhangsan", "wangwu", "zhangsan", "lisi", "zhangsan"]
    stage.way("full", ("wangwu",))
    assert "full" in stage.act("scan", state="full", person=_person(9), status=409)["error"]


def _person(number: int) -> dict[str, str]:
    return {"unionid": f"union{number}", "name": f"顾客{number}"}


def test_a_lost_friend_is_gone_from_get(stage: Stage) -> None:
    stage.way()
    external_userid = stage.befriend()
    stage.act("customer_deletes", userid="zhangsan", external_userid=external_userid)
    stage.get("externalcontact/get", external_userid=external_userid, code=84061)
    stage.get("externalcontact/list", userid="zhangsan", code=84061)
    stage.act("customer_deletes", userid="zhangsan", external_userid=external_userid, status=409)
    assert stage.befriend() == external_userid


def test_the_relation_can_stay_one_way(stage: Stage) -> None:
    stage.control("tunables", {"one_way_after_customer_deletes": True})
    stage.way()
    external_userid = stage.befriend()
    stage.act("customer_deletes", userid="zhangsan", external_userid=external_userid)
    assert stage.get("externalcontact/list", userid="zhangsan")["external_userid"] == [external_userid]
    msgid = stage.contact("add_msg_template", {"sender": "zhangsan", **HELLO})["msgid"]
    assert stage.act("confirm", msgid=msgid, userid="zhangsan")["not_friend"] == 1
    assert "already" not in stage.act("scan", state="shop", external_userid=external_userid)


def join_way(stage: Stage, **wishes: object) -> str:
    chat_id = stage.act("create_group", owner="zhangsan", name="福利群1", members=[])["chat_id"]
    base = {"scene": 2, "room_base_name": "福利群", "room_base_id": 2, "chat_id_list": [chat_id], "state": "room"}
    config_id: str = stage.contact("groupchat/add_join_way", {**base, **wishes})["config_id"]
    return config_id


def test_the_next_room_opens_at_200(heard_stage: Stage, receiver: Receiver) -> None:
    config_id = join_way(heard_stage)
    acts = [{"kind": "join", "state": "room", "person": _person(number)} for number in range(201)]
    results = heard_stage.control("acts", {"acts": acts})["results"]
    assert [one["opened_new"] for one in results] == [False] * 200 + [True]
    way = heard_stage.contact("groupchat/get_join_way", {"config_id": config_id})["join_way"]
    assert (way["chat_id_list"], way["room_base_id"]) == ([results[0]["chat_id"], results[200]["chat_id"]], 3)
    room = heard_stage.contact("groupchat/get", {"chat_id": results[200]["chat_id"], "need_name": 1})["group_chat"]
    assert (room["name"], room["owner"], len(room["member_list"])) == ("福利群2", "zhangsan", 2)
    member = room["member_list"][1]
    assert (member["join_scene"], member["state"], member["name"]) == (3, "room", "顾客200")
    again = heard_stage.act("join", state="room", person=_person(0))
    assert again["already"] is True
    heard_stage.settle()
    tail = [one.fields for one in receiver.heard if one.fields["ChatId"] == room["chat_id"]]
    assert [one["ChangeType"] for one in tail] == ["create", "update"]
    assert tail[1]["JoinScene"] == "3"


def test_a_way_that_opens_no_rooms_is_full(stage: Stage) -> None:
    stage.control("tunables", {"room_qr_limit": 1})
    join_way(stage, auto_create_room=0)
    stage.act("join", state="room", person=_person(1))
    assert "full" in stage.act("join", state="room", person=_person(2), status=409)["error"]
    rooms = stage.contact("groupchat/list", {"limit": 10})["group_chat_list"]
    six = [room["chat_id"] for room in rooms] + [f"wr{number}" for number in range(5)]
    stage.contact("groupchat/add_join_way", {"scene": 2, "chat_id_list": six}, code=41091)


def test_groups_are_listed_by_owner_in_pages(stage: Stage) -> None:
    for number in range(5):
        stage.act("create_group", owner="lisi" if number % 2 else "zhangsan", name=str(number), members=[])
    body = {"owner_filter": {"userid_list": ["zhangsan"]}, "limit": 2}
    first = stage.contact("groupchat/list", body)
    rest = stage.contact("groupchat/list", {**body, "cursor": first["next_cursor"]})
    assert (len(first["group_chat_list"]), len(rest["group_chat_list"]), rest["next_cursor"]) == (2, 1, "")
    stage.contact("groupchat/list", {"limit": 1001}, code=40058)
    stage.contact("groupchat/list", {}, code=40058)
    stage.contact("groupchat/get", {"chat_id": "wrno"}, code=90501)


def test_data_may_lag_behind_the_event(stage: Stage) -> None:
    stage.way()
    one = stage.befriend()
    chat_id = stage.act("create_group", owner="zhangsan", name="群", members=[])["chat_id"]
    stage.control("tunables", {"group_lag_s": 0.2})
    stage.act("invite", chat_id=chat_id, external_userids=[one])

    def members() -> int:
        return len(stage.contact("groupchat/get", {"chat_id": chat_id})["group_chat"]["member_list"])

    assert members() == 1
    until(lambda: members() == 2)


def mass(stage: Stage, **wishes: Any) -> dict[str, Any]:
    return stage.contact("add_msg_template", {**HELLO, **wishes})


def test_a_mass_message_goes_out_only_when_confirmed(stage: Stage) -> None:
    stage.way("a", ("zhangsan",))
    stage.way("b", ("lisi",))
    one, two, three = stage.befriend(1, "a"), stage.befriend(2, "a"), stage.befriend(3, "b")
    made = mass(stage, external_userid=[one, two, three, "wmno"])
    msgid = made["msgid"]
    assert made["fail_list"] == ["wmno"]
    tasks = stage.control("tasks?status=open")["tasks"]
    assert {(task["userid"], task["count"]) for task in tasks} == {("zhangsan", 2), ("lisi", 1)}
    rows = stage.contact("get_groupmsg_task", {"msgid": msgid})["task_list"]
    assert [(row["userid"], row["status"]) for row in rows] == [("zhangsan", 0), ("lisi", 0)]
    assert stage.control(f"inbox/{one}")["messages"] == []
    stage.act("customer_deletes", userid="zhangsan", external_userid=two)
    counts = stage.act("confirm", msgid=msgid, userid="zhangsan")
    assert (counts["sent"], counts["not_friend"], counts["over_cap"]) == (1, 1, 0)
    body = {"msgid": msgid, "userid": "zhangsan", "limit": 1}
    first = stage.contact("get_groupmsg_send_result", body)
    rest = stage.contact("get_groupmsg_send_result", {**body, "cursor": first["next_cursor"]})
    results = first["send_list"] + rest["send_list"]
    assert [(row["external_userid"], row["status"]) for row in results] == [(one, 1), (two, 2)]
    assert [row["kind"] for row in stage.control(f"inbox/{one}")["messages"]] == ["mass"]
    stage.act("confirm", msgid=msgid, userid="zhangsan", status=409)
    assert [task["userid"] for task in stage.control("tasks?status=open")["tasks"]] == ["lisi"]


def test_the_monthly_cap_and_the_admins_other_choices(stage: Stage) -> None:
    stage.control("clock", {"to": "2999-02-10T12:00:00+08:00"})
    stage.way()
    stage.befriend()

    def send() -> int:
        counts = stage.act("confirm", msgid=mass(stage, sender="zhangsan")["msgid"], userid="zhangsan")
        assert counts["sent"] + counts["over_cap"] == 1
        return int(counts["sent"])

    assert [send() for _ in range(29)] == [1] * 28 + [0]
    stage.control("clock", {"to": "2999-03-01T00:00:01+08:00"})
    assert send() == 1
    stage.control("tunables", {"mass_period": "day"})
    assert send() == 0
    stage.control("tunables", {"mass_period": "week"})
    assert [send() for _ in range(8)].count(1) <= 7


def test_whom_a_mass_message_reaches(stage: Stage) -> None:
    stage.way("a", ("zhangsan",))
    stage.way("b", ("lisi",))
    one, two = stage.befriend(1, "a"), stage.befriend(2, "a")
    stage.befriend(1, "b")
    group = stage.contact("add_corp_tag", {"group_name": "g", "tag": [{"name": "x"}, {"name": "y"}]})["tag_group"]
    x, y = (tag["id"] for tag in group["tag"])
    stage.contact("mark_tag", {"userid": "zhangsan", "external_userid": two, "add_tag": [x]})

    def reached(**wishes: Any) -> dict[str, int]:
        msgid = mass(stage, **wishes)["msgid"]
        rows = [task for task in stage.control("tasks?status=open")["tasks"] if task["msgid"] == msgid]
        return {row["userid"]: row["count"] for row in rows}

    assert reached(sender="zhangsan") == {"zhangsan": 2}
    assert reached(external_userid=[one]) == {"lisi": 1}
    assert reached(external_userid=[one], sender="zhangsan") == {"zhangsan": 1}
    assert reached(tag_filter={"group_list": [{"tag_list": [x, y]}]}) == {"zhangsan": 1}
    both = {"group_list": [{"tag_list": [x]}, {"tag_list": [y]}]}
    stage.contact("add_msg_template", {**HELLO, "tag_filter": both}, code=41048)
    stage.contact("add_msg_template", {**HELLO, "external_userid": ["wmno"]}, code=41048)
    stage.contact("add_msg_template", HELLO, code=40058)
    stage.contact("add_msg_template", {"sender": "zhangsan"}, code=44004)
    stage.contact("add_msg_template", {**HELLO, "sender": "zhangsan", "attachments": [{}] * 10}, code=41064)
    stage.contact("add_msg_template", {**HELLO, "sender": "zhangsan", "attachments": [{}]}, code=41065)


def test_a_group_message_needs_its_owner(stage: Stage) -> None:
    stage.way()
    one = stage.befriend()
    mine = stage.act("create_group", owner="zhangsan", name="群", members=[one])["chat_id"]
    other = stage.act("create_group", owner="lisi", name="群", members=[])["chat_id"]
    stage.contact("add_msg_template", {**HELLO, "chat_type": "group"}, code=40058)
    made = mass(stage, chat_type="group", sender="zhangsan", chat_id_list=[mine, other])
    assert made["fail_list"] == [other]
    who = {"msgid": made["msgid"], "userid": "zhangsan"}
    assert stage.contact("get_groupmsg_send_result", who)["send_list"] == []
    stage.act("confirm", **who)
    rows = stage.contact("get_groupmsg_send_result", who)["send_list"]
    assert [(row["chat_id"], row["status"]) for row in rows] == [(mine, 1)]
    assert stage.control(f"inbox/{one}")["messages"][0]["chat_id"] == mine


def test_reminding_and_cancelling(stage: Stage) -> None:
    stage.way()
    stage.befriend()
    msgid = mass(stage, sender="zhangsan")["msgid"]
    for _ in range(3):
        stage.contact("remind_groupmsg_send", {"msgid": msgid})
    stage.contact("remind_groupmsg_send", {"msgid": msgid}, code=41094)
    stage.control("clock", {"advance": 86_401})
    stage.contact("remind_groupmsg_send", {"msgid": msgid})
    stage.contact("cancel_groupmsg_send", {"msgid": msgid})
    stage.contact("remind_groupmsg_send", {"msgid": msgid}, code=41093)
    stage.contact("cancel_groupmsg_send", {"msgid": msgid}, code=41093)
    stage.act("confirm", msgid=msgid, userid="zhangsan", status=409)
    assert stage.control("tasks?status=open")["tasks"] == []
    stage.contact("get_groupmsg_task", {}, code=41046)
    stage.contact("get_groupmsg_task", {"msgid": "msgno"}, code=41047)


def test_a_task_may_still_be_dispatching(stage: Stage) -> None:
    stage.control("tunables", {"dispatch_s": 30})
    stage.way()
    stage.befriend()
    msgid = mass(stage, sender="zhangsan")["msgid"]
    assert stage.contact("get_groupmsg_task", {"msgid": msgid}, code=41063)["task_list"] == []
