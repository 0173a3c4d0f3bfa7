"""One person is one customer, whoever names them first."""

import pytest

from linli.access import api as access
from linli.customers import api as customers
from linli.customers.handlers import on_external_contact
from linli.customers.models import Customer, Identity, IdentityConflict
from linli.directory import api as directory
from tests.connect.staged import befriend
from tests.customers.acting import created, event, said


def come(line, stage, person: int, clerk: str = "clerk0-0") -> int:
    external = befriend(stage, person, clerk)
    told = event("add_external_contact", clerk, external, created(stage, clerk, external))
    on_external_contact(told, corp_id=line.id)
    return Customer.objects.get(external_userid=external).pk


def test_mall_first_then_wecom_is_one_person(line, stage):
    member = customers.ensure_member(corp_id=line.id, mall_id="17850", unionid="union1", name="17850")
    assert come(line, stage, 1) == member
    customer = Customer.objects.get()
    assert (customer.name, customer.no) == ("顾客1", 1)
    assert not IdentityConflict.objects.exists()


def test_wecom_first_then_mall_is_one_person(line, stage):
    customer = come(line, stage, 1)
    assert customers.ensure_member(corp_id=line.id, mall_id="17850", unionid="union1") == customer
    assert customers.ensure_member(corp_id=line.id, mall_id="17850") == customer
    assert customers.find(corp_id=line.id, kind="mall", values=["17850", "nobody"]) == {"17850": customer}


def test_two_people_who_claim_one_identity_are_kept_apart_and_shown(line, stage):
    mall = customers.ensure_member(corp_id=line.id, mall_id="17850")
    customer = come(line, stage, 1)
    for _ in range(2):
        assert customers.ensure_member(corp_id=line.id, mall_id="17850", unionid="union1") == mall
    conflict = IdentityConflict.objects.get()
    assert (conflict.holder_id, conflict.claimant_id, conflict.kind) == (customer, mall, "unionid")
    assert said(line.id, "customers.identity_conflict") == ["customers.identity_conflict"]


def test_many_members_in_a_constant_number_of_queries(line, stage, django_assert_max_num_queries):
    known = customers.ensure_member(corp_id=line.id, mall_id="m0")
    members = [customers.Member(mall_id=f"m{n}", unionid=f"u{n}" if n % 2 else None, name=str(n)) for n in range(1000)]
    with django_assert_max_num_queries(25):
        ids = customers.ensure_members(corp_id=line.id, members=members)
    assert len(set(ids.values())) == 1000
    assert ids["m0"] == known
    assert sorted(Customer.objects.values_list("no", flat=True)) == list(range(1, 1001))
    assert Identity.objects.filter(kind="unionid").count() == 500
    assert customers.ensure_members(corp_id=line.id, members=members) == ids


def test_same_mall_id_twice_in_one_call(line):
    twice = [customers.Member(mall_id="a", unionid=None, name=""), customers.Member(mall_id="a", unionid="u", name="")]
    assert len(customers.ensure_members(corp_id=line.id, members=twice)) == 1
    assert Customer.objects.count() == 1


def test_consent_is_said_once(line):
    person = customers.ensure_member(corp_id=line.id, mall_id="a")
    for _ in range(2):
        customers.set_consent(corp_id=line.id, customer_id=person, consent=False)
    assert said(line.id, "customers.consent_changed") == ["customers.consent_changed"]
    assert not customers.profiles(corp_id=line.id, customer_ids=[person])[person].consent


@pytest.mark.parametrize("ask", ["find", "profiles", "follows", "external", "tags", "channels", "digest"])
def test_corps_do_not_see_each_other(line, stage, ask):
    directory.sync(corp_id=line.id)
    customer = come(line, stage, 1)
    external = Customer.objects.get().external_userid
    other = access.create_corp(wecom_id="ww-other", name="other").id
    answers = {
        "find": lambda corp: customers.find(corp_id=corp, kind="unionid", values=["union1"]),
        "profiles": lambda corp: customers.profiles(corp_id=corp, customer_ids=[customer]),
        "follows": lambda corp: customers.follows_of(corp_id=corp, customer_ids=[customer]),
        "external": lambda corp: customers.customer_by_external(corp_id=corp, external_userids=[external]),
        "tags": lambda corp: customers.tags(corp_id=corp),
        "channels": lambda corp: customers.channels(corp_id=corp),
        "digest": lambda corp: any(customers.digest(corp_id=corp).values()),
    }
    if ask == "tags":
        customers.ensure_tags(corp_id=line.id, group="g", names=["t"])
    if ask == "channels":
        assert answers[ask](line.id) == [("s-clerk0-0", 1)] or answers[ask](line.id)
    assert answers[ask](line.id)
    assert not answers[ask](other)
