"""Logs: one JSON object a line with its ids, nothing secret in it; plain for a terminal."""

import json
import logging
import os
import re
import subprocess
import sys

import pytest

from linli.kit import logs
from linli.kit.errors import BadInput

SECRETS = {
    "https://qyapi.weixin.qq.com/cgi-bin/user/get?access_token=Abc_d-9&userid=z": "Abc_d-9",
    "corpsecret=s3cr3t&corpid=ww1": "s3cr3t",
    "Authorization: Bearer lk_live_abcdef": "lk_live_abcdef",
    '{"password": "hunter2 "}': "hunter2",
    "postgresql://linli:p4ssword@db:5432/linli": "p4ssword",
    "key abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG is bad": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "call 13912345678 now": "13912345678",
    "call +86 139 or 8613912345678": "13912345678",
    "mail zhou.lan@example.com": "zhou.lan@example.com",
}


@pytest.mark.parametrize(("text", "secret"), SECRETS.items())
def test_the_last_net_takes_what_looks_like_a_secret(text, secret):
    assert secret not in logs.redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "send 1391234567890123: task 12",
        "inbox row 20101201 of wmAbcdefghijklmnopqrstuvwxyz0123456",
        "at 2011-03-01 09:00:00",
    ],
)
def test_the_net_leaves_ids_and_times_alone(text):
    assert logs.redact(text) == text


def line(record: logging.LogRecord) -> dict:
    logs.Gather().filter(record)
    text = logs.JsonLines("drain").format(record)
    assert "\n" not in text
    return json.loads(text)


def record(message: str, *args, exc_info=None) -> logging.LogRecord:
    return logging.LogRecord("linli.x", logging.WARNING, __file__, 1, message, args, exc_info)


def test_a_line_has_its_fields_and_what_is_bound():
    with logs.bound(request_id="r1"), logs.bound(job_id=7, corp_id=3):
        found = line(record("two\nlines of %s", "12"))
    assert {**found, "ts": ""} == {
        "ts": "", "level": "warning", "logger": "linli.x", "message": "two\nlines of 12", "process": "drain", "request_id": "r1",
        "job_id": 7, "corp_id": 3,
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", found["ts"])
    assert "request_id" not in line(record("outside"))


def test_a_traceback_shows_lines_but_no_values():
    phone = "1" + "3800138000"
    try:
        int(f"x{phone}")
    except ValueError:
        found = line(record("failed", exc_info=sys.exc_info()))
    assert "ValueError" in found["traceback"]
    assert "test_logs.py" in found["traceback"]
    assert "phone = " not in found["traceback"]


def test_a_request_id_is_taken_only_if_it_is_one():
    assert logs.request_id("a-B_1.9") == "a-B_1.9"
    for given in (None, "", "x" * 65, "two\nlines", '"}', "<b>", "-x"):
        assert re.fullmatch(r"[0-9a-f]{32}", logs.request_id(given))


def test_the_way_is_chosen_by_name_or_by_the_terminal():
    assert logs.is_json({"LINLI_LOG": "json"})
    assert not logs.is_json({"LINLI_LOG": "text"})
    with pytest.raises(BadInput, match="LINLI_LOG"):
        logs.is_json({"LINLI_LOG": "xml"})
    code = "import logging.config; from linli.kit import logs; logging.config.dictConfig(logs.config('drain')); logging.getLogger('linli.a').info('hello')"
    env = {**os.environ, "PYTHONPATH": "src"}
    told = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stderr
    assert json.loads(told)["message"] == "hello"
    told = subprocess.run(
        [sys.executable, "-c", code.replace("info", "warning")],
        env={**env, "LINLI_LOG": "text"},
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert re.fullmatch(r"drain: [-0-9 :,]+ WARNING linli\.a hello\n", told)


def test_the_console_answers_the_id_and_logs_the_route_not_the_address(client, db, caplog):
    caplog.set_level(logging.INFO, "linli.request")
    answer = client.get("/sign-in", {"next": "/customers/?q=13912345678"}, headers={"X-Request-ID": "proxy-7"})
    assert answer.headers["X-Request-ID"] == "proxy-7"
    assert len(client.get("/sign-in", headers={"X-Request-ID": "no good"}).headers["X-Request-ID"]) == 32
    told = [one for one in caplog.records if one.name == "linli.request"]
    assert (told[0].route, told[0].status, told[0].method) == ("sign-in", 200, "GET")
    assert "1391" not in caplog.text


def test_what_passes_by_itself_is_one_line_and_a_mistake_is_a_traceback():
    from linli.project.processes import briefly
    from linli.wecom.errors import NotSent

    def line(error: Exception) -> dict:
        try:
            raise error
        except type(error):
            record = logging.makeLogRecord({"msg": "Job %s failed", "args": ("x",), "exc_info": sys.exc_info()})
        assert briefly(record)
        return json.loads(logs.JsonLines("worker").format(record))

    brief = line(NotSent("user/get", "refused"))
    assert brief["message"] == "Job x failed (NotSent -90201)"
    assert "traceback" not in brief
    assert "KeyError" in line(KeyError("a bug"))["traceback"]
