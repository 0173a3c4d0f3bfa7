"""Masks, and that no page, file or answer shows a person to an account that may not see them."""

import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import given
from hypothesis import strategies as st

from linli.access import api as access
from linli.access import roles
from linli.access.models import Account
from linli.kit import masking
from linli.ledger.models import Parked
from linli.privacy.models import Reveal
from tests.privacy.world import EXTERNAL, MALL, NAME, NICK, OTHER_NAME, PHONE, REMARK, STRINGS, UNIONID

SKIPPED = {"sign-in", "sign-out", "healthz", "set_language"}


@pytest.mark.parametrize(
    ("kind", "text", "masked"),
    [
        ("name", "王芳", "王**"), ("name", "欧阳娜娜", "欧**"), ("name", "芳", "**"), ("name", "", ""), ("name", "  ", ""),
        ("name", "Alice Smith", "A**"), ("name", "👩‍💻小王", "👩‍💻**"), ("name", "👍🏽赞", "👍🏽**"), ("name", "🇨🇳加油", "🇨🇳**"),
        ("name", "🌸", "**"), ("name", "👩‍💻", "**"), ("name", "éclair", "é**"),
        ("phone", "13812341234", "138****1234"), ("phone", "+86 138 1234 1234", "138****1234"), ("phone", "021-5567", "****67"),
        ("phone", "无", "****"), ("phone", "", ""),
        ("unionid", "oUNIONIDtraceable4242", "oUNI…4242"), ("external_userid", "wmZ9qQ", "**qQ"), ("mall", "17850", "**50"),
        ("mall", "178", "**"),
        ("address", "上海市徐汇区漕溪北路1号", "上海市徐汇区****"), ("address", "浙江省杭州市西湖区文三路", "浙江省杭州市西湖区****"),
        ("address", "10 Downing Street", "****"), ("free", "住在三楼", "****"), ("never heard of", "x", "****"),
    ],
)  # fmt: skip
def test_masks(kind, text, masked):
    assert masking.mask(kind, text) == masked


@given(st.sampled_from(sorted(set(masking.KINDS) - {"text"})), st.text(min_size=0, max_size=40))
def test_a_mask_never_is_the_text_and_never_fails(kind, text):
    masked = masking.mask(kind, text)
    assert bool(masked) <= bool(text)
    if len(text.strip()) > 8 and "*" not in text and "…" not in text:
        assert text.strip() not in masked


def routes(patterns=None, prefix=""):
    """Every route of the console and the JSON API that can be opened: (address with names, names)."""
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        here = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, here)
        elif isinstance(one, URLPattern) and one.name not in SKIPPED:
            yield here, dict(one.pattern.converters)


def addresses(world) -> list[str]:
    values = {
        "customer_id": world.customer, "group_id": world.group, "order_id": world.order, "refund_id": world.refund,
        "send_id": world.send, "segment_id": world.segment, "run_id": world.run, "source": "shop", "number": "N1",
    }  # fmt: skip
    found = []
    for route, names in routes():
        if route.startswith(("h/", "static/")):
            continue  # customers' own pages know no customer
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda hit: str(values.get(hit.group(1), 1)), route)
        found.append("/" + path.replace("^", "").replace("$", ""))
        if "run_id" in names:
            found.append("/" + re.sub(r"<(?:\w+:)?run_id>", str(world.draft), route))
    extra = [
        "/customers/?only=lost",
        f"/groups/{world.group}/members/?tab=left",
        "/orders/?what=refunds",
        f"/orders/?q={'N1'}",
        "/running/aside/parked/",
        "/running/aside/dropped/",
        *(f"/running/aside/{one}/detail/" for one in Parked.objects.values_list("id", flat=True)),
    ]
    return found + extra


