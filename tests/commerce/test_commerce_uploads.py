"""Uploads do not outlive their run."""

from io import BytesIO

import pytest

from linli.commerce import api as commerce
from linli.commerce import importing, imports
from linli.commerce.importing import run_import
from linli.commerce.mapping import UCI
from linli.commerce.models import ImportRun
from linli.commerce.uploads import folder
from tests.commerce.files import as_csv, line


@pytest.fixture
def uploaded(corp, transactional_db):
    files = [("orders.csv", BytesIO(as_csv([line(str(number)) for number in range(30)])))]
    run_id = imports.upload(corp_id=corp.id, source="uci", files=files, created_by="周岚")
    ImportRun.objects.filter(id=run_id).update(state=ImportRun.State.WAITING, mapping=UCI.to_json())
    run = ImportRun.objects.get(id=run_id)
    assert folder(run).exists()
    return run


def ended(run: ImportRun) -> tuple[str, bool]:
    run.refresh_from_db()
    return run.state, folder(run).exists()


def test_a_run_cancelled_on_its_way_leaves_no_file(uploaded, monkeypatch):
    real = importing.apply_chunk

    def somebody_cancels(**given):
        commerce.cancel_import(corp_id=uploaded.corp_id, run_id=uploaded.pk)
        return real(**given)

    monkeypatch.setattr(importing, "apply_chunk", somebody_cancels)
    run_import(corp_id=uploaded.corp_id, run_id=uploaded.pk, chunk_lines=10)
    assert ended(uploaded) == ("cancelled", False)


def test_a_run_that_failed_for_good_leaves_no_file(uploaded):
    ImportRun.objects.filter(id=uploaded.pk).update(mapping=UCI.to_json() | {"columns": {}})
    run_import(corp_id=uploaded.corp_id, run_id=uploaded.pk)
    assert ended(uploaded) == ("failed", False)


def test_an_unexpected_failure_leaves_no_file(uploaded, monkeypatch):
    monkeypatch.setattr(importing, "apply_chunk", lambda **_given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_import(corp_id=uploaded.corp_id, run_id=uploaded.pk)
    assert ended(uploaded) == ("failed", False)


def test_while_the_database_is_away_the_file_stays_for_the_resumed_run(uploaded, monkeypatch):
    from django.db import OperationalError

    def away(**_given):
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(importing, "apply_chunk", away)
        with pytest.raises(OperationalError):
            run_import(corp_id=uploaded.corp_id, run_id=uploaded.pk)
    assert ended(uploaded) == ("writing", True)
    run_import(corp_id=uploaded.corp_id, run_id=uploaded.pk)
    assert ended(uploaded) == ("done", False)
