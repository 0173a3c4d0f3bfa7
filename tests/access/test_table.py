"""The whole house walked with every role and two corps: pages, API, and every getter of every room."""

import dataclasses
import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator, Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Model, QuerySet
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from linli.access import api as access
from linli.console.door import wanted
from linli.ledger.models import Cursor, ReplayRun
from linli.privacy.models import PersonExport
from tests.access.getters import NO_ROWS, WRITERS
from tests.access.table import API, API_OPEN, HOUSE, MAY, OPEN, PAGES, WHOLE
from tests.access.world import NOON, ROLES, SUBSCRIBER, Town

METHODS = ("get", "post")


@pytest.fixture
def towns(db) -> tuple[Town, Town]:
    return Town("甲甲"), Town("乙乙")


def routes(patterns: Any = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the resolver by its full name."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            yield space + (one.name or ""), one


def ids(town: Town) -> dict[str, Any]:
    """An object of the near shop for each name that an address uses."""
    near = town.near
    return {
        "customer_id": near.customer.pk, "group_id": near.group.pk, "community_id": town.community.pk,
        "segment_id": town.segment.id, "send_id": town.send.pk, "order_id": near.order.pk, "refund_id": near.refund.pk,
        "run_id": town.run.pk, "shop_id": near.shop.pk, "code_id": town.code.pk, "welcome_id": town.welcome.pk,
        "key_id": 1, "account_id": town.accounts["clerk"].pk, "name": "rfm", "key": "x",
        "entry_id": town.entry.pk, "parked_id": town.parked.pk, "replay_id": town.replay.pk, "state": "parked",
        "reconciliation_id": town.comparison.pk, "export_id": town.export.pk, "erasure_id": town.erasure.pk,
        "kind": "own", "rule_id": town.rule.pk, "handover_id": near.handover.pk, "staff_id": near.clerk.pk,
    }  # fmt: skip


def address(name: str, pattern: URLPattern, town: Town) -> str:
    known = ids(town) | ({"name": SUBSCRIBER} if name.startswith("running:") else {})
    return reverse(name, kwargs={key: known[key] for key in pattern.pattern.converters})


def signed_in(town: Town, role: str) -> Client:
    """Whoever may see in the clear does so: a mask must not hide what should not be there at all."""
    client = Client(raise_request_exception=True)
    client.force_login(town.accounts[role])
    assert client.post(reverse("privacy:reveal")).status_code == (302 if "customers.reveal" in MAY[role] else 403)
    return client


def body_of(answer: Any) -> str:
    return answer.getvalue().decode(errors="replace")


def named_pages() -> list[tuple[str, URLPattern]]:
    return [(name, one) for name, one in routes() if name not in OPEN and not name.startswith("api:")]


def test_every_address_stands_in_the_table_with_its_permission():
    found = {
        name: (getattr(one.callback, "permission", None), getattr(one.callback, "narrows", None))
        for name, one in named_pages()
    }
    assert found == PAGES, "add what is new to tests/access/table.py, with the permission it should have"
    assert {name for name, _ in routes()} - set(found) - OPEN == {f"api:{name}" for name in {*API, *API_OPEN}}


def test_roles_are_what_the_table_says():
    areas = {permission for permission, _ in PAGES.values()} | set().union(*MAY.values())
    for role, granted in MAY.items():
        if role == "area":
            continue
        assert {one for one in areas if one in access.ROLES[role]} == granted & areas, role


@pytest.mark.parametrize("role", [*ROLES, "nobody"])
def test_every_page_answers_every_role_as_the_table_says(towns, role):
    """A refusal is 403 and nothing else; what is allowed is never 403, and shows nothing of the other corp."""
    own, other = towns
    client = Client() if role == "nobody" else signed_in(own, role)
    wrong = []
    for name, pattern in named_pages():
        permission, narrows = PAGES[name]
        for method in METHODS:
            if name == "access:my_sessions" or (name == "access:closure" and method == "post"):
                continue  # ends what this test stands on; tried in test_accounts
            answer = getattr(client, method)(address(name, pattern, own))
            if role == "nobody":
                if answer.status_code != 302 or not answer.url.startswith("/sign-in"):
                    wrong.append((name, method, answer.status_code))
                continue
            allowed = wanted(permission, method.upper()) in MAY[role] - HOUSE and (narrows or role in WHOLE)
            home = name == "today:index" and method == "get" and not allowed
            expected = answer.status_code == 302 if home else (answer.status_code != 403) == allowed
            if not expected or answer.status_code >= 500:
                wrong.append((name, method, answer.status_code, allowed))
            if other.mark in body_of(answer):
                wrong.append((name, method, "shows the other corp"))
            if role != "nobody" and "_auth_user_id" not in client.session:
                client.force_login(own.accounts[role])  # a page may have ended the session, as it should
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_what_belongs_to_another_corp_is_not_there(towns, role):
    own, other = towns
    client, wrong = signed_in(own, role), []
    for name, pattern in named_pages():
        converters = set(pattern.pattern.converters) - {"name", "state", "replay_id"}  # of the house, not of a corp
        if not converters:
            continue
        for method in METHODS:
            answer = getattr(client, method)(address(name, pattern, other))
            body = body_of(client.get(answer.url) if answer.status_code == 302 else answer)
            if answer.status_code >= 500 or other.mark in body or (method == "get" and answer.status_code == 200):
                wrong.append((name, method, answer.status_code))
    assert wrong == []
    assert not access.accounts(corp_id=other.corp_id)[0].initial, "a password of the other corp was reset"
    before = other.parked.state
    for name in ("running:going", "running:drop"):
        client.post(reverse(name), {"id": other.parked.pk, "reason": "x"})
        client.post(
            reverse(name), {"subscriber": other.parked.subscriber, "error": other.parked.error, "reason": "all of them"}
        )
    other.parked.refresh_from_db()
    assert other.parked.state == before


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("role", ROLES)
def test_a_replay_reaches_every_corp_and_is_the_administrators_of_the_only_one(db, role, several):
    """Where a house holds two, no account starts or stops one or sees a button; who has the server does (decision 0023)."""
    own = Town("甲甲")
    if several:
        Town("乙乙")
    ReplayRun.objects.all().delete()
    client, may = signed_in(own, role), role == "administrator" and not several
    run = ReplayRun.objects.create(
        subscriber=SUBSCRIBER, dry=True, from_position=0, to_position=9, position=1, asked_at=NOON, asked_by="问的人"
    )
    assert client.post(reverse("running:stop", args=[run.pk])).status_code == (302 if may else 403)
    run.refresh_from_db()
    assert (run.state == "cancelled") is may
    ReplayRun.objects.filter(state="open").update(state="failed")
    Cursor.objects.filter(name=SUBSCRIBER).update(position=5)
    begun = client.post(reverse("running:start", args=[SUBSCRIBER]), {"what": "real", "position": "0"})
    assert begun.status_code == (302 if may else 403)
    assert ReplayRun.objects.filter(state="open").exists() is may
    assert (Cursor.objects.get(name=SUBSCRIBER).position == 0) is may
    page = client.get(reverse("running:replay", args=[SUBSCRIBER]))
    reads = "ledger.read" in MAY[role]
    assert page.status_code == (200 if reads else 403)
    assert (reverse("running:stop", args=[ReplayRun.objects.latest("id").pk]) in page.text) is may
    assert ("linli replay" in page.text) is (reads and several)
    assert ("问的人" in page.text) is (reads and not several), "who asked may be another corp's"


@pytest.mark.parametrize("role", ROLES)
def test_who_may_export_a_person_sees_how_far_it_is_and_nobody_else(towns, role):
    own, other = towns
    client, may = signed_in(own, role), "customers.reveal" in MAY[role] and role in WHOLE
    before = PersonExport.objects.count()
    begun = client.post(reverse("privacy:export", args=[own.near.customer.pk]), {"reason": "asked"})
    assert PersonExport.objects.count() - before == may
    page = client.get(begun.url if may else reverse("privacy:export_progress", args=[own.export.pk]))
    assert (page.status_code, begun.status_code) == ((200, 302) if may else (403, 403))
    assert client.get(reverse("privacy:export_progress", args=[other.export.pk])).status_code == (404 if may else 403)


@pytest.mark.parametrize("role", ["keeper", "area", "clerk"])
def test_a_part_of_the_corp_sees_only_its_part(towns, role):
    own, _other = towns
    client, far = Client(), own.far
    client.force_login(own.accounts[role])
    masked = client.get(reverse("customers:index")).content.decode()
    assert f"/customers/{own.near.customer.pk}/" in masked
    assert own.near.customer.name not in masked
    assert client.post(reverse("privacy:reveal"), {"customer": far.customer.pk}).status_code == 404
    assert client.post(reverse("privacy:reveal"), {"customer": own.near.customer.pk}).status_code == 302
    client = signed_in(own, role)
    hidden = [far.customer.name, far.group.name, far.order.number, far.refund.number, far.clerk.name]
    shown = {
        "customers:index": own.near.customer.name, "groups:index": own.near.group.name, "sends:index": own.send.name,
        "commerce:index": own.near.order.number,
    }  # fmt: skip
    for name, text in shown.items():
        if name == "commerce:index" and role == "clerk":
            continue
        body = client.get(reverse(name)).content.decode()
        assert text in body, name
        assert not [one for one in hidden if one in body], name
    assert own.draft.name not in client.get(reverse("sends:index")).content.decode()
    progress = client.get(reverse("sends:detail", args=[own.send.pk])).content.decode()
    assert own.near.clerk.name in progress
    assert far.clerk.name not in progress
    for name, key in (
        ("customers:detail", far.customer.pk), ("customers:timeline", far.customer.pk), ("groups:detail", far.group.pk),
        ("groups:members", far.group.pk), ("sends:detail", own.draft.pk), ("commerce:order", far.order.pk),
        ("commerce:refund", far.refund.pk),
    ):  # fmt: skip
        refused = 403 if name.startswith("commerce") and role == "clerk" else 404
        assert client.get(reverse(name, args=[key])).status_code == refused, name
    if role != "clerk":
        client.post(reverse("customers:consent", args=[far.customer.pk]), {"consent": "0"})
        far.customer.refresh_from_db()
        assert far.customer.consent


def test_every_call_of_the_api_needs_its_scope_and_stays_in_its_corp(towns):
    own, other = towns
    bodies = {
        "post_orders": {"source": "x", "orders": [{"number": "1", "paid_at": "2026-01-01", "lines": []}]},
        "post_members": [{"mall_id": "m1"}],
    }
    for name, scope in API.items():
        values = {"source": f"{other.mark}源", "number": f"{other.mark}单1"} if name == "get_order" else {}
        url, client = reverse(f"api:{name}", kwargs=values), Client()

        def call(key: str, name: str = name, url: str = url, client: Client = client) -> Any:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            if name == "get_order":
                return client.get(url, headers=headers)
            return client.post(url, json.dumps(bodies[name]), "application/json", headers=headers)

        others = [one for one in API.values() if one != scope]
        bare = access.create_api_key(corp_id=own.corp_id, name="x", scopes=others)
        assert [call("").status_code, call("lk_wrong").status_code, call(bare).status_code] == [401, 401, 403], name
        late = access.create_api_key(corp_id=own.corp_id, name="x", scopes=[scope], days=0)
        answer = call(late)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "key_expired"), name
        good = call(access.create_api_key(corp_id=own.corp_id, name="x", scopes=[scope]))
        assert good.status_code == (404 if name == "get_order" else 200), name
        assert other.mark not in good.content.decode()


