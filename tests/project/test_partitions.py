"""Monthly partitions: old tables become them without losing a row, months are made ahead, stragglers moved, old months dropped."""

import hashlib
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from linli.kit.clock import frozen
from linli.kit.partitions import months, shift
from linli.ledger import api as ledger
from linli.ledger.models import FactRow, InboxRow, Parked
from linli.messaging import api as messaging
from linli.project import partitions

INBOX, FACTS = ledger.PARTITIONED
(RECIPIENTS,) = messaging.PARTITIONED
AT = datetime(2031, 5, 20, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _as_it_was():
    """The tables keep the months that they had: what a test makes goes again."""
    before = {table.table: _months(table) for table in partitions.TABLES}
    yield
    with connection.cursor() as cursor:
        for table in partitions.TABLES:
            for month in set(_months(table)) - set(before[table.table]):
                cursor.execute(f"DROP TABLE {table.name(month)}")


def _months(table) -> list[date]:
    with connection.cursor() as cursor:
        return months(cursor, table)


def _where(table) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text, count(*) FROM {table.table} GROUP BY 1")
        return dict(cursor.fetchall())


def inbox(corp, at: datetime, n: int = 0, **more) -> InboxRow:
    payload = f"{at}{n}".encode()
    return InboxRow.objects.create(
        corp_id=corp.id, payload_hash=hashlib.sha256(payload).digest(), kind="k", object_key=f"customer:{n}",
        payload=payload, event_at=at, received_at=at, **more,
    )  # fmt: skip


def fact(corp, at: datetime) -> None:
    with transaction.atomic():
        ledger.publish(corp_id=corp.id, kind="test.done", subject="x:1", data={}, occurred_at=at)


def keep(monkeypatch, **kept: int) -> None:
    monkeypatch.setitem(settings.LINLI.keep_months, "inbox", kept.get("inbox", 0))
    monkeypatch.setitem(settings.LINLI.keep_months, "facts", kept.get("facts", 0))
    monkeypatch.setitem(settings.LINLI.keep_months, "recipients", kept.get("recipients", 0))
    monkeypatch.setitem(settings.LINLI.keep_months, "audit", kept.get("audit", 0))


def test_this_month_and_the_next_three_are_made_by_both_clocks(corp):
    with frozen(datetime(2031, 11, 30, 23, tzinfo=UTC)):
        assert partitions.make_ahead()
        ahead = {date(2031, 11, 1), date(2031, 12, 1), date(2032, 1, 1), date(2032, 2, 1)}
        for table in partitions.TABLES:
            assert bool(ahead & set(_months(table))) is not table.real, "the audit trail keeps real time alone"
            assert table.real or set(_months(table)) >= ahead
            assert datetime.now(UTC).date().replace(day=1) in _months(table)
        inbox(corp, datetime(2031, 12, 1, tzinfo=UTC))
        inbox(corp, datetime(2031, 11, 30, 23, 59, 59, tzinfo=UTC))
    assert _where(INBOX) == {"ledger_inbox_2031_12": 1, "ledger_inbox_2031_11": 1}


def test_a_row_whose_month_is_missing_is_kept_and_moved_when_the_month_is_made(corp):
    rows = [inbox(corp, AT, n) for n in range(3)]
    fact(corp, AT)
    strange = inbox(corp, datetime(1970, 1, 1, tzinfo=UTC))
    assert _where(INBOX) == {"ledger_inbox_rest": 4}
    with frozen(AT):
        partitions.tidy()
        partitions.tidy()
    assert _where(INBOX) == {"ledger_inbox_2031_05": 3, "ledger_inbox_rest": 1}, (
        "nobody meant 1970: it stays where it is"
    )
    assert _where(FACTS) == {"ledger_fact_2031_05": 1}
    assert set(InboxRow.objects.values_list("id", flat=True)) == {*(row.pk for row in rows), strange.pk}
    assert date(1970, 1, 1) not in _months(INBOX)


def test_while_a_month_is_made_writers_lose_and_double_nothing(corp):
    """Rows come in while their month is made under them; each lands once."""

    def write(n: int) -> int:
        try:
            return inbox(corp, AT + timedelta(seconds=n), n).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool, frozen(AT):
        written = [pool.submit(write, n) for n in range(200)]
        partitions.tidy()
        ledger.make_months(INBOX, [date(2031, 5, 1)])
        ids = [one.result() for one in written]
    with frozen(AT):
        partitions.tidy()
    assert sorted(InboxRow.objects.values_list("id", flat=True)) == sorted(ids)
    assert _where(INBOX) == {"ledger_inbox_2031_05": 200}


def test_a_busy_table_is_left_alone_and_its_month_made_later(corp):
    params = connection.get_connection_params()
    with psycopg.connect(
        **{k: params[k] for k in ("host", "port", "user", "password", "dbname") if params.get(k)}
    ) as other:
        other.execute("SELECT count(*) FROM ledger_inbox")  # its transaction is open: the table cannot be had
        assert not ledger.make_months(INBOX, [date(2031, 5, 1)])
        inbox(corp, AT)
    assert ledger.make_months(INBOX, [date(2031, 5, 1)])
    assert _where(INBOX) == {"ledger_inbox_2031_05": 1}


def test_old_months_go_whole_and_say_so(corp, monkeypatch, caplog):
    keep(monkeypatch, inbox=3)
    with frozen(AT):
        ledger.make_months(INBOX, [shift(date(2031, 5, 1), -n) for n in range(6)])
        for n in range(6):
            inbox(corp, datetime(2031, 5, 2, tzinfo=UTC) - timedelta(days=30 * n), n, state=InboxRow.State.APPLIED)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE ledger_inbox")
        caplog.set_level(logging.WARNING)
        assert dropped() == ["ledger_inbox_2030_12", "ledger_inbox_2031_01"]
        assert dropped() == []
    assert InboxRow.objects.count() == 4
    assert "ledger_inbox_2030_12 is dropped with about 1 rows: 3 months of inbox are kept" in caplog.text


@pytest.mark.parametrize(
    "waits",
    [{"state": InboxRow.State.WAITING}, {"state": InboxRow.State.PARKED},
     {"state": InboxRow.State.APPLIED, "welcome_state": InboxRow.Welcome.DUE}],
)  # fmt: skip
def test_a_month_in_which_something_waits_stays(corp, monkeypatch, caplog, waits):
    keep(monkeypatch, inbox=1)
    ledger.make_months(INBOX, [date(2031, 1, 1)])
    row = inbox(corp, datetime(2031, 1, 2, tzinfo=UTC), **waits)
    with frozen(AT):
        assert dropped() == []
        assert "something in it still waits: it stays" in caplog.text
        InboxRow.objects.filter(id=row.pk).update(state=InboxRow.State.APPLIED, welcome_state=InboxRow.Welcome.SENT)
        assert dropped() == ["ledger_inbox_2031_01"]


def test_facts_that_a_subscriber_has_not_read_stay(corp, monkeypatch):
    keep(monkeypatch, facts=1)
    ledger.make_months(FACTS, [date(2031, 1, 1)])
    fact(corp, datetime(2031, 1, 2, tzinfo=UTC))
    quick = ledger.Subscription(name="quick", kinds=("test.done",), handler=lambda facts: None)
    slow = ledger.Subscription(name="slow", kinds=("test.done",), handler=_not_today)
    with frozen(AT):
        assert dropped() == [], "it has no position yet"
        ledger.sequence_once()
        ledger.deliver_once([quick, slow])
        assert dropped() == [], "one of two has set it aside"
        Parked.objects.filter(subscriber="slow").update(state=Parked.State.DROPPED)
        assert dropped() == ["ledger_fact_2031_01"]
    assert FactRow.objects.count() == 0


def dropped() -> list[str]:
    """What goes of these tests' own months: other tests may have made months as well."""
    return [name for name in partitions.drop_old() if name[-7:] >= "2030_01"]


def _not_today(facts) -> None:
    raise ValueError("not today")


def test_the_demo_drops_nothing_unless_told(monkeypatch):
    from linli.kit.settings import read_settings

    assert set(read_settings({"LINLI_DEMO": "1"}).keep_months.values()) == {0}
    assert read_settings({"LINLI_DEMO": "1", "LINLI_KEEP_INBOX_MONTHS": "2"}).keep_months["inbox"] == 2
    assert read_settings({}).keep_months == {"inbox": 3, "facts": 0, "recipients": 24, "audit": 0, "archive": 12}


def test_every_partitioned_table_has_a_setting():
    assert {table.kind for table in partitions.TABLES} <= set(settings.LINLI.keep_months)


def test_an_existing_house_is_converted_with_its_rows(transactional_db):
    """The tables of before, with rows in them, then forward: ids, keys, foreign keys and the next id hold."""
    name = f"convert_{os.urandom(4).hex()}"
    old = {**connection.settings_dict}
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        connection.close()
        connection.settings_dict["NAME"] = name
        _convert_with_rows()
    finally:
        connection.close()
        connection.settings_dict.update(old)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


INBOX_ROWS = """INSERT INTO ledger_inbox (corp_id, payload_hash, kind, object_key, payload, event_at, received_at, state, tries, error,
 copies, welcome_state, welcome_error, user_id, channel_state) SELECT %s, int8send(n), 'k', 'o', int8send(n),
 '2010-12-15'::timestamptz + n * interval '1 hour', now(), n %% 2, 0, '', 0, 0, '', '', '' FROM generate_series(1, 2000) n"""
FACT_ROWS = """INSERT INTO ledger_fact (corp_id, position, kind, subject, data, occurred_at)
 SELECT %s, n, 'k', 's', '{}', '2010-12-15'::timestamptz + n * interval '1 hour' FROM generate_series(1, 2000) n"""
SENDS = """INSERT INTO messaging_send (corp_id, name, state, chat_type, definition, content, holdout_percent, seed, author, created_at,
 changed_at, version, planned_at) SELECT %s, 'x', 'done', 'single', '{}', '{}', 0, 's', '', t, t, 1, t
 FROM generate_series('2011-01-15'::timestamptz, '2011-06-15', '1 month') t"""
PEOPLE = """INSERT INTO customers_customer (corp_id, external_userid, no, {columns}) SELECT %s, 'wm' || n, n, {values} FROM generate_series(1, 50) n"""
RECIPIENT_ROWS = """INSERT INTO messaging_recipient (corp_id, send_id, customer_id, userid, external_userid, state, reason, state_at)
 SELECT s.corp_id, s.id, c.id, '', '', 'sent', '', now() FROM messaging_send s, customers_customer c"""
A_FACT = "INSERT INTO ledger_fact (corp_id, kind, subject, data, occurred_at) VALUES (%s, 'k', 's', '{}', now()) RETURNING id"


def _convert_with_rows() -> None:
    everything = MigrationExecutor(connection).loader.graph.leaf_nodes()
    later = {"ledger", "messaging", "acquisition", "insights"}
    before = [node for node in everything if node[0] not in later]
    _migrate([*before, ("ledger", "0001_initial"), ("messaging", "0001_initial")])
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_corp (wecom_id, name, zone, created_at) VALUES ('ww', 'x', 'UTC', now()) RETURNING id"
        )
        corp = cursor.fetchone()[0]
        for rows in (INBOX_ROWS, FACT_ROWS, SENDS, _people(cursor)):
            cursor.execute(rows, [corp])
        cursor.execute(RECIPIENT_ROWS)
        picture = _picture(cursor)
    _migrate(everything)
    with connection.cursor() as cursor:
        assert _picture(cursor) == picture
        assert {month.month for month in months(cursor, INBOX)} == {12, 1, 2, 3}
        assert [month.month for month in months(cursor, RECIPIENTS)] == [1, 2, 3, 4, 5, 6]
        for table in partitions.TABLES:
            cursor.execute(f"SELECT count(*) FROM ONLY {table.rest}")
            assert cursor.fetchone()[0] == 0
        cursor.execute(A_FACT, [corp])
        assert cursor.fetchone()[0] == 2001
        with pytest.raises(Exception, match="violates foreign key"), transaction.atomic():
            cursor.execute(A_FACT, [-1])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(Exception, match="duplicate key"), transaction.atomic():
            cursor.execute(INBOX_ROWS, [corp])


