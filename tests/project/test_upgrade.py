"""New tables over a house that is in use: they come, or all is as it was; what was killed half-way is found."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from linli.project.sums import sums
from tests.project.house import ROOT, House, a_house, command, soon

FUTURE = {"DJANGO_SETTINGS_MODULE": "tests.project.growing.settings", "TEST_FUTURE": "well"}


@pytest.fixture(scope="module")
def trees(seed) -> Iterator[Path]:
    """The data directory of a house with a table of trees."""
    with a_house(seed, **FUTURE) as house:
        house.well("migrate")
        yield house.data


@pytest.fixture
def house(trees) -> Iterator[House]:
    with a_house(trees, **FUTURE) as it:
        yield it


@contextmanager
def served(house: House) -> Iterator[psycopg.Connection]:
    """The server by itself, to look at the tables."""
    server = house.server
    server.start()
    try:
        with house.database() as connection:
            yield connection
    finally:
        server.stop()


def tables(house: House) -> dict:
    with served(house):
        return sums(house.server.url()).tables


def test_an_upgrade_backs_up_applies_and_verifies(house):
    said = house.well("upgrade", TEST_FUTURE="concurrent")
    assert "backed up to" in said
    assert "applied 1 migrations, the last is growing.0002_index" in said
    assert "nothing waits" in house.well("upgrade", TEST_FUTURE="concurrent")
    assert len(list((house.backups / "base").iterdir())) == 1, "nothing to migrate, nothing to back up"
    assert not (house.data / "upgrade.json").exists()


@pytest.mark.parametrize("word", ["upgrade", "up"])
def test_a_failing_migration_leaves_all_as_it_was(house, word):
    before = tables(house)
    sentence = house.refused(word, TEST_FUTURE="failing")
    assert "growing.0003_fails" in sentence
    assert "division by zero" in sentence
    assert "all is as it was before" in sentence
    assert tables(house) == before, "the column of the migration before it is gone as well"
    assert "nothing waits" in house.well("upgrade")


def test_a_hanging_migration_ends_by_its_timeout(house):
    before = tables(house)
    sentence = house.refused("upgrade", TEST_FUTURE="hanging", LINLI_MIGRATION_TIMEOUT_S="2")
    assert "growing.0002_hangs" in sentence
    assert "statement timeout" in sentence
    assert "nothing was changed" in sentence
    assert tables(house) == before


def test_going_back_that_was_killed_is_finished_at_the_next_start(house):
    before = tables(house)
    shutil.copytree(house.data / "postgres", house.data / "postgres.back")
    subprocess.run(["cp", "-a", f"{house.data}/postgres/.", f"{house.data}/postgres.back"], check=True)
    with served(house) as connection:
        connection.execute("DROP TABLE growing_tree")
    house.well("migrate")
    assert tables(house) == before
    assert not (house.data / "postgres.back").exists()


def test_an_index_killed_half_way_is_removed_and_made_again(house):
    with served(house) as connection, psycopg.connect(house.server.url()) as other:
        other.execute("LOCK TABLE growing_tree IN ROW EXCLUSIVE MODE")
        connection.execute("SET statement_timeout = '1s'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("CREATE INDEX CONCURRENTLY growing_height ON growing_tree (height)")
    said = house.well("upgrade", TEST_FUTURE="concurrent")
    assert "the half-made index growing_height was removed" in said
    with served(house) as connection:
        query = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'growing_height'::regclass"
        assert connection.execute(query).fetchone() == (True,)


def test_an_invalid_index_of_an_applied_migration_is_built_anew(house):
    with served(house) as connection:
        connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ledger_parked_waiting'::regclass"
        )
    assert "the half-made index ledger_parked_waiting was built anew" in house.well("upgrade")
    assert "nothing waits" in house.well("upgrade")


def test_a_migration_killed_between_its_steps_is_named_and_told_what_to_do(house):
    with (house.folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command("upgrade"), env=house.env | {"TEST_FUTURE": "twice"}, cwd=ROOT, stdout=log, stderr=log
        )
    soon(lambda: sleeping(house), house.told)
    process.kill()
    process.wait(10)
    sentence = house.refused("upgrade", TEST_FUTURE="twice", LINLI_MIGRATION_TIMEOUT_S="2")
    assert "growing.0002_column_and_index" in sentence
    assert "interrupted half-way" in sentence
    assert "linli restore" in sentence


def sleeping(house: House) -> bool:
    """Is the migration between its two steps?"""
    try:
        with house.database() as connection:
            query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            return connection.execute(query).fetchone() == (1,)
    except (OSError, psycopg.Error):
        return False


def test_on_a_given_server_a_failing_migration_leaves_all_as_it_was(given):
    url = given
    with a_house(**FUTURE) as house:
        house.well("migrate", DATABASE_URL=url)
        before = sums(url).tables
        sentence = house.refused("upgrade", DATABASE_URL=url, TEST_FUTURE="failing")
        assert "all is as it was before" in sentence
        assert sums(url).tables == before


def test_whoever_holds_the_table_is_waited_for(given):
    """A migration gives way after five seconds, so that it does not hold up all who come after it, and comes again."""
    url = given
    with a_house(**FUTURE) as house:
        house.well("migrate", DATABASE_URL=url)
        done: list[subprocess.CompletedProcess[str]] = []
        with psycopg.connect(url) as holder:
            holder.execute("LOCK TABLE growing_tree IN ROW EXCLUSIVE MODE")
            worker = threading.Thread(
                target=lambda: done.append(house.run("upgrade", DATABASE_URL=url, TEST_FUTURE="locking"))
            )
            worker.start()
            soon(lambda: refusals(url) > 0, lambda: str(done))
        worker.join(60)
        assert done[0].returncode == 0, done[0].stderr
        assert "applied 1 migrations, the last is growing.0002_column" in done[0].stdout


def refusals(url: str) -> int:
    """How often a transaction was rolled back on this database: each lock time-out is one."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0