def getters() -> Iterator[tuple[str, Any]]:
    """Every function of a room's api and queries that takes a corp."""
    for room in settings.ROOMS:
        package = importlib.import_module(f"linli.{room}")
        for info in pkgutil.walk_packages(package.__path__, f"linli.{room}."):
            short = info.name.removeprefix("linli.")
            if short != f"{room}.api" and not short.startswith(f"{room}.queries"):
                continue
            module = importlib.import_module(info.name)
            for name, one in vars(module).items():
                at_home = short.endswith(".api") or getattr(one, "__module__", "") == info.name
                public = not name.startswith("_") and inspect.isfunction(one) and at_home
                if public and "corp_id" in inspect.signature(one).parameters:
                    yield f"{short}.{name}", one


def arguments(town: Town) -> dict[str, Any]:
    """A value for each argument that a getter of any room takes, all of them this town's own."""
    near = town.near
    from linli.access.api import AuditSearch
    from linli.commerce.queries import OrderSearch
    from linli.customers.queries import Search
    from linli.handover.wishes import Wish
    from linli.segments.definition import Everyone

    return {
        **ids(town), "customer_ids": [near.customer.pk, town.far.customer.pk], "staff_ids": [near.clerk.pk],
        "follow_ids": list(range(1, 200)), "external_userids": [near.customer.external_userid], "kind": "mall",
        "values": [f"{town.mark}会员1"], "search": "", "since": NOON.replace(year=2000), "until": NOON.replace(year=2100),
        "first": date(2026, 7, 10), "last": date(2026, 7, 20), "zone": "Asia/Shanghai", "source": f"{town.mark}源",
        "number": f"{town.mark}单1", "order": near.order, "refund": near.refund, "definition": Everyone(),
        "definitions": (), "as_of": NOON, "at": NOON, "language": "zh-hans", "send_ids": [town.send.pk],
        "segment_ids": [town.segment.id], "task_ids": [near.task.pk], "task_id": near.task.pk, "day": date(2026, 7, 16),
        "windows": [(NOON.replace(year=2000), NOON.replace(year=2100))], "span": NOON - NOON.replace(year=2025),
        "states": [f"{town.mark}st"], "lat": 31.0, "lng": 121.0, "limit": 50, "before": None, "anew": False,
        "method": "quintile", "state": f"{town.mark}st", "messaging.queries.sends.state": "", "userid": near.clerk.userid,
        "userids": [near.clerk.userid],
        "customer": "", "days": 40_000, "objects": [near.customer.external_userid], "ledger.api.parked.state": "parked",
        "msgid": f"{town.mark}msg", "access.api.audit_trail.search": AuditSearch(), "customers.queries.customers.search": Search(),
        "handover_ids": [near.handover.pk], "staff_id": near.clerk.pk, "tag_ids": (), "text": "", "giver_id": near.clerk.pk,
        "taker_id": town.far.clerk.pk, "wish": Wish(giver_id=near.clerk.pk), "within": NOON - NOON.replace(year=2025),
        "handover.queries.handovers.state": "", "handover.queries.moves.state": "",
        "commerce.queries.orders.search": OrderSearch(), "commerce.queries.refunds.search": OrderSearch(),
    }  # fmt: skip


