"""The control plane: seeding, the clock and its file, saving and loading, looking in."""

import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.sandbox.stage import AGENT, CORP, SEED, Receiver, Stage, until
from wecom_sandbox.server import Options

SOURCE = Path(__file__).parents[2] / "src"


def test_a_corp_is_replaced_only_on_purpose(stage: Stage) -> None:
    stage.way()
    stage.befriend()
    token = stage.token()
    stage.control("seed", SEED, status=409)
    assert stage.control("seed", {**SEED, "reset": True})["users"] == 3
    assert stage.control(f"state?corp_id={CORP}")["customers"] == []
    answer = stage.http.get("/cgi-bin/getcallbackip", params={"access_token": token}).json()
    assert answer["errcode"] == 40014


def test_bad_seeds_and_bodies_are_refused(empty_stage: Stage) -> None:
    assert "corp_id" in empty_stage.control("seed", {}, status=400)["error"]
    bad_user = {"userid": "a", "name": "a", "department": [9]}
    empty_stage.control("seed", {**SEED, "users": [bad_user]}, status=400)
    assert empty_stage.http.post("/control/act", content=b"[").status_code == 400
    empty_stage.act("scan", state="x", status=409)


def test_one_refused_act_does_not_stop_the_others(stage: Stage) -> None:
    stage.way()
    person = {"unionid": "u", "name": "客"}
    acts = [
        {"kind": "nothing"},
        {"kind": "scan", "state": "no"},
        {"kind": "scan", "state": "shop", "person": person},
        5,
    ]
    results = stage.control("acts", {"acts": acts})["results"]
    assert [(one["ok"], one.get("status")) for one in results] == [
        (False, 400),
        (False, 404),
        (True, None),
        (False, 400),
    ]


def test_the_clock_moves_forward_only_and_writes_its_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    begin = time.time()
    stage = Stage(Options(clock_file=file, start=1291132800.0))
    inode = file.stat().st_ino
    try:
        (first,) = struct.unpack("<d", file.read_bytes())
        assert abs(first - (1291132800.0 - begin)) < 2
        stage.control("clock", {"advance": 3600})
        (second,) = struct.unpack("<d", file.read_bytes())
        assert second == first + 3600
        assert file.stat().st_ino == inode
        clock = stage.control("clock", {"to": "2010-12-05T08:00:00+08:00"})
        assert clock["iso"].startswith("2010-12-05T08:00:0")
        assert abs(time.time() + clock["offset"] - clock["now"]) < 1
        stage.control("clock", {"to": "2010-12-01T00:00:00+08:00"}, status=409)
        stage.control("clock", {"advance": -1}, status=409)
        stage.control("clock", {"advance": "soon"}, status=400)
        stage.control("clock", {}, status=400)
    finally:
        stage.stop()


