"""POST /api/v1/orders and its neighbours, through the front door."""

import threading
from decimal import Decimal

import pytest
from django.db import connection, connections

from linli.access import api as access
from linli.commerce.models import CustomerTotals, Order, OrderLine, Refund
from linli.customers import api as customers
from linli.ledger.models import FactRow
from tests.api.tills import Caller, order


def outcomes(answer):
    assert answer.status == 200, answer.said
    return [one["outcome"] for one in answer.said["results"]]


def test_new_known_changed(till, corp):
    body = {"source": "till", "orders": [order("1"), order("2", buyer_ref="")]}
    assert outcomes(till.post("orders", body)) == ["new", "new"]
    assert outcomes(till.post("orders", body)) == ["known", "known"]
    lines = [{"sku": "A", "quantity": "3", "unit_price": 25.5, "description": "马克杯"}]
    assert outcomes(till.post("orders", {"source": "till", "orders": [order("1", lines=lines)]})) == ["changed"]
    assert (Order.objects.count(), OrderLine.objects.count()) == (2, 2)
    assert CustomerTotals.objects.get(corp_id=corp.id).amount == Decimal("76.5")
    kinds = sorted(FactRow.objects.filter(corp_id=corp.id, kind__startswith="commerce").values_list("kind", flat=True))
    assert kinds == ["commerce.order_changed", "commerce.order_paid", "commerce.order_paid"]


def test_one_order_and_a_list_say_their_own_source(till):
    assert outcomes(till.post("orders", order("1") | {"source": "till"})) == ["new"]
    answer = till.post("orders", [order("1") | {"source": "till"}, order("1") | {"source": "mall"}])
    assert outcomes(answer) == ["known", "new"]
    assert {one["source"] for one in answer.said["results"]} == {"till", "mall"}


def test_a_bad_order_refuses_only_itself(till):
    orders = [
        order("1"),
        order("2", paid_at="gestern"),
        order("3", lines=[]),
        order(""),
        order("5", lines=[{"sku": "A", "quantity": 1.5, "unit_price": "1"}]),
        order("6", lines=[{"sku": "A", "quantity": 1, "unit_price": "1.00001"}]),
        order("7", currency="yuan"),
        order("8", lines=[{"sku": "A\u0000", "quantity": 1, "unit_price": "1"}]),
        order("9"),
    ]
    answer = till.post("orders", {"source": "till", "orders": orders})
    assert outcomes(answer) == ["new", *["refused"] * 7, "new"]
    codes = [one["reason"]["code"] for one in answer.said["results"] if one["reason"]]
    assert codes == [
        "date_unreadable", "no_lines", "number_missing", "quantity_unreadable", "price_precision", "currency_unreadable",
        "control_character",
    ]  # fmt: skip
    assert answer.said["results"][1]["reason"]["message"].startswith("付款时间")
    assert set(Order.objects.values_list("number", flat=True)) == {"1", "9"}


def test_a_source_that_cannot_be_a_name(till):
    answer = till.post("orders", order("1") | {"source": "a source"})
    assert outcomes(answer) == ["refused"]
    assert answer.said["results"][0]["reason"]["code"] == "source_unreadable"
    assert Order.objects.count() == 0


def test_refund_before_order_and_an_adjustment(till, corp):
    back = [{"sku": "A", "quantity": -2, "unit_price": "25.50"}]
    assert outcomes(till.post("orders", order("C1", kind="refund", lines=back) | {"source": "till"})) == ["new"]
    body = {"source": "till", "orders": [order("1"), order("A1", kind="adjustment")]}
    assert outcomes(till.post("orders", body)) == ["new", "new"]
    totals = CustomerTotals.objects.get(corp_id=corp.id)
    assert (totals.order_count, totals.refund_count, totals.amount - totals.refund_amount) == (1, 1, 0)
    assert Refund.objects.get().amount == 51
    assert FactRow.objects.filter(corp_id=corp.id, kind="commerce.order_paid").count() == 1


def test_read_back(till, corp):
    till.post("orders", order("2026/03-1", region="上海") | {"source": "till"})
    answer = till.get("orders/till/2026/03-1")
    assert answer.status == 200
    assert answer.said["amount"] == "51.0000"
    assert answer.said["lines"] == [{"sku": "A", "quantity": 2, "unit_price": "25.5000", "description": "马克杯"}]
    assert till.get("orders/till/nothing").status == 404
    other = Caller(access.create_corp(wecom_id="ww-other", name="别家"), ["orders.read"])
    assert other.get("orders/till/2026/03-1").status == 404