def call(path: str, getter: Any, corp_id: int, scope: access.Scope, values: Mapping[str, Any]) -> str:
    """Ask, and give the whole answer as a text."""
    given: dict[str, Any] = {"corp_id": corp_id}
    for name, parameter in inspect.signature(getter).parameters.items():
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
            continue
        if name == "scope":
            given[name] = scope
        elif name != "corp_id" and (f"{path}.{name}" in values or name in values):
            given[name] = values.get(f"{path}.{name}", values.get(name))
        elif name != "corp_id" and parameter.default is inspect.Parameter.empty:
            raise AssertionError(f"{path} takes {name!r}: say in tests/access what to give it")
    from linli.kit.errors import LinliError

    try:
        return told(getter(**given))
    except LinliError as error:
        return type(error).__name__


def told(value: Any) -> str:
    """All that a value holds, as text."""
    match value:
        case QuerySet():
            return " ".join(told(row) for row in value)
        case Model():
            return " ".join(f"{key}={one}" for key, one in sorted(vars(value).items()) if key != "_state")
        case Mapping():
            return " ".join(f"{told(key)}:{told(one)}" for key, one in value.items())
        case str() | bytes():
            return str(value)
        case list() | tuple() | set() | frozenset():
            return " ".join(told(one) for one in value)
        case SimpleNamespace():
            return told(vars(value))
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return told({one.name: getattr(value, one.name) for one in dataclasses.fields(value)})
        case _:
            return str(value)


