"""The pages about accounts, and what must hold for them."""

import threading

import pytest
from django.db import connection
from django.test import Client

from linli.access import api as access
from linli.access.api import EVERYTHING, NOTHING, Scope
from linli.access.models import Account, Grant
from linli.directory.models import Department, Shop, Staff
from linli.kit.errors import BadInput, NotFound

SHOP = Scope(frozenset({("shop", 1)}))


@pytest.fixture
def town(corp):
    department = Department.objects.create(corp_id=corp.id, wecom_id=10, name="华东")
    return Shop.objects.create(corp_id=corp.id, code="s1", name="一号店", department=department)


def test_denied_unless_granted(corp):
    account_id, _ = access.invite(corp_id=corp.id, username="x", name="x", role="operator", scope=EVERYTHING)
    account = Account.objects.get(id=account_id)
    assert access.may(account, "segments.write")
    for permission in ("access.read", "segments.nothing", "nothing.read", "", "segments"):
        assert not access.may(account, permission)
    Grant.objects.filter(account=account).delete()
    assert access.scope_of(Account.objects.get(id=account_id), "segments.read") == NOTHING
    assert not access.may(None, "segments.read")


def test_a_part_of_the_corp_gives_only_what_can_be_narrowed(corp):
    """Even a grant that no form can make stays harmless."""
    account_id, _ = access.invite(corp_id=corp.id, username="x", name="x", role="analyst", scope=SHOP)
    Grant.objects.filter(account_id=account_id).update(role="administrator")
    account = Account.objects.get(id=account_id)
    assert access.scope_of(account, "customers.read") == SHOP
    assert not access.may(account, "access.manage")
    assert not access.may(account, "segments.read")


@pytest.mark.parametrize(
    ("role", "scope"), [("administrator", SHOP), ("clerk", EVERYTHING), ("keeper", NOTHING), ("king", EVERYTHING)]
)
def test_a_role_reaches_only_what_it_is_for(corp, role, scope):
    with pytest.raises(BadInput):
        access.invite(corp_id=corp.id, username="x", name="x", role=role, scope=scope)
    assert not Account.objects.filter(username="x").exists()


def test_an_account_is_made_on_the_page_and_its_password_is_shown_once(console, corp, town):
    form = {
        "username": "keeper1",
        "name": "店长",
        "userid": "",
        "role": "keeper",
        "kind": "shop",
        "shops": [str(town.pk)],
    }
    made = console.post("/accounts/new/", form)
    account = Account.objects.get(username="keeper1")
    password = made.content.decode().split('id="new-password">')[1].split("<")[0]
    assert account.check_password(password)
    assert password not in console.get(f"/accounts/{account.pk}/").content.decode()
    assert access.scope_of(account, "customers.read") == Scope(frozenset({("shop", town.pk)}))
    assert "一号店" in console.get("/accounts/").content.decode()
    again = console.post("/accounts/new/", form)
    assert again.status_code == 422
    assert Account.objects.filter(username="keeper1").count() == 1


def test_a_clerk_needs_their_userid_and_gets_their_own_customers(console, corp):
    form = {"username": "clerk1", "name": "导购", "userid": "", "role": "clerk", "kind": "own"}
    assert console.post("/accounts/new/", form).status_code == 422
    assert console.post("/accounts/new/", {**form, "userid": "stranger"}).status_code == 422
    staff = Staff.objects.create(corp_id=corp.id, userid="lin", name="小林", status=1)
    assert console.post("/accounts/new/", {**form, "userid": "lin"}).status_code == 200
    account = Account.objects.get(username="clerk1")
    assert access.scope_of(account, "customers.read").ids("own") == {staff.pk}


def test_the_role_is_changed_on_the_page(console, corp, town):
    account_id, _ = access.invite(corp_id=corp.id, username="x", name="x", role="operator", scope=EVERYTHING)
    wrong = console.post(f"/accounts/{account_id}/role/", {"role": "keeper", "kind": "corp"})
    assert wrong.status_code == 422
    good = console.post(
        f"/accounts/{account_id}/role/", {"role": "keeper", "kind": "department", "departments": ["10"]}
    )
    assert good.status_code == 302
    info = access.account(corp_id=corp.id, account_id=account_id)
    assert (info.role, info.scope) == ("keeper", Scope(frozenset({("department", 10)})))


def test_the_last_administrator_stays(console, corp):
    admin = Account.objects.get(corp_id=corp.id)
    console.post(f"/accounts/{admin.pk}/closure/")
    console.post(f"/accounts/{admin.pk}/role/", {"role": "operator", "kind": "corp"})
    info = access.account(corp_id=corp.id, account_id=admin.pk)
    assert (info.active, info.role) == (True, "administrator")
    second = access.create_administrator(corp_id=corp.id, username="second", password="a long pass phrase")
    access.disable(corp_id=corp.id, account_id=second)
    with pytest.raises(access.LastAdministrator):
        access.disable(corp_id=corp.id, account_id=admin.pk)
    access.enable(corp_id=corp.id, account_id=second)
    access.regrant(corp_id=corp.id, account_id=admin.pk, role="analyst", scope=EVERYTHING)
    with pytest.raises(access.LastAdministrator):
        access.regrant(corp_id=corp.id, account_id=second, role="analyst", scope=EVERYTHING)


def test_two_administrators_who_shut_each_other_at_once_leave_one(transactional_db, corp):
    both = [
        access.create_administrator(corp_id=corp.id, username=f"a{n}", password="a long pass phrase") for n in (1, 2)
    ]
    start, refused = threading.Barrier(2), []

    def shut(account_id: int) -> None:
        start.wait()
        try:
            access.disable(corp_id=corp.id, account_id=account_id)
        except access.LastAdministrator:
            refused.append(account_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=shut, args=[one]) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Account.objects.filter(is_active=True).count() == 1


def test_one_userid_has_one_account(corp):
    for n in (1, 2):
        access.invite(corp_id=corp.id, username=f"u{n}", name="x", role="analyst", scope=EVERYTHING)
    first, second = Account.objects.order_by("username")
    access.bind(corp_id=corp.id, account_id=first.pk, userid="lin", name="小林")
    with pytest.raises(BadInput):
        access.bind(corp_id=corp.id, account_id=second.pk, userid="lin", name="x")
    assert access.account(corp_id=corp.id, account_id=second.pk).userid is None


def test_an_account_of_another_corp_is_not_there(console, corp):
    other = access.create_corp(wecom_id="wwother", name="x")
    account_id, _ = access.invite(corp_id=other.id, username="y", name="y", role="analyst", scope=EVERYTHING)
    for act in (access.disable, access.enable, access.reset_password, access.reset_second_step):
        with pytest.raises(NotFound):
            act(corp_id=corp.id, account_id=account_id)
    assert console.post(f"/accounts/{account_id}/password/").status_code == 404


def test_the_first_page_is_the_first_that_is_theirs(corp, town):
    account_id, _ = access.invite(
        corp_id=corp.id, username="k", name="k", role="keeper", scope=Scope(frozenset({("shop", town.pk)}))
    )
    Account.objects.filter(id=account_id).update(initial_until=None)
    client = Client()
    client.force_login(Account.objects.get(id=account_id))
    assert client.get("/").url == "/customers/"
    body = client.get("/customers/").content.decode()
    assert 'href="/groups/"' in body
    assert 'href="/segments/"' not in body
    assert 'href="/connection/"' not in body