def test_times_on_the_wire_are_virtual(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.control("clock", {"to": "2999-01-01T00:00:00+08:00"})
    heard_stage.way()
    external_userid = heard_stage.befriend()
    heard_stage.settle()
    follow = heard_stage.get("externalcontact/get", external_userid=external_userid)["follow_user"][0]
    now = heard_stage.control("clock")["now"]
    for at in (
        follow["createtime"],
        int(receiver.heard[0].fields["CreateTime"]),
        int(receiver.heard[0].query["timestamp"]),
    ):
        assert now - 30 < at <= now


def populate(stage: Stage) -> None:
    stage.way()
    one, two = stage.befriend(1), stage.befriend(2)
    group = stage.contact("add_corp_tag", {"group_name": "g", "tag": [{"name": "x"}]})["tag_group"]
    stage.contact("mark_tag", {"userid": "zhangsan", "external_userid": one, "add_tag": [group["tag"][0]["id"]]})
    chat_id = stage.act("create_group", owner="zhangsan", name="群", members=[one])["chat_id"]
    stage.contact("groupchat/add_join_way", {"scene": 2, "chat_id_list": [chat_id], "state": "room"})
    stage.act("join", state="room", external_userid=two)
    wish = {"text": {"content": "hi"}, "sender": "zhangsan"}
    msgid = stage.contact("add_msg_template", wish)["msgid"]
    stage.contact("add_msg_template", wish)
    stage.act("confirm", msgid=msgid, userid="zhangsan")
    note = {"touser": "zhangsan", "msgtype": "text", "agentid": AGENT, "text": {"content": "看"}}
    stage.post("message/send", note)


def test_the_state_survives_a_restart(tmp_path: Path) -> None:
    options = Options(state_file=tmp_path / "state.json", clock_file=tmp_path / "clock", start=1291132800.0)
    stage = Stage(options)
    stage.control("seed", SEED)
    stage.control("tunables", {"customer_cap": 77})
    stage.control("faults", {"double": 0.5, "seed": 3})
    populate(stage)
    stage.control("clock", {"advance": 1000})

    def look(one: Stage) -> list[object]:
        first = one.control("state")["customers"][0]["external_userid"]
        paths = ("state", "tasks", "tunables", "faults", f"inbox/{first}", "staff/zhangsan/messages")
        return [one.control(path) for path in paths]

    before, clock = look(stage), stage.control("clock")
    stage.stop()
    again = Stage(options)
    try:
        assert look(again) == before
        assert again.control("clock")["now"] >= clock["now"]
        assert again.control("counters")["api_calls"]["message/send"] == 1
        assert again.act("scan", state="shop", person={"unionid": "union1", "name": ""})["already"] is True
        newcomer = again.befriend(3)
        assert again.get("externalcontact/list", userid="zhangsan")["external_userid"][-1] == newcomer
    finally:
        again.stop()


def test_undelivered_events_survive_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    options = Options(state_file=tmp_path / "state.json")
    stage = Stage(options)
    stage.control("seed", SEED)
    stage.listen(receiver)
    receiver.delay = 5.0
    stage.way()
    stage.befriend()
    until(lambda: receiver.attempts == 1)
    stage.stop()
    receiver.delay = 0.0
    again = Stage(options)
    try:
        again.settle()
        until(lambda: len(receiver.heard) >= 1)
    finally:
        again.stop()


def test_the_canonical_state(stage: Stage) -> None:
    populate(stage)
    state = stage.control(f"state?corp_id={CORP}")
    assert set(state) == {"ok", "customers", "follows", "tags", "groups", "members", "one_way"}
    assert set(state["customers"][0]) == {"external_userid", "name", "unionid", "type", "gender"}
    keys = {"userid", "external_userid", "createtime", "state", "add_way", "remark", "tags"}
    assert set(state["follows"][0]) == keys
    assert set(state["tags"][0]) == {"id", "name", "group_id", "group_name", "order"}
    assert set(state["groups"][0]) == {"chat_id", "name", "owner"}
    assert set(state["members"][0]) == {"chat_id", "userid", "type", "join_time", "join_scene", "state"}
    pairs = [(one["userid"], one["external_userid"]) for one in state["follows"]]
    assert pairs == sorted(pairs)
    assert [one["userid"] for one in state["members"]] == sorted(one["userid"] for one in state["members"])


def test_the_first_page_speaks_both_languages(stage: Stage) -> None:
    page = stage.http.get("/")
    assert page.headers["content-type"].startswith("text/html")
    for text in ("企业微信沙箱", "WeCom sandbox", "邻里百货", "/control/counters"):
        assert text in page.text


def test_the_program_runs_saves_at_sigterm_and_comes_back(tmp_path: Path) -> None:
    files = ["--clock-file", str(tmp_path / "clock"), "--state", str(tmp_path / "state.json")]
    command = [sys.executable, "-m", "wecom_sandbox", "--port", "0", *files, "--start", "2010-12-01T00:00:00+08:00"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}

    def run() -> tuple[subprocess.Popen[str], str]:
        program = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        assert program.stderr is not None
        line = program.stderr.readline()
        return program, line.split("http://")[1].split(",")[0]

    def ask(address: str, path: str, body: object = None) -> dict[str, object]:
        until(lambda: _answers(address))
        url = f"http://{address}/control/{path}"
        answer = httpx.get(url, trust_env=False) if body is None else httpx.post(url, json=body, trust_env=False)
        data: dict[str, object] = answer.json()
        return data

    program, address = run()
    ask(address, "seed", SEED)
    assert str(ask(address, "clock")["iso"]).startswith("2010-12-01T00:00")
    ask(address, "clock", {"advance": 86_400})
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=10)
    assert (tmp_path / "state.json").exists()
    program, address = run()
    assert str(ask(address, "clock")["iso"]).startswith("2010-12-02T00:00")
    assert ask(address, "seed", SEED)["ok"] is False
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=10)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/control/clock", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