@pytest.mark.parametrize("role", ROLES)
def test_no_getter_gives_a_row_of_another_corp_or_of_another_part(towns, role):
    """Asked in one corp for the other's ids, and in a scope for what lies outside it."""
    own, other = towns
    scope, kind = own.scope(ROLES[role]), ROLES[role]
    foreign, shown, wrong = arguments(other), 0, []
    found = [(path, getter) for path, getter in getters() if path not in WRITERS]
    for path, getter in found:
        answer = call(path, getter, own.corp_id, scope, foreign)
        echoes = {str(value) for value in foreign.values() if isinstance(value, str) and value}
        for echo in echoes if path in NO_ROWS else ():
            answer = answer.replace(echo, "")
        if other.mark in answer:
            wrong.append((path, "the other corp"))
        inside = call(path, getter, own.corp_id, scope, arguments(own))
        shown += own.mark in inside
        if kind != "corp" and "scope" in inspect.signature(getter).parameters:
            far = own.far
            for one in (far.customer.name, far.group.name, far.order.number, far.shop.name, far.clerk.name):
                if one in inside:
                    wrong.append((path, one))
    assert wrong == []
    assert shown > 30, "the walk saw hardly anything: it proves nothing"


def test_every_writer_is_named_and_still_there():
    assert set(WRITERS) - {path for path, _ in getters()} == set()
