"""The twelve points of the catalogue's checklist (wire.md I.3), each by its number."""

import re
import threading
from typing import Any

from tests.sandbox.stage import AGENT, CORP, RIVAL, RIVAL_SECRET, SECRET, SEED, Receiver, Stage, until

DAY = 86_400
TEXT = {"text": {"content": "上新了"}}


def friends(stage: Stage) -> dict[str, str]:
    stage.way()
    return {"userid": "zhangsan", "external_userid": stage.befriend()}


def test_1_tokens_per_app_that_end_early_and_switches_of_address_and_range(stage: Stage) -> None:
    assert stage.token(SECRET) != stage.token(RIVAL_SECRET)
    answer = stage.http.get("/cgi-bin/gettoken", params={"corpid": CORP, "corpsecret": SECRET}).json()
    assert answer["expires_in"] == 7200
    for code in (42001, 40014):
        stage.control("faults", {"rules": [{"fault": code, "counts": [1, 1], "paths": ["department/list"]}]})
        stage.get("department/list", code=code)
        stage.get("department/list", code=code)  # the token has ended for good
        stage._tokens.clear()
        stage.get("department/list")
    stage.act("admin_sets_app", agentid=AGENT, trusted_ips=["192.0.2.0/24"])
    stage.get("department/list", code=60020)
    stage.act("admin_sets_app", agentid=AGENT, trusted_ips=[], visible=[3])
    stage.get("user/get", userid="wangwu", code=60011)
    stage.get("user/get", userid="zhangsan")


def test_2_errors_carry_empty_collections_and_the_tail(stage: Stage) -> None:
    told = stage.get("externalcontact/list", userid="zhangsan", code=84061)
    assert told["external_userid"] == []
    tail = r"not external contact, hint: \[\d+_\d+_[0-9a-f]{32}\], from ip: 127\.0\.0\.1, more info at https://\S+\?e=84061"
    assert re.fullmatch(tail, told["errmsg"])
    assert stage.contact("get_groupmsg_task", {"msgid": "no"}, code=41047)["task_list"] == []


def test_3_what_an_app_writes_is_silent_and_what_people_do_is_heard(heard_stage: Stage, receiver: Receiver) -> None:
    about = friends(heard_stage)
    heard_stage.settle()
    assert receiver.changes() == ["add_external_contact"]
    heard_stage.contact("remark", {**about, "remark": "老客"})
    tag = heard_stage.contact("add_corp_tag", {"group_name": "组", "tag": [{"name": "金"}]})["tag_group"]["tag"][0][
        "id"
    ]
    heard_stage.contact("mark_tag", {**about, "add_tag": [tag]})
    heard_stage.settle()
    assert len(receiver.heard) == 1
    heard_stage.act("staff_remarks", **about, remark="贵客")
    heard_stage.act("staff_tags", **about, remove=[tag])
    heard_stage.settle()
    assert receiver.changes()[1:] == ["edit_external_contact"] * 2


def test_4_a_welcome_code_lives_20_seconds_and_once_and_is_absent_where_wecom_says(
    heard_stage: Stage, receiver: Receiver
) -> None:
    stage = heard_stage
    stage.way()

    def added(number: int, **more: Any) -> str:
        person = {"unionid": f"u{number}", "name": "客", **more}
        return str(stage.act("scan", state="shop", person=person).get("welcome_code", ""))

    def greet(code: str, *, secret: str = SECRET, expect: int = 0) -> None:
        stage.contact("send_welcome_msg", {"welcome_code": code, **TEXT}, code=expect, secret=secret)

    first = added(1)
    greet(first)
    greet(first, expect=41051)
    greet(first, secret=RIVAL_SECRET, expect=41096)
    stage.control("clock", {"advance": 2})
    greet(first, secret=RIVAL_SECRET, expect=41051)
    late = added(2)
    stage.control("clock", {"advance": 21, "force": True})
    greet(late, expect=41050)
    greet("no-such-code", expect=41050)
    greet("", expect=41049)
    assert added(3, type=2) == "", "a WeCom user is not welcomed"
    stage.settle()
    assert ["WelcomeCode" in one.fields for one in receiver.heard] == [True, True, False]


