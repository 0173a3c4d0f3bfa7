"""A killed PostgreSQL is started again also while one of its sessions has not noticed yet."""

import os
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path

import psycopg
import pytest

from linli.project.postgres import Postgres


@pytest.fixture
def server():
    base = Path("/var/lib/linli") if os.geteuid() == 0 else Path(tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="killed-", dir=base))
    server = Postgres(folder / "postgres")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_session_that_lives_on_delays_the_start_and_does_not_prevent_it(server):
    """Found by the story: the start gave up at once, and with it all of Linli."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
    began = time.monotonic()
    awake = threading.Timer(1.5, os.kill, (backend, signal.SIGCONT))
    awake.start()
    server.start()
    awake.join()
    assert time.monotonic() - began >= 1.5
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