@pytest.fixture
def unprivileged(client, world, monkeypatch):
    """An account that may read and write everything but see nobody in the clear."""
    account = access.create_administrator(corp_id=world.corp_id, username="clerk", password="a long pass phrase")
    less = roles.ROLES[roles.ADMINISTRATOR] - {"customers.reveal"}
    monkeypatch.setitem(roles.ROLES, roles.ADMINISTRATOR, less)
    client.force_login(Account.objects.get(id=account))
    return client


def test_no_page_shows_a_person_to_who_may_not_see_them(unprivileged, world):
    seen, shown, opened = [], [], 0
    for address in addresses(world):
        response = unprivileged.get(address)
        opened += response.status_code == 200
        body = b"".join(response).decode() if getattr(response, "streaming", False) else response.content.decode()
        shown += [(address, text) for text in STRINGS if text in body]
        seen.append((address, response.status_code))
    assert shown == []
    assert opened > 40, seen
    for must in (f"/customers/{world.customer}/", f"/groups/{world.group}/", f"/orders/{world.order}/", f"/orders/imports/{world.draft}/",
                 f"/orders/imports/{world.run}/problems.csv", f"/privacy/people/{world.customer}/", "/running/aside/parked/"):  # fmt: skip
        assert any(one == (must, 200) for one in seen), (must, seen)


def test_who_may_see_sees_after_asking_for_it_and_it_is_noted(console, world):
    page = f"/customers/{world.customer}/"
    assert NAME not in console.get(page).text
    answer = console.post("/privacy/reveal/", {"customer": world.customer, "next": page})
    assert (answer.status_code, answer["Location"]) == (302, page)
    shown = console.get(page).text
    assert all(text in shown for text in (NAME, EXTERNAL, UNIONID, MALL, PHONE, REMARK))
    assert OTHER_NAME not in console.get("/customers/").text, "only the one that was asked for"
    note = Reveal.objects.get()
    assert (note.customer_id, note.author) == (world.customer, f"admin-{world.corp_id}")
    console.post("/privacy/reveal/", {"next": "/customers/"})
    assert NAME in console.get("/customers/").text
    assert EXTERNAL in console.get("/running/aside/parked/").text
    assert NICK in console.get(f"/groups/{world.group}/").text
    console.post("/privacy/reveal/", {"hide": "1"})
    assert NAME not in console.get(page).text + console.get("/customers/").text
    assert Reveal.objects.count() == 2


def test_seeing_ends_by_itself(console, world):
    console.post("/privacy/reveal/", {"customer": world.customer})
    from linli.kit.clock import wall

    Reveal.objects.update(until=wall())
    assert NAME not in console.get(f"/customers/{world.customer}/").text


def test_who_may_not_see_cannot_ask_for_it(unprivileged, world):
    for address in (
        "/privacy/reveal/",
        f"/privacy/people/{world.customer}/exports/",
        "/privacy/exports/1/file/",
    ):
        assert unprivileged.post(address, {"customer": world.customer, "reason": "check"}).status_code == 403
    assert not Reveal.objects.exists()
    from linli.privacy.models import PersonExport

    assert not PersonExport.objects.exists()


def test_a_reveal_leads_nowhere_else_and_not_to_another_corps_customer(console, world):
    assert console.post("/privacy/reveal/", {"next": "https://evil.example/"})["Location"] == "/customers/"
    other = access.create_corp(wecom_id="ww-x", name="x")
    from linli.customers import api as customers

    stranger = customers.ensure_member(corp_id=other.id, mall_id="m1", name="陌生人")
    assert console.post("/privacy/reveal/", {"customer": stranger}).status_code == 404


def test_the_api_masks_the_buyer_unless_the_key_may_see_them(client, world):
    for scopes, wanted in ((["orders.read"], masking.mask("mall", MALL)), (["orders.read", "customers.reveal"], MALL)):
        key = access.create_api_key(corp_id=world.corp_id, name="k", scopes=scopes)
        answer = client.get("/api/v1/orders/shop/N1", headers={"authorization": f"Bearer {key}"})
        assert answer.json()["buyer_ref"] == wanted
