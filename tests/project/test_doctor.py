"""Each part is broken for real, and the doctor names it; each requirement of a real corp is refused by a WeCom that is not."""

import json
import os
import signal
import socket
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from linli.connect import api as connect
from linli.kit.heartbeat import beat_file
from linli.project.doctor import CORP, corp
from tests.ingress.test_ingress import line as ingress_line
from tests.project.house import House, a_house

ingress = ingress_line  # the fixture: a real ingress process over this test's database


def doctor(house: House, *words: str) -> dict[str, list[dict]]:
    """Check → its findings."""
    done = house.run("doctor", "--json", "--lang", "en", *words)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert done.returncode == int(any(one["state"] == "fail" for one in found))
    assert all(one["says"] for one in found)
    assert all(one["todo"] for one in found if one["state"] != "ok"), "whatever is not well says what to do"
    return {check: [one for one in found if one["check"] == check] for check in {one["check"] for one in found}}


def states(found: dict[str, list[dict]], *checks: str) -> dict[str, set[str]]:
    return {check: {one["state"] for one in found[check]} for check in checks}


@pytest.fixture(scope="module")
def house(seed):
    with a_house(seed) as it:
        it.up()
        it.until(lambda: _worker_began(it))  # on a busy machine that takes its time
        yield it


def _worker_began(house) -> bool:
    with house.database() as connection:
        return connection.execute("SELECT count(*) > 0 FROM procrastinate_workers").fetchone()[0]


def test_a_thread_that_stands_still_is_named(house):
    sign = beat_file(house.data, "deliver:a.subscriber")
    house.until(
        lambda: list(sign.parent.glob("deliver:*"))
    )  # at its start the process takes away what its predecessor left
    sign.touch()
    os.utime(sign, (sign.stat().st_mtime - 300,) * 2)
    try:
        said = [one["says"] for one in doctor(house)["processes"] if one["state"] == "fail"]
    finally:
        sign.unlink()
    assert len(said) == 1
    assert said[0].startswith("deliver:a.subscriber has given no sign for 30")


def test_a_house_that_runs_is_well_and_says_what_it_lacks(house):
    found = doctor(house)
    parts = (
        "master_key",
        "running",
        "ports",
        "processes",
        "database",
        "tables",
        "secrets",
        "clock",
        "inbox",
        "subscribers",
        "worker",
    )
    assert {part: states(found, part)[part] for part in parts} == {part: {"ok"} for part in parts}
    assert states(found, "durable") == {"durable": {"fail"}}, "the tests' servers do not sync: the doctor sees it"
    assert "fsync" in found["durable"][0]["says"]
    assert states(found, "backup", "log") == {"backup": {"warn"}, "log": {"warn"}}
    assert "There is no backup" in found["backup"][0]["says"]


