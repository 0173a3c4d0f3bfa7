"""`linli up` and `linli migrate` as an administrator meets them: one sentence when it cannot be, no process left behind."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from tests.project.house import House, a_database, a_house, free_ports


@pytest.fixture
def house() -> Iterator[House]:
    """An empty directory and free ports; whatever still runs in it at the end is killed."""
    with a_house() as house:
        yield house


def test_a_taken_port_is_told_in_one_sentence(house):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = str(held.getsockname()[1])
        for variable in ("LINLI_CONSOLE_PORT", "LINLI_INGRESS_PORT"):
            sentence = house.refused("up", **{variable: port})
            assert port in sentence
            assert variable in sentence
    assert not house.data.exists(), "nothing was begun"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("LINLI_CONSOLE_PORT", "http"), ("LINLI_PUBLIC_URL", "linli.example"), ("LINLI_ZONE", "Mars/Phobos"),
     ("LINLI_ZONE", "../etc/passwd")],
)  # fmt: skip
def test_a_wrong_setting_is_told_by_its_name(house, variable, value):
    for command in ("up", "migrate"):
        sentence = house.refused(command, **{variable: value})
        assert variable in sentence
        assert value in sentence
    assert not house.data.exists(), "nothing was begun"


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system can only be mounted by root")
def test_a_full_disk_is_told_in_one_sentence(house):
    house.data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", house.data], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode()}")
    try:
        sentence = house.refused("up")
        assert "free disk" in sentence
        assert "LINLI_DATA_DIR" in sentence
    finally:
        subprocess.run(["umount", house.data], check=True)


def test_up_answers_refuses_a_rival_and_leaves_no_process(house):
    process = house.up()
    assert len(house.pids()) > len(("up", "postgres", "ingress", "console"))

    console, ingress = free_ports(2)
    sentence = house.refused("up", LINLI_CONSOLE_PORT=console, LINLI_INGRESS_PORT=ingress)
    assert "already running" in sentence
    assert str(house.data) in sentence
    assert house.answers("LINLI_CONSOLE_PORT"), "the first one is not disturbed"

    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0, house.told()
    assert house.pids() == []
    assert "Traceback" not in house.log()


def test_migrate_works_on_a_given_server(house):
    with a_database() as url:
        house.well("migrate", DATABASE_URL=url)
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'messaging\\_%'").fetchone()
        assert row is not None
        assert row[0] > 0
        house.well("migrate", DATABASE_URL=url)  # once more changes nothing
    assert not (house.data / "postgres").exists(), "no server of our own beside a given one"


def test_a_given_server_that_does_not_answer_is_told_by_its_variable(house):
    (port,) = free_ports(1)
    sentence = house.refused("migrate", DATABASE_URL=f"postgresql://linli@127.0.0.1:{port}/linli")
    assert sentence.startswith("linli: DATABASE_URL does not answer")
