"""Replay of one subscriber: a dry run says what would change, the real one does exactly that, goes on after a kill, can be cancelled."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from linli.kit.clock import now
from linli.kit.errors import BadInput, NotFound, Refused
from linli.ledger import api as ledger
from linli.ledger.models import Cursor, FactRow, Parked
from tests.ledger.test_parked import Ear, say
from tests.ledger.wiring import SUBSCRIPTIONS, wiring  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wiring")]


def wired(*bad: int, replay: ledger.Replay = ledger.Replay.ROWS) -> Ear:
    ear = Ear(*bad, replay=replay)
    SUBSCRIPTIONS.append(ear.subscription)
    return ear


def forget() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE heard")


def dry(ear: Ear, from_position: int, chunk: int = 1000) -> ledger.ReplayInfo:
    run = ledger.start_replay(subscriber=ear.name, from_position=from_position, dry=True, by="admin")
    assert ledger.open_dry_runs() == [run]
    ledger.dry_run(run, chunk=chunk)
    return ledger.replay(replay_id=run)


def test_a_dry_run_says_what_the_real_one_then_changes_and_changes_nothing(corp):
    say(corp, *((f"x:{n}", n) for n in range(1, 11)))
    ear = wired()
    ear.go()
    before = ear.heard
    said = dry(ear, 4)
    assert (said.state, said.facts, said.failing_count, said.exact, said.share) == ("done", 6, 0, True, 1.0)
    assert said.changes == {"heard": [6, 0, 0]}
    assert ear.heard == before
    assert Cursor.objects.get(name="t").position == 10
    ledger.start_replay(subscriber="t", from_position=4, dry=False, by="admin")
    ear.go()
    assert ear.heard == [*before, 5, 6, 7, 8, 9, 10]
    (done, _dry) = ledger.replays(subscriber="t")
    assert (done.state, done.position, done.asked_by) == ("done", 10, "admin")


def test_a_dry_run_names_what_would_fail_and_does_not_count_its_attempts(corp):
    say(corp, *((f"x:{n}", n) for n in range(1, 31)), ("x:7", 31))
    ear = wired()
    ear.go()
    ear.bad = {7, 8}
    said = dry(ear, 0)
    assert said.changes == {"heard": [28, 0, 0]}, "without 7, what would be held behind it, and 8"
    assert [one["position"] for one in said.failing] == [7, 8]
    assert said.failing[0]["error"].startswith("ValueError")
    assert not Parked.objects.exists()


def test_in_chunks_it_says_that_it_is_not_exact_and_goes_on_where_it_was_stopped(corp):
    say(corp, *((f"x:{n}", n) for n in range(1, 31)))
    ear = wired()
    ear.go()
    run = ledger.start_replay(subscriber="t", from_position=0, dry=True, by="admin")
    looks = iter([False, False, True])
    ledger.dry_run(run, chunk=10, stop=lambda: next(looks))
    half = ledger.replay(replay_id=run)
    assert (half.state, half.facts, half.position) == ("open", 20, 20)
    ledger.dry_run(run, chunk=10)
    said = ledger.replay(replay_id=run)
    assert (said.state, said.facts, said.changes, said.exact) == ("done", 30, {"heard": [30, 0, 0]}, False)


def test_the_real_one_goes_on_where_the_cursor_stands_and_new_facts_follow_it(corp):
    say(corp, *((f"x:{n}", n) for n in range(1, 31)))
    ear = wired()
    ear.go()
    forget()
    run = ledger.start_replay(subscriber="t", from_position=0, dry=False, by="admin")
    ledger.deliver(ear.subscription, batch=10)
    say(corp, ("x:1", 31))
    assert ledger.replay(replay_id=run).share == pytest.approx(1 / 3)
    assert ear.heard == list(range(1, 11)), "here the process died; another one goes on"
    while ledger.deliver(ear.subscription, batch=10):
        pass
    assert ear.heard == list(range(1, 32))
    assert ledger.replay(replay_id=run).state == "done"


def test_cancelled_it_goes_on_where_it_stood_before(corp):
    say(corp, *((f"x:{n}", n) for n in range(1, 31)))
    ear = wired()
    ear.go()
    forget()
    run = ledger.start_replay(subscriber="t", from_position=0, dry=False, by="admin")
    ledger.deliver(ear.subscription, batch=10)
    with pytest.raises(Refused):
        ledger.start_replay(subscriber="t", from_position=0, dry=True, by="admin")
    ledger.cancel_replay(replay_id=run)
    say(corp, ("x:1", 31))
    ear.go()
    assert ear.heard == [*range(1, 11), 31]
    assert ledger.replay(replay_id=run).state == "cancelled"
    ledger.start_replay(subscriber="t", from_position=30, dry=False, by="admin")


def test_what_may_not_be_replayed_and_what_is_not_there_are_refused_and_change_nothing(corp):
    say(corp, ("x:1", 1))
    ear = wired(replay=ledger.Replay.NEVER)
    ear.go()
    with pytest.raises(Refused):
        ledger.start_replay(subscriber="t", from_position=0, dry=False, by="admin")
    with pytest.raises(NotFound):
        ledger.start_replay(subscriber="nobody", from_position=0, dry=False, by="admin")
    SUBSCRIPTIONS[:] = [Ear().subscription]
    for position in (-1, 1, 99):
        with pytest.raises(BadInput):
            ledger.start_replay(subscriber="t", from_position=position, dry=False, by="admin")
    assert ledger.replays() == []
    assert Cursor.objects.get(name="t").position == 1


def test_effects_outside_the_house_happen_once_a_fact_however_often_it_is_replayed(corp):
    say(corp, *((f"x:{n}", n) for n in range(1, 6)))
    ear = wired(3, replay=ledger.Replay.ONCE)
    ear.until_parked()
    assert ear.heard == [1, 2, 4, 5]
    ear.bad.clear()
    assert dry(ear, 0).changes.get("heard", [0, 0, 0])[0] == 1, "only the one that was never handled"
    ledger.start_replay(subscriber="t", from_position=0, dry=False, by="admin")
    ear.go()
    assert ear.heard == [1, 2, 4, 5], "what waits for a person still waits"
    ledger.set_going(corp_id=corp.id, ids=[row.id for row in ledger.parked(corp_id=corp.id)])
    ear.go()
    assert ear.heard == [1, 2, 4, 5, 3]


def test_what_a_person_dropped_stays_dropped(corp):
    say(corp, ("x:1", 1), ("x:2", 2))
    ear = wired(1)
    ear.until_parked()
    ledger.drop(corp_id=corp.id, ids=[row.id for row in ledger.parked(corp_id=corp.id)], reason="no", by="admin")
    ear.bad.clear()
    ledger.start_replay(subscriber="t", from_position=0, dry=False, by="admin")
    ear.go()
    assert ear.heard == [2, 2]


def test_a_time_leaves_out_nothing_that_happened_since(corp):
    at = now()
    with transaction.atomic():
        for n, hours in enumerate((-5, -1, -3, 0), start=1):
            ledger.publish(
                corp_id=corp.id, kind="test.done", subject="x:1", data={"n": n}, occurred_at=at + timedelta(hours=hours)
            )
    ledger.sequence_once()
    ear = wired()
    ear.go()
    assert ledger.position_at(subscriber="t", at=at - timedelta(hours=2)) == 1
    assert ledger.position_at(subscriber="t", at=at + timedelta(hours=2)) == FactRow.objects.count()
