"""Who was erased does not come back by an import, a sync or a callback; who adds a clerk again begins anew."""

from datetime import timedelta

import pytest

from linli.access import api as access
from linli.commerce import api as commerce
from linli.commerce.models import Order
from linli.customers import api as customers
from linli.customers.models import Customer, Suppression
from linli.customers.operations import apply
from linli.customers.readings import Note
from linli.groups.models import GroupChat, Member
from linli.groups.operations import apply_change, apply_read
from linli.groups.readings import Change, Moved
from linli.kit.clock import frozen, now
from linli.kit.errors import Refused
from linli.ledger.models import InboxRow, Parked
from linli.privacy import api, erasures, latecomers
from tests.commerce.files import as_csv, begin_run, line
from tests.privacy.world import DAY, EXTERNAL, MALL, NAME, OTHER, UNIONID, group_read, inbox, member, order, park, read


@pytest.fixture
def gone(world):
    """The person was erased a while after all this happened; the clock stands there."""
    with frozen(DAY + timedelta(days=30)) as clock:
        erasure = erasures.begin(corp_id=world.corp_id, customer_id=world.customer, author="op", reason="asked")
        erasures.run(corp_id=world.corp_id, erasure_id=erasure)
        clock.forward(days=1)
        yield world


def here(corp_id: int) -> bool:
    return Customer.objects.filter(corp_id=corp_id, external_userid=EXTERNAL).exists()


def test_a_sync_that_still_shows_them_keeps_them_out_and_counts(gone):
    done = apply(
        corp_id=gone.corp_id,
        reads=[read(EXTERNAL, NAME, UNIONID), read(OTHER, "新名字", "u-other")],
        cause="reconciled",
    )
    assert (done.kept_out, here(gone.corp_id)) == (1, False)
    assert Customer.objects.get(id=gone.neighbour).name == "新名字"


def test_a_callback_about_the_old_relation_changes_nothing(gone):
    for kind, by in (("lost", "customer"), ("added", "")):
        at = now() if kind == "lost" else DAY
        apply(corp_id=gone.corp_id, notes=[Note(external_userid=EXTERNAL, userid="keeper", kind=kind, at=at, by=by)])
    assert not here(gone.corp_id)


def test_another_id_of_the_same_unionid_stays_out_too(gone):
    done = apply(corp_id=gone.corp_id, reads=[read("wmANOTHER", NAME, UNIONID)])
    assert done.kept_out == 1
    assert not Customer.objects.filter(corp_id=gone.corp_id, external_userid="wmANOTHER").exists()


def test_who_adds_a_clerk_again_begins_anew_with_nothing_of_the_old(gone):
    apply(corp_id=gone.corp_id, reads=[read(EXTERNAL, "重新来过", UNIONID, at=now())])
    fresh = Customer.objects.get(corp_id=gone.corp_id, external_userid=EXTERNAL)
    assert fresh.pk != gone.customer
    assert not Order.objects.filter(customer_id=fresh.pk).exists()
    assert set(Suppression.objects.values_list("lifted_why", flat=True)) == {"added_again"}
    assert customers.ensure_member(corp_id=gone.corp_id, mall_id=MALL, unionid=UNIONID) == fresh.pk


def test_a_callback_whose_reading_was_refused_is_a_beginning_as_well(gone):
    note = Note(external_userid=EXTERNAL, userid="keeper", kind="added", at=now(), incomplete="84061")
    apply(corp_id=gone.corp_id, notes=[note])
    assert here(gone.corp_id)


def test_what_the_firm_did_by_itself_is_no_beginning(gone):
    apply(corp_id=gone.corp_id, reads=[read(EXTERNAL, NAME, UNIONID, at=now(), way=202)])
    assert not here(gone.corp_id)


def test_a_mall_member_is_not_made_again(gone):
    people = Customer.objects.count()
    assert customers.ensure_members(corp_id=gone.corp_id, members=[customers.Member(mall_id=MALL)]) == {}
    assert (
        customers.ensure_members(corp_id=gone.corp_id, members=[customers.Member(mall_id="new", unionid=UNIONID)]) == {}
    )
    with pytest.raises(Refused):
        customers.ensure_member(corp_id=gone.corp_id, mall_id=MALL)
    assert Customer.objects.count() == people