def test_what_is_broken_is_named(house):
    drain = house.pids("linli.project.cli drain")[0]
    key = house.data / "master.key"
    before = key.read_bytes()
    with house.database() as connection:
        connection.execute(
            "INSERT INTO access_corp (id, wecom_id, name, zone, created_at) VALUES (9, 'w9', 'n', 'UTC', now())"
        )
        connection.execute(
            "INSERT INTO access_secret (corp_id, name, sealed, changed_at) VALUES (9, 'x', '\\x02aaaa', now())"
        )
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'access_corp_pkey'::regclass")
        connection.execute("DELETE FROM django_migrations WHERE app = 'insights'")
        connection.execute("ALTER TABLE access_corp ADD CONSTRAINT unproven CHECK (id > 0) NOT VALID")
        connection.execute(
            "INSERT INTO ledger_inbox (corp_id, payload_hash, kind, object_key, payload, event_at, received_at, state, tries,"
            " error, copies, welcome_state, welcome_error, user_id, channel_state) SELECT 9, n::text::bytea, 'k', 'o', '',"
            " now(), now() - interval '1 hour', n, 8, '', 0, 0, '', '', '' FROM (VALUES (0), (2)) AS v (n)"
        )
        connection.execute("UPDATE ledger_inbox SET claimed_until = now() + interval '1 hour' WHERE state = 0")
        connection.execute("INSERT INTO ledger_cursor (name, position, tries, error) VALUES ('stuck', 0, 3, 'why')")
    house.until((house.data / "alive" / "drain").exists)  # on a busy machine it may not have begun
    os.kill(drain, signal.SIGSTOP)
    os.utime(house.data / "alive" / "drain", (0, 0))
    house.data.chmod(0o777)
    key.chmod(0o644)
    try:
        found = doctor(house)
    finally:
        os.kill(drain, signal.SIGCONT)
        house.data.chmod(0o755)
        key.chmod(0o600)
        with house.database() as connection:
            connection.execute("UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'access_corp_pkey'::regclass")
            connection.execute("ALTER TABLE access_corp DROP CONSTRAINT unproven")
            connection.execute(
                "DELETE FROM access_secret; DELETE FROM ledger_inbox; DELETE FROM ledger_cursor WHERE name = 'stuck'"
            )
    assert "Others on this machine can write" in found["data_dir"][0]["says"]
    assert "Others on this machine can read" in found["master_key"][0]["says"]
    assert ["drain has given no sign" in one["says"] for one in found["processes"] if one["state"] == "fail"] == [True]
    said = " ".join(one["says"] for one in found["tables"])
    assert "migrations wait, the first is insights.0001_initial" in said
    assert "index access_corp_pkey is half-made" in said
    assert "access_corp.unproven was never checked" in said
    assert "1 of 1 secrets do not open" in found["secrets"][0]["says"]
    assert "1 callbacks are parked" in found["inbox"][0]["says"]
    assert "the oldest for 36" in found["inbox"][1]["says"]
    assert "stuck waits on a fact that failed 3 times" in found["subscribers"][0]["says"]
    assert key.read_bytes() == before


def test_a_lost_master_key_is_named_and_none_is_made(house):
    key = house.data / "master.key"
    aside = key.rename(house.folder / "aside")
    try:
        found = doctor(house)
        assert not key.exists(), "the doctor looks, and makes nothing"
    finally:
        aside.rename(key)
    assert states(found, "master_key", "database") == {"master_key": {"fail"}, "database": {"fail"}}
    assert "Put the key back" in found["master_key"][0]["todo"]


def test_chinese_comes_first(house):
    done = house.run("doctor")
    assert "✗ 落盘　fsync" in done.stdout
    assert "→ 运行：linli backup" in done.stdout


def test_backups_and_the_log_are_looked_at(house):
    house.well("backup")
    found = doctor(house)
    assert "on the disk of the data" in found["backup"][0]["todo"] or "No nightly backup" in found["backup"][0]["todo"]
    assert states(found, "log")["log"] <= {"ok", "fail"}, "the keeper may be just beginning"
    note = next(house.backups.glob("base/*/linli.json"))
    note.write_text(note.read_text().replace('"finished_at": "2', '"finished_at": "1'))
    assert states(doctor(house), "backup") == {"backup": {"fail"}}


def test_a_house_that_stands_still_and_a_taken_port(seed):
    with a_house(seed) as still, socket.socket() as held:
        held.bind(("127.0.0.1", int(still.env["LINLI_INGRESS_PORT"])))
        held.listen()
        found = doctor(still)
        assert states(found, "running", "ports") == {"running": {"warn"}, "ports": {"ok", "fail"}}
        assert "LINLI_INGRESS_PORT" in next(one for one in found["ports"] if one["state"] == "fail")["says"]


def test_a_database_that_cannot_start_is_named(seed):
    with a_house(seed) as broken:
        (broken.data / "postgres" / "pgdata" / "global" / "pg_control").unlink()
        found = doctor(broken)
        assert states(found, "database") == {"database": {"fail"}}
        assert states(found, "master_key") == {"master_key": {"ok"}}, "the others are still looked at"


def test_an_empty_directory_is_no_house():
    with a_house() as none:
        assert "there is no house" in none.refused("doctor")
        assert not none.data.exists()


