"""A sync run tells how far it is and what it could not fetch."""

import pytest
from django.db import connection, transaction

from linli.connect import api as connect
from linli.connect.models import SyncRun
from linli.kit.clock import now


def test_run_ends_done_partial_or_failed(line):
    with connect.run(corp_id=line.id, kind="a") as run:
        run.progress(3, 10)
        assert SyncRun.objects.get(id=run.id).done == 3
        run.progress(10)
    with connect.run(corp_id=line.id, kind="b") as run:
        run.could_not("customers of zhangsan", "60111")
    with pytest.raises(ZeroDivisionError), connect.run(corp_id=line.id, kind="c") as run:
        run.progress(1, 2)
        1 / 0  # noqa: B018
    rows = {one.kind: one for one in connect.latest_runs(corp_id=line.id)}
    assert [(rows[k].state, rows[k].done, rows[k].total) for k in "abc"] == [
        ("done", 10, 10),
        ("partial", 0, None),
        ("failed", 1, 2),
    ]
    assert rows["b"].missing == ({"what": "customers of zhangsan", "why": "60111"},)
    assert "ZeroDivisionError" in rows["c"].missing[0]["why"]
    assert all(row.finished_at for row in rows.values())


def test_run_stops_when_asked(line):
    with pytest.raises(connect.RunCancelled), connect.run(corp_id=line.id, kind="a") as run:
        connect.stop_run(corp_id=line.id, run_id=run.id)
        run.save()
    assert SyncRun.objects.get(corp_id=line.id).state == "cancelled"


def test_run_inside_a_transaction_is_refused(line):
    with pytest.raises(RuntimeError), transaction.atomic(), connect.run(corp_id=line.id, kind="a"):
        pass
    assert not SyncRun.objects.exists()


def test_another_corp_cannot_stop_it(line):
    with connect.run(corp_id=line.id, kind="a") as run:
        connect.stop_run(corp_id=line.id + 1, run_id=run.id)
        run.save()
    assert SyncRun.objects.get(id=run.id).state == "done"


def test_a_run_whose_process_died_is_failed_and_a_live_one_is_not(line):
    with connect.run(corp_id=line.id, kind="directory") as run:
        dead = SyncRun.objects.create(corp_id=line.id, kind="customers", started_at=now())
        assert connect.fail_dead_runs() == [dead.pk]
        run.progress(3, 10)
    assert connect.fail_dead_runs() == []
    dead.refresh_from_db()
    assert (dead.state, dead.missing[0]["what"]) == ("failed", "customers")
    assert dead.finished_at is not None
    assert SyncRun.objects.get(id=run.id).state == "done"
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", [run.id])
        assert cursor.fetchone() == (0,)


def test_a_step_keeps_its_work_its_counts_and_its_place_as_one(line):
    with connect.run(corp_id=line.id, kind="a") as run:
        with run.step({"page": 2}):
            run.finds.kept_out += 1
            run.progress(100)
        kept = SyncRun.objects.get(id=run.id)
        assert (kept.cursor, kept.done, kept.found["kept_out"]) == ({"page": 2}, 100, 1)
        with pytest.raises(ZeroDivisionError), run.step({"page": 3}):
            run.finds.kept_out += 1
            run.progress(200)
            SyncRun.objects.filter(id=run.id).update(kind="written in the block")
            1 / 0  # noqa: B018
        assert (run.cursor, run.done, run.finds.kept_out) == ({"page": 2}, 100, 1)
        run.save()
    kept.refresh_from_db()
    assert (kept.kind, kept.done, kept.found["kept_out"]) == ("a", 100, 1)


def test_who_asks_a_run_to_stop_in_a_step_stops_it_behind_the_step(line):
    with pytest.raises(connect.RunCancelled), connect.run(corp_id=line.id, kind="a") as run:
        run.save()
        with run.step({"page": 2}):
            connect.stop_run(corp_id=line.id, run_id=run.id)
        raise AssertionError("it went on")
    assert SyncRun.objects.values_list("state", "cursor").get(id=run.id) == ("cancelled", {"page": 2})
