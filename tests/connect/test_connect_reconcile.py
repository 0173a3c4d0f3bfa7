"""A reconciliation: once a night by the wall clock, room after room as jobs, resumed after a kill, stopped when asked."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django import app

from linli.access import api as access
from linli.access.models import Account
from linli.connect import api as connect
from linli.connect.models import CorpLine, Reconciliation, SyncRun
from linli.connect.nights import night_of
from linli.directory import api as directory
from tests.connect.staged import befriend


@pytest.fixture(autouse=True)
def _no_other_jobs(transactional_db):
    """The jobs of earlier tests are not flushed with the tables of models."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def administrator(client, line):
    account = access.create_administrator(corp_id=line.id, username="admin", password="a long pass phrase", name="周岚")
    client.force_login(Account.objects.get(id=account))
    return client


def jobs() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id")
        return list(cursor.fetchall())


def work() -> None:
    """What waits, done as the worker does it: one job after the other, in their order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        waiting = cursor.fetchall()
    for job_id, name, args in waiting:
        if not name.endswith(".reconcile"):
            continue
        values = args if isinstance(args, dict) else __import__("json").loads(args)
        app.tasks[name].func(**values)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])


def forget_nights() -> None:
    Reconciliation.objects.all().delete()


def test_the_night_is_the_zones_and_corps_are_spread(line, settings):
    settings.LINLI = replace(settings.LINLI, nightly_at=time(3, 30))
    late = night_of(corp_id=line.id, at=datetime(2026, 11, 21, 20, 5, tzinfo=UTC))  # 04:05 in Shanghai
    early = night_of(corp_id=line.id, at=datetime(2026, 11, 21, 19, 25, tzinfo=UTC))  # 03:25
    assert (late, early) == (date(2026, 11, 22), date(2026, 11, 21))
    moment = datetime(2026, 11, 21, 19, 45, tzinfo=UTC)  # 03:45: some corps have begun, others have not
    others = [access.create_corp(wecom_id=f"ww-{n}", name=str(n)).id for n in range(20)]
    assert {night_of(corp_id=one, at=moment) for one in others} == {date(2026, 11, 21), date(2026, 11, 22)}


def test_connecting_needs_no_comparison_before_its_first_night(line):
    assert connect.reconcile_if_due(corp_id=line.id) is None
    assert jobs() == []
    assert connect.latest_reconciliations(corp_id=line.id) == []


def test_once_a_night_however_many_processes_look(line):
    forget_nights()
    found: list[int | None] = []
    together = threading.Barrier(6)

    def look() -> None:
        try:
            together.wait()
            found.append(connect.reconcile_if_due(corp_id=line.id))
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one is None for one in found) == [False, True, True, True, True, True]
    assert [name for name, _ in jobs()] == [f"{kind}.reconcile" for kind in connect.KINDS]


def test_a_clock_that_went_back_over_the_hour_begins_no_second_one(line):
    forget_nights()
    assert connect.reconcile_if_due(corp_id=line.id)
    row = Reconciliation.objects.get()
    Reconciliation.objects.update(night=date.fromordinal(row.night.toordinal() + 1))  # as if it had begun an hour ahead
    assert connect.reconcile_if_due(corp_id=line.id) is None


def test_room_after_room_and_what_each_found_is_kept(line, stage):
    directory.sync(corp_id=line.id)
    befriend(stage, 1, "clerk0-0")
    begun = connect.start_reconciliation(corp_id=line.id, by="周岚")
    assert connect.start_reconciliation(corp_id=line.id) is None  # one at a time
    work()
    done = connect.latest_reconciliations(corp_id=line.id)[0]
    assert (done.id, done.state, done.by, done.night) == (begun, "done", "周岚", None)
    assert [run.kind for run in done.runs] == list(connect.KINDS)
    assert all(run.state == "done" for run in done.runs)
    assert done.compared.added > 0
    assert connect.start_reconciliation(corp_id=line.id)


def test_a_killed_room_is_begun_again_and_the_others_are_not(line, stage):
    begun = connect.start_reconciliation(corp_id=line.id)
    rooms = Reconciliation.objects.get(id=begun)
    SyncRun.objects.create(
        corp_id=line.id, kind="directory", state="done", started_at=rooms.asked_at, reconciliation=rooms
    )
    dead = SyncRun.objects.create(corp_id=line.id, kind="customers", started_at=rooms.asked_at, reconciliation=rooms)
    assert connect.fail_dead_runs() == [dead.pk]
    work()
    kinds = list(SyncRun.objects.filter(reconciliation=rooms).order_by("id").values_list("kind", "state"))
    assert kinds == [
        ("directory", "done"), ("customers", "failed"), ("customers", "done"), ("groups", "done"),
        ("handover", "done"), ("messaging", "done"), ("acquisition", "done"), ("moments", "done"), ("staff_days", "done"),
        ("group_days", "done"),
    ]  # fmt: skip
    assert connect.latest_reconciliations(corp_id=line.id)[0].state == "done"


def test_what_no_job_works_on_any_more_is_closed(line):
    connect.start_reconciliation(corp_id=line.id)
    connect.close_abandoned()
    assert Reconciliation.objects.get(night=None).state == "running"  # its jobs wait
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    connect.close_abandoned()
    assert Reconciliation.objects.get(night=None).state == "failed"
    assert connect.start_reconciliation(corp_id=line.id)


def test_a_room_that_fails_is_listed_and_the_next_ones_go_on(line, stage):
    stage.control("callback", {"corp_id": "no"}, status=404)
    CorpLine.objects.update(base_url="http://127.0.0.1:9")  # nobody listens there
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("linli.wecom.transport._FIRST_WAIT", 0.001)
        connect.start_reconciliation(corp_id=line.id)
        work()
    failed = connect.latest_reconciliations(corp_id=line.id)[0]
    assert failed.state == "partial"  # without open sends and codes nothing is asked for them
    assert {run.kind: run.state for run in failed.runs}["customers"] == "failed"
    assert "拒绝了连接" in connect.line(corp_id=line.id).check_text
    CorpLine.objects.update(base_url=stage.hosted.url)
    connect.start_reconciliation(corp_id=line.id)
    work()
    assert connect.latest_reconciliations(corp_id=line.id)[0].state == "done"
    assert connect.line(corp_id=line.id).check_text == ""


def test_the_page_starts_shows_and_stops_one(administrator, line, stage):
    page = administrator.get(reverse("connect:comparing"))
    assert page.status_code == 200
    assert administrator.post(reverse("connect:compare")).status_code == 302
    assert administrator.post(reverse("connect:compare")).status_code == 302
    assert len(jobs()) == len(connect.KINDS)
    live = administrator.get(reverse("connect:comparing_live"))
    assert 'hx-trigger="load delay:2s"' in live.text
    running = connect.latest_reconciliations(corp_id=line.id)[0]
    assert (running.by, running.state) == ("周岚", "running")
    administrator.post(reverse("connect:compare_stop", args=[running.id]))
    work()
    assert connect.latest_reconciliations(corp_id=line.id)[0].state == "cancelled"
    assert not SyncRun.objects.filter(reconciliation_id=running.id).exists()
    assert "hx-trigger" not in administrator.get(reverse("connect:comparing_live")).text


def test_the_figures_over_all(line, stage):
    directory.sync(corp_id=line.id)
    from linli.customers import api as customers

    befriend(stage, 1, "clerk0-0")
    customers.sync(corp_id=line.id)
    befriend(stage, 2, "clerk0-0")
    customers.reconcile(corp_id=line.id)
    found = connect.reconciliations(corp_id=line.id)
    assert dict(found.missed_callbacks) == {"change_external_contact.add_external_contact": 1}
    assert dict(found.undetectable) == {"welcomes": 1}
    assert (found.readings, found.could_not_read) == (3, ())
