"""Inbox → effects, facts → subscribers: order, once, and what happens when a handler fails."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import psycopg
import pytest
from django.db import connection, transaction

from linli.ledger import api as ledger
from linli.ledger.models import FactRow, InboxRow
from linli.project.routes import ROUTES
from linli.wecom.event_types import FollowAdded

AT = datetime(2011, 3, 1, 9, tzinfo=UTC)
CONTACTS = next(one for one in ROUTES if one.together)


def xml(change: str, external: str, at: datetime = AT, extra: str = "") -> bytes:
    return (
        f"<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>{int(at.timestamp())}</CreateTime>"
        f"<MsgType>event</MsgType><Event>change_external_contact</Event><ChangeType>{change}</ChangeType>"
        f"<UserID>zhou</UserID><ExternalUserID>{external}</ExternalUserID>{extra}</xml>"
    ).encode()


def put(corp, change: str, external: str, at: datetime = AT, extra: str = "", welcome: str | None = None) -> InboxRow:
    payload = xml(change, external, at, extra)
    return InboxRow.objects.create(
        corp_id=corp.id, payload_hash=hashlib.sha256(payload).digest(), kind=f"change_external_contact.{change}",
        object_key=f"customer:{external}", payload=payload, event_at=at, received_at=at,
        welcome_code=welcome, welcome_state=1 if welcome else 0,
    )  # fmt: skip


def rereading(handler) -> list[ledger.Route]:
    """Routes as the house has them, with another handler."""
    return [replace(route, handler=handler) for route in ROUTES]


@pytest.fixture
def pool():
    with ThreadPoolExecutor(4) as executor:
        yield executor
        together = Barrier(4)
        list(executor.map(lambda _: (together.wait(), connection.close()), range(4)))


@pytest.mark.django_db(transaction=True)
def test_events_of_one_object_are_applied_in_the_order_in_which_they_happened(corp, pool):
    put(corp, "del_follow_user", "wm1", AT + timedelta(seconds=9))
    put(corp, "add_external_contact", "wm1", AT)
    put(corp, "add_external_contact", "wm2", AT)
    heard: list[tuple[str, str]] = []

    def handler(event, *, corp_id):
        heard.append((event.external_user_id, type(event).__name__))

    result = ledger.drain_once([ledger.Route(kinds=("change_external_contact.",), handler=handler)], executor=pool)
    assert (result.claimed, result.applied) == (3, 3)
    assert [name for who, name in heard if who == "wm1"] == [FollowAdded.__name__, "FollowDeletedByCustomer"]
    assert not InboxRow.objects.exclude(state=1).exists()


@pytest.mark.django_db(transaction=True)
def test_a_failing_event_waits_and_holds_back_only_its_own_object(corp, pool):
    put(corp, "add_external_contact", "wm1")
    put(corp, "del_follow_user", "wm1", AT + timedelta(seconds=1))
    put(corp, "add_external_contact", "wm2")
    heard: list[str] = []

    def handler(event, *, corp_id):
        if event.external_user_id == "wm1":
            raise ValueError("not today")
        heard.append(event.external_user_id)

    routes = [ledger.Route(kinds=("change_external_contact.",), handler=handler)]
    result = ledger.drain_once(routes, executor=pool)
    assert (result.claimed, result.applied, result.failed) == (3, 1, 2)
    assert heard == ["wm2"]
    first = InboxRow.objects.filter(object_key="customer:wm1").earliest("event_at")
    assert first.state == 0
    assert "not today" in first.error
    assert first.next_try_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_failure_asks_for_a_pause_that_its_later_events_keep_too(corp, pool):
    put(corp, "add_external_contact", "wm1")
    put(corp, "del_follow_user", "wm1", AT + timedelta(seconds=1))
    calls: list[str] = []

    def handler(event, *, corp_id):
        calls.append(event.kind)
        raise ValueError("away")

    routes = [ledger.Route(kinds=("change_external_contact.",), handler=handler)]
    for _ in range(10):
        ledger.drain_once(routes, executor=pool)
    assert len(calls) == 1, "the pause holds for the whole object"
    assert sorted(InboxRow.objects.values_list("tries", "state")) == [(0, 0), (1, 0)], "who only waited was not tried"
    for _ in range(10):
        InboxRow.objects.update(next_try_at=None)
        ledger.drain_once(routes, executor=pool)
    assert calls.count("change_external_contact.add_external_contact") == 8
    assert InboxRow.objects.get(kind__endswith="add_external_contact").state == InboxRow.State.PARKED


@pytest.mark.django_db(transaction=True)
def test_a_welcome_whose_process_died_is_due_again_at_its_successors_start(corp, pool):
    put(corp, "add_external_contact", "wm1", welcome="CODE")
    InboxRow.objects.update(welcome_state=2, welcome_claimed_until=datetime.now(UTC) + timedelta(seconds=25))

    def send(due):
        return ledger.WelcomeOutcome.SENT, ""

    assert ledger.welcome_some(send, executor=pool) == []
    ledger.release_welcomes()
    (done,) = ledger.welcome_some(send, executor=pool)
    done.result()
    assert ledger.welcome_figures(corp_id=corp.id).in_time == 1


@pytest.mark.django_db(transaction=True)
def test_an_object_that_is_being_worked_on_is_not_claimed_again(corp, pool):
    put(corp, "add_external_contact", "wm1")
    InboxRow.objects.update(claimed_until=datetime.now(UTC) + timedelta(seconds=30))
    put(corp, "edit_external_contact", "wm1", AT + timedelta(seconds=5))
    result = ledger.drain_once([], executor=pool)
    assert result.claimed == 0


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_died_is_taken_up_again(corp, pool):
    row = put(corp, "add_external_contact", "wm1")
    InboxRow.objects.filter(id=row.id).update(claimed_until=datetime.now(UTC) - timedelta(seconds=1))
    assert ledger.drain_once([], executor=pool).applied == 1


@pytest.mark.django_db(transaction=True)
def test_an_object_that_pauses_with_many_rows_hides_no_other_behind_it(corp, pool):
    first = put(corp, "add_external_contact", "wm1")
    for second in range(1, 20):
        put(corp, "edit_external_contact", "wm1", AT + timedelta(seconds=second))
    put(corp, "add_external_contact", "wm2")
    InboxRow.objects.filter(id=first.id).update(next_try_at=datetime.now(UTC) + timedelta(seconds=60))
    heard: list[str] = []
    routes = rereading(lambda event, corp_id: heard.append(event.external_user_id))
    assert ledger.drain_once(routes, executor=pool, objects=1).applied == 1
    assert heard == ["wm2"]


@pytest.mark.django_db(transaction=True)
def test_only_the_last_of_several_edits_reads_again(corp, pool):
    put(corp, "edit_external_contact", "wm1", AT)
    put(corp, "add_external_contact", "wm1", AT + timedelta(seconds=1))
    for second in range(2, 5):
        put(corp, "edit_external_contact", "wm1", AT + timedelta(seconds=second))
    heard: list[tuple[str, int]] = []
    routes = rereading(lambda event, corp_id: heard.append((event.change_type, event.created_at)))
    assert ledger.drain_once(routes, executor=pool).applied == 5
    last = int(AT.timestamp()) + 4
    assert heard == [("add_external_contact", last - 3), ("edit_external_contact", last)]
    assert InboxRow.objects.filter(state=1).count() == 5


@pytest.mark.django_db(transaction=True)
def test_edits_that_a_later_one_was_to_settle_wait_with_it_when_it_fails(corp, pool):
    for second in range(3):
        put(corp, "edit_external_contact", "wm1", AT + timedelta(seconds=second))

    def handler(event, corp_id):
        raise ConnectionError

    assert ledger.drain_once(rereading(handler), executor=pool).failed == 3
    assert InboxRow.objects.filter(state=0, claimed_until=None).count() == 3


@pytest.mark.django_db(transaction=True)
def test_many_objects_go_together_and_only_what_failed_waits(corp, pool):
    for name in ("wm1", "wm2", "wm3"):
        put(corp, "add_external_contact", name)
        put(corp, "edit_external_contact", name, AT + timedelta(seconds=1))
    calls: list[int] = []

    def together(events, *, corp_id):
        calls.append(len(events))
        return {"customer:wm2": ConnectionError()}

    routes = [replace(CONTACTS, together=together)]
    result = ledger.drain_once(routes, executor=pool, pieces=1)
    assert (calls, result.claimed, result.applied) == ([6], 6, 4)
    waiting = InboxRow.objects.filter(state=0).order_by("id")
    assert [(row.object_key, row.tries, row.claimed_until) for row in waiting] == [
        ("customer:wm2", 1, None), ("customer:wm2", 0, None),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_objects_that_cannot_go_together_each_go_their_own_way(corp, pool):
    for name in ("wm1", "wm2"):
        put(corp, "add_external_contact", name)
    InboxRow.objects.create(
        corp_id=corp.id, payload_hash=b"bad", kind="change_external_contact.add_external_contact",
        object_key="customer:wm3", payload=b"<xml", event_at=AT, received_at=AT,
    )  # fmt: skip
    heard: list[str] = []
    routes = [
        replace(
            CONTACTS,
            handler=lambda event, corp_id: heard.append(event.external_user_id),
            together=lambda events, corp_id: {},
        )
    ]
    result = ledger.drain_once(routes, executor=pool, pieces=1)
    assert (sorted(heard), result.applied, result.failed) == (["wm1", "wm2"], 2, 1)


@pytest.mark.django_db(transaction=True)
def test_what_has_not_begun_in_time_goes_back_before_its_claim_runs_out(corp, pool, monkeypatch):
    put(corp, "add_external_contact", "wm1")
    monkeypatch.setattr("linli.ledger.drain._BEGIN_S", -1)
    heard: list[int] = []
    routes = rereading(lambda event, corp_id: heard.append(1))
    assert ledger.drain_once(routes, executor=pool).applied == 0
    assert (heard, InboxRow.objects.get().claimed_until) == ([], None)


@pytest.mark.django_db(transaction=True)
def test_a_welcome_is_claimed_once_and_its_outcome_is_kept(corp, pool):
    put(corp, "add_external_contact", "wm1", welcome="CODE")
    said: list[str] = []

    def send(due):
        said.append(due.code)
        return ledger.WelcomeOutcome.SENT, ""

    (done,) = ledger.welcome_some(send, executor=pool)
    assert ledger.welcome_some(send, executor=pool) == []
    done.result()
    assert said == ["CODE"]
    figures = ledger.welcome_figures(corp_id=corp.id)
    assert (figures.due, figures.in_time, figures.open) == (1, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_a_fact_without_a_transaction_is_a_programming_error(corp):
    with pytest.raises(RuntimeError):
        ledger.publish(corp_id=corp.id, kind="test.done", subject="x:1", data={})
    assert not FactRow.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_positions_have_no_gaps_and_a_late_commit_is_not_stepped_over(corp):
    heard: list[int] = []
    subscription = ledger.Subscription(
        name="t", kinds=("test.done",), handler=lambda facts: heard.extend(fact.data["n"] for fact in facts)
    )
    with transaction.atomic():
        ledger.publish_many(
            corp_id=corp.id,
            facts=[ledger.NewFact(kind="test.done", subject="x:1", data={"n": n}) for n in range(3)],
        )
    assert ledger.sequence_once() == 3
    assert ledger.deliver_once([subscription]) == 3
    with transaction.atomic():
        ledger.publish(corp_id=corp.id, kind="test.other", subject="x:1", data={})
        ledger.publish(corp_id=corp.id, kind="test.done", subject="x:1", data={"n": 3})
    ledger.sequence_once()
    assert ledger.deliver_once([subscription]) == 1
    assert heard == [0, 1, 2, 3]
    assert sorted(FactRow.objects.values_list("position", flat=True)) == [1, 2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_the_outcome_of_a_welcome_is_kept_though_its_connection_died_meanwhile(corp, pool):
    put(corp, "add_external_contact", "wm1", welcome="CODE")
    killed: list[int] = []

    def send(due):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            killed.append(cursor.fetchone()[0])
        with psycopg.connect(**side_params()) as other:
            other.execute("SELECT pg_terminate_backend(%s)", killed)
        return ledger.WelcomeOutcome.SENT, ""

    (done,) = ledger.welcome_some(send, executor=pool)
    done.result()
    assert len(killed) == 1
    assert InboxRow.objects.get().welcome_state == ledger.WelcomeOutcome.SENT.value


@pytest.mark.django_db(transaction=True)
def test_a_row_is_given_back_at_once_though_its_connection_died_meanwhile(corp, pool):
    put(corp, "add_external_contact", "wm1")

    def handler(event, *, corp_id):
        with psycopg.connect(**side_params()) as other, connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            other.execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())
            cursor.execute("SELECT 1")

    result = ledger.drain_once([ledger.Route(kinds=("change_external_contact.",), handler=handler)], executor=pool)
    assert (result.claimed, result.failed) == (1, 1)
    row = InboxRow.objects.get()
    assert (row.state, row.claimed_until, row.tries) == (InboxRow.State.WAITING, None, 1)


def side_params() -> dict:
    params = connection.get_connection_params()
    return {key: params[key] for key in ("host", "port", "user", "password", "dbname") if params.get(key)}
