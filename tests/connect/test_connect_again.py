"""What was not read: listed in WeCom's words and ours, tried again by itself, and gone on with after a death."""

import contextlib
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import override

from linli.connect import api as connect
from linli.connect.models import Reconciliation, SyncRun
from linli.customers import api as customers
from linli.directory import api as directory
from linli.wecom.client import Client
from linli.wecom.errors import ApiError
from tests.connect.dropping import calls
from tests.connect.staged import befriend
from tests.connect.test_connect_reconcile import (  # noqa: F401 - fixtures
    _no_other_jobs,
    administrator,
    jobs,
    work,
)

PEOPLE = 130  # more than one page of 100


@pytest.fixture
def refusing(monkeypatch):
    """WeCom refuses to show the customers of one member until it is told not to."""
    ask = Client.customers_of

    def refuse(client, userids, **more):
        if "clerk0-0" in userids:
            raise ApiError(60011, "no privilege to access/modify contact", "externalcontact/batch/get_by_user")
        return ask(client, userids, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "customers_of", refuse)
        yield patch.undo


def test_only_what_was_not_read_is_read_again(administrator, line, stage, refusing):  # noqa: F811
    befriend(stage, 1, "clerk0-0")
    befriend(stage, 2, "clerk1-0")
    begun = connect.start_reconciliation(corp_id=line.id, by="周岚")
    work()
    with override("zh-hans"):
        row = connect.latest_reconciliations(corp_id=line.id)[0]
    assert (row.id, row.state) == (begun, "partial")
    (gap,) = row.compared.unread
    assert (gap["what"], gap["key"], gap["said"]) == (
        "clerk0-0 的客户", "clerk0-0", "no privilege to access/modify contact",
    )  # fmt: skip
    assert "60011" in gap["why"]
    with override("en"):
        english = connect.latest_reconciliations(corp_id=line.id)[0].compared.unread[0]
    assert english["what"] == "customers of clerk0-0"
    page = administrator.get(reverse("connect:comparing")).text
    assert "no privilege to access/modify contact" in page
    assert "clerk0-0 的客户" in page
    refusing()
    assert administrator.post(reverse("connect:compare_again", args=[begun])).status_code == 302
    assert [name for name, _ in jobs()] == ["customers.reconcile"]
    before = calls(stage)
    work()
    assert calls(stage) - before == 3  # tags, who may have customers, and this one member's
    again = connect.latest_reconciliations(corp_id=line.id)[0]
    assert (again.state, again.again, again.kinds, again.compared.unread) == ("done", True, ("customers",), ())
    assert len(customers.live_follow_counts(corp_id=line.id)) == 2
    assert connect.try_again(corp_id=line.id, reconciliation_id=again.id) is None  # nothing is left


def test_a_room_that_failed_as_a_whole_is_read_as_a_whole(line, stage, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Client, "follow_users", _refuses_the_app)
        begun = connect.start_reconciliation(corp_id=line.id)
        work()
    assert connect.try_again(corp_id=line.id + 1, reconciliation_id=begun or 0) is None  # of another corp
    connect.try_again(corp_id=line.id, reconciliation_id=begun or 0)
    assert connect.try_again(corp_id=line.id, reconciliation_id=begun or 0) is None  # one at a time
    assert [name for name, _ in jobs()] == ["customers.reconcile", "handover.reconcile", "staff_days.reconcile"]
    work()
    assert connect.latest_reconciliations(corp_id=line.id)[0].state == "done"


def _refuses_the_app(_client, **_more):
    raise ApiError(48002, "api forbidden", "externalcontact/get_follow_user_list")


@pytest.fixture
def crowd(line, stage):
    directory.sync(corp_id=line.id)
    stage.way("crowd", ("clerk0-0",))
    for person in range(PEOPLE):
        befriend(stage, person, "clerk0-0", "crowd")


def test_a_killed_first_reading_goes_on_behind_its_page(line, stage, crowd, monkeypatch):
    from linli.customers import sync
    from linli.customers.models import Follow

    kept = []
    apply = sync.apply

    def dies_at_the_second_page(**given):
        if kept and "reads" in given:
            raise KeyboardInterrupt
        kept.append(1)
        return apply(**given)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(sync, "apply", dies_at_the_second_page)
        customers.reconcile(corp_id=line.id)
    assert connect.fail_dead_runs() != []
    assert Follow.objects.count() == 100
    before = calls(stage)
    found = customers.reconcile(corp_id=line.id)
    # Who may have customers, and the page that was not written: neither tags nor the first page are read again.
    assert calls(stage) - before == 2
    assert (found.added, found.ended, dict(found.missed)) == (PEOPLE, 0, {})  # still the first reading
    assert Follow.objects.filter(live=True).count() == PEOPLE
    last = SyncRun.objects.filter(kind="customers").order_by("-id")[0]
    assert (last.state, last.cursor, last.resumes_id is not None) == ("done", {}, True)
    report = connect.latest_runs(corp_id=line.id, limit=1)[0]
    assert report.state == "done"


def test_in_the_gone_on_reading_who_is_absent_is_lost_and_who_was_read_before_is_not(line, stage, crowd, monkeypatch):
    from linli.customers import sync
    from linli.customers.models import Follow

    customers.reconcile(corp_id=line.id)
    first, *_, last = stage.get("externalcontact/list", userid="clerk0-0")["external_userid"]
    stage.sandbox.world.corps["ww0123456789abcdef"].follows.keys()
    stage.act("staff_deletes", userid="clerk0-0", external_userid=last)
    pages = []
    keep = sync._Sync._keep

    def dies(work, read_no, page):
        if pages:
            raise KeyboardInterrupt
        pages.append(page)
        return keep(work, read_no, page)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(sync._Sync, "_keep", dies)
        customers.reconcile(corp_id=line.id)
    connect.fail_dead_runs()
    before = calls(stage)
    found = customers.reconcile(corp_id=line.id)
    assert calls(stage) - before == 3  # members, one page, and the one who is absent by their own id
    assert found.ended == 1
    assert Follow.objects.get(customer__external_userid=last).live is False
    assert Follow.objects.get(customer__external_userid=first).live is True


