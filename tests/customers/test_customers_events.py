"""Callbacks: right the first time, and the same when they come twice, late or in another order."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.customers import api as customers
from linli.customers.handlers import on_external_contact, on_external_contacts
from linli.customers.models import Customer, Follow, FollowChange
from linli.directory import api as directory
from tests.connect.staged import SHOPS, befriend
from tests.customers.acting import created, event, ours, said, theirs

ADD, EDIT, LEFT, CUT = "add_external_contact", "edit_external_contact", "del_follow_user", "del_external_contact"


@pytest.fixture
def shops(line):
    directory.sync(corp_id=line.id)
    directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS)
    return {shop.code: shop.id for shop in directory.shops(corp_id=line.id)}


def test_add_reads_the_customer_and_says_who_came_from_where(line, stage, shops):
    external = befriend(stage, 1, "clerk0-0", "shop-100")
    on_external_contact(
        event(ADD, "clerk0-0", external, created(stage, "clerk0-0", external), State="shop-100"), corp_id=line.id
    )
    customer = Customer.objects.get(corp_id=line.id)
    assert (customer.no, customer.name, customer.unionid, customer.channel_state, customer.home_shop_id) == (
        1, "顾客1", "union1", "shop-100", shops["100"],
    )  # fmt: skip
    assert ours(line.id)["follows"] == theirs(stage)["follows"]
    assert said(line.id) == ["customers.follow_added", "customers.joined", "customers.identified"]
    assert customers.find(corp_id=line.id, kind="unionid", values=["union1"]) == {"union1": customer.pk}


def test_the_same_event_twice_is_one_effect(line, stage, shops):
    external = befriend(stage, 1, "clerk0-0")
    added = event(ADD, "clerk0-0", external, created(stage, "clerk0-0", external), State="s-clerk0-0")
    on_external_contact(added, corp_id=line.id)
    before = said(line.id)
    on_external_contact(added, corp_id=line.id)
    on_external_contacts([added, added], corp_id=line.id)
    assert said(line.id) == before
    assert (Customer.objects.count(), Follow.objects.count(), FollowChange.objects.count()) == (1, 1, 1)


def test_customer_deletes_and_comes_back(line, stage, shops):
    external = befriend(stage, 1, "clerk0-0", "first")
    at = created(stage, "clerk0-0", external)
    on_external_contact(event(ADD, "clerk0-0", external, at, State="first"), corp_id=line.id)
    stage.act("customer_deletes", userid="clerk0-0", external_userid=external)
    on_external_contact(event(LEFT, "clerk0-0", external, at + 10), corp_id=line.id)
    follow = Follow.objects.get()
    assert (follow.live, follow.lost_by) == (False, "customer")
    assert ours(line.id)["follows"] == []
    stage.control("clock", {"advance": 100})
    befriend(stage, 1, "clerk0-0", "second")
    back = created(stage, "clerk0-0", external)
    on_external_contact(event(ADD, "clerk0-0", external, back, State="second"), corp_id=line.id)
    assert ours(line.id) == theirs(stage)
    customer = Customer.objects.get()
    assert (customer.channel_state, Follow.objects.get().state_text) == ("first", "second")
    assert said(line.id, "customers.joined", "customers.follow_added", "customers.follow_lost") == [
        "customers.follow_added", "customers.joined", "customers.follow_lost", "customers.follow_added",
    ]  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(6)), twice=st.sets(st.integers(0, 5), max_size=2))
def test_all_orders_of_a_history_end_the_same(line, stage, shops, order, twice):
    """Added, deleted by the customer, added by another clerk, deleted by that one, added again, edited."""
    clear()
    history = _history(stage)
    for place in range(6):
        on_external_contact(history[place], corp_id=line.id)
    straight = end_of(line.id)
    clear()
    for place in [*order, *twice]:
        on_external_contact(history[place], corp_id=line.id)
    assert end_of(line.id) == straight
    assert ours(line.id)["follows"] == theirs(stage)["follows"]


def _history(stage):
    if not hasattr(stage, "history"):
        external = befriend(stage, 1, "clerk0-0", "first")
        at = created(stage, "clerk0-0", external)
        stage.act("customer_deletes", userid="clerk0-0", external_userid=external)
        stage.control("clock", {"advance": 50})
        befriend(stage, 1, "clerk1-0", "second")
        stage.control("clock", {"advance": 50})
        befriend(stage, 1, "clerk0-0", "third")
        again = created(stage, "clerk0-0", external)
        other = created(stage, "clerk1-0", external)
        stage.act("staff_deletes", userid="clerk1-0", external_userid=external)
        stage.history = [
            event(ADD, "clerk0-0", external, at, State="first"),
            event(LEFT, "clerk0-0", external, at + 1),
            event(ADD, "clerk1-0", external, other, State="second"),
            event(CUT, "clerk1-0", external, other + 1),
            event(ADD, "clerk0-0", external, again, State="third"),
            event(EDIT, "clerk0-0", external, again),
        ]
    return stage.history


def end_of(corp_id: int) -> str:
    follows = Follow.objects.order_by("staff__userid").values_list(
        "staff__userid", "live", "added_at", "lost_at", "lost_by", "state_text", "add_way", "incomplete"
    )
    people = Customer.objects.values_list("external_userid", "first_added_at", "channel_state", "home_shop_id")
    changes = FollowChange.objects.order_by("follow__staff__userid", "kind", "at", "by")
    history = changes.values_list("follow__staff__userid", "kind", "at", "by", "state_text")
    facts = sorted(said(corp_id, "customers.follow_added", "customers.follow_lost", "customers.joined"))
    return str((list(follows), list(people), list(history), facts))


def clear() -> None:
    from linli.customers.models import Counter, FollowTag, Identity
    from linli.ledger.models import FactRow

    for model in (FollowTag, FollowChange, Identity, Follow, Customer, Counter, FactRow):
        model.objects.all().delete()


def test_deletion_before_the_addition_wins(line, stage, shops):
    external = befriend(stage, 1, "clerk0-0")
    at = created(stage, "clerk0-0", external)
    stage.act("staff_deletes", userid="clerk0-0", external_userid=external)
    on_external_contact(event(CUT, "clerk0-0", external, at, Source="DELETE_BY_TRANSFER"), corp_id=line.id)
    on_external_contact(event(ADD, "clerk0-0", external, at, State="x"), corp_id=line.id)
    follow = Follow.objects.get()
    assert (follow.live, follow.lost_by) == (False, "transfer")
    assert ours(line.id)["follows"] == theirs(stage)["follows"] == []


def test_84061_keeps_what_the_event_tells_and_why(line, stage, shops):
    external = befriend(stage, 1, "clerk0-0")
    at = created(stage, "clerk0-0", external)
    stage.act("staff_deletes", userid="clerk0-0", external_userid=external)
    on_external_contact(event(ADD, "clerk0-0", external, at, State="door"), corp_id=line.id)
    follow = Follow.objects.get()
    assert (follow.live, follow.incomplete, follow.state_text) == (True, "84061", "door")
    assert follow.customer.external_userid == external
    befriend(stage, 1, "clerk0-0", "door")
    on_external_contact(event(EDIT, "clerk0-0", external, at + 1), corp_id=line.id)
    follow.refresh_from_db()
    assert (follow.incomplete, follow.customer.__class__.objects.get().name) == ("", "顾客1")


def test_half_friend_is_not_live_until_confirmed(line, stage, shops):
    external = befriend(stage, 1, "clerk0-0")
    at = created(stage, "clerk0-0", external)
    stage.act("staff_deletes", userid="clerk0-0", external_userid=external)
    on_external_contact(event("add_half_external_contact", "clerk0-0", external, at - 9, State="h"), corp_id=line.id)
    follow = Follow.objects.get()
    assert (follow.live, follow.incomplete, follow.state_text) == (False, "half", "h")
    assert said(line.id) == ["customers.follow_half"]
    befriend(stage, 1, "clerk0-0", "h")
    on_external_contact(
        event(ADD, "clerk0-0", external, created(stage, "clerk0-0", external), State="h"), corp_id=line.id
    )
    follow.refresh_from_db()
    assert (follow.live, follow.incomplete) == (True, "")


def test_edit_brings_tags_and_remark(line, stage, shops):
    external = befriend(stage, 1, "clerk0-0")
    at = created(stage, "clerk0-0", external)
    on_external_contact(event(ADD, "clerk0-0", external, at), corp_id=line.id)
    made = stage.act("admin_creates_tags", group_name="口味", names=["手冲", "拿铁"])["tag_ids"]
    stage.act("staff_tags", userid="clerk0-0", external_userid=external, add=made)
    stage.act("staff_remarks", userid="clerk0-0", external_userid=external, remark="老顾客")
    on_external_contact(event(EDIT, "clerk0-0", external, at + 1), corp_id=line.id)
    assert ours(line.id) == theirs(stage) | {"tags": ours(line.id)["tags"]}
    assert {row["name"] for row in ours(line.id)["tags"]} == {"手冲", "拿铁"}
    stage.act("staff_tags", userid="clerk0-0", external_userid=external, remove=made[:1])
    on_external_contact(event(EDIT, "clerk0-0", external, at + 2), corp_id=line.id)
    assert ours(line.id)["follows"] == theirs(stage)["follows"]
    assert said(line.id, "customers.tagged", "customers.untagged") == ["customers.tagged", "customers.untagged"]


def test_late_reading_does_not_undo_a_fresher_one(line, stage, shops):
    """A reading that began before another and is written after it must not win."""
    from linli.connect import api as connect
    from linli.customers.operations import apply
    from linli.customers.readings import from_detail, next_read_no

    external = befriend(stage, 1, "clerk0-0")
    client = connect.client(corp_id=line.id)
    old_no = next_read_no()
    old = from_detail(client.customer(external), old_no)
    stage.act("staff_remarks", userid="clerk0-0", external_userid=external, remark="新")
    fresh = from_detail(client.customer(external), next_read_no())
    apply(corp_id=line.id, reads=[fresh])
    apply(corp_id=line.id, reads=[old])
    assert Follow.objects.get().remark == "新"


def test_clerk_nobody_read_yet_is_kept(line, stage):
    external = befriend(stage, 1, "clerk0-0")
    on_external_contact(event(ADD, "clerk0-0", external, created(stage, "clerk0-0", external)), corp_id=line.id)
    follow = Follow.objects.select_related("staff").get()
    assert (follow.staff.userid, follow.staff.status, follow.live) == ("clerk0-0", 0, True)


def test_many_customers_cost_no_more_queries_than_one(line, stage, shops, django_assert_max_num_queries):
    told = []
    for person in range(60):
        clerk = f"clerk{person % 3}-{person % 2}"
        external = befriend(stage, person, clerk)
        told.append(event(ADD, clerk, external, created(stage, clerk, external), State=f"s-{clerk}"))
    with django_assert_max_num_queries(30 + 60):  # one number for each reading, 30 for all the writing
        on_external_contacts(told, corp_id=line.id)
    assert ours(line.id) == theirs(stage)
    assert sorted(Customer.objects.values_list("no", flat=True)) == list(range(1, 61))


def test_transport_errors_surface_so_that_the_inbox_tries_again(line, stage, shops, monkeypatch):
    from linli.connect.models import CorpLine
    from linli.wecom import transport
    from linli.wecom.errors import TransportError

    monkeypatch.setattr(transport, "_FIRST_WAIT", 0.001)
    external = befriend(stage, 1, "clerk0-0")
    told = event(ADD, "clerk0-0", external, created(stage, "clerk0-0", external))
    CorpLine.objects.update(base_url="http://127.0.0.1:9")
    with pytest.raises(TransportError):
        on_external_contact(told, corp_id=line.id)
    assert not Customer.objects.exists()


def test_one_customer_whom_wecom_does_not_show_now_keeps_no_other_waiting(line, stage, shops, monkeypatch):
    from linli.customers import handlers
    from linli.wecom.errors import NoAnswer

    first, second = befriend(stage, 1, "clerk0-0"), befriend(stage, 2, "clerk0-0")
    told = [event(ADD, "clerk0-0", one, created(stage, "clerk0-0", one)) for one in (first, second)]
    read = handlers._read

    def silent(client, external_userid):
        if external_userid == first:
            raise NoAnswer("externalcontact/get", "timeout")
        return read(client, external_userid)

    monkeypatch.setattr(handlers, "_read", silent)
    failed = on_external_contacts(told, corp_id=line.id)
    assert [(key, type(error)) for key, error in failed.items()] == [(f"customer:{first}", NoAnswer)]
    assert list(Customer.objects.values_list("external_userid", flat=True)) == [second]
    monkeypatch.undo()
    assert on_external_contacts(told, corp_id=line.id) == {}
    assert ours(line.id) == theirs(stage)
