"""The audit trail by months: a new month is as protected as the first, and one that is retired breaks no chain."""

from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from linli.access import api as access
from linli.access.audit_models import AuditRow, AuditSeal
from linli.kit.clock import frozen, wall
from linli.kit.partitions import month_of, months, shift
from linli.ledger import api as ledger
from linli.project import partitions

(AUDIT,) = access.PARTITIONED
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _only_this_trails_setting(owner, monkeypatch):
    """The months that a test makes go again, after the rows; of all settings only the audit trail's is on."""
    before = set(_months())
    for kind in settings.LINLI.keep_months:
        monkeypatch.setitem(settings.LINLI.keep_months, kind, 0)
    yield
    with connection.cursor() as cursor:
        for month in set(_months()) - before:
            cursor.execute(f"DROP TABLE {AUDIT.name(month)}")


def _months() -> list[date]:
    with connection.cursor() as cursor:
        return months(cursor, AUDIT)


def this_month(by: int = 0) -> date:
    return shift(month_of(wall()), by)


def write(month: date, count: int = 3) -> list[int]:
    """Rows of that month, by what the trail itself leaves when a process died: a note that is older than its row."""
    at = datetime(month.year, month.month, 2, tzinfo=UTC)
    before = set(AuditRow.objects.values_list("id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_audit (at, who_kind, action, subject, outcome) SELECT %s, 'system', 'test.done', 'x:' || n, 200"
            " FROM generate_series(1, %s) n", [at, count]
        )  # fmt: skip
    return sorted(set(AuditRow.objects.values_list("id", flat=True)) - before)


def where() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, count(*) FROM access_audit GROUP BY 1")
        return dict(cursor.fetchall())


def keep(monkeypatch, count: int) -> None:
    monkeypatch.setitem(settings.LINLI.keep_months, "audit", count)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE {part} SET outcome = 500", "DELETE FROM {part}", "TRUNCATE {part}", "TRUNCATE access_audit"],
)
@pytest.mark.parametrize("waited", [False, True])
def test_a_new_month_is_protected_as_the_first(owner, sealer, statement, waited):
    """Made before its rows came, or after: then they waited in the rest, which is protected again as well."""
    month = date(2031, 5, 1)
    if waited:
        write(month)
    assert ledger.make_months(AUDIT, [month])
    if not waited:
        write(month)
    assert where() == {"access_audit_2031_05": 3}
    write(date(2033, 1, 1), 1)
    for part in (AUDIT.name(month), AUDIT.rest):
        with pytest.raises(Error, match="append-only"), connection.cursor() as cursor:
            cursor.execute(statement.format(part=part))
    assert where() == {"access_audit_2031_05": 3, "access_audit_rest": 1}


def test_rows_that_waited_are_moved_and_the_chain_holds(owner, sealer):
    write(this_month(-40))
    sealer()
    assert where() == {"access_audit_rest": 3}
    partitions.tidy()
    assert where() == {AUDIT.name(this_month(-40)): 3}
    verdict = access.verify_audit()
    assert (verdict.sound, verdict.rows) == (True, 3)


def test_old_months_go_by_the_setting_and_the_chain_holds_from_the_first_kept_on(owner, sealer, monkeypatch):
    for by in (-4, -3, -2, -1, 0):
        ledger.make_months(AUDIT, [this_month(by)])
        write(this_month(by))
        sealer()
    assert partitions.drop_old() == [], "0 keeps them for ever"
    keep(monkeypatch, 2)
    with frozen(datetime(2045, 1, 1, tzinfo=UTC)):  # the business clock moves nothing here
        assert partitions.drop_old() == [AUDIT.name(this_month(-4)), AUDIT.name(this_month(-3))]
    assert partitions.drop_old() == []
    verdict = access.verify_audit()
    assert (verdict.sound, verdict.rows, verdict.seals) == (True, 9, 7), "five links over rows, two of retention"
    assert not AuditRow.objects.filter(at__lt=datetime.combine(this_month(-2), datetime.min.time(), UTC)).exists()
    write(this_month())
    sealer()
    assert (access.verify_audit().sound, access.verify_audit().seals) == (True, 8)


def test_behind_a_retired_month_a_missing_row_is_still_named(owner, sealer, monkeypatch):
    for by in (-3, -1):
        ledger.make_months(AUDIT, [this_month(by)])
    write(this_month(-3))
    kept = write(this_month(-1))
    sealer()
    keep(monkeypatch, 1)
    assert partitions.drop_old() == [AUDIT.name(this_month(-3))]
    owner(f"DELETE FROM access_audit WHERE id = {kept[1]}")
    assert [(one.kind, one.rows) for one in access.verify_audit().problems] == [("row_removed", (kept[1],))]


def test_a_month_dropped_behind_the_trails_back_is_named(owner, sealer):
    ledger.make_months(AUDIT, [this_month(-3)])
    gone = write(this_month(-3))
    sealer()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {AUDIT.name(this_month(-3))}")
    assert [(one.kind, one.rows) for one in access.verify_audit().problems] == [("row_removed", tuple(gone))]


def test_a_month_with_a_row_that_is_not_sealed_stays(owner, sealer, monkeypatch, caplog):
    keep(monkeypatch, 1)
    ledger.make_months(AUDIT, [this_month(-3)])
    write(this_month(-3))
    assert partitions.drop_old() == []
    assert "something in it still waits: it stays" in caplog.text
    sealer()
    assert partitions.drop_old() == [AUDIT.name(this_month(-3))]


def test_behind_an_end_that_is_not_ours_nothing_is_retired(owner, sealer, monkeypatch, caplog):
    keep(monkeypatch, 1)
    ledger.make_months(AUDIT, [this_month(-3)])
    write(this_month(-3))
    sealer()
    owner("UPDATE access_audit_seal SET mac = '\\x00'")
    assert partitions.drop_old() == []
    assert "run `linli audit verify`" in caplog.text
    assert where() == {AUDIT.name(this_month(-3)): 3}


def test_a_house_of_before_is_converted_there_and_back(owner, sealer):
    _back()
    write(this_month())
    write(this_month(-30))
    assert where() == {"access_audit_default": 6}
    sealer()
    _forward()
    assert where() == {AUDIT.name(this_month()): 3, AUDIT.name(this_month(-30)): 3}
    assert access.verify_audit().sound
    _back()
    assert where() == {"access_audit_default": 6}
    with pytest.raises(Error, match="append-only"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE access_audit_default")
    _forward()
    assert (access.verify_audit().sound, access.verify_audit().rows) == (True, 6)
    assert AuditSeal.objects.count() == 1


def _back() -> None:
    MigrationExecutor(connection).migrate([("access", "0003_people")])


def _forward() -> None:
    """All the way: the tables of rooms that were made later have gone as well."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