@pytest.mark.parametrize(("language", "word"), [("zh-Hans", "密钥"), ("en", "key")])
def test_who_may_not_is_told_so_in_their_language(corp, language, word):
    caller = Caller(corp, ["orders.read"], language)
    refused = caller.post("orders", order() | {"source": "till"})
    assert (refused.status, refused.said["error"]["code"]) == (403, "scope_missing")
    assert word in refused.said["error"]["message"]
    unknown = caller.post("orders", order() | {"source": "till"}, Authorization="Bearer lk_wrong")
    assert (unknown.status, unknown.said["error"]["code"]) == (401, "no_key")
    assert word in unknown.said["error"]["message"]
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "not_json"),
        ({}, "wrong_shape"),
        ({"source": "till", "orders": []}, "wrong_shape"),
        ({"source": "till", "orders": [order()] * 501}, "wrong_shape"),
        ({"source": "till", "orders": [{"number": "1"}]}, "wrong_shape"),
        ([], "wrong_shape"),
    ],
)
def test_a_body_of_the_wrong_form(till, body, code):
    answer = till.post("orders", body)
    assert (answer.status, answer.said["error"]["code"]) == (422, code)
    assert answer.said["error"]["message"]
    assert Order.objects.count() == 0


def test_a_body_that_is_too_large(till, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = till.post("orders", {"source": "till", "orders": [order(str(number)) for number in range(20)]})
    assert (answer.status, answer.said["error"]["code"]) == (413, "too_big")
    assert Order.objects.count() == 0


def test_two_orders_of_one_number_in_one_body_are_one(till):
    answer = till.post("orders", {"source": "till", "orders": [order("1"), order("1", buyer_ref="2")]})
    assert {one["id"] for one in answer.said["results"]} == {Order.objects.get().pk}
    assert Order.objects.get().buyer_ref == "2"


def test_queries_do_not_grow_with_the_orders(till, django_assert_max_num_queries):
    till.post("orders", {"source": "till", "orders": [order("0")]})
    with django_assert_max_num_queries(40):
        body = {"source": "till", "orders": [order(str(number)) for number in range(1, 101)]}
        assert outcomes(till.post("orders", body)) == ["new"] * 100


def test_members(till, corp):
    body = [{"mall_id": "17850", "unionid": "oU1", "name": "小林"}, {"mall_id": "17851"}]
    answer = till.post("members", body)
    assert answer.status == 200
    ids = [one["customer_id"] for one in answer.said["results"]]
    assert till.post("members", body).said == answer.said
    till.post("orders", order("1") | {"source": "till"})
    assert Order.objects.get().customer_id == ids[0]
    assert customers.find(corp_id=corp.id, kind="mall", values=["17851"]) == {"17851": ids[1]}
    assert till.post("members", []).status == 422


@pytest.mark.django_db(transaction=True)
def test_the_same_orders_from_many_tills_at_once():
    """Threads on connections of their own post the same orders: one row each, one total, one fact."""
    corp = access.create_corp(wecom_id="ww-race", name="x")
    body = {"source": "till", "orders": [order(str(number), buyer_ref=str(number % 5)) for number in range(50)]}
    found, start = [], threading.Barrier(4)

    def post(turned):
        try:
            caller = Caller(corp, ["orders.write"])
            start.wait(timeout=20)
            mine = body | {"orders": list(reversed(body["orders"]))} if turned else body
            found.append(outcomes(caller.post("orders", mine)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post, args=(number % 2,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    connection.close()
    assert len(found) == 4
    assert sum(answer.count("new") for answer in found) == 50
    assert sum(answer.count("known") for answer in found) == 150
    assert (Order.objects.count(), OrderLine.objects.count()) == (50, 50)
    totals = CustomerTotals.objects.filter(corp_id=corp.id)
    assert sum(row.order_count for row in totals) == 50
    assert sum(row.amount for row in totals) == 50 * 51
    assert FactRow.objects.filter(corp_id=corp.id, kind="commerce.order_paid").count() == 50


def test_the_description_is_there_and_loads_nothing_from_elsewhere(client):
    found = client.get("/api/v1/openapi.json")
    assert found.status_code == 200
    assert "/api/v1/orders" in found.json()["paths"]
    assert client.get("/api/v1/docs").status_code == 404