def _people(cursor) -> str:
    """Fifty customers, whatever columns a customer must have by now."""
    cursor.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'customers_customer' AND is_nullable = 'NO'"
        " AND is_identity = 'NO' AND column_default IS NULL AND column_name NOT IN ('corp_id', 'external_userid', 'no')"
    )
    empty = {
        "boolean": "false",
        "jsonb": "'{}'",
        "timestamp with time zone": "now()",
        "text": "''",
        "character varying": "''",
    }
    columns = [(name, empty.get(kind, "0")) for name, kind in cursor.fetchall()]
    names, values = ", ".join(name for name, _ in columns), ", ".join(value for _, value in columns)
    return PEOPLE.format(columns=names, values=values)


def _migrate(targets: list[tuple[str, str]]) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)


def _picture(cursor) -> list:
    found = []
    for table in ("ledger_inbox", "ledger_fact", "messaging_recipient"):
        plain = "to_jsonb(t) - 'planned_at'"
        cursor.execute(
            f"SELECT count(*), min(id), max(id), md5(string_agg(({plain})::text, ',' ORDER BY id)) FROM {table} t"
        )
        found.append(cursor.fetchone())
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE '%%key' AND indexname <> 'ledger_fact_position'"
            " ORDER BY 1", [table]
        )  # fmt: skip
        found.append(cursor.fetchall())
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY 1",
            [table],
        )
        found.append(cursor.fetchall())
    return found
