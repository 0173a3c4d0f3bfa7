"""The list of those without a clerk: read whole, resumed where it broke off; who is absent is asked for by their own id."""

import pytest

from linli.connect import api as connect
from linli.connect.models import Reconciliation, SyncRun
from linli.customers import api as customers
from linli.customers.models import Follow
from linli.directory.models import Staff
from linli.handover import api, unassigned
from linli.handover.models import Handover, Unassigned
from linli.kit.clock import now
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, BadAnswer
from tests.connect.staged import befriend

TAKER = "clerk0-2"


def listed() -> set[str]:
    return set(Unassigned.objects.filter(gone_at=None).values_list("external_userid", flat=True))


def test_they_are_listed_with_their_clerk_and_a_plan_is_proposed(firm):
    people = set(firm.befriended(3))
    firm.stage.act("staff_leaves", userid="clerk0-1")
    found = api.reconcile(corp_id=firm.corp_id)
    assert listed() == people
    assert Staff.objects.get(userid="clerk0-1").left_at is not None, "who is on the list has left: asked by name"
    (row,) = api.unassigned(corp_id=firm.corp_id)
    assert (row.customers, row.in_hand, row.handover_id) == (3, 0, Handover.objects.get().pk)
    assert (found.read, found.unread) == (3, ())
    assert firm.said("handover.unassigned") == [{"staff": firm.staff("clerk0-1"), "n": 3, "cause": "sync"}]
    assert api.reconcile(corp_id=firm.corp_id).added == 0, "twice is once"
    assert Handover.objects.count() == 1


def test_a_killed_reading_goes_on_at_its_cursor(firm, monkeypatch):
    people = set(firm.befriended(5))
    firm.stage.act("staff_leaves", userid="clerk0-1")
    monkeypatch.setattr(unassigned, "_PAGE", 2)
    keep, pages = unassigned._Pass._keep, []

    class Killed(BaseException):
        pass

    def die(self, rows):
        keep(self, rows)
        pages.append(len(rows))
        if len(pages) == 2:
            raise Killed

    monkeypatch.setattr(unassigned._Pass, "_keep", die)
    with pytest.raises(Killed):
        api.reconcile(corp_id=firm.corp_id)
    assert SyncRun.objects.latest("id").cursor["next"]
    api.reconcile(corp_id=firm.corp_id)
    assert pages == [2, 2, 2, 1], "one page was read again"
    assert listed() == people
    assert firm.calls("get_unassigned_list") == 4


def test_a_cursor_that_wecom_knows_no_more_begins_anew(firm):
    people = set(firm.befriended(2))
    firm.stage.act("staff_leaves", userid="clerk0-1")
    with pytest.raises(ZeroDivisionError), connect.run(corp_id=firm.corp_id, kind="handover") as run:
        run.cursor = {"pass": 7, "next": "nonsense"}
        run.save()
        _ = 1 / 0
    api.reconcile(corp_id=firm.corp_id)
    assert listed() == people


def test_who_was_given_away_in_wecoms_own_console_is_found_with_their_new_clerk(firm):
    one, two = firm.befriended(2)
    firm.stage.act("staff_leaves", userid="clerk0-1")
    api.reconcile(corp_id=firm.corp_id)
    firm.stage.contact(
        "resigned/transfer_customer",
        {"handover_userid": "clerk0-1", "takeover_userid": TAKER, "external_userid": [one]},
    )
    firm.a_day()
    found = api.reconcile(corp_id=firm.corp_id)
    assert listed() == {two}
    assert found.ended == 1
    assert firm.said("handover.assigned_elsewhere") == [
        {"staff": firm.staff("clerk0-1"), "n": 1, "cause": "changed_elsewhere"}
    ]
    assert firm.ours(one) == [TAKER]
    assert Follow.objects.get(customer__external_userid=one, live=False).lost_by == "resigned"


def test_a_relation_that_no_list_shows_is_asked_for_and_ends(firm):
    ours_alone, listed_one = firm.befriended(2)
    firm.stage.act("customer_deletes", userid="clerk0-1", external_userid=ours_alone)  # its callback never came
    firm.leaves()
    api.reconcile(corp_id=firm.corp_id)
    assert firm.ours(ours_alone) == []
    assert firm.ours(listed_one) == ["clerk0-1"], "nobody's yet, and known to be waiting"


