"""The list of customers and one customer's page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from linli.access import api as access
from linli.customers import api as customers
from linli.customers.models import Customer
from linli.customers.operations import apply
from linli.customers.readings import CustomerRead, FollowRead, Note, next_read_no
from linli.directory import api as directory
from linli.directory.models import Shop, Staff

DAY = datetime(2011, 3, 1, 4, tzinfo=UTC)


@pytest.fixture
def console(console):
    """These pages are looked at in the clear."""
    assert console.post("/privacy/reveal/").status_code == 302
    return console


@pytest.fixture
def people(corp):
    shop = Shop.objects.create(corp_id=corp.id, code="SH01", name="徐汇日月光店")
    directory.ensure_staff(corp_id=corp.id, userids=["keeper"])
    Staff.objects.update(shop=shop, name="林可")
    reads = [
        CustomerRead(
            external_userid=f"wm{n}", name=f"顾客{n}", avatar="", kind=1, gender=0, unionid=f"u{n}", read_no=next_read_no(),
            follows=(
                FollowRead(
                    userid="keeper", added_at=DAY + timedelta(days=n), state="SH01" if n % 2 else "web", add_way=1,
                    remark="老友", tags=frozenset({"et1"} if n % 3 == 0 else {"et2", "et3"}),
                ),
            ),
            tag_names={"et1": ("口味", "手冲"), "et2": ("口味", "拿铁"), "et3": ("口味", "冷萃")},
        )
        for n in range(120)
    ]  # fmt: skip
    return apply(corp_id=corp.id, reads=reads).customers


def test_list_searches_filters_and_pages(console, people, corp):
    page = console.get("/customers/")
    assert page.status_code == 200
    assert "顾客119" in page.text
    assert "徐汇日月光店" in page.text
    assert "顾客0<" not in page.text
    assert "顾客0<" in console.get("/customers/?page=3").text
    assert "顾客77" in console.get("/customers/?q=顾客77").text
    assert "顾客78" not in console.get("/customers/?q=顾客77").text
    tag = next(tag.id for tag in customers.tags(corp_id=corp.id) if tag.name == "手冲")
    found = console.get(f"/customers/?tag={tag}").context["page"].paginator.count
    assert found == 40
    assert console.get("/customers/?channel=web").context["page"].paginator.count == 60
    assert console.get("/customers/?shop=999999").context["page"].paginator.count == 0


def test_list_costs_the_same_for_any_number_of_rows(console, people, django_assert_max_num_queries):
    console.get("/customers/")
    with django_assert_max_num_queries(24):
        console.get("/customers/")


def test_empty_list_leads_on(console):
    page = console.get("/customers/")
    assert reverse("connect:index") in page.text


def test_one_customer_in_plain_words(console, people, corp, django_assert_max_num_queries):
    customer_id = people["wm3"]
    lost = Note(external_userid="wm3", userid="keeper", kind="lost", at=DAY + timedelta(days=30), by="customer")
    apply(corp_id=corp.id, notes=[lost])
    with django_assert_max_num_queries(30):
        page = console.get(f"/customers/{customer_id}/")
    assert page.status_code == 200
    for words in ("林可", "手冲", "u3", "2011-03-04", "老友"):
        assert words in page.text
    assert "customers.follow" not in page.text


def test_older_facts_follow_without_a_gap(console, people, corp):
    customer_id = people["wm3"]
    for n in range(60):
        customers.set_consent(corp_id=corp.id, customer_id=customer_id, consent=bool(n % 2))
    seen = 0
    page = console.get(f"/customers/{customer_id}/")
    seen += len(page.context["events"])
    while page.context["older"]:
        page = console.get(f"/customers/{customer_id}/timeline/", {"before": page.context["older"]})
        seen += len(page.context["events"])
    from linli.ledger.models import FactRow

    assert seen == FactRow.objects.filter(customer_id=customer_id).count()
    assert console.get(f"/customers/{customer_id}/timeline/", {"before": "nonsense"}).status_code == 404


def test_consent_by_post_only(console, people):
    customer_id = people["wm3"]
    assert console.get(f"/customers/{customer_id}/consent/").status_code == 405
    assert console.post(f"/customers/{customer_id}/consent/", {"consent": "0"}).status_code == 302
    assert not Customer.objects.get(id=customer_id).consent


def test_another_corps_customer_is_not_there(console, people):
    other = access.create_corp(wecom_id="ww-other", name="other")
    stranger = customers.ensure_member(corp_id=other.id, mall_id="x", name="陌生人")
    for path in ("", "timeline/?before=2011-01-01T00:00:00%2B00:00"):
        assert console.get(f"/customers/{stranger}/{path}").status_code == 404
    assert console.post(f"/customers/{stranger}/consent/", {"consent": "0"}).status_code == 404
    assert Customer.objects.get(id=stranger).consent
    assert "陌生人" not in console.get("/customers/?only=mall").text


def test_purchases_stand_beside_the_person(console, people, corp):
    from decimal import Decimal

    from linli.commerce import api as commerce

    member = customers.ensure_member(corp_id=corp.id, mall_id="17850", unionid="u3")
    assert member == people["wm3"]
    line = commerce.NewLine(sku="85123A", description="灯", quantity=6, unit_price=Decimal("2.55"))
    order = commerce.NewOrder(number="536365", buyer_ref="17850", paid_at=DAY, currency="GBP", lines=(line,))
    commerce.record_orders(corp_id=corp.id, source="mall", orders=[order])
    for page in (console.get("/customers/?q=顾客3"), console.get(f"/customers/{member}/")):
        assert "15.30" in page.text
    assert "536365" in console.get(f"/customers/{member}/").text
