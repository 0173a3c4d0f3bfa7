"""What hangs inside a process that is otherwise well: a subscriber silences its process, a page is stopped; both are shown."""

import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import psycopg
import pytest
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse

from linli.kit import heartbeat
from linli.kit.settings import CONSOLE_THREADS, read_settings
from linli.ledger import api as ledger
from linli.project import answering
from linli.project.delivering import Round
from tests.ledger.test_parked import say
from tests.ledger.wiring import wiring  # noqa: F401 - a fixture
from tests.project.house import ROOT, soon

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def heart(tmp_path, monkeypatch):
    """The process's sign of life, as its supervisor would have set it up."""
    file = heartbeat.beat_file(tmp_path, "deliver")
    file.parent.mkdir()
    monkeypatch.setattr(heartbeat, "_file", file)
    yield file
    heartbeat.watch_threads(0)


def beats(heart) -> bool:
    """Would the supervisor hear it now?"""
    heartbeat._last.clear()
    heart.unlink(missing_ok=True)
    heartbeat.beat()
    return heart.exists()


def test_a_hung_subscriber_silences_its_process_until_it_goes_on(corp, heart, caplog):
    entered, leave, stop = threading.Event(), threading.Event(), threading.Event()

    def hang(facts):
        entered.set()
        leave.wait(120)

    say(corp, ("x:1", 1))
    heartbeat.watch_threads(3)
    with Round([ledger.Subscription(name="hung", kinds=("test.done",), handler=hang)], stop):
        try:
            assert entered.wait(60)
            assert heart.with_name("deliver:hung").exists(), "shown by its name"
            soon(lambda: not beats(heart))
            soon(lambda: "hung gave no sign of life for 3 s" in caplog.text)
            leave.set()
            soon(lambda: beats(heart))
        finally:
            leave.set()
            stop.set()
    heartbeat.watch_threads(3)
    assert not heart.with_name("deliver:hung").exists(), "a successor begins anew"


def test_each_statement_of_a_long_batch_is_a_sign(corp, heart):
    """An import's facts may keep a subscriber busy for longer than anybody's patience."""
    signs, done, stop = [], threading.Event(), threading.Event()

    def work(facts):
        for _ in facts:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            signs.append(heartbeat._signs.get("busy"))
        done.set()

    say(corp, *((f"x:{n}", n) for n in range(50)))
    heartbeat.watch_threads(60)
    with Round([ledger.Subscription(name="busy", kinds=("test.done",), handler=work)], stop):
        assert done.wait(60)
        stop.set()
    assert len(set(signs)) == len(signs) == 50


def test_a_thread_that_stands_still_is_on_the_page_and_in_the_figures(console, wiring, monkeypatch, tmp_path):  # noqa: F811 - the fixture
    monkeypatch.setenv("LINLI_DATA_DIR", str(tmp_path))
    folder = heartbeat.beat_file(tmp_path, "")
    folder.mkdir()
    for name, ago in (("deliver:still", 300), ("deliver:well", 5), ("drain", 4000)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - ago,) * 2)
    wiring[:] = [
        ledger.Subscription(name=name, kinds=("test.done",), handler=lambda facts: None) for name in ("still", "well")
    ]
    page = console.get(reverse("running:index")).content.decode()
    assert page.count("停了 5 分钟") == 1
    assert page.count("停了") == 1
    assert 'linli_silent_seconds{name="deliver:still"} 30' in console.get("/metrics").content.decode()


def test_a_late_request_is_told_once_and_only_when_all_threads_are_held_the_console_is_silent(heart, caplog):
    request = RequestFactory().get("/")
    with ExitStack() as held:
        for _ in range(CONSOLE_THREADS - 1):
            held.enter_context(answering.in_hand(request, "id1"))
        for _ in range(2):
            heart.unlink(missing_ok=True)
            heartbeat._last.clear()
            answering.look(1e-9)
            assert heart.exists(), "one thread is left to answer"
        assert len(caplog.records) == CONSOLE_THREADS - 1, "each is told once"
        held.enter_context(answering.in_hand(request, "id2"))
        heart.unlink()
        heartbeat._last.clear()
        answering.look(3600)
        assert heart.exists(), "busy is not late"
        heart.unlink()
        heartbeat._last.clear()
        answering.look(1e-9)
        assert not heart.exists()
    answering.look(1e-9)
    assert heart.exists()


@pytest.mark.parametrize(("process", "limit"), [("console", "10s"), ("worker", "0")])
def test_no_statement_of_the_console_runs_for_ever(process, limit):
    code = (
        "import django; django.setup()\nfrom django.db import connection as c\n"
        "with c.cursor() as x: x.execute('SHOW statement_timeout'); print(x.fetchone()[0])"
    )
    env = {
        "LINLI_PROCESS": process, "LINLI_HANG_LIMIT": "2", "PYTHONPATH": "src",
        "DJANGO_SETTINGS_MODULE": "linli.project.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | env, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == limit


def test_a_page_that_takes_too_long_is_stopped_in_a_sentence(console):
    name = connection.settings_dict["NAME"]
    with psycopg.connect(read_settings().database_url, dbname=name) as rival, connection.cursor() as cursor:
        rival.execute("LOCK TABLE customers_customer")
        cursor.execute("SET statement_timeout = '1s'")
        try:
            answer = console.get(reverse("customers:index"))
        finally:
            cursor.execute("RESET statement_timeout")
    assert answer.status_code == 503
    assert "太久没有完成" in answer.content.decode()
