"""What a subscriber or a room fails on: tried again, parked for a person, set going or dropped; everything else goes on."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from linli.access import api as access
from linli.directory.models import Department
from linli.kit.errors import BadInput
from linli.ledger import api as ledger
from linli.ledger.aside import MOST_ASIDE, PAUSES
from linli.ledger.models import Cursor, FactRow, InboxRow, Parked
from tests.ledger.test_ledger import pool, put  # noqa: F401 - the pool is a fixture

pytestmark = pytest.mark.django_db(transaction=True)


def say(corp, *words: tuple[str, int]) -> None:
    """Facts (subject, n), placed."""
    with transaction.atomic():
        for subject, n in words:
            ledger.publish(corp_id=corp.id, kind="test.done", subject=subject, data={"n": n})
    ledger.sequence_once()


class Ear:
    """A subscriber that keeps what it heard as rows (so that a rollback takes it back) and fails on the numbers it is told."""

    def __init__(self, *bad: int, name: str = "t", replay: ledger.Replay = ledger.Replay.ROWS) -> None:
        self.bad = set(bad)
        self.subscription = ledger.Subscription(name=name, kinds=("test.done",), handler=self.hear, replay=replay)
        self.name = name
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS heard (no bigserial, name text, fact bigint, n int)")

    def hear(self, facts) -> None:
        with connection.cursor() as cursor:
            for fact in facts:
                cursor.execute(
                    "INSERT INTO heard (name, fact, n) VALUES (%s, %s, %s)", [self.name, fact.id, fact.data["n"]]
                )
                if fact.data["n"] in self.bad:
                    raise ValueError(f"no {fact.data['n']}00000 for 13800138000 of '王 小明'")

    @property
    def heard(self) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT n FROM heard WHERE name = %s ORDER BY no", [self.name])
            return [row[0] for row in cursor.fetchall()]

    def go(self, rounds: int = 5) -> None:
        for _ in range(rounds):
            ledger.deliver(self.subscription)

    def until_parked(self) -> None:
        for _ in range(len(PAUSES) + 2):
            Parked.objects.filter(state=Parked.State.RETRYING).update(next_try_at=datetime(2000, 1, 1, tzinfo=UTC))
            ledger.deliver(self.subscription)


@pytest.fixture(autouse=True)
def _no_table(transactional_db):
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS heard")


def test_a_failing_fact_is_set_aside_its_subject_waits_and_all_others_go_on(corp):
    say(corp, ("x:1", 1), ("x:2", 2), ("x:1", 3), ("x:3", 4), ("x:2", 5))
    bad, good = Ear(1, name="bad"), Ear(name="good")
    bad.go()
    good.go()
    assert bad.heard == [2, 4, 5], "what the failing attempt wrote is rolled back"
    assert good.heard == [1, 2, 3, 4, 5]
    first, held = Parked.objects.order_by("position")
    assert (first.state, first.tries, held.state, held.tries) == (Parked.State.RETRYING, 1, Parked.State.HELD, 0)
    assert first.next_try_at > datetime.now(UTC)
    say(corp, ("x:1", 6), ("x:4", 7))
    bad.go()
    assert bad.heard == [2, 4, 5, 7]


def test_a_clock_that_went_back_makes_no_pause_longer(corp):
    say(corp, ("x:1", 1), ("x:1", 2))
    ear = Ear(1)
    ear.go(1)
    ear.bad.clear()
    waiting = Parked.objects.filter(state=Parked.State.RETRYING)
    waiting.update(next_try_at=datetime.now(UTC) + timedelta(seconds=50))
    ear.go(1)
    assert ear.heard == [], "a pause is waited out"
    waiting.update(next_try_at=datetime.now(UTC) + timedelta(hours=1))
    ear.go(2)
    assert ear.heard == [1, 2]


def test_pauses_grow_then_it_is_parked_with_its_error_and_no_persons_data(corp):
    say(corp, ("x:1", 1), ("x:1", 2))
    ear = Ear(1)
    pauses = []
    for _ in PAUSES:
        Parked.objects.filter(state=Parked.State.RETRYING).update(next_try_at=datetime.now(UTC))
        asked = datetime.now(UTC)
        ear.go(1)
        pauses.append(round((Parked.objects.get(tries__gt=0).next_try_at - asked).total_seconds()))
    assert pauses == list(PAUSES)
    ear.until_parked()
    (row,) = ledger.parked(corp_id=corp.id)
    assert (row.state, row.tries, row.held) == ("parked", len(PAUSES) + 1, 1)
    assert row.error.startswith("ValueError: no ")
    assert "hear" in row.trace
    assert not any(word in row.error + row.trace for word in ("13800138000", "王", "小明"))
    assert ledger.line_state(corp_id=corp.id).parked == ledger.health(corp_id=corp.id).parked == 1
    assert ledger.parked_counts(corp_id=corp.id) == {"retrying": 0, "held": 1, "parked": 1, "dropped": 0}


def test_set_going_it_is_handled_once_and_the_held_follow_in_order(corp):
    say(corp, ("x:1", 1), ("x:1", 2), ("x:2", 3), ("x:1", 4))
    ear = Ear(1)
    ear.until_parked()
    assert ear.heard == [3]
    ear.bad.clear()
    (row,) = ledger.parked(corp_id=corp.id)
    assert ledger.set_going(corp_id=corp.id, ids=[row.id]) == 1
    ear.go()
    assert ear.heard == [3, 1, 2, 4]
    assert not Parked.objects.exists()
    say(corp, ("x:1", 5))
    ear.go()
    assert ear.heard == [3, 1, 2, 4, 5]


def test_dropped_it_is_kept_with_who_when_and_why_and_the_held_follow(corp):
    say(corp, ("x:1", 1), ("x:1", 2))
    ear = Ear(1)
    ear.until_parked()
    (row,) = ledger.parked(corp_id=corp.id)
    with pytest.raises(BadInput):
        ledger.drop(corp_id=corp.id, ids=[row.id], reason="  ", by="admin")
    assert ledger.parked(corp_id=corp.id) == [row], "a refusal changes nothing"
    assert ledger.drop(corp_id=corp.id, ids=[row.id], reason="an old import", by="admin") == 1
    ear.go()
    assert ear.heard == [2]
    (kept,) = ledger.parked(corp_id=corp.id, state="dropped")
    assert (kept.settled_by, kept.reason, kept.settled_at is None) == ("admin", "an old import", False)
    assert ledger.set_going(corp_id=corp.id, ids=[kept.id]) == 0


def test_in_bulk_by_error_and_only_of_this_corp(corp):
    other = access.create_corp(wecom_id="wwother", name="别家")
    say(corp, *((f"x:{n}", n) for n in range(1, 5)))
    say(other, ("x:1", 1))
    ear = Ear(1, 2, 3)
    ear.until_parked()
    (group,) = ledger.parked_groups(corp_id=corp.id)
    assert (group.subscriber, group.count) == ("t", 3), "one error, whoever it happened to"
    ear.bad.clear()
    assert ledger.set_going(corp_id=corp.id, subscriber=group.subscriber, error=group.error) == 3
    ear.go()
    assert sorted(ear.heard) == [1, 2, 3, 4]
    assert len(ledger.parked(corp_id=other.id)) == 1
    (theirs,) = ledger.parked(corp_id=other.id)
    assert ledger.drop(corp_id=corp.id, ids=[theirs.id], reason="not mine", by="admin") == 0
    assert ledger.parked_one(corp_id=corp.id, parked_id=theirs.id) is None


def test_a_subscriber_that_fails_on_everything_stops_instead_of_parking_the_whole_ledger(corp):
    say(corp, *((f"x:{n}", 1) for n in range(MOST_ASIDE + 300)))
    ear = Ear(1)
    for _ in range(9):
        ledger.deliver(ear.subscription, batch=100)
    assert Parked.objects.count() == MOST_ASIDE
    assert Cursor.objects.get(name="t").error == "too_many_aside"
    assert ledger.line_state(corp_id=corp.id).stuck == 1
    ear.bad.clear()
    Parked.objects.update(next_try_at=datetime(2000, 1, 1, tzinfo=UTC))
    ear.go(20)
    assert len(ear.heard) == MOST_ASIDE + 300
    assert ledger.line_state(corp_id=corp.id).stuck == 0


def test_a_callback_that_is_parked_is_listed_and_goes_again(corp, pool):  # noqa: F811
    put(corp, "add_external_contact", "wm1")
    bad = {"wm1"}
    heard: list[str] = []

    def handler(event, *, corp_id):
        if event.external_user_id in bad:
            raise KeyError("external_userid")
        heard.append(event.external_user_id)

    routes = [ledger.Route(kinds=("change_external_contact.",), handler=handler)]
    for _ in range(8):
        InboxRow.objects.update(next_try_at=None)
        ledger.drain_once(routes, executor=pool)
    (row,) = ledger.parked(corp_id=corp.id)
    assert (row.subscriber, row.kind, row.error) == (
        "",
        "change_external_contact.add_external_contact",
        "KeyError: 'external_userid'",
    )
    bad.clear()
    assert ledger.set_going(corp_id=corp.id, subscriber="", error=row.error) == 1
    ledger.drain_once(routes, executor=pool)
    assert heard == ["wm1"]
    assert ledger.parked(corp_id=corp.id) == []
    put(corp, "add_external_contact", "wm2")
    bad.add("wm2")
    for _ in range(8):
        InboxRow.objects.update(next_try_at=None)
        ledger.drain_once(routes, executor=pool)
    ledger.drop(corp_id=corp.id, ids=[row.id for row in ledger.parked(corp_id=corp.id)], reason="a test", by="admin")
    assert InboxRow.objects.get(object_key="customer:wm2").state == InboxRow.State.DROPPED
    assert ledger.line_state(corp_id=corp.id).parked == 0


def test_a_slow_subscriber_holds_up_no_other(corp):
    from linli.project.delivering import Round

    say(corp, ("x:1", 1))
    entered, leave, quick_heard = threading.Event(), threading.Event(), threading.Event()

    def slow(facts):
        entered.set()
        leave.wait(30)

    quick: list[int] = []

    def hear(facts):
        quick.extend(fact.data["n"] for fact in facts)
        if len(quick) == 2:
            quick_heard.set()

    crew = [
        ledger.Subscription(name="slow", kinds=("test.done",), handler=slow),
        ledger.Subscription(name="quick", kinds=("test.done",), handler=hear),
    ]
    stop = threading.Event()
    with Round(crew, stop) as going:
        assert entered.wait(10)
        say(corp, ("x:2", 2))
        going.ring({"test.done": 1})
        assert quick_heard.wait(10), "while the slow one has its first fact in hand"
        assert not leave.is_set()
        leave.set()
        stop.set()
    assert quick == [1, 2]


def test_who_hears_none_of_the_placed_kinds_is_not_woken_and_still_loses_nothing(corp):
    from linli.project.delivering import Round

    heard, got = threading.Event(), []

    def hear(facts):
        got.extend(fact.data["n"] for fact in facts)
        heard.set()

    crew = [
        ledger.Subscription(name="other", kinds=("test.other",), handler=lambda facts: None),
        ledger.Subscription(name="mine", kinds=("test.done", "test.undone"), handler=hear),
    ]
    going = Round(crew, threading.Event())
    going.ring({"test.other": 3, "test.third": 1})
    going.ring({"test.undone": 1})
    assert {name: bell.count() for name, bell in going.bells.items()} == {"other": 1, "mine": 1, "dry runs": 0}
    with going:
        say(corp, ("x:1", 1))  # nobody rings: what a ring does not say a look finds
        assert heard.wait(10)
    assert got == [1]
    tops = {row.name: row.position for row in Cursor.objects.all()}
    assert tops["mine"] == 1


def test_a_deadlock_or_a_time_out_is_the_databases_trouble_and_sets_nothing_aside(corp):
    say(corp, ("x:1", 1))
    slow = [True]

    def handler(facts):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '50ms'")
            cursor.execute("SELECT pg_sleep(%s)", [5 if slow else 0])

    subscription = ledger.Subscription(name="t", kinds=("test.done",), handler=handler)
    assert ledger.deliver(subscription) == 0
    cursor = Cursor.objects.get(name="t")
    assert (cursor.position, cursor.tries) == (0, 1)
    assert cursor.next_try_at > datetime.now(UTC) - timedelta(seconds=1)
    assert "OperationalError" in cursor.error
    assert not Parked.objects.exists()
    slow.clear()
    Cursor.objects.update(next_try_at=None)
    assert ledger.deliver(subscription) == 1
    assert Cursor.objects.get(name="t").error == ""


def test_two_processes_never_hand_over_the_same_fact(corp):
    say(corp, *((f"x:{n}", n) for n in range(300)))
    ear = Ear()

    def run(_n) -> None:
        try:
            for _ in range(40):
                ledger.deliver(ear.subscription, batch=10)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as executor:
        list(executor.map(run, range(4)))
    ear.go(40)
    assert ear.heard == list(range(300))
    assert FactRow.objects.count() == 300


def test_a_row_that_names_what_is_gone_sets_its_own_fact_aside_not_the_subscriber(corp):
    """A foreign key is looked at when the transaction ends: that stopped the whole subscriber, for good and without a trace."""

    class Dangling(Ear):
        def hear(self, facts) -> None:
            for fact in facts:
                if fact.data["n"] == 2:  # of a corp that nobody knows
                    Department.objects.create(corp_id=999_999, wecom_id=1, name="x", parent_wecom_id=0, order=0)
            super().hear(facts)

    say(corp, ("a", 1), ("b", 2), ("c", 3))
    ear = Dangling()
    ear.go()
    assert ear.heard == [1, 3]
    assert Parked.objects.get().subject == "b"
    assert "IntegrityError" in Parked.objects.get().error
