"""The load maker: a pace, a seed, an end, and an account of what was heard."""

import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from tests.sandbox.stage import CORP, SEED, Receiver, Stage, until
from wecom_sandbox.load import Pace, schedule


def loaded(stage: Stage, **wishes: Any) -> dict[str, Any]:
    stage.control("load", {"corp_id": CORP, **wishes})
    until(lambda: bool(stage.control("load")["done"]), within=30)
    return stage.control("load")


def test_the_pace_is_each_kinds_own_and_even() -> None:
    due = list(schedule(Pace(seconds=10, adds=3, edits=0, tags=0, joins=0.5, leaves=0, messages=1)))
    assert Counter(kind for _, kind in due) == {"adds": 30, "joins": 5, "messages": 10}
    assert due == sorted(due, key=lambda one: one[0])
    adds = [at for at, kind in due if kind == "adds"]
    assert {round(late - early, 6) for early, late in zip(adds, adds[1:], strict=False)} == {round(1 / 3, 6)}


def test_everything_made_is_heard_and_told(heard_stage: Stage, receiver: Receiver) -> None:
    tags = {"group_name": "组", "names": ["一", "二"]}
    heard_stage.act("admin_creates_tags", **tags)
    told = loaded(
        heard_stage, seconds=1, clerks=2, customers=10**9, adds=20, edits=20, tags=10, joins=10, leaves=5, messages=5
    )
    assert (told["did"]["adds"], told["did"]["edits"]) == (20, 20)
    assert sum(told["did"].values()) + told["refused"] == 70
    assert (told["lost"], told["retried"], told["failed"]) == (0, 0, 0)
    assert told["ack_p50_ms"] <= told["ack_p99_ms"] <= told["event_to_ack_p99_ms"]
    kinds = Counter(receiver.changes())
    assert kinds["add_external_contact"] + kinds["edit_external_contact"] >= 40
    clerks = {row["userid"] for row in heard_stage.control("state")["follows"]}
    assert clerks <= {"zhangsan", "lisi"}


def test_what_is_lost_and_tried_again_is_counted(heard_stage: Stage) -> None:
    heard_stage.control("faults", {"seed": 3, "rules": [{"fault": "drop", "odds": 0.5}]})
    told = loaded(heard_stage, seconds=0.5, adds=40)
    assert told["lost"] == told["dropped"] > 0


def test_the_same_seed_does_the_same(empty_stage: Stage) -> None:
    seen = []
    for seed in (4, 4, 5):
        empty_stage.control("seed", {**SEED, "reset": True})
        loaded(empty_stage, seconds=0.5, seed=seed, customers=30, adds=40, edits=20, joins=20, leaves=10)
        state = empty_stage.control("state")
        seen.append(
            (
                sorted((row["userid"], row["external_userid"], row["remark"]) for row in state["follows"]),
                sorted((row["chat_id"], row["userid"]) for row in state["members"]),
            )
        )
    assert seen[0] == seen[1] != seen[2]


@pytest.mark.parametrize(
    "wrong", [{"pace": 1}, {"adds": -1}, {"customers": 0}, {"adds": 0}, {"clerks": 1.5}, {"seconds": "9"}]
)
def test_a_wish_that_makes_no_sense_begins_nothing(stage: Stage, wrong: dict[str, Any]) -> None:
    assert "load" in stage.control("load", wrong, status=400)["error"]
    stage.control("load", status=404)


def test_one_at_a_time(stage: Stage) -> None:
    stage.control("load", {"seconds": 0.5, "adds": 10})
    stage.control("load", {"seconds": 0.5, "adds": 10}, status=409)
    until(lambda: bool(stage.control("load")["done"]), within=30)
    loaded(stage, seconds=0.1, adds=20)


def test_the_command_prints_the_account_and_says_by_its_end_whether_all_was_heard(heard_stage: Stage) -> None:
    command = [
        sys.executable,
        "-m",
        "wecom_sandbox",
        "load",
        "--sandbox",
        heard_stage.hosted.url,
        "--seconds",
        "0.5",
        "--adds",
        "20",
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 0, told.stderr
    lines = dict(line.split(None, 1) for line in told.stdout.splitlines())
    assert (lines["did"], lines["lost"]) == ("adds 10", "0")
    heard_stage.control("faults", {"drop": 1})
    told = subprocess.run([*command, "--seed", "2"], capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 1
