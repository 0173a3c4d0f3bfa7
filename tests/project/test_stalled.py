"""What a killed worker had in hand is taken up again, so its locks do not stand for ever."""

import threading

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from linli.connect import api as connect
from linli.project import stalled, ticker


@pytest.fixture(autouse=True)
def _no_other_jobs(request):
    """The jobs of earlier tests are not flushed with the tables of models."""
    if "transactional_db" in request.fixturenames:
        request.getfixturevalue("transactional_db")
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def fetch(silent_s: int) -> tuple[int, int]:
    """A worker that was last heard so many seconds ago takes a job in hand; (worker, job)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
            [silent_s],
        )
        worker = cursor.fetchone()[0]
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", [worker])
        return worker, cursor.fetchone()[0]


def states() -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, status::text FROM procrastinate_jobs")
        return dict(cursor.fetchall())


def prune() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM procrastinate_prune_stalled_workers_v1(30)")


@pytest.mark.parametrize("pruned", [False, True])
def test_the_job_of_a_dead_worker_can_be_fetched_again(corp, transactional_db, pruned):
    assert connect.start_reconciliation(corp_id=corp.id)
    _worker, job = fetch(31)
    if pruned:  # a worker's start removes the dead ones: their jobs are then nobody's
        prune()
    assert stalled.take_up_stalled() == 1
    assert states()[job] == "todo"
    assert fetch(0)[1] == job


def test_the_job_of_a_live_worker_is_left_alone(corp, transactional_db):
    connect.start_reconciliation(corp_id=corp.id)
    _worker, job = fetch(5)
    assert stalled.take_up_stalled() == 0
    assert states()[job] == "doing"


def test_where_the_same_job_waits_already_the_dead_one_lets_it_pass(corp, transactional_db):
    lock = {"queueing_lock": f"customers.mark_tags:{corp.id}", "lock": f"customers.mark_tags:{corp.id}"}
    task = app.configure_task("customers.mark_tags", **lock)
    dead = task.defer(corp_id=corp.id)
    assert fetch(31)[1] == dead
    waiting = task.defer(corp_id=corp.id)
    assert stalled.take_up_stalled() == 1
    assert states() == {dead: "failed", waiting: "todo"}
    assert fetch(0)[1] == waiting


def test_a_job_that_ends_its_worker_each_time_is_given_up(corp, transactional_db):
    connect.start_reconciliation(corp_id=corp.id)
    _worker, job = fetch(31)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 10 WHERE id = %s", [job])
    stalled.take_up_stalled()
    assert states()[job] == "failed"
    assert fetch(0)[1] != job


def test_a_new_worker_takes_up_at_once_what_its_predecessor_held(corp, transactional_db):
    connect.start_reconciliation(corp_id=corp.id)
    _worker, job = fetch(0)
    assert stalled.take_up_stalled() == 0
    assert stalled.take_up_all() == 1
    assert fetch(0)[1] == job


def test_the_ticker_takes_up_once_a_minute(monkeypatch):
    moments = iter([0.0, 1.0, 59.0, 60.5])
    looks, ticks, kept, stop = [], [], [], threading.Event()

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 4:
            stop.set()

    monkeypatch.setattr(ticker, "_EVERY_S", 0.001)
    monkeypatch.setattr(ticker, "monotonic", lambda: next(moments))
    monkeypatch.setattr(ticker, "take_up_stalled", lambda: looks.append(1))
    monkeypatch.setattr(ticker.ledger, "wake_callbacks", lambda **_errors: looks.append(1))
    monkeypatch.setattr(ticker, "tick", tick)
    monkeypatch.setattr(ticker.Keeper, "look", lambda _self, at: kept.append(at))
    ticker.start(stop).join(timeout=5)
    assert (len(ticks), len(looks), kept) == (4, 2 * 2, [0.0, 1.0, 59.0, 60.5])
