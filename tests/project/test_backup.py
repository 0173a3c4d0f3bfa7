"""A house filled, backed up, written on, killed, and built anew: table by table the same by checksum."""

import re
import shutil
import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from linli.project import archive
from linli.project.backup import backups
from linli.project.postgres import Postgres
from linli.project.sums import sums
from tests.project.house import House, a_database, a_house, kill, soon

FILL = """
INSERT INTO access_corp (wecom_id, name, zone, created_at) VALUES ('ww1', '邻里', 'Asia/Shanghai', now());
INSERT INTO ledger_fact (corp_id, kind, subject, data, occurred_at)
SELECT 1, 'test.written', n::text, jsonb_build_object('n', n, 'text', repeat(md5(n::text), 20)), now()
FROM generate_series(1, 20000) AS n;
"""
MORE = "INSERT INTO ledger_fact (corp_id, kind, subject, data, occurred_at) SELECT 1, 'test.later', %s, '{}', now() FROM generate_series(1, %s)"


@pytest.fixture(scope="module")
def house(seed):
    """Filled, backed up while it runs, written on, and killed with every process at one moment."""
    with a_house(seed) as it:
        it.up()
        with it.database() as connection:
            connection.execute(FILL)
        it.said = it.well("backup", "--with-keys", str(it.folder / "keys"))
        with it.database() as connection:
            connection.execute(MORE, ["before", 5000])
            it.moment = datetime.now(UTC)
            connection.execute("SELECT pg_sleep(0.05), txid_current()")
            connection.execute(MORE, ["after", 5000])
        it.running[-1].send_signal(signal.SIGSTOP)  # dead, it would take PostgreSQL and the archive with it
        for name in ("drain", "welcome", "deliver", "worker", "granian"):
            for pid in it.pids(name):
                kill(pid)
        with it.database() as connection:
            soon(lambda: silent(connection), it.told)
            it.live = sums(it.server.url()).tables
            soon(lambda: caught_up(connection), it.told)
        it.kill_all()
        yield it


def silent(connection) -> bool:
    """What the killed had sent has been done: their sessions are over."""
    return connection.execute(
        "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name IN ('linli drain', 'linli welcome',"
        " 'linli deliver', 'linli worker'))"
    ).fetchone()[0]


def caught_up(connection) -> bool:
    """Nobody writes any more, and the archive has the last byte."""
    found = archive.state(connection)
    return found is not None and found.streaming and found.behind == 0


def restored(house: House, into: str, *words: str) -> dict:
    """Restore, start the server over it, read every table."""
    target = house.folder / into
    house.well("restore", "--from", str(house.backups), "--into", str(target), *words)
    server = Postgres(target / "postgres", durable=False)
    server.start()
    try:
        return sums(server.url()).tables
    finally:
        server.stop()


def count(tables: dict) -> int:
    return sum(rows for name, (rows, _sum) in tables.items() if name.startswith("public.ledger_fact_"))


def test_a_killed_house_is_restored_with_every_table_as_it_was(house):
    found = restored(house, "whole", "--keys", str(house.folder / "keys"))
    assert count(house.live) == 30_000
    assert found == house.live
    for name in ("master.key", "django.key"):
        assert (house.folder / "whole" / name).read_bytes() == (house.data / name).read_bytes()
        assert (house.folder / "whole" / name).stat().st_mode & 0o777 == 0o600


def test_a_restored_house_opens_and_works_on(house):
    target = house.folder / "again"
    house.well("restore", "--from", str(house.backups), "--into", str(target), "--keys", str(house.folder / "keys"))
    env = {"LINLI_DATA_DIR": str(target), "LINLI_BACKUP_DIR": str(house.folder / "others")}
    house.up(**env)
    house.well("backup", **env)
    house.down()


def test_it_comes_back_as_of_a_moment(house):
    found = restored(house, "earlier", "--until", house.moment.isoformat())
    assert count(found) == 25_000


def test_keys_and_backup_are_told_apart(house):
    assert "sealed by the passphrase" in house.said
    kept = {path: path.read_bytes() for path in house.backups.rglob("*") if path.is_file()}
    key = (house.data / "master.key").read_bytes()
    assert not any(key in content for content in [*kept.values(), (house.folder / "keys").read_bytes()])
    sentence = house.refused(
        "restore", "--from", str(house.backups), "--into", str(house.folder / "no"), "--keys", str(house.folder / "keys"),
        LINLI_KEYS_PASSPHRASE="another passphrase",
    )  # fmt: skip
    assert "does not open with this passphrase" in sentence
    assert not (house.folder / "no").exists()