def test_a_cursor_that_wecom_forgot_begins_the_list_anew(line, stage, crowd):
    SyncRun.objects.all().delete()
    from linli.customers.sync import _Reading

    staff = sorted(stage.get("externalcontact/get_follow_user_list")["follow_user"])
    place = {"of": _Reading(staff, {}).mark, "cursor": "long-gone", "first_no": 1, "at": "2026-01-01T00:00:00+00:00"}
    at = connect.line(corp_id=line.id).connected_at
    SyncRun.objects.create(
        corp_id=line.id, kind="customers", state="failed", started_at=at,
        cursor={"after": "", "reading": {**place, "unlicensed": []}},
    )  # fmt: skip
    found = customers.reconcile(corp_id=line.id)
    assert (found.unread, found.added) == ((), PEOPLE)


def test_a_place_that_is_too_old_is_not_gone_on_from(line, stage, crowd):
    at = connect.line(corp_id=line.id).connected_at - timedelta(hours=5)
    SyncRun.objects.create(corp_id=line.id, kind="customers", state="failed", started_at=at, cursor={"after": "zzz"})
    assert customers.reconcile(corp_id=line.id).added == PEOPLE


class Died(BaseException):
    """The process ends here."""


def reads_on(line, *, reads=lambda run: None, dies=True, reconciliation_id=None):
    """One run of a kind that reads nothing by itself."""
    with contextlib.suppress(Died), connect.run(
        corp_id=line.id, kind="customers", reconciliation_id=reconciliation_id
    ) as run:  # fmt: skip
        reads(run)
        if dies:
            raise Died
    return SyncRun.objects.latest("id")


def test_the_run_that_goes_on_holds_what_the_dead_one_could_not_read_and_what_it_found(line):
    def first(run):
        run.could_not("customers of li", "refused", key="li")
        run.finds.effects["added"] += 5
        run.reached({"after": "li"})
        run.could_not("customers of mo", "refused", key="mo")  # after the place: the next run comes by again
        run.done = 5
        run.save()

    def second(run):
        run.could_not("customers of li", "refused", key="li")  # the same thing is listed once
        run.finds.effects["added"] += 2
        run.done = 2
        run.save()

    begun = connect.start_reconciliation(corp_id=line.id)
    dead = reads_on(line, reads=first, reconciliation_id=begun)
    again = reads_on(line, reads=second, reconciliation_id=begun)
    last = reads_on(line, reads=lambda run: run.reached({"after": "zz"}), dies=False, reconciliation_id=begun)
    assert (again.resumes_id, last.resumes_id) == (dead.pk, again.pk)
    assert (last.state, [one["key"] for one in last.missing]) == ("partial", ["li"])
    (shown,) = connect.latest_reconciliations(corp_id=line.id)[0].runs
    assert (shown.compared.read, shown.compared.added, len(shown.missing)) == (7, 7, 1)
    total = connect.reconciliations(corp_id=line.id)
    assert (total.readings, total.applied, len(total.could_not_read)) == (1, 7, 1)
    Reconciliation.objects.update(state="partial")
    once_more = connect.try_again(corp_id=line.id, reconciliation_id=begun or 0)
    assert Reconciliation.objects.get(id=once_more).only == {"customers": ["li"]}


def test_a_long_run_is_gone_on_with_while_its_last_save_is_fresh(line):
    from linli.kit.clock import frozen, now

    with frozen(now()) as clock:

        def for_five_hours(run):
            clock.forward(hours=5)
            run.reached({"after": "li"})

        dead = reads_on(line, reads=for_five_hours)
        clock.forward(hours=3)
        again = reads_on(line)
        assert (again.resumes_id, again.cursor) == (dead.pk, {"after": "li"})
        clock.forward(hours=2)  # the run between saved nothing: its place is as old as before
        assert reads_on(line).resumes_id is None


def test_the_time_left_follows_from_the_pace(line, monkeypatch):
    at = [100.0]
    monkeypatch.setattr("linli.connect.runs.monotonic", lambda: at[0])
    with connect.run(corp_id=line.id, kind="try") as run:
        assert run.remaining_s() is None
        at[0] += 10
        run.progress(20, 60)
        assert run.remaining_s() == 20
        run.part(1, 4)  # what is counted has no known end: a quarter of the work is done
        assert run.remaining_s() == 30
        run.save()
        shown = connect.latest_runs(corp_id=line.id)[0]
        assert (shown.remaining_s, shown.total) == (30, 60)
    assert connect.latest_runs(corp_id=line.id)[0].remaining_s is None


def test_the_page_says_how_long_it_takes_yet(administrator, line):  # noqa: F811
    begun = connect.start_reconciliation(corp_id=line.id)
    row = Reconciliation.objects.get(id=begun)
    SyncRun.objects.create(
        corp_id=line.id, kind="customers", started_at=row.asked_at, reconciliation=row, done=4000, total=10000,
        remaining_s=170,
    )  # fmt: skip
    page = administrator.get(reverse("connect:comparing_live")).text
    assert "大约还要 3 分钟" in page
    assert "4,000 / 10,000" in page
