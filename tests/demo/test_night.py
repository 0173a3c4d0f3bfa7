"""The night that the report with faults shows is the one that the product runs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from linli.connect import api as connect
from linli.connect.models import CorpLine
from linli_demo.night import reconciled
from tests.connect.staged import linked_corp, running_stage
from tests.connect.test_connect_reconcile import work

stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)


@pytest.fixture(autouse=True)
def _no_other_jobs(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def test_it_is_asked_for_again_until_every_room_was_compared(line, stage, monkeypatch):
    monkeypatch.setattr("linli.wecom.transport._FIRST_WAIT", 0.001)
    CorpLine.objects.update(base_url="http://127.0.0.1:9")  # nobody listens there

    def asked() -> list[connect.ReconciliationInfo]:
        try:
            return reconciled(line.id, limit_s=60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as executor:
        nights = executor.submit(asked)
        while not nights.done():
            work()
            last = connect.latest_reconciliations(corp_id=line.id, limit=1)
            if last and last[0].state == "partial":
                CorpLine.objects.update(base_url=stage.hosted.url)
    first, second = nights.result()
    assert (first.state, second.state) == ("partial", "done")
    assert [run.kind for run in second.runs] == list(connect.KINDS)
    assert {one.by for one in (first, second)} == {"linli_demo"}


def test_without_a_worker_it_says_so(line):
    with pytest.raises(RuntimeError, match="did not end within"):
        reconciled(line.id, limit_s=0.01)
