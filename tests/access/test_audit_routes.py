"""Every request that may change something leaves a row: walked over the whole URL resolver, deny by default."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from linli.access.audit_models import AuditBegun, AuditRow
from linli.access.models import Grant

pytestmark = pytest.mark.django_db

# Addresses that are never asked with anything but GET and HEAD need no exception: a refused POST leaves its row too.
WITHOUT_A_ROW: dict[str, str] = {}  # address → the reason; empty, and a reviewer has to agree before it is not


def addresses(patterns=None, prefix=""):
    """(address with made-up values, name) of every route of the house."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route)
        elif isinstance(one, URLPattern):
            yield "/" + filled(route), one.name


def filled(route):
    values = {"int": "1", "str": "nokey", "slug": "rfm", "path": "1"}
    route = route.removesuffix(r"\Z").lstrip("^")
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: values[found[1] or "str"], route)


def rows_of(client, address, method):
    before = set(AuditRow.objects.values_list("id", flat=True))
    client.generic(method, address, b"{}", content_type="application/json")
    return list(AuditRow.objects.exclude(id__in=before))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_route_leaves_a_row_for_whoever_knocks(corp, method):
    """Unsigned, without a token: refused, and on record."""
    stranger, silent = Client(raise_request_exception=False), []
    found = list(addresses())
    assert len(found) > 90
    for address, name in found:
        rows = rows_of(stranger, address, method)
        if len(rows) != 1 and address not in WITHOUT_A_ROW:
            silent.append((method, address, name, len(rows)))
    assert not silent
    assert not AuditBegun.objects.exists()


def test_every_route_leaves_a_row_for_an_administrator(console, corp):
    """Signed in: whatever becomes of it, done, refused, not found or failed."""
    console.raise_request_exception = False
    account = int(console.session["_auth_user_id"])
    silent = []
    for address, name in addresses():
        rows = rows_of(console, address, "POST")
        if "/sign-" in address or "_auth_user_id" not in console.session:  # account 1 may be this one
            console.force_login(type_of_account().objects.get(id=account))
        named = [row for row in rows if row.who_kind in {"account", "customer"} or address.startswith("/api/")]
        if len(named) != 1 and address not in WITHOUT_A_ROW:
            silent.append((address, name, rows))
    assert not silent


def type_of_account():
    from linli.access.models import Account

    return Account


def last():
    return AuditRow.objects.order_by("-id").first()


def test_what_a_row_says(console, corp):
    account = int(console.session["_auth_user_id"])
    answer = console.post("/sends/77/approval/", headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.9"})
    row = last()
    assert (row.corp_id, row.who_kind, row.who_id) == (corp.id, "account", account)
    assert (row.action, row.subject, row.ip) == ("sends:approval", "send:77", "203.0.113.9")
    assert row.outcome == answer.status_code == 404
    assert row.error
    assert row.request_id == answer.headers["X-Request-Id"]


def test_what_was_not_signed_in_or_not_allowed_is_said_so(console, client, corp):
    Client().post("/segments/3/deletion/")
    assert (last().outcome, last().error, last().who_kind) == (302, "not_signed_in", "nobody")
    Grant.objects.all().delete()
    console.post("/segments/3/deletion/")
    assert (last().outcome, last().who_kind, last().subject) == (403, "account", "segment:3")


def test_a_view_that_raises_leaves_its_row(console, monkeypatch):
    from linli.access import api as access

    def broken(**_):
        raise ZeroDivisionError

    monkeypatch.setattr(access, "create_api_key", broken)
    console.raise_request_exception = False
    assert console.post("/settings/keys", {"name": "x", "scopes": ["orders.write"]}).status_code == 500
    assert (last().outcome, last().action) == (500, "settings:create_key")


def test_a_request_without_its_token_leaves_its_row(corp):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/sign-in", {"username": "x", "password": "y"}).status_code == 403
    assert (last().action, last().outcome) == ("sign-in", 403)


def test_a_request_whose_process_dies_is_on_record_too(corp):
    """What a kill leaves behind is the note; the sweep makes a row of it once, when nobody can be at it any more."""
    from datetime import timedelta

    from linli.access import api as access

    row = access.NewAudit(
        action="sends:approval", corp_id=corp.id, who=access.Who(kind="account", id=7), subject="send:1"
    )
    access.begin_act(row)
    late = access.begin_act(row)
    assert access.sweep_acts() == 0
    AuditBegun.objects.update(at=F("at") - timedelta(minutes=16))
    access.finish_act(late, row)
    assert access.sweep_acts() == 1
    assert access.sweep_acts() == 0
    found = list(
        AuditRow.objects.filter(corp_id=corp.id).order_by("outcome").values_list("outcome", "error", "subject")
    )
    assert found == [(0, "process_ended", "send:1"), (200, "", "send:1")]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_make_one_row(corp):
    """A delivery process and its successor; both have seen the note before either takes it."""
    from datetime import timedelta

    from linli.access import api as access

    note = access.begin_act(access.NewAudit(action="sends:approval", corp_id=corp.id))
    AuditBegun.objects.update(at=F("at") - timedelta(minutes=16))

    def sweep() -> int:
        try:
            return access.sweep_acts()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as executor:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM access_audit_begun WHERE id = %s FOR UPDATE", [note])
            sweeps = [executor.submit(sweep) for _ in range(2)]
            waiting = 0
            while waiting < 2:
                assert not any(one.done() for one in sweeps)
                cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees the same for ever
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                    " AND query LIKE '%access_audit_begun%' AND pid <> pg_backend_pid()"
                )
                waiting = cursor.fetchone()[0]
        assert sorted(one.result(60) for one in sweeps) == [0, 1]
    assert AuditRow.objects.filter(corp_id=corp.id).count() == 1


def test_a_number_typed_into_an_address_is_not_kept(console):
    console.post("/segments/13912345678/deletion/")
    assert last().subject == "segment:1**********"


def test_a_reading_leaves_no_row(console):
    before = AuditRow.objects.count()
    console.get("/sends/")
    console.get("/sends/99/")
    assert AuditRow.objects.count() == before


def test_one_row_a_call_of_the_api(till, corp):
    from tests.api.tills import order

    before = AuditRow.objects.count()
    till.post("orders", {"source": "till", "orders": [order(str(number)) for number in range(20)]})
    row = last()
    assert AuditRow.objects.count() == before + 1
    assert (row.corp_id, row.who_kind, row.outcome) == (corp.id, "api_key", 200)
    assert row.after == {"new": 20}
    till.post("orders", "{", Authorization="Bearer lk_wrong")
    assert (last().who_kind, last().outcome) == ("nobody", 401)


def test_signing_in_and_out(corp):
    from linli.access import api as access

    account = access.create_administrator(corp_id=corp.id, username="zhou", password="a long pass phrase")
    browser = Client()
    browser.post("/sign-in", {"username": "zhou", "password": "wrong"})
    row = last()
    assert (row.action, row.outcome, row.error) == ("sign-in", 403, "wrong_name_or_password")
    assert (row.who_kind, row.subject, row.corp_id) == ("nobody", f"account:{account}", corp.id)
    browser.post("/sign-in", {"username": "hunter2", "password": "zhou"})
    assert "hunter2" not in json.dumps([str(value) for value in last().__dict__.values()])
    browser.post("/sign-in", {"username": "zhou", "password": "a long pass phrase"})
    assert (last().outcome, last().who_kind, last().who_id, last().corp_id) == (302, "account", account, corp.id)
    browser.post("/sign-out")
    assert (last().action, last().who_id) == ("sign-out", account)
