"""The catalogue's samples of albums and intercept rules pass through the types and come out equal."""

import pytest

from linli.wecom.album_calls import NewProduct, Product, ProductChange
from linli.wecom.intercept_calls import (
    BLOCK,
    InterceptRule,
    InterceptRuleChange,
    InterceptRuleRef,
    NewInterceptRule,
    Scope,
)
from tests.wecom.support import Line, json_fixture, ok

PRODUCT = NewProduct(description="世界上最好的商品", price=30000, sn="xxxxxxxx", images=("MEDIA_ID",))
SCOPE = Scope(users=("zhangshan",), departments=(2, 3))
WORDS = ("敏感词1", "敏感词2")
CHANGE = InterceptRuleChange(name="rulename", words=WORDS, semantics=(1, 2, 3), type=BLOCK, add=SCOPE, remove=SCOPE)
READ = Product(
    product_id="xxxxxxxxxx", description="世界上最好的商品", price=30000, created_at=1600000000, sn="xxxxxxxx",
    images=("MEDIA_ID",),
)  # fmt: skip
RULE = InterceptRule(rule_id="1", name="rulename", words=WORDS, semantics=(1, 2, 3), type=BLOCK, scope=SCOPE)

# The call that sends the sample, and what its sample answer becomes.
EXACT = {
    "add_product_album": (lambda c: c.add_product(PRODUCT), "xxxxxxxxxx"),
    "get_product_album": (lambda c: c.product("xxxxxxxxxx"), READ),
    "delete_product_album": (lambda c: c.delete_product("xxxxxxxxxx"), None),
    "get_intercept_rule": (lambda c: c.intercept_rule("xxx"), RULE),
    "update_intercept_rule": (lambda c: c.update_intercept_rule("xxxx", CHANGE), None),
    "del_intercept_rule": (lambda c: c.del_intercept_rule("xxx"), None),
}


@pytest.mark.parametrize("name", EXACT)
def test_a_call_sends_the_sample_and_reads_its_answer(name):
    call, read = EXACT[name]
    line = Line(json_fixture(f"externalcontact.{name}.response.json"))
    assert call(line.client) == read
    assert line.paths == [f"externalcontact/{name}"]
    assert line.bodies == [json_fixture(f"externalcontact.{name}.request.json")]


def test_rules_by_name():
    line = Line(json_fixture("externalcontact.get_intercept_rule_list.response.json"))
    assert line.client.intercept_rules() == (InterceptRuleRef("xxxx", "rulename", 1600000000),)
    assert line.requests[0].method == "GET"


# The catalogue has no sample of these: the parameters as its rows name them.
def test_a_new_rule_says_its_semantics_flat():
    line = Line(ok(rule_id="r"))
    new = NewInterceptRule(name="rulename", words=WORDS, type=BLOCK, scope=SCOPE, semantics=(1,))
    assert line.client.add_intercept_rule(new) == "r"
    scope = {"user_list": ["zhangshan"], "department_list": [2, 3]}
    told = {"rule_name": "rulename", "word_list": [*WORDS], "semantics_list": [1], "intercept_type": 1}
    assert line.bodies == [{**told, "applicable_range": scope}]


def test_an_update_of_a_product_sends_only_what_changes():
    line = Line(ok())
    line.client.update_product("p", ProductChange(sn=""))
    line.client.update_product("p", ProductChange(price=0))
    assert line.bodies == [{"product_id": "p", "product_sn": ""}, {"product_id": "p", "price": 0}]


def test_the_album_over_two_pages():
    told = json_fixture("externalcontact.get_product_album.response.json")["product"]
    line = Line(ok(product_list=[told], next_cursor="CURSOR"), ok(product_list=[], next_cursor=""))
    assert list(line.client.products(limit=50)) == [READ]
    assert line.bodies == [{"limit": 50, "cursor": ""}, {"limit": 50, "cursor": "CURSOR"}]
