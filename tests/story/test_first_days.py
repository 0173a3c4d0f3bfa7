"""The first days of the true story, over WeCom's wire, with doubled and reordered callbacks: nothing lost, nothing doubled."""

import signal
import subprocess
import time
from pathlib import Path

import httpx


def test_linli_equals_wecom_by_checksum(stage):
    report = stage.report()
    assert report["wecom"]["welcomes_due"] > 300
    for what, same in report["mirror"].items():
        assert same["linli"] == same["wecom"], (what, same)


def test_no_callback_is_lost_and_every_double_is_ignored(stage):
    wecom = stage.report()["wecom"]
    assert wecom["lost"] == wecom["waiting"] == wecom["parked"] == 0
    assert wecom["callbacks_applied"] == wecom["callbacks_sent"] > wecom["welcomes_due"]
    assert wecom["duplicates_ignored"] == wecom["duplicates_sent"] > 0
    assert wecom["reordered"] > 0


def test_every_welcome_came_within_its_twenty_seconds(stage):
    wecom = stage.report()["wecom"]
    assert wecom["welcomes_in_time"] == wecom["welcomes_due"]
    assert wecom["welcome_p99_ms"] < 20_000


def test_a_killed_process_is_started_again_and_nothing_is_lost(stage):
    before = stage.report()["wecom"]["callbacks_applied"]
    for name in ("linli.project.cli drain", "linli.ingress.app:application"):
        for pid in _processes(stage, name):
            subprocess.run(["kill", f"-{signal.SIGKILL}", str(pid)], check=True)
    _wait(lambda: len(_processes(stage, "linli.project.cli drain")) == 1 and _answers(stage))
    person = {"unionid": "oAfterTheKill", "name": "后来的人", "gender": 2}
    shop = stage_state(stage)["follows"][0]["state"]
    answer = httpx.post(f"{stage.sandbox}/control/act", json={"kind": "scan", "state": shop, "person": person}).json()
    assert answer["ok"]
    _wait(lambda: stage.report()["wecom"]["callbacks_applied"] == before + 1)
    report = stage.report()
    assert report["wecom"]["lost"] == 0
    assert report["mirror"]["follows"]["linli"] == report["mirror"]["follows"]["wecom"]


def test_a_killed_postgres_is_started_again_with_its_data(stage):
    before = stage.report()["wecom"]["callbacks_applied"]
    note = stage.folder / "postgres" / "pgdata" / "postmaster.pid"
    killed = int(note.read_text().splitlines()[0])
    subprocess.run(["kill", f"-{signal.SIGKILL}", str(killed)], check=True)
    person = {"unionid": "oWhileAway", "name": "停电时来的人", "gender": 1}
    shop = stage_state(stage)["follows"][0]["state"]
    act = {"kind": "scan", "state": shop, "person": person}
    assert httpx.post(f"{stage.sandbox}/control/act", json=act).json()["ok"]
    _wait(lambda: note.exists() and int(note.read_text().splitlines()[0]) != killed)
    _wait(lambda: _console(stage) == 200)
    _wait(lambda: stage.report()["wecom"]["callbacks_applied"] == before + 1)
    _wait(lambda: not httpx.get(f"{stage.sandbox}/control/outstanding").json()["welcomes_open"])
    _wait(lambda: stage.report()["wecom"]["welcomes_not_said"] == {})  # WeCom's answer is there; its row follows
    report = stage.report()
    assert report["wecom"]["lost"] == report["wecom"]["turned_away"] == 0
    assert report["mirror"]["follows"]["linli"] == report["mirror"]["follows"]["wecom"]


def _console(stage) -> int:
    try:
        return httpx.get(f"{stage.console}/readyz", timeout=10).status_code
    except httpx.TransportError:
        return 0


def stage_state(stage) -> dict:
    return httpx.get(f"{stage.sandbox}/control/state").json()


def _processes(stage, name: str) -> list[int]:
    """Processes of this very stage: they carry its directory in their environment."""
    found = []
    for pid in subprocess.run(["pgrep", "-f", name], capture_output=True, text=True, check=False).stdout.split():
        try:
            if f"LINLI_DATA_DIR={stage.folder}".encode() in Path(f"/proc/{pid}/environ").read_bytes():
                found.append(int(pid))
        except OSError:
            continue
    return found


def _answers(stage) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{stage.env['LINLI_INGRESS_PORT']}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def _wait(holds, limit_s: float = 30) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.2)
