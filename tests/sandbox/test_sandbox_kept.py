"""What the sandbox knows beside customers survives a restart: halves, what the console said of apps, a world to play with."""

from pathlib import Path

from tests.sandbox.stage import AGENT, CORP, SEED, Stage
from wecom_sandbox import play
from wecom_sandbox.server import Options


def test_halves_and_settings_of_apps_survive_a_restart(tmp_path: Path) -> None:
    options = Options(state_file=tmp_path / "state.json")
    stage = Stage(options)
    stage.control("seed", SEED)
    stage.way()
    half = stage.act("scan", state="shop", person={"unionid": "u1", "name": "半"}, half=True)["external_userid"]
    stage.act("admin_sets_app", agentid=AGENT, visible=[3], trusted_ips=["127.0.0.1"], callable=True)
    stage.stop()
    again = Stage(options)
    try:
        app = again.sandbox.world.corps[CORP].apps[AGENT]
        assert (app.visible, app.trusted, app.callable, app.stopped) == ([3], ["127.0.0.1/32"], True, False)
        again.get("user/get", userid="wangwu", code=60011)
        again.act("staff_accepts", userid="zhangsan", external_userid=half)
        assert again.get("externalcontact/list", userid="zhangsan")["external_userid"] == [half]
    finally:
        again.stop()


def test_a_world_to_play_with_is_made_once_and_kept(tmp_path: Path) -> None:
    options = Options(state_file=tmp_path / "state.json", play=True)
    stage = Stage(options)
    stage.act("scan", state=play.DOOR, person={"unionid": "u1", "name": "新客"})
    before = stage.control("state")
    assert len(before["customers"]) == len(play.CUSTOMERS) + 1
    stage.stop()
    again = Stage(options)
    try:
        assert again.control("state") == before
        page = again.http.get("/").text
        assert play.SECRET in page
        assert "/phones" not in page or any(getattr(one, "path", "") == "/phones" for one in again.sandbox.app().routes)
    finally:
        again.stop()


def test_a_world_to_play_with_stands_beside_others(tmp_path: Path) -> None:
    stage = Stage(Options(play=True))
    try:
        stage.control("seed", SEED)
        stage.act("scan", status=409, state=play.DOOR, person={"unionid": "u1", "name": "?"})
        stage.act("scan", corp_id=play.CORP, state=play.DOOR, person={"unionid": "u1", "name": "新客"})
        assert stage.get("externalcontact/get_follow_user_list")["follow_user"] == ["zhangsan", "lisi", "wangwu"]
    finally:
        stage.stop()
