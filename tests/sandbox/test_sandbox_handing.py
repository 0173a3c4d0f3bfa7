"""What the clock brings about by itself survives a restart, and answers have the keys of WeCom's samples."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.stage import SEED, Stage
from tests.sandbox.test_sandbox_samples import missing
from wecom_sandbox.server import Options

DAY = 86_400
LISI = {"takeover_userid": "lisi"}
START = 1291132800  # 0:00 in China


def furnish(stage: Stage) -> dict[str, str]:
    """Let one of everything be under way."""
    stage.way("shop")
    stage.way("other", users=("lisi",))
    stage.way("third", users=("wangwu",))
    moving, heir, talker = stage.befriend(1), stage.befriend(2, state="third"), stage.befriend(3, state="other")
    ends = {"text": {"content": "祝您健康"}}
    temporary = {"type": 1, "scene": 2, "user": ["lisi"], "state": "temp", "is_temp": True, "conclusions": ends}
    stage.contact("add_contact_way", temporary)
    patient = stage.befriend(4, state="temp")
    room = stage.act("create_group", owner="zhangsan", name="群", members=[talker])["chat_id"]
    stage.act("customer_writes", userid="lisi", external_userid=talker)
    stage.act("staff_writes", userid="lisi", external_userid=talker, text="好")
    stage.act("staff_meets", userid="lisi", person={"unionid": "x", "name": "小开"})
    words = {"handover_userid": "zhangsan", "external_userid": [moving], "transfer_success_msg": "再见"}
    stage.contact("transfer_customer", {**LISI, **words})
    stage.contact("groupchat/onjob_transfer", {"chat_id_list": [room], "new_owner": "lisi"})
    stage.act("staff_leaves", userid="wangwu")
    return {
        "moving": moving,
        "heir": heir,
        "patient": patient,
        "opengid": stage.act("opens_mini_program", chat_id=room)["opengid"],
        "guest": stage.act("joins_meeting", external_userid=moving)["tmp_external_userid"],
    }


def look(stage: Stage, names: dict[str, str]) -> list[object]:
    guest = {"business_type": 1, "user_type": 1, "tmp_external_userid_list": [names["guest"]]}
    people = {"userid": ["lisi"], "start_time": START, "end_time": START}
    listed = stage.contact("contact_list")["info_list"]
    return [
        stage.contact("transfer_result", {**LISI, "handover_userid": "zhangsan"}),
        stage.contact("get_unassigned_list"),
        stage.contact("opengid_to_chatid", {"opengid": names["opengid"]}),
        stage.post("idconvert/convert_tmp_external_userid", guest),
        stage.contact("get_user_behavior_data", people),
        [{key: value for key, value in row.items() if key != "tmp_openid"} for row in listed],
    ]


def test_what_is_under_way_survives_a_restart(tmp_path: Path) -> None:
    options = Options(state_file=tmp_path / "state.json", clock_file=tmp_path / "clock", start=float(START))
    stage = Stage(options)
    stage.control("seed", SEED)
    stage.control("tunables", {"transfers_per_window": 1})
    names = furnish(stage)
    before = look(stage, names)
    stage.stop()
    again = Stage(options)
    try:
        assert look(again, names) == before
        again.control("clock", {"advance": DAY})
        (row,) = again.contact("transfer_result", {**LISI, "handover_userid": "zhangsan"})["customer"]
        assert (row["external_userid"], row["status"]) == (names["moving"], 1)
        assert again.control(f"inbox/{names['moving']}")["messages"][-1]["text"] == {"content": "再见"}
        assert [one["kind"] for one in again.control(f"inbox/{names['patient']}")["messages"]] == ["conclusion"]
        # The hand-over before the restart counts.
        back = {"handover_userid": "lisi", "takeover_userid": "zhangsan", "external_userid": [names["moving"]]}
        assert again.contact("transfer_customer", back)["customer"][0]["errcode"] == 40128
        people = {"owner_filter": {"userid_list": ["lisi"]}, "day_begin_time": START}
        (item,) = again.contact("groupchat/statistic", people)["items"]
        assert (item["owner"], item["data"]["chat_total"], item["data"]["member_total"]) == ("lisi", 1, 3)
    finally:
        again.stop()


def test_a_state_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    stage = Stage(Options(state_file=path))
    stage.control("seed", SEED)
    stage.way("shop")
    external = stage.befriend()
    stage.stop()
    whole = json.loads(path.read_text())
    later = "departed unassigned temp_chats transfers room_transfers acquaintances temp_ids opengids facts"
    for name in [*later.split(), "temp_ways_made"]:
        del whole["corps"][0][name]
    for user in whole["corps"][0]["users"]:
        for name in ("away_since", "left_at", "banned", "verified"):
            del user[name]
    path.write_text(json.dumps(whole))
    again = Stage(Options(state_file=path))
    try:
        body = {**LISI, "handover_userid": "zhangsan", "external_userid": [external]}
        assert again.contact("transfer_customer", body)["customer"] == [{"external_userid": external, "errcode": 0}]
    finally:
        again.stop()


@pytest.mark.parametrize(
    ("kind", "wishes", "status"),
    [
        ("staff_leaves", {"userid": "nobody"}, 404),
        ("staff_stays_away", {"userid": "lisi", "days": -1}, 400),
        ("staff_meets", {"userid": "lisi", "person": {"name": "x"}}, 400),
        ("joins_meeting", {"userid": "lisi", "business_type": 3}, 400),
        ("customer_refuses_transfer", {"external_userid": "wmnobody"}, 404),
        ("staff_writes", {"userid": "lisi", "chat_id": "wrnone"}, 404),
    ],
)
def test_acts_that_nobody_can_do(stage: Stage, kind: str, wishes: dict[str, Any], status: int) -> None:
    stage.act(kind, status=status, **wishes)


def test_who_is_not_inside_writes_nothing(stage: Stage) -> None:
    stage.way("shop")
    external = stage.befriend()
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[])["chat_id"]
    stage.act("staff_writes", userid="lisi", chat_id=chat, status=409)
    stage.act("customer_writes", external_userid=external, chat_id=chat, status=409)


def test_a_room_is_opened_in_the_name_of_an_owner_who_is_still_there(stage: Stage) -> None:
    stage.control("tunables", {"room_qr_limit": 1})
    rooms = [stage.act("create_group", owner=owner, name="群", members=[])["chat_id"] for owner in ("lisi", "zhangsan")]
    stage.contact("groupchat/add_join_way", {"scene": 2, "chat_id_list": rooms, "state": "room"})

    def join(number: int, **how: int) -> dict[str, Any]:
        return stage.act("join", state="room", person={"unionid": f"u{number}", "name": "x"}, **how)

    for number in range(2):
        join(number)
    stage.act("staff_leaves", userid="zhangsan")
    opened = join(3)["chat_id"]
    assert stage.contact("groupchat/get", {"chat_id": opened})["group_chat"]["owner"] == "lisi"
    stage.act("staff_leaves", userid="lisi")
    join(4, status=409)


# What a sample shows beside our answer's rows: schools only, and a chat of another kind than customer groups.
ABSENT = {"migrate_trainee_chat_cnt", "chat_name", "name"}
HERE = "externalcontact"
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "transfer_customer": ("transfer_customer", {**LISI, "handover_userid": "zhangsan", "external_userid": ["$"]}),
    "transfer_result": ("transfer_result", {**LISI, "handover_userid": "zhangsan"}),
    "get_unassigned_list": ("get_unassigned_list", {}),
    "resigned.transfer_customer": (
        "resigned/transfer_customer",
        {**LISI, "handover_userid": "wangwu", "external_userid": ["$"]},
    ),
    "resigned.transfer_result": ("resigned/transfer_result", {**LISI, "handover_userid": "wangwu"}),
    "groupchat.transfer": ("groupchat/transfer", {"chat_id_list": ["wrnone"], "new_owner": "lisi"}),
    "groupchat.statistic_group_by_day": (
        "groupchat/statistic_group_by_day",
        {"owner_filter": {"userid_list": ["lisi"]}, "day_begin_time": START},
    ),
    "get_user_behavior_data": (
        "get_user_behavior_data",
        {"userid": ["lisi"], "start_time": START, "end_time": START},
    ),
    "contact_list": ("contact_list", {}),
    "convert_to_openid": ("convert_to_openid", {"external_userid": "$moving"}),
    "opengid_to_chatid": ("opengid_to_chatid", {"opengid": "$opengid"}),
}


def test_answers_have_the_keys_of_the_samples(sample: Callable[[str], dict[str, Any]]) -> None:
    stage = Stage(Options(start=float(START)))
    try:
        stage.control("seed", SEED)
        names = furnish(stage)
        heritage = {**LISI, "handover_userid": "wangwu", "external_userid": [names["heir"]]}
        waiting = stage.contact("get_unassigned_list")
        stage.contact("resigned/transfer_customer", heritage)
        ended = stage.contact("close_temp_chat", {"userid": "lisi", "external_userid": names["patient"]})
        assert ended == sample(f"{HERE}.close_temp_chat.response.json")
        stage.control("clock", {"advance": DAY})
        for name, (path, body) in CALLS.items():
            asked = {
                key: names.get(value[1:], value) if isinstance(value, str) else value for key, value in body.items()
            }
            answer = waiting if name == "get_unassigned_list" else stage.contact(path, asked)
            assert list(missing(sample(f"{HERE}.{name}.response.json"), answer, ABSENT, name)) == []
        guests = {"business_type": 1, "user_type": 1, "tmp_external_userid_list": [names["guest"], "ou3"]}
        answer = stage.post("idconvert/convert_tmp_external_userid", guests)
        assert list(missing(sample("idconvert.convert_tmp_external_userid.response.json"), answer, set())) == []
    finally:
        stage.stop()