def test_a_directory_that_is_not_empty_is_refused(house):
    before = sorted(house.data.rglob("*"))
    assert "is not empty" in house.refused("restore", "--from", str(house.backups), "--into", str(house.data))
    assert sorted(house.data.rglob("*")) == before


@pytest.fixture
def copy(house):
    """A copy of the backups, to be spoilt."""
    folder = house.folder / "copy"
    shutil.copytree(house.backups, folder)
    yield folder
    shutil.rmtree(folder)


def refused(house: House, source: Path, *words: str) -> str:
    target = house.folder / "nothing"
    sentence = house.refused("restore", "--from", str(source), "--into", str(target), *words)
    assert not target.exists(), "nothing half-made is left"
    return sentence


def test_a_damaged_backup_is_told_in_one_sentence(house, copy):
    file = next(copy.glob("base/*/base.tar.gz"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert "damaged" in refused(house, copy)
    file.unlink()
    assert "is missing" in refused(house, copy)


def test_a_missing_piece_of_the_log_is_told_in_one_sentence(house, copy):
    whole = sorted(path for path in (copy / "wal").iterdir() if path.suffix == "")
    assert len(whole) >= 1
    whole[-1].unlink()
    assert f"{whole[-1].name} is missing" in refused(house, copy)


def test_a_moment_that_the_backups_do_not_reach_is_told(house, copy):
    assert "after that moment" in refused(house, copy, "--until", "2020-01-01 00:00")
    assert "the log ends before" in refused(house, copy, "--until", "2099-01-01 00:00")


def test_a_restore_that_was_killed_is_begun_anew(house):
    target = house.folder / "again-after-kill"
    (target / "postgres.draft" / "pgdata").mkdir(parents=True)
    assert restored(house, target.name) == house.live
    assert not (target / "postgres.draft").exists()


def test_a_quiet_house_is_held_against_its_manifest(seed):
    """One that nobody wrote to after its backup must come back row by row; a manifest that says otherwise is refused."""
    with a_house(seed) as quiet:
        quiet.well("backup")
        said = quiet.well("restore", "--from", str(quiet.backups), "--into", str(quiet.folder / "new"))
        assert "every table has the rows and the checksum that it had" in said
        note = backups(quiet.backups)[0].path / "linli.json"
        note.write_text(re.sub(r'("public\.django_migrations": \[\s*)\d+', r"\g<1>7", note.read_text()))
        assert "public.django_migrations are not what they were" in refused(quiet, quiet.backups)


def test_old_backups_and_their_log_are_removed(seed):
    with a_house(seed, LINLI_BACKUP_KEEP="2") as quiet:
        for _ in range(3):
            quiet.well("backup")
        kept = backups(quiet.backups)
        assert len(kept) == len(list((quiet.backups / "base").iterdir())) == 2
        wal = quiet.folder / "wal"
        wal.mkdir()
        first = kept[0].start
        older = [archive.Segment(1, number) for number in range(1, first.number + 2)]
        for segment in older:
            (wal / segment.name).touch()
        archive.prune(wal, first)
        assert set(archive.segments(wal)) == {one for one in older if one.number >= first.number}


def test_a_given_server_is_dumped_and_loaded(given):
    """DATABASE_URL: a dump and the sums of its very snapshot; loaded into an empty database, table by table the same."""
    url = given
    with a_house() as mine, a_database() as empty:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(FILL)
        mine.well("backup", DATABASE_URL=url)
        said = mine.well("restore", "--from", str(mine.backups), "--into", str(mine.folder / "new"), DATABASE_URL=empty)
        assert "every table has the rows and the checksum that it had" in said
        assert sums(empty).tables == sums(url).tables
        sentence = mine.refused(
            "restore", "--from", str(mine.backups), "--into", str(mine.folder / "new"), DATABASE_URL=empty
        )
        assert "empty database" in sentence


def test_postgres_itself_finds_the_backup_whole(house):
    made = backups(house.backups)[0]
    assert made.note["bytes"] == sum(one["bytes"] for one in made.note["files"].values()) > 1_000_000
    assert oct(house.backups.stat().st_mode & 0o777) == "0o700"
    manifest = subprocess.run(
        ["tail", "-3", str(made.path / "backup_manifest")], capture_output=True, text=True, check=True
    )
    assert "Manifest-Checksum" in manifest.stdout
