"""`linli up` and `linli migrate` as an administrator meets them: one sentence when it cannot be, no process left behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def env() -> Iterator[dict[str, str]]:
    """A house of its own: an empty directory and free ports; whatever still runs in it at the end is killed."""
    base = Path("/var/lib/linli") if os.geteuid() == 0 else Path(tempfile.gettempdir())
    folder = tempfile.mkdtemp(prefix="start-", dir=base)
    console, ingress = free_ports(2)
    yield {key: value for key, value in os.environ.items() if not key.startswith("LINLI_") and key != "DATABASE_URL"} | {
        "LINLI_DATA_DIR": folder, "LINLI_CONSOLE_PORT": console, "LINLI_INGRESS_PORT": ingress, "PYTHONPATH": "src",
        "LINLI_PRIVATE_NETWORKS": "127.0.0.1",
    }  # fmt: skip
    for pid in living(folder):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def test_a_taken_port_is_told_in_one_sentence(env):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = str(held.getsockname()[1])
        for variable in ("LINLI_CONSOLE_PORT", "LINLI_INGRESS_PORT"):
            sentence = refused({**env, variable: port}, "up")
            assert port in sentence
            assert variable in sentence
    assert list(Path(env["LINLI_DATA_DIR"]).iterdir()) == [], "nothing was begun"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LINLI_CONSOLE_PORT", "http"), ("LINLI_PUBLIC_URL", "linli.example"), ("LINLI_ZONE", "Mars/Phobos"),
     ("LINLI_ZONE", "../etc/passwd")],
)  # fmt: skip
def test_a_wrong_setting_is_told_by_its_name(env, variable, value):
    for command in ("up", "migrate"):
        sentence = refused({**env, variable: value}, command)
        assert variable in sentence
        assert value in sentence
    assert list(Path(env["LINLI_DATA_DIR"]).iterdir()) == [], "nothing was begun"


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system can only be mounted by root")
def test_a_full_disk_is_told_in_one_sentence(env):
    folder = Path(env["LINLI_DATA_DIR"])
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode()}")
    try:
        sentence = refused(env, "up")
        assert "free disk" in sentence
        assert "LINLI_DATA_DIR" in sentence
    finally:
        subprocess.run(["umount", folder], check=True)


def test_up_answers_refuses_a_rival_and_leaves_no_process(env):
    with (Path(env["LINLI_DATA_DIR"]) / "log").open("wb") as log:
        process = subprocess.Popen(command("up"), env=env, cwd=ROOT, stdout=log, stderr=log)
    told = (Path(env["LINLI_DATA_DIR"]) / "log").read_text
    soon(lambda: all(healthy(env[port]) for port in ("LINLI_CONSOLE_PORT", "LINLI_INGRESS_PORT")), told)
    assert process.poll() is None, told()
    assert len(living(env["LINLI_DATA_DIR"])) > len(("up", "postgres", "ingress", "console"))

    console, ingress = free_ports(2)
    sentence = refused({**env, "LINLI_CONSOLE_PORT": console, "LINLI_INGRESS_PORT": ingress}, "up")
    assert "already running" in sentence
    assert env["LINLI_DATA_DIR"] in sentence
    assert healthy(env["LINLI_CONSOLE_PORT"]), "the first one is not disturbed"

    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0, told()
    assert living(env["LINLI_DATA_DIR"]) == []
    assert "Traceback" not in told()


def test_migrate_works_on_a_given_server(env):
    with a_database() as url:
        done = run({**env, "DATABASE_URL": url}, "migrate")
        assert done.returncode == 0, done.stderr
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'messaging\\_%'").fetchone()
        assert row is not None
        assert row[0] > 0
        assert run({**env, "DATABASE_URL": url}, "migrate").returncode == 0, "once more changes nothing"
    assert not (Path(env["LINLI_DATA_DIR"]) / "postgres").exists(), "no server of our own beside a given one"


def test_a_given_server_that_does_not_answer_is_told_by_its_variable(env):
    (port,) = free_ports(1)
    done = run({**env, "DATABASE_URL": f"postgresql://linli@127.0.0.1:{port}/linli"}, "migrate")
    assert done.returncode == 1
    assert done.stderr.startswith("linli: DATABASE_URL does not answer")
    assert "Traceback" not in done.stderr


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "linli.project.cli", *words]


def run(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def refused(env: dict[str, str], *words: str) -> str:
    """The one sentence with which the command refuses."""
    done = run(env, *words)
    assert done.returncode == 1, done.stderr
    assert re.fullmatch(r"linli: [^\n]+\n", done.stderr), done.stderr
    assert done.stdout == ""
    return done.stderr


def free_ports(count: int) -> list[str]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [str(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def healthy(port: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def living(folder: str) -> list[int]:
    """Processes that carry this directory in their environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if f"LINLI_DATA_DIR={folder}\0".encode() in (place / "environ").read_bytes():
                found.append(int(place.name))
        except OSError:
            continue
    return found


def soon(holds: Callable[[], bool], told: Callable[[], str], limit_s: float = 60) -> None:
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(0.2)


@contextmanager
def a_database(template: str = "template1") -> Iterator[str]:
    """A database of its own on the test session's server."""
    server, name = os.environ["DATABASE_URL"], f"start_{os.urandom(4).hex()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