def test_5_a_mass_message_is_dispatched_confirmed_and_capped(stage: Stage) -> None:
    about = friends(stage)
    stage.control("tunables", {"mass_period": "day", "dispatch_s": 3600})
    only = {"external_userid": [about["external_userid"]], "sender": "zhangsan", **TEXT}
    task = stage.contact("add_msg_template", only)["msgid"]
    stage.contact("get_groupmsg_send_result", {"msgid": task, "userid": "zhangsan"}, code=41063)
    stage.control("tunables", {"dispatch_s": 0})
    statuses = []
    for end in ("sent", "capped", "no friend"):
        task = stage.contact("add_msg_template", only)["msgid"]
        ask = {"msgid": task, "userid": "zhangsan"}
        assert stage.contact("get_groupmsg_task", {"msgid": task})["task_list"] == [{"userid": "zhangsan", "status": 0}]
        assert stage.contact("get_groupmsg_send_result", ask)["send_list"][0]["status"] == 0
        if end == "no friend":
            stage.act("customer_deletes", **about)
        stage.act("confirm", msgid=task, userid="zhangsan")
        assert stage.contact("get_groupmsg_task", {"msgid": task})["task_list"][0]["status"] == 2
        statuses.append(stage.contact("get_groupmsg_send_result", ask)["send_list"][0]["status"])
    assert statuses == [1, 3, 2]
    stage.control("tunables", {"dispatch_s": 3600})
    moment = stage.contact("add_moment_task", {**TEXT, "visible_range": {"sender_list": {"user_list": ["zhangsan"]}}})
    asked = stage.get("externalcontact/get_moment_task_result", jobid=moment["jobid"])
    assert asked["status"] in (1, 2, 3)
    if asked["status"] == 3:
        stage.contact("get_moment_task", {"moment_id": asked["result"]["moment_id"]}, code=41079)


def test_6_a_hand_over_takes_a_day_may_be_refused_or_full_and_happens_twice_in_90_days(stage: Stage) -> None:
    about = friends(stage)
    who = about["external_userid"]

    def handed(giver: str, taker: str) -> int:
        pair = {"handover_userid": giver, "takeover_userid": taker}
        return int(stage.contact("transfer_customer", {**pair, "external_userid": [who]})["customer"][0]["errcode"])

    def status(giver: str, taker: str) -> int:
        pair = {"handover_userid": giver, "takeover_userid": taker}
        return int(stage.contact("transfer_result", pair)["customer"][0]["status"])

    assert handed("zhangsan", "lisi") == 0
    assert status("zhangsan", "lisi") == 2
    stage.act("customer_refuses_transfer", external_userid=who)
    assert status("zhangsan", "lisi") == 3
    stage.control(
        "seed", {**SEED, "reset": True, "users": [*SEED["users"][:2], {**SEED["users"][2], "customer_cap": 0}]}
    )
    stage._tokens.clear()
    who = friends(stage)["external_userid"]
    assert handed("zhangsan", "wangwu") == 40099
    for giver, taker in (("zhangsan", "lisi"), ("lisi", "zhangsan")):
        assert handed(giver, taker) == 0
        stage.control("clock", {"advance": DAY, "force": True})
        assert status(giver, taker) == 1
    assert handed("zhangsan", "lisi") == 40128
    stage.control("clock", {"advance": 91 * DAY, "force": True})
    assert handed("zhangsan", "lisi") == 0


