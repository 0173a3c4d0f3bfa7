"""A world of any size out of a seed: equal each time, complete through every list, and like one that people made."""

from typing import Any

import pytest

from tests.sandbox.stage import CORP, SECRET, Receiver, Stage

WISH = {"customers": 230, "staff": 3, "groups": 7, "members": 12, "tags": 11, "seed": 5, "second_share": 0.2}


def grown(stage: Stage, **changed: object) -> dict[str, Any]:
    apps = [{"agentid": 1000002, "name": "Linli", "secret": SECRET}]
    wish = {"corp_id": CORP, "apps": apps, "reset": True, "generate": {**WISH, **changed}}
    return stage.control("seed", wish)


def undated(state: dict[str, Any]) -> dict[str, Any]:
    """The clock ran on between two seedings."""
    times = {"createtime", "join_time", "ok"}
    return {
        name: [{key: value for key, value in row.items() if key not in times} for row in rows]
        for name, rows in state.items()
        if name not in times
    }


def test_equal_seeds_make_equal_worlds_and_others_others(empty_stage: Stage) -> None:
    first = grown(empty_stage)
    before = undated(empty_stage.control("state"))
    again = grown(empty_stage)
    assert again == first
    assert undated(empty_stage.control("state")) == before
    grown(empty_stage, seed=6)
    assert undated(empty_stage.control("state")) != before


def test_every_list_shows_all_of_them(empty_stage: Stage) -> None:
    made = grown(empty_stage)
    staff = empty_stage.get("externalcontact/get_follow_user_list")["follow_user"]
    assert len(staff) == 3
    relations, cursor = [], ""
    while True:
        body = {"userid_list": staff, "cursor": cursor, "limit": 100}
        page = empty_stage.contact("batch/get_by_user", body)
        relations += page["external_contact_list"]
        cursor = page["next_cursor"]
        if not cursor:
            break
    people = {row["external_contact"]["external_userid"] for row in relations}
    assert (len(relations), len(people)) == (made["follows"], 230)
    assert made["follows"] > 230, "some have two clerks"
    by_list = [
        one for userid in staff for one in empty_stage.get("externalcontact/list", userid=userid)["external_userid"]
    ]
    assert sorted(by_list) == sorted(row["external_contact"]["external_userid"] for row in relations)
    groups = empty_stage.contact("groupchat/list", {"limit": 1000})["group_chat_list"]
    assert len(groups) == 7
    for group in groups:
        shown = empty_stage.contact("groupchat/get", {"chat_id": group["chat_id"]})["group_chat"]
        guests = {one["userid"] for one in shown["member_list"] if one["type"] == 2}
        assert guests <= people
        assert len(guests) == len(shown["member_list"]) - 1
    tags = empty_stage.contact("get_corp_tag_list")["tag_group"]
    assert sum(len(group["tag"]) for group in tags) == 11


def test_people_go_on_living_in_it_and_making_it_sent_nothing(empty_stage: Stage, receiver: Receiver) -> None:
    grown(empty_stage)
    empty_stage.listen(receiver)
    empty_stage.way("door", users=("clerk5_00001",))
    known = empty_stage.act("scan", state="door", person={"unionid": "o5g1", "name": "?"})
    assert known["external_userid"] in {one["external_userid"] for one in empty_stage.control("state")["customers"]}
    assert len(empty_stage.control("state")["customers"]) == 230, "a known person is no new customer"
    empty_stage.settle()
    assert receiver.changes() == ["add_external_contact"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"customers": -1}, {"customers": 1.5}, {"customers": True}, {"people": 3}, {"second_share": 2}, {"members": 500},
        {"customers": None},
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_met_changes_nothing(empty_stage: Stage, wrong: dict[str, object]) -> None:
    body = {"corp_id": CORP, "apps": [], "generate": {**WISH, **wrong}}
    assert "generate" in empty_stage.control("seed", body, status=400)["error"]
    assert "no corp" in empty_stage.control("state", status=409)["error"]
