"""What goes wrong around Linli: the line to WeCom, and the clock. A clear outcome each time, nothing lost, nothing deleted."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, models
from starlette.responses import Response

from linli.acquisition.models import LiveCode
from linli.connect import api as connect
from linli.connect.models import AppToken, CorpLine, RateWindow
from linli.connect.tokens import SharedToken
from linli.customers import api as customers
from linli.customers.queries import checksums
from linli.directory import api as directory
from linli.groups import api as groups
from linli.groups.models import GroupChat
from linli.kit.clock import wall
from linli.ledger import api as ledger
from linli.ledger.models import Cursor, InboxRow
from linli.project.routes import ROUTES
from linli.project.stalled import take_up_stalled
from linli.wecom.errors import NoAnswer, NotSent, WecomError
from tests.connect.dropping import facts, last_fact
from tests.connect.staged import befriend, linked_corp, running_stage
from tests.customers.acting import created, ours, payload, theirs
from tests.project.tampering import Tampering, self_signed

stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)
PAGE = "externalcontact/batch/get_by_user"
HOUR = timedelta(hours=1)


@pytest.fixture
def quick(monkeypatch):
    """Calls are repeated as always, only without their pauses."""
    monkeypatch.setattr("linli.wecom.transport._FIRST_WAIT", 0.001)


@pytest.fixture
def house(line, stage, quick):
    """120 people and a group, all known; the line then leads through a proxy that may spoil answers."""
    stage.way("s", ("clerk0-0",))
    acts = [{"kind": "scan", "state": "s", "person": {"unionid": f"u{n}", "name": f"客{n}"}} for n in range(120)]
    stage.control("acts", {"acts": acts})
    stage.act("create_group", owner="clerk0-0", name="群", members=[])
    for room in (directory, customers, groups):
        room.sync(corp_id=line.id)
    proxy = Tampering(stage.hosted.url)
    CorpLine.objects.update(base_url=proxy.url)
    yield proxy
    proxy.hosted.stop()


def replaced(path: str, content: bytes, status: int = 200, times: int = 10**6):
    """A spoiler for one path, so many times."""
    left = iter(range(times))

    def spoil(asked, answer):
        if asked.endswith(path) and next(left, None) is not None:
            return Response(content, status, media_type="application/json")
        return None

    return spoil


EMPTY = json.dumps({"errcode": 60020, "errmsg": "not allow to access from your ip", "external_contact_list": []})
HALF = b'{"errcode": 0, "errmsg": "ok", "external_contact_list": [{"exter'


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (replaced(PAGE, b"<html>502 Bad Gateway</html>", 502), NoAnswer, "代理"),
        (replaced(PAGE, b"<html>login</html>"), NoAnswer, "代理"),
        (replaced(PAGE, HALF), NoAnswer, "代理"),
        (replaced(PAGE, EMPTY.encode()), WecomError, "60020"),
        (replaced("department/list", b"[]"), NoAnswer, "代理"),
    ],
    ids=["502", "html", "half json", "empty with an error", "no object"],
)
def test_a_spoiled_answer_ends_the_run_clearly_and_deletes_nothing(house, line, stage, spoil, error, words):
    house.spoil, before = spoil, last_fact()
    with pytest.raises(error):
        directory.reconcile(corp_id=line.id)
        customers.reconcile(corp_id=line.id)
    run = connect.latest_runs(corp_id=line.id)[0]
    assert run.state == "failed"
    assert words in run.missing[-1]["why"]
    assert words in connect.line(corp_id=line.id).check_text
    assert facts(line.id, before) == []
    assert checksums(ours(line.id)) == checksums(theirs(stage))
    house.spoil = lambda path, answer: None
    assert customers.reconcile(corp_id=line.id).read == 120
    assert connect.line(corp_id=line.id).check_text == ""


@pytest.mark.parametrize("spoiled", [b"<html>502</html>", HALF])
def test_a_passing_trouble_is_repeated_and_not_even_seen(house, line, spoiled):
    house.spoil = replaced(PAGE, spoiled, 502, times=3)
    found = customers.reconcile(corp_id=line.id)
    assert (found.read, found.ended, found.unread) == (120, 0, ())


def test_a_group_that_cannot_be_read_is_listed_and_not_dismissed(house, line):
    house.spoil = replaced("groupchat/get", json.dumps({"errcode": 40058, "errmsg": "no", "group_chat": {}}).encode())
    found = groups.reconcile(corp_id=line.id)
    assert (found.ended, len(found.unread)) == (0, 1)
    assert GroupChat.objects.get().dismissed_at is None


def test_a_certificate_that_nobody_signed_is_told_in_plain_words(line, quick, tmp_path, client):
    from linli.access import api as access
    from linli.access.models import Account

    with self_signed(tmp_path) as address:
        CorpLine.objects.update(base_url=address)
        with pytest.raises(NotSent):
            customers.reconcile(corp_id=line.id)
    assert "证书没有通过校验" in connect.line(corp_id=line.id).check_text
    account = access.create_administrator(corp_id=line.id, username="admin", password="a long pass phrase")
    client.force_login(Account.objects.get(id=account))
    for page in ("/connection/", "/connection/compared/"):
        assert "证书没有通过校验" in client.get(page).text


def test_what_an_outage_parked_goes_again_by_itself_when_it_is_over(line, stage, quick, tmp_path):
    """A callback that comes while no certificate is accepted: parked after its tries, never for good."""
    directory.sync(corp_id=line.id)
    who = befriend(stage, 1, "clerk0-0")
    told = payload("add_external_contact", "clerk0-0", who, created(stage, "clerk0-0", who))
    kind = "change_external_contact.add_external_contact"
    row = inbox(line, kind=kind, object_key=f"customer:{who}", payload=told)
    well = CorpLine.objects.get(corp_id=line.id).base_url

    def drained(times: int = 1) -> None:
        with one_thread() as executor:
            for _ in range(times):
                InboxRow.objects.update(next_try_at=None)
                ledger.drain_once(ROUTES, executor=executor)
        row.refresh_from_db()

    with self_signed(tmp_path) as address:
        CorpLine.objects.update(base_url=address)
        drained(8)
        assert row.state == InboxRow.State.PARKED
        assert ledger.parked(corp_id=line.id)[0].error.startswith("NotSent")
        assert ledger.wake_callbacks(errors=["NotSent"]) == 0, "not at once"
        assert ledger.wake_callbacks(errors=["NoAnswer"], after_s=-1) == 0, "not for another reason"
        assert ledger.wake_callbacks(errors=["NotSent"], after_s=-1) == 1
        drained()
        assert row.state == InboxRow.State.PARKED, "it goes on: one try, and parked again"
        assert ledger.wake_callbacks(errors=["NotSent"], after_s=-1) == 1
    CorpLine.objects.update(base_url=well)
    drained()
    assert row.state == InboxRow.State.APPLIED
    assert ledger.parked_counts(corp_id=line.id)["parked"] == 0
    assert checksums(ours(line.id)) == checksums(theirs(stage))


def test_a_refused_connection_is_told_in_plain_words_and_tried_again(house, line, stage):
    CorpLine.objects.update(base_url="http://127.0.0.1:9")
    with pytest.raises(NotSent):
        customers.reconcile(corp_id=line.id)
    assert "拒绝了连接" in connect.line(corp_id=line.id).check_text
    CorpLine.objects.update(base_url=stage.hosted.url)
    assert customers.reconcile(corp_id=line.id).read == 120
    assert connect.line(corp_id=line.id).check_text == ""


# When the clock goes back by an hour, all that was written before lies an hour ahead. So it is written an hour ahead here.


def ahead(model: type[models.Model], *fields: str) -> None:
    model._default_manager.update(**{name: models.F(name) + HOUR for name in fields})


def inbox(line, **more) -> InboxRow:
    values = {"kind": "unknown.thing", "object_key": "customer:wm1", "payload": b"<xml/>"} | more
    return InboxRow.objects.create(
        corp_id=line.id, payload_hash=str(InboxRow.objects.count()).encode(), event_at=wall(), received_at=wall(),
        **values,
    )  # fmt: skip


def test_clock_back_a_failed_callback_is_tried_at_once_and_a_held_one_is_not_taken_twice(line):
    with one_thread() as executor:
        failing = inbox(line, payload=b"no xml at all")
        assert ledger.drain_once([], executor=executor).failed == 1
        ahead(InboxRow, "next_try_at")
        assert ledger.drain_once([], executor=executor).claimed == 1
        InboxRow.objects.filter(id=failing.id).delete()
        held = inbox(line, claimed_until=wall() + timedelta(seconds=180))
        ahead(InboxRow, "claimed_until")
        assert ledger.drain_once([], executor=executor).claimed == 0  # whoever holds it lives
        ledger.release_claims()  # and a successor of a dead drain frees it at its start
        assert ledger.drain_once([], executor=executor).claimed == 1
        held.refresh_from_db()
        assert held.state != InboxRow.State.PARKED


def test_clock_back_a_welcome_is_said_once_and_not_an_hour_later(line):
    row = inbox(
        line,
        welcome_code="c",
        welcome_state=InboxRow.Welcome.CALLING,
        welcome_claimed_until=wall() + timedelta(seconds=1),
    )
    ahead(InboxRow, "welcome_claimed_until")
    said: list[str] = []

    def say(due):
        said.append(due.code)
        return ledger.WelcomeOutcome.SENT, ""

    with one_thread() as executor:
        for _ in range(2):
            for one in ledger.welcome_some(say, executor=executor):
                one.result()
    assert said == ["c"]
    row.refresh_from_db()
    assert row.welcome_state == InboxRow.Welcome.SENT


def test_clock_back_a_subscriber_goes_on_and_hears_nothing_twice(line):
    heard: list[int] = []
    befriend_fact(line)
    subscription = ledger.Subscription(
        name="bad.luck", kinds=("a.thing",), handler=lambda facts: heard.extend(one.id for one in facts)
    )
    Cursor.objects.create(name="bad.luck", tries=3, error="x", next_try_at=wall() + HOUR)
    ledger.sequence_once()
    assert ledger.deliver_once([subscription]) == 1
    assert ledger.deliver_once([subscription]) == 0
    assert len(heard) == 1


@contextmanager
def one_thread():
    """A thread that gives its connection back at the end."""
    with ThreadPoolExecutor(1) as executor:
        yield executor
        executor.submit(lambda: connection.close()).result()  # noqa: PLW0108 - the connection of that thread


def befriend_fact(line) -> None:
    from django.db import transaction

    with transaction.atomic():
        ledger.publish(corp_id=line.id, kind="a.thing", subject="x", data={})


def test_clock_back_tokens_and_the_budget_go_on(line, stage):
    befriend(stage, 1, "clerk0-0")
    directory.sync(corp_id=line.id)
    customers.sync(corp_id=line.id)
    ahead(AppToken, "expires_at")
    RateWindow.objects.update(starts_at=models.F("starts_at") + 3600)
    # WeCom's hours went on: the token is over there, though our row gives it another one.
    SharedToken(corp_id=line.id, app="app", fetch=lambda: ("", 0)).put("over", 2 * 3600)
    assert customers.reconcile(corp_id=line.id).read == 1
    assert AppToken.objects.count() == 1


def test_clock_back_nobody_waits_out_an_hour_of_lag(house, line):
    ahead(GroupChat, "touched_at")
    GroupChat.objects.update(member_version="older", touched_at=wall() + HOUR)
    began = wall()
    assert groups.reconcile(corp_id=line.id).unread == ()
    assert wall() - began < timedelta(seconds=60)


def test_clock_back_a_code_whose_caller_died_is_made_and_made_once(line, stage):
    from linli.acquisition import api as acquisition

    directory.sync(corp_id=line.id)
    clerk = directory.staff(corp_id=line.id)[0]
    code = acquisition.make_channel_code(corp_id=line.id, name="海报", channel="海报", staff_ids=[clerk.id])
    # Its caller died after the call and before the outcome; then the clock went back.
    LiveCode.objects.filter(id=code.id).update(step="calling", config_id=None, called_at=wall() + HOUR)
    assert acquisition.finish_code(corp_id=line.id, code_id=code.id).config_id == code.config_id
    assert stage.control("counters")["api_calls"]["externalcontact/add_contact_way"] == 1


def test_clock_back_the_jobs_of_a_dead_worker_are_taken_up(line):
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    connect.start_reconciliation(corp_id=line.id)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour') RETURNING id"
        )
        (worker,) = cursor.fetchone()
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", [worker])
        assert take_up_stalled() == 0  # it might live: it is asked for a sign
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '31 s'")
    assert take_up_stalled() == 1