def test_7_a_groups_event_comes_before_its_data_and_chains_versions(heard_stage: Stage, receiver: Receiver) -> None:
    stage = heard_stage
    about = friends(stage)
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[about["external_userid"]])["chat_id"]
    stage.contact("groupchat/add_join_way", {"scene": 2, "chat_id_list": [chat], "state": "room"})
    stage.control("tunables", {"group_lag_s": 3600})
    joined = stage.act("join", state="room", person={"unionid": "u7", "name": "七"})["external_userid"]
    stage.settle()
    before = stage.contact("groupchat/get", {"chat_id": chat})["group_chat"]
    assert joined not in {one["userid"] for one in before["member_list"]}
    stage.control("tunables", {"group_lag_s": 0})
    stage.sandbox.world.lags.clear()
    after = stage.contact("groupchat/get", {"chat_id": chat})["group_chat"]
    told = receiver.heard[-1].fields
    assert (told["LastMemVer"], told["CurMemVer"]) == (before["member_version"], after["member_version"])
    scene = next(one["join_scene"] for one in after["member_list"] if one["userid"] == joined)
    assert (scene, told["JoinScene"]) == (3, "3")
    stage.act("invite", chat_id=chat, external_userids=[stage.befriend(8)])
    stage.settle()
    newest = stage.contact("groupchat/get", {"chat_id": chat})["group_chat"]["member_list"][-1]
    assert (newest["join_scene"], receiver.heard[-1].fields["JoinScene"]) == (1, "0")
    stage.act("kick", chat_id=chat, external_userid=joined)
    stage.settle()
    last, past = (
        receiver.heard[-1].fields,
        receiver.heard[-2 if "LastMemVer" in receiver.heard[-2].fields else -3].fields,
    )
    assert (last["QuitScene"], last["LastMemVer"]) == ("1", past["CurMemVer"])


def test_8_a_callback_is_tried_again_three_times_and_can_be_lost_doubled_or_out_of_order(
    heard_stage: Stage, receiver: Receiver
) -> None:
    stage = heard_stage
    stage.way()
    assert stage.control("tunables")["callback_timeout_s"] == 5
    stage.control("tunables", {"callback_timeout_s": 0.05, "callback_backoff_s": 0})
    receiver.delay = 30
    stage.befriend(1)
    until(lambda: stage.control("counters")["failed"] == 1, within=20)
    assert stage.control("counters")["retried"] == 3
    receiver.delay, receiver.status = 0, 500
    stage.control("tunables", {"callback_timeout_s": 20})
    stage.befriend(2)
    stage.settle()
    counts = stage.control("counters")
    assert (counts["refused_http"], counts["retried"]) == (1, 3), "an HTTP error is no reason to try again"
    receiver.status = 200
    for number, fault in enumerate(("drop", "double", "reorder"), start=3):
        stage.control("faults", {"rules": [{"fault": fault, "counts": [1, 1]}]})
        stage.befriend(number)
        stage.befriend(number + 10)
        stage.control("faults", {"rules": []})
        until(
            lambda: (
                not stage.control("outstanding")["callbacks_queued"]
                and not stage.control("outstanding")["callbacks_in_flight"]
            )
        )
    counts = stage.control("counters")
    assert (counts["dropped"], counts["doubled"], counts["reordered"]) == (1, 1, 1)
    assert counts["kinds"]["change_external_contact.add_external_contact"] == {"made": 8, "heard": 5}


def test_9_nobody_is_an_error_half_is_no_friend_and_who_deletes_decides_what_is_seen(stage: Stage) -> None:
    stage.get("externalcontact/list", userid="zhangsan", code=84061)
    about = friends(stage)
    half = stage.act("scan", state="shop", person={"unionid": "u9", "name": "半"}, half=True)["external_userid"]
    stage.get("externalcontact/get", external_userid=half, code=84061)
    assert stage.get("externalcontact/list", userid="zhangsan")["external_userid"] == [about["external_userid"]]
    stage.control("tunables", {"one_way_after_customer_deletes": True})
    stage.act("customer_deletes", **about)
    stage.contact("remark", {**about, "remark": "还在"})  # the customer's deletion leaves the member's side
    other = {"userid": "zhangsan", "external_userid": stage.befriend(2)}
    stage.act("staff_deletes", **other)
    stage.contact("remark", {**other, "remark": "不在"}, code=84061)