def test_an_answer_about_another_customer_ends_no_relation_and_takes_nobody_in(firm, monkeypatch):
    (one,) = firm.befriended(1)
    stranger = befriend(firm.stage, 88, "clerk0-2")
    ask = Client.customer
    monkeypatch.setattr(Client, "customer", lambda client, _asked, **more: ask(client, stranger, **more))
    moved = customers.Moved(external_userid=one, giver="clerk0-1", taker="", at=now(), resigned=True)
    client = connect.client(corp_id=firm.corp_id, lane=connect.Lane.BULK)
    with pytest.raises(BadAnswer):
        customers.write_takeovers(
            corp_id=firm.corp_id, seen=[customers.look_after(client, corp_id=firm.corp_id, moved=moved)]
        )
    assert firm.ours(one) == ["clerk0-1"]
    assert not customers.customer_by_external(corp_id=firm.corp_id, external_userids=[stranger])


@pytest.mark.parametrize(
    "error",
    [
        ApiError(45009, "api freq out of limit", "externalcontact/get"),
        ApiError(40096, "invalid external userid", "externalcontact/get"),  # or: whoever has them is out of range
        BadAnswer("externalcontact/get", "not JSON"),
    ],
)
def test_who_cannot_be_asked_for_is_listed_without_their_id_and_the_others_are_read(firm, monkeypatch, error):
    first, second = firm.befriended(2)
    for one in (first, second):
        firm.stage.act("customer_deletes", userid="clerk0-1", external_userid=one)  # their callbacks never came
    firm.leaves()
    ask = Client.customer

    def refuse(client, external, **more):
        if external == first:
            raise error
        return ask(client, external, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "customer", refuse)
        begun = connect.start_reconciliation(corp_id=firm.corp_id)
        connect.reconcile_room("handover", api.reconcile, corp_id=firm.corp_id, reconciliation_id=begun)
    assert (firm.ours(first), firm.ours(second)) == (["clerk0-1"], [])
    run = SyncRun.objects.get(kind="handover")
    assert run.state == "partial"
    (gap,) = run.missing
    assert (gap["what"], gap["what_en"], gap["key"]) == ("clerk0-1 的一位客户", "a customer of clerk0-1", "clerk0-1")
    assert gap.get("said", "") == getattr(error, "errmsg", "")
    assert first not in str(run.missing)
    Reconciliation.objects.update(state="partial")
    again = connect.try_again(corp_id=firm.corp_id, reconciliation_id=begun)
    assert Reconciliation.objects.get(id=again).only["handover"] == ["clerk0-1"]
    connect.reconcile_room("handover", api.reconcile, corp_id=firm.corp_id, reconciliation_id=again)
    assert firm.ours(first) == []
    assert SyncRun.objects.get(reconciliation=again).state == "done"


def test_a_customer_linli_never_saw_is_listed_and_can_be_given(firm):
    stranger = befriend(firm.stage, 77, "clerk0-1")
    firm.leaves()
    api.reconcile(corp_id=firm.corp_id)
    assert Unassigned.objects.get().customer_id is None
    key = firm.begin(takers=(TAKER,))
    assert firm.states(key) == {stranger: "waiting"}
    api.reconcile(corp_id=firm.corp_id)
    assert listed() == set(), "what is on its way is on no list"
    assert firm.said("handover.assigned_elsewhere") == [], "it is our own doing"
    firm.a_day()
    firm.work(key)
    assert firm.states(key) == {stranger: "done"}
    assert firm.ours(stranger) == [TAKER]


def test_who_refuses_the_heir_waits_again(firm):
    (one,) = firm.befriended(1)
    firm.leaves()
    api.reconcile(corp_id=firm.corp_id)
    key = firm.begin(takers=(TAKER,))
    api.reconcile(corp_id=firm.corp_id)
    firm.stage.act("customer_refuses_transfer", external_userid=one)
    firm.hear()
    assert firm.states(key) == {one: "refused"}
    api.reconcile(corp_id=firm.corp_id)
    assert listed() == {one}
    assert firm.plan(takers=(TAKER,)).giving == 1


def test_the_night_reads_results_too_and_leaves_nothing_unread_because_somebody_left(firm):
    firm.befriended(2)
    firm.leaves()
    assert customers.reconcile(corp_id=firm.corp_id).unread == ()
    key = firm.begin(takers=(TAKER,))
    firm.a_day()
    assert api.reconcile(corp_id=firm.corp_id).changed == 2
    assert firm.state(key) == "done"


def test_on_demand_one_reading_waits_at_a_time(firm):
    assert api.sync_soon(corp_id=firm.corp_id) is True
    assert api.sync_soon(corp_id=firm.corp_id) is False