def test_the_api_says_that_a_member_is_kept_out(client, gone):
    key = access.create_api_key(corp_id=gone.corp_id, name="k", scopes=["members.write"])
    answer = client.post(
        "/api/v1/members",
        [{"mall_id": MALL}, {"mall_id": "9"}],
        "application/json",
        headers={"authorization": f"Bearer {key}"},
    )
    first, second = answer.json()["results"]
    assert first["customer_id"] is None
    assert second["customer_id"]


def test_orders_of_the_erased_come_in_without_their_buyer_and_the_same_file_again_changes_nothing(gone, tmp_path):
    from linli.commerce.importing import run_import
    from linli.commerce.mapping import UCI

    lines = [line("700001", buyer=MALL, at="2011-03-02 10:00:00")]
    for _ in range(2):
        run = begin_run(gone.corp_id, tmp_path, [as_csv(lines)], UCI, "uci")
        run_import(corp_id=gone.corp_id, run_id=run.pk)
        run.refresh_from_db()
        assert run.erased_orders == 1
    assert (run.orders_new, run.orders_known) == (0, 1)
    row = Order.objects.get(number="700001")
    assert (row.buyer_ref, row.customer_id) == ("", None)


def test_an_order_known_before_the_erasure_stays_as_it_is(gone):
    [again] = commerce.record_orders(corp_id=gone.corp_id, source="shop", orders=[order("N1", MALL)])
    assert again.result == "known"
    row = Order.objects.get(number="N1")
    assert (row.buyer_ref, row.customer_id) == ("", gone.customer)


def test_in_a_group_they_stay_a_pseudonym_until_they_leave(gone):
    chat = GroupChat.objects.get(id=gone.group)
    shown = group_read(member(EXTERNAL, NAME), member(OTHER, "隔壁"), version="v2")
    said = apply_read(corp_id=gone.corp_id, read=shown, change_no=chat.change_no)
    assert said == [], "it was taken, and tells nobody that somebody came or went"
    names = set(Member.objects.filter(group=chat, left_at=None).values_list("member_id", "name"))
    assert names == {(f"erased:{gone.customer}", ""), (OTHER, "隔壁")}
    assert Member.objects.filter(group=chat).count() == 2, "nobody left and nobody came"
    out = Change(moved=Moved.OUT, member_ids=(EXTERNAL,), at=now(), last="v2", current="v3", by="self")
    assert apply_change(corp_id=gone.corp_id, chat_id="wr1", change=out)
    assert Member.objects.get(member_id=f"erased:{gone.customer}").left_by == "self"


def test_latecomers_lose_the_person_at_night(gone):
    from linli.kit.clock import wall

    row = inbox(gone.corp_id, "del_follow_user", EXTERNAL, now())
    InboxRow.objects.filter(id=row.pk).update(received_at=wall())
    park(row)
    assert latecomers.scrub(corp_id=gone.corp_id) == 1
    row.refresh_from_db()
    assert not Parked.objects.filter(inbox_id=row.pk).exists()
    assert EXTERNAL not in bytes(row.payload).decode() + row.object_key
    assert latecomers.scrub(corp_id=gone.corp_id) == 0


def test_an_operator_lets_somebody_in_again(console, gone):
    refused = console.post("/privacy/letting-in/", {"kind": "mall", "value": "nobody"})
    assert refused.status_code == 422
    assert console.post("/privacy/letting-in/", {"kind": "mall", "value": MALL}).status_code == 302
    assert customers.suppressed_count(corp_id=gone.corp_id) == (0, 0)
    assert customers.ensure_member(corp_id=gone.corp_id, mall_id=MALL) != gone.customer


def test_the_list_names_nobody_and_is_of_one_corp(gone):
    other = access.create_corp(wecom_id="ww-y", name="y")
    assert customers.suppressed(corp_id=other.id, kind="mall", values=[MALL]) == {}
    assert customers.suppressed(corp_id=gone.corp_id, kind="mall", values=[MALL, "x"]) == {MALL: gone.customer}
    assert all(MALL.encode() not in bytes(one) for one in Suppression.objects.values_list("token", flat=True))
    assert (
        api.erasure_proof(corp_id=gone.corp_id, erasure_id=erasures.Erasure.objects.get().pk)["held_back_identifiers"]
        == 5
    )
