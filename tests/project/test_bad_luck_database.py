"""The whole house as real processes, its database frozen or gone while callbacks come in: nothing lost, everybody goes on."""

import os
import signal
from pathlib import Path

import httpx
import psycopg
import pytest

from linli.project.postgres import Postgres
from tests.connect.staged import befriend, seed
from tests.project.house import a_house, soon
from tests.project.kill_house import Staged
from tests.sandbox.stage import Stage


@pytest.fixture
def house():
    """A running house, connected to a sandbox."""
    stage = Stage()
    stage.control("seed", seed())
    try:
        with a_house(kind=Staged, LINLI_SANDBOX=stage.hosted.url) as house:
            house.up()
            house.connect(stage)
            yield house
    finally:
        stage.stop()


class Given(Staged):
    """On a server that is somebody else's: `linli up` neither starts nor mends it."""

    @property
    def server(self) -> Postgres:
        return Postgres(self.folder / "given", durable=False)


@pytest.fixture
def afar():
    """Such a house, connected to a sandbox whose callbacks wait long for it, and its server."""
    stage = Stage()
    stage.control("seed", seed())
    stage.control("tunables", {"callback_backoff_s": 60})
    with a_house(kind=Given, LINLI_SANDBOX=stage.hosted.url) as house:
        server = house.server
        server.start()
        try:
            house.env["DATABASE_URL"] = server.url()
            house.up()
            house.connect(stage)
            yield house, server
        finally:
            server.stop()
            house.kill_all()
            stage.stop()


def postgres(folder: Path) -> list[int]:
    """The server and all its sessions."""
    server = int((folder / "postgres" / "pgdata" / "postmaster.pid").read_text().splitlines()[0])
    found = [server]
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == server:
            found.append(int(place.name))
    return found


def test_a_database_that_stands_still_loses_nothing(house):
    stage, told = house.stage, house.told
    database = house.server.url()
    befriend(stage, 1, "clerk0-0")
    soon(lambda: applied(database) == 1, told, 120)
    before = set(house.pids())

    before_retried = stage.control("counters")["retried"]
    frozen = postgres(house.data)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        for person in range(2, 12):
            befriend(stage, person, "clerk0-0")
        soon(lambda: stage.control("counters")["retried"] > before_retried, told)  # WeCom waited, and sends again
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
    for port in ("LINLI_CONSOLE_PORT", "LINLI_INGRESS_PORT"):
        assert house.answers(port)
    survivors = {pid for pid in before if Path(f"/proc/{pid}").exists()}
    assert len(survivors) >= 7, "the processes of the house themselves went on"
    house.down()


def test_a_database_that_is_gone_loses_nothing_and_all_go_on_when_it_is_back(afar):
    house, server = afar
    stage, console = house.stage, f"http://127.0.0.1:{house.env['LINLI_CONSOLE_PORT']}"
    befriend(stage, 1, "clerk0-0")
    house.quiet()
    supervisor, before = house.running[-1].pid, stage.control("counters")
    assert before["callbacks_sent"] == 1

    server.stop()
    for person in range(2, 7):
        befriend(stage, person, "clerk0-0")
    house.until(lambda: stage.control("counters")["retried"] > before["retried"])  # WeCom was refused, and sends again
    assert stage.control("counters")["callbacks_sent"] == 1, "nothing is answered that is not durable"
    assert httpx.get(f"{console}/readyz", timeout=60).status_code == 503, "and the house says that it is not ready"
    assert house.running[-1].poll() is None
    server.start()

    house.quiet()
    counters = stage.control("counters")
    assert counters["events"] == counters["callbacks_sent"] == 6
    assert follows(server.url()) == 6
    for what, same in house.hand("mirror").items():
        assert same["linli"] == same["wecom"], what
    house.until(lambda: httpx.get(f"{console}/readyz", timeout=60).status_code == 200)
    assert house.running[-1].pid == supervisor
    assert len(house.crew()) == sum(1 for n in house.crew().values() if n), "every process is there"


def applied(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM ledger_inbox WHERE state = 1").fetchone()
    return row[0] if row else 0


def follows(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM customers_follow WHERE live").fetchone()
    return row[0] if row else 0
