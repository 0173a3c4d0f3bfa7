"""Files of orders, brought in as a person would bring them in."""

from collections.abc import Callable

import pytest

from linli.commerce.importing import run_import
from linli.commerce.mapping import UCI
from linli.commerce.models import ImportRun
from tests.commerce.files import as_csv, begin_run


@pytest.fixture
def bring(corp, tmp_path) -> Callable[..., ImportRun]:
    """bring(rows or bytes, …) → the ended run."""

    def bring_in(*parts, mapping=UCI, chunk_lines=20_000, corp_id=corp.id, source="uci") -> ImportRun:
        bodies = [part if isinstance(part, bytes) else as_csv(part) for part in parts]
        run = begin_run(corp_id, tmp_path, bodies, mapping, source)
        run_import(corp_id=corp_id, run_id=run.pk, chunk_lines=chunk_lines)
        run.refresh_from_db()
        return run

    return bring_in