def test_10_what_an_app_made_is_its_own(stage: Stage) -> None:
    about = friends(stage)
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[about["external_userid"]])["chat_id"]
    group = stage.contact("add_corp_tag", {"group_name": "组", "tag": [{"name": "金"}]})["tag_group"]
    made = {
        "way": stage.contact("add_contact_way", {"type": 1, "scene": 2, "user": ["lisi"]})["config_id"],
        "join": stage.contact("groupchat/add_join_way", {"scene": 2, "chat_id_list": [chat]})["config_id"],
        "template": stage.contact("group_welcome_template/add", TEXT)["template_id"],
        "rule": stage.contact(
            "add_intercept_rule",
            {
                "rule_name": "规则",
                "word_list": ["词"],
                "intercept_type": 1,
                "applicable_range": {"user_list": ["lisi"]},
            },
        )["rule_id"],
        "link": stage.contact(
            "customer_acquisition/create_link", {"link_name": "链", "range": {"user_list": ["lisi"]}}
        )["link"]["link_id"],
    }
    before = stage.control("state")
    for path, body, code in (
        ("edit_corp_tag", {"id": group["tag"][0]["id"], "name": "银"}, 60011),
        ("del_corp_tag", {"group_id": [group["group_id"]]}, 60011),
        ("get_contact_way", {"config_id": made["way"]}, 41044),
        ("del_contact_way", {"config_id": made["way"]}, 41044),
        ("groupchat/del_join_way", {"config_id": made["join"]}, 41044),
        ("group_welcome_template/del", {"template_id": made["template"]}, 41058),
        ("del_intercept_rule", {"rule_id": made["rule"]}, 60011),
        ("customer_acquisition/delete_link", {"link_id": made["link"]}, 40058),
    ):
        stage.contact(path, body, code=code, secret=RIVAL_SECRET)
    assert stage.control("state") == before
    assert stage.act("admin_sets_app", agentid=RIVAL, callable=True)["callable"]


def test_11_the_archives_calls_are_for_its_own_secret_and_misspell_as_wecom_does(stage: Stage) -> None:
    secret = "archive-secret"
    stage.control(
        "seed",
        {
            **SEED,
            "apps": [*SEED["apps"], {"agentid": 9, "name": "存档", "secret": secret, "archive": True}],
            "reset": True,
        },
    )
    stage._tokens.clear()
    about = friends(stage)
    stage.act("admin_sets_archive", userids=["zhangsan"])
    stage.act("agree_to_archive", **about)
    ask = {"info": [{"userid": "zhangsan", "exteranalopenid": about["external_userid"]}]}
    (row,) = stage.post("msgaudit/check_single_agree", ask, secret=secret)["agreeinfo"]
    assert (row["exteranalopenid"], row["agree_status"]) == (about["external_userid"], "Agree")
    stage.post("msgaudit/check_single_agree", ask, code=48002)
    stage.contact("get_corp_tag_list", {}, code=48002, secret=secret)


def test_12_frequency_and_concurrency_have_thresholds_of_their_own(stage: Stage) -> None:
    about = friends(stage)
    for tunable, path in (
        ("rate_per_minute", "getcallbackip"),
        ("rate_per_hour", "get_api_domain_ip"),
        ("address_rate_per_hour", "department/list"),
    ):
        usual = stage.control("tunables")[tunable]
        stage.control("tunables", {tunable: 1})
        stage.get(path)
        stage.get(path, code=45009)
        stage.control("tunables", {tunable: usual})
    stage.control("tunables", {"debug_per_minute": 1})
    stage.get("department/list", debug=1)
    stage.get("department/simplelist", debug=1, code=45009)
    stage.get("department/simplelist")
    stage.control("tunables", {"wrong_secrets_per_hour": 1})
    codes = [
        stage.http.get("/cgi-bin/gettoken", params={"corpid": CORP, "corpsecret": "x"}).json()["errcode"]
        for _ in range(3)
    ]
    assert codes == [40001, 45009, 45009]

    def beside(path: str, body: dict[str, Any], *, code: int) -> None:
        """Ask while the first call of its kind is under way; that one goes well."""
        stage.control("faults", {"rules": [{"fault": "slow_answer", "seconds": 1, "counts": [1, 1], "paths": [path]}]})
        before = stage.control("counters")["api_calls"].get(path, 0)
        first = threading.Thread(target=stage.post, args=(path, body))
        first.start()
        until(lambda: stage.control("counters")["api_calls"].get(path, 0) > before)
        stage.post(path, body, code=code)
        first.join()
        stage.post(path, body)

    remark = {**about, "remark": "一"}
    beside("externalcontact/remark", remark, code=45035)
    stage.control("tunables", {"clashing_writes": False, "concurrent_most": 1})
    beside("externalcontact/remark", remark, code=45033)
    stage.control("tunables", {"concurrent_most": 0})
    beside("externalcontact/remark", remark, code=0)