class Wecom:
    """A WeCom that refuses: path → errcode; `date` goes into its Date header."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self.departments: list[dict] = [{"id": 1, "name": "总部", "parentid": 0, "order": 1}]
        self.followers: list[str] = ["zhou"]
        self.date = ""
        wecom = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.split("?")[0].removeprefix("/cgi-bin/")
                code = wecom.codes.get(path, 0)
                body = json.dumps({
                    "errcode": code, "errmsg": "not allow to access from your ip" if code else "ok", "access_token": "t" * 40,
                    "expires_in": 7200, "department": [] if code else wecom.departments,
                    "follow_user": [] if code else wecom.followers,
                }).encode()  # fmt: skip
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return wecom.date or super().date_time_string(timestamp)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def wecom():
    it = Wecom()
    yield it
    it.server.shutdown()


@pytest.fixture
def seen(transactional_db, corp, wecom):
    """What the doctor says of this corp: check → (state, says, todo)."""
    connect.connect_corp(corp_id=corp.id, base_url=wecom.url, agent_id=1, secret="s" * 43)
    return lambda: examined(corp.id)


def examined(corp_id: int) -> dict[str, tuple[str, str, str]]:
    asked = corp.ask(corp_id)
    return {name: answer for name, _, check in CORP for answer in check(asked)}


def test_a_corp_that_has_everything(seen):
    found = seen()
    for name in ("wecom_token", "wecom_ip", "wecom_app", "wecom_contact", "wecom_range", "wecom_clock"):
        assert found[name][0] == "ok", found[name]
    assert found["js_domain"][0] == "unknown"


@pytest.mark.parametrize(
    ("codes", "check", "word"),
    [
        ({"gettoken": 40001}, "wecom_token", "40001"),
        ({"department/list": 60020, "externalcontact/get_follow_user_list": 60020}, "wecom_ip", "60020"),
        ({"externalcontact/get_follow_user_list": 48002}, "wecom_app", "48002"),
        ({"department/list": 60011}, "wecom_range", "60011"),
    ],
)
def test_what_wecom_refuses_is_named(seen, wecom, codes, check, word):
    wecom.codes = codes
    found = seen()
    assert found[check][0] == "fail"
    assert word in found[check][1]
    assert found[check][2]
    assert [name for name, answer in found.items() if answer[0] == "fail" and name.startswith("wecom")] == [check], (
        "only that"
    )


def test_what_wecom_leaves_empty_is_named(seen, wecom):
    wecom.departments, wecom.followers = [], []
    wecom.date = "Thu, 01 Jan 2026 00:00:00 GMT"
    found = seen()
    assert {name for name, answer in found.items() if answer[0] in {"fail", "warn"}} >= {
        "wecom_contact",
        "wecom_range",
        "wecom_clock",
    }


def test_the_callback_address_is_tried_as_wecom_does(ingress, seen, wecom, settings, corp):
    settings.LINLI = replace(settings.LINLI, callback_url=ingress.base)
    found = seen()
    assert found["callback_answers"][0] == "ok"
    assert (found["callback_keys"][0], found["callback_url"][0]) == ("unknown", "warn"), (
        "nothing came yet; 127.0.0.1 is not public"
    )
    settings.LINLI = replace(settings.LINLI, callback_url=wecom.url)
    assert "Something else answers" in english(seen)["callback_answers"][1]
    settings.LINLI = replace(settings.LINLI, callback_url="https://127.0.0.1:1")
    assert "does not answer from here" in english(seen)["callback_answers"][1]


def test_a_wrong_aes_key_shows_in_what_comes(ingress, seen, corp):
    from linli.ledger.models import IngressCount
    from tests.ingress.test_ingress import counted, event

    assert ingress.post(event(), signature="0" * 40).status_code == 403
    assert counted()["bad_signature"] == 1
    assert seen()["callback_keys"][0] == "fail"
    assert ingress.post(event()).status_code == 200
    assert seen()["callback_keys"][0] == "warn"
    IngressCount.objects.all().delete()
    assert seen()["callback_keys"][0] == "ok"


def english(seen):
    from django.utils import translation

    with translation.override("en"):
        return seen()


def test_the_page_shows_the_same(console, corp, settings):
    page = console.get("/settings/doctor")
    assert page.status_code == 200
    assert "体检" in page.content.decode()
    found = console.get("/settings/doctor/findings")
    assert found.status_code == 200
    assert "主密钥" in found.content.decode()
    console.logout()
    assert console.get("/settings/doctor/findings").status_code == 302
