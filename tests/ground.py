"""A real PostgreSQL for the whole session, up before Django reads its settings (so it is a plugin: `-p tests.ground`)."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

_open: list[tuple[object | None, Path]] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    from linli.project.messages import compile_all
    from linli.project.postgres import Postgres

    compile_all()
    os.environ.setdefault("LINLI_SECRET_KEY", "only for tests")
    os.environ["LINLI_PRIVATE_NETWORKS"] = "127.0.0.0/8,::1"  # the sandbox
    base = Path("/var/lib/linli") if os.geteuid() == 0 else Path(tempfile.gettempdir())
    base.mkdir(parents=True, exist_ok=True)
    house = Path(tempfile.mkdtemp(prefix="test-", dir=base))
    os.environ["LINLI_DATA_DIR"] = str(house)
    os.environ["LINLI_MASTER_KEY_FILE"] = str(house / "master.key")
    server = None
    if not os.environ.get("DATABASE_URL"):
        server = Postgres(house / "postgres", durable=False)
        server.start()
        os.environ["DATABASE_URL"] = server.url()
    _open.append((server, house))


def pytest_unconfigure() -> None:
    for server, house in _open:
        if server is not None:
            server.stop()
        shutil.rmtree(house, ignore_errors=True)
