"""One token for all, and the gate that keeps calls out of transactions."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from linli.connect import api as connect
from linli.connect.models import AppToken
from linli.connect.seals import open_text
from linli.connect.tokens import SharedToken
from linli.wecom.errors import TokenInvalid
from tests.connect.staged import seed


def test_token_is_fetched_once_by_eight_threads_under_forced_expiry(line, stage):
    client = connect.client(corp_id=line.id)
    client.department_list()
    before = AppToken.objects.get(corp_id=line.id).version
    fetched = stage.control("counters")["api_calls"]["gettoken"]
    stage.control("seed", {**seed(), "reset": True})  # voids every token given out, as WeCom may at any time
    gate = threading.Barrier(8)

    def call() -> int:
        gate.wait()
        try:
            return len(connect.client(corp_id=line.id).department_list())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = [future.result() for future in [pool.submit(call) for _ in range(8)]]
    assert found == [6] * 8
    assert stage.control("counters")["api_calls"]["gettoken"] == fetched + 1
    assert AppToken.objects.get(corp_id=line.id).version == before + 1


def test_expired_token_is_renewed(line, stage):
    client = connect.client(corp_id=line.id)
    client.department_list()
    stage.control("tunables", {"token_life_s": 0})  # every token is now older than it may be: 42001
    version = AppToken.objects.get(corp_id=line.id).version
    with pytest.raises(TokenInvalid):
        client.department_list()
    stage.control("tunables", {"token_life_s": 7200})
    assert len(client.department_list()) == 6
    assert AppToken.objects.get(corp_id=line.id).version > version


def test_call_in_a_transaction_raises_and_reaches_nobody(line, stage):
    client = connect.client(corp_id=line.id)
    before = stage.control("counters")["api_calls"]
    with pytest.raises(RuntimeError, match="transaction"), transaction.atomic():
        client.department_list()
    assert stage.control("counters")["api_calls"] == before


def test_token_survives_the_callers_rollback(line, stage):
    AppToken.objects.all().delete()
    token = SharedToken(corp_id=line.id, app="app", fetch=lambda: ("fetched", 7200))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert token.get() == "fetched"
        1 / 0  # noqa: B018
    assert AppToken.objects.count() == 1
    assert not connection.in_atomic_block


def test_token_is_sealed_at_rest(line):
    connect.client(corp_id=line.id).department_list()
    row = AppToken.objects.get(corp_id=line.id)
    sealed = bytes(row.value_sealed)
    value = open_text(sealed, place=f"connect.apptoken:{line.id}:app")
    assert len(value) > 50
    assert value.encode() not in sealed
