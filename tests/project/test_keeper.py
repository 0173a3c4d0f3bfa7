"""The keeper: the nightly backup comes by the wall clock, and an archive that stood still for too long begins anew."""

from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg
import pytest

from linli.kit.clock import wall
from linli.kit.settings import read_settings
from linli.project import archive
from linli.project.backup import backups
from linli.project.keeper import Keeper, next_at
from linli.project.lock import held
from linli.project.postgres import Postgres
from tests.project.house import a_house, soon

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def house(seed, monkeypatch):
    with a_house(seed, LINLI_BACKUP_AT="03:30") as it:
        for name, value in it.env.items():
            if name.startswith("LINLI_"):
                monkeypatch.setenv(name, value)
        it.own = Postgres(
            it.data / "postgres", durable=False, extra={"max_slot_wal_keep_size": "16MB", "min_wal_size": "32MB"}
        )
        it.own.start()
        monkeypatch.setenv("DATABASE_URL", it.own.url())
        yield it
        it.own.stop()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-22 03:29", "2026-11-22 03:30"),
        ("2026-11-22 03:30", "2026-11-23 03:30"),
        ("2026-12-31 23:00", "2027-01-01 03:30"),
    ],
)
def test_the_next_backup_is_at_the_hour_of_the_house_zone(now, due):
    settings = read_settings({"LINLI_BACKUP_AT": "03:30", "HOME": "/root"})
    moment = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    assert next_at(settings, moment) == datetime.fromisoformat(due).replace(tzinfo=SHANGHAI)
    assert next_at(read_settings({"HOME": "/root"}), moment) is None, "off unless it is set"


def test_a_due_backup_is_made_while_the_database_runs(house):
    keeper = Keeper(read_settings(), None)
    keeper._due = wall()
    with held(house.data, by="up"):  # as `linli up` holds it
        keeper.look()
        assert keeper._due > wall(), "the next one is tomorrow's"
        soon(lambda: keeper.look() or keeper._backup is None, limit_s=180)
    assert len(backups(house.backups)) == 1


def test_a_log_with_a_gap_begins_anew_and_the_old_one_is_put_aside(house):
    wal = house.backups / "wal"
    wal.mkdir(parents=True)
    keeper = Keeper(read_settings(), house.own)
    with psycopg.connect(house.own.url(), autocommit=True) as connection:
        archive.open_slot(connection)
        keeper.look()
        soon(lambda: streaming(connection))
        keeper.stop()
        for _ in range(6):
            connection.execute("SELECT pg_logical_emit_message(false, 'x', 'x'), pg_switch_wal()")
        connection.execute("CHECKPOINT")
        assert archive.state(connection).lost
        keeper = Keeper(read_settings(), house.own)
        keeper.look()
        soon(lambda: streaming(connection))
        keeper.stop()
    assert len(list(house.backups.glob("wal-until-*"))) == 1
    assert archive.segments(wal)
    assert backups(house.backups) == []


def streaming(connection) -> bool:
    found = archive.state(connection)
    return found is not None and found.streaming and not found.lost
