"""The whole house as real processes, its database frozen while callbacks come in: nothing lost, everybody goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.connect.staged import befriend, seed
from tests.project.test_start import ROOT, command, env, healthy, living, soon  # noqa: F401 - the fixture of a house
from tests.sandbox.stage import AGENT, CORP, SECRET, Stage

FROZEN_S = 8.0  # longer than WeCom waits for an answer (5 s), so that it must send again
_CONNECT = """
import os, sys, django
from pathlib import Path
from linli.project.postgres import Postgres
folder = Path(os.environ["LINLI_DATA_DIR"])
os.environ["DATABASE_URL"] = Postgres(folder / "postgres").url()
os.environ["LINLI_MASTER_KEY_FILE"] = str(folder / "master.key")
os.environ["DJANGO_SETTINGS_MODULE"] = "linli.project.settings"
django.setup()
from linli.access import api as access
from linli.connect import api as connect
corp = access.create_corp(wecom_id=sys.argv[2], name="邻里百货").id
connect.connect_corp(corp_id=corp, base_url=sys.argv[1], agent_id=int(sys.argv[3]), secret=sys.argv[4])
found = connect.callback_settings(corp_id=corp)
print(os.environ["DATABASE_URL"], found.url, found.token, found.encoding_aes_key, sep="\\n")
"""


@pytest.fixture
def stage():
    found = Stage()
    found.control("seed", seed())
    yield found
    found.stop()


def postgres(folder: str) -> list[int]:
    """The server and all its sessions."""
    server = int((Path(folder) / "postgres" / "pgdata" / "postmaster.pid").read_text().splitlines()[0])
    found = [server]
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == server:
            found.append(int(place.name))
    return found


def test_a_database_that_stands_still_loses_nothing(env, stage):  # noqa: F811 - the fixture
    folder = env["LINLI_DATA_DIR"]
    with (Path(folder) / "log").open("wb") as log:
        process = subprocess.Popen(command("up"), env=env, cwd=ROOT, stdout=log, stderr=log)
    told = (Path(folder) / "log").read_text
    soon(
        lambda: all(healthy(env[port]) for port in ("LINLI_CONSOLE_PORT", "LINLI_INGRESS_PORT")), told, 300
    )  # a busy machine takes its time to begin
    script = [sys.executable, "-c", _CONNECT, stage.hosted.url, CORP, str(AGENT), SECRET]
    done = subprocess.run(script, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    database, url, token, aes_key = done.stdout.split()
    stage.control("callback", {"corp_id": CORP, "agentid": AGENT, "url": url, "token": token, "aes_key": aes_key})
    befriend(stage, 1, "clerk0-0")
    soon(lambda: applied(database) == 1, told, 120)
    before = set(living(folder))

    frozen = postgres(folder)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        for person in range(2, 12):
            befriend(stage, person, "clerk0-0")
        time.sleep(FROZEN_S)
        assert not stage.control("counters")["callbacks_sent"] > 1, "nothing is answered that is not durable"
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    soon(lambda: not sum(list(stage.control("outstanding").values())[1:3]), told, 120)
    counters = stage.control("counters")
    soon(lambda: applied(database) == counters["callbacks_sent"], told, 120)
    # What WeCom gave up after its tries is counted there; all that it was told is durable has been applied, once.
    assert counters["events"] == counters["callbacks_sent"] + counters["refused_http"] + counters["failed"]
    assert counters["failed"] + counters["refused_http"] == 0
    assert follows(database) == 11
    assert process.poll() is None, told()
    for port in ("LINLI_CONSOLE_PORT", "LINLI_INGRESS_PORT"):
        assert healthy(env[port])
    survivors = {pid for pid in before if Path(f"/proc/{pid}").exists()}
    assert len(survivors) >= 7, "the processes of the house themselves went on"
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def applied(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM ledger_inbox WHERE state = 1").fetchone()
    return row[0] if row else 0


def follows(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM customers_follow WHERE live").fetchone()
    return row[0] if row else 0
