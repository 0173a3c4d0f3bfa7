"""/healthz, /readyz and /metrics as a supervisor, a balancer and Prometheus ask them."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from prometheus_client.parser import text_string_to_metric_families

from linli.kit.sealing import sealer_from_env
from linli.ledger.models import InboxRow

pytestmark = pytest.mark.django_db(transaction=True)


def waiting(corp, *, since: timedelta, **more) -> InboxRow:
    at = datetime.now(UTC) - since
    return InboxRow.objects.create(
        corp_id=corp.id, payload_hash=hashlib.sha256(str(at).encode()).digest(), kind="k", object_key="customer:1", payload=b"x",
        event_at=at, received_at=at, **more,
    )  # fmt: skip


def test_ready_when_every_part_is(client):
    sealer_from_env()  # makes the key, as the first start does
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200, {"ready": True, "parts": {"database": "ok", "migrations": "ok", "master_key": "ok", "drain": "ok"}},
    )  # fmt: skip


def test_not_ready_says_which_part(client, corp, monkeypatch, tmp_path):
    row = waiting(corp, since=timedelta(minutes=5))
    monkeypatch.setenv("LINLI_MASTER_KEY_FILE", str(tmp_path / "none"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database": "ok", "migrations": "ok", "master_key": "missing", "drain": "stuck"}
    assert not (tmp_path / "none").exists(), "asking makes no key"
    (tmp_path / "none").write_bytes(b"short")
    InboxRow.objects.filter(id=row.pk).update(tries=1)
    assert client.get("/readyz").json()["parts"] == {
        "database": "ok", "migrations": "ok", "master_key": "broken", "drain": "ok",
    }  # fmt: skip


def test_a_migration_that_is_missing_is_told(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'insights' RETURNING app, name, applied")
        rows = cursor.fetchall()
    try:
        assert client.get("/readyz").json()["parts"]["migrations"] == "pending"
        assert client.get("/healthz").status_code == 200, "alive all the same"
    finally:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", rows)


def figures(client, **headers) -> dict[tuple, float]:
    text = client.get("/metrics", headers=headers).content.decode()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_figures_come_from_the_database_and_from_the_processes(client, corp):
    from linli.kit.metrics import API_CALLS, start

    start("worker")

    waiting(corp, since=timedelta(seconds=90))
    waiting(corp, since=timedelta(hours=2), state=InboxRow.State.PARKED)
    before = figures(client)
    API_CALLS.labels("user/get", "45009").inc()
    found = figures(client)
    key = ("linli_wecom_calls_total", ("api", "user/get"), ("errcode", "45009"))
    assert found[key] - before.get(key, 0) == 1
    assert found["linli_inbox_rows", ("corp", str(corp.id)), ("state", "waiting")] == 1
    assert found["linli_inbox_rows", ("corp", str(corp.id)), ("state", "parked")] == 1
    assert 85 < found["linli_inbox_oldest_waiting_seconds",] < 120
    assert found["linli_database_bytes",] > 1e6


def test_figures_are_not_for_strangers(client, monkeypatch):
    assert client.get("/metrics").status_code == 200, "from this machine itself"
    assert client.get("/metrics", headers={"X-Forwarded-For": "9.9.9.9"}).status_code == 403, "through a proxy"
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 403
    monkeypatch.setenv("LINLI_METRICS_TOKEN", "t0ken")
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers={"Authorization": "Bearer t0ken"}).status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9", headers={"Authorization": "Bearer "}).status_code == 403
