"""Intercept rules, and what they do to what staff write (wire.md C.10)."""

import pytest

from linli.wecom.errors import BadValue, MessageTooLong, MissingArgument, TooMany
from linli.wecom.intercept_calls import (
    BLOCK,
    EMAIL,
    PHONE,
    RED_PACKET,
    WARN,
    InterceptRuleChange,
    NewInterceptRule,
    Scope,
)
from tests.exchange.asking import refused
from tests.sandbox.stage import SEED

EVERYBODY = Scope(departments=(1,))


def rule(name="承诺", words=("保证收益",), kind=BLOCK, scope=EVERYBODY, **more):
    return NewInterceptRule(name=name, words=words, type=kind, scope=scope, **more)


WIRE = {
    "rule_name": "承诺",
    "word_list": ["保证收益"],
    "intercept_type": 1,
    "applicable_range": {"department_list": [1]},
}


def test_a_rule_is_made_read_changed_and_deleted(client):
    made = client.add_intercept_rule(rule(semantics=(PHONE,)))
    read = client.intercept_rule(made)
    assert (read.name, read.words, read.semantics, read.type) == ("承诺", ("保证收益",), (PHONE,), BLOCK)
    assert read.scope == EVERYBODY
    change = InterceptRuleChange(
        name="用词", words=("稳赚", "包过"), type=WARN, semantics=(EMAIL, RED_PACKET),
        add=Scope(users=("lisi", "zhangsan")), remove=Scope(users=("lisi",), departments=(1,)),
    )  # fmt: skip
    client.update_intercept_rule(made, change)
    read = client.intercept_rule(made)
    assert (read.name, read.words, read.semantics) == ("用词", ("稳赚", "包过"), (EMAIL, RED_PACKET))
    assert (read.type, read.scope) == (WARN, Scope(users=("zhangsan",)))
    client.update_intercept_rule(made, InterceptRuleChange(semantics=()))
    assert client.intercept_rule(made).semantics == ()
    assert client.intercept_rule(made).words == read.words
    assert [(one.rule_id, one.name) for one in client.intercept_rules()] == [(made, "用词")]
    client.del_intercept_rule(made)
    assert client.intercept_rules() == ()
    for call in (
        lambda: client.intercept_rule(made),
        lambda: client.update_intercept_rule(made, InterceptRuleChange(type=BLOCK)),
        lambda: client.del_intercept_rule(made),
    ):
        with refused(41071):
            call()


def test_a_rule_stops_or_warns_the_staff_it_is_for(client, stage):
    stage.way("one", ("zhangsan",))
    stage.way("two", ("wangwu",))
    external = stage.befriend(1, "one")
    stage.befriend(1, "two")

    def says(userid, text="你好", **more):
        done = stage.act("staff_writes", userid=userid, external_userid=external, text=text, **more)
        return done.get("intercepted", {}).get("type", 0)

    client.add_intercept_rule(rule(semantics=(RED_PACKET,), scope=Scope(departments=(3,))))
    client.add_intercept_rule(rule("号码", kind=WARN, semantics=(PHONE, EMAIL)))
    assert says("zhangsan", "这个保证收益") == BLOCK
    assert says("wangwu", "这个保证收益") == WARN
    assert says("zhangsan", "打 13800000000") == WARN
    assert says("zhangsan", "写到 a.b@example.com") == WARN
    assert says("zhangsan", red_packet=True) == BLOCK
    assert says("wangwu", red_packet=True) == 0
    assert says("zhangsan", "订单 9913800000000") == 0
    shown = [one["text"]["content"] for one in stage.control(f"inbox/{external}")["messages"]]
    assert shown == ["这个保证收益", "打 13800000000", "写到 a.b@example.com", "你好", "订单 9913800000000"]


def test_names_are_unique_among_rules_that_live(client):
    made = client.add_intercept_rule(rule())
    other = client.add_intercept_rule(rule("用词"))
    with refused(41077):
        client.add_intercept_rule(rule())
    with refused(41077):
        client.update_intercept_rule(other, InterceptRuleChange(name="承诺"))
    client.update_intercept_rule(made, InterceptRuleChange(name="承诺", type=WARN))
    client.del_intercept_rule(made)
    client.add_intercept_rule(rule())


def test_a_corp_has_a_hundred_rules(client):
    made = [client.add_intercept_rule(rule(f"规则{number}")) for number in range(100)]
    with refused(41069):
        client.add_intercept_rule(rule())
    client.del_intercept_rule(made[0])
    client.add_intercept_rule(rule())


def test_what_another_app_made_is_not_ours_to_change(client, rival):
    made = client.add_intercept_rule(rule())
    assert rival.intercept_rule(made).name == "承诺"
    for change in (
        lambda: rival.update_intercept_rule(made, InterceptRuleChange(type=WARN)),
        lambda: rival.del_intercept_rule(made),
    ):
        with refused(60011):
            change()
    assert client.intercept_rule(made).type == BLOCK


# What WeCom refuses in a rule, and whether an update can say it too.
REFUSED = [
    ({"rule_name": "长" * 21}, 40058, True),
    ({"rule_name": ""}, 40058, True),
    ({"word_list": [str(number) for number in range(301)]}, 41068, True),
    ({"word_list": []}, 41083, True),
    ({"word_list": ["长" * 33]}, 41083, True),
    ({"word_list": [""]}, 41083, True),
    ({"intercept_type": 3}, 40058, True),
    ({"semantics_list": [4]}, 41084, False),
    ({"extra_rule": {"semantics_list": [4]}}, 41084, None),
    ({"applicable_range": {}}, 40058, False),
    ({"applicable_range": {"user_list": ["nobody"]}}, 60111, False),
    ({"applicable_range": {"department_list": [9]}}, 60123, False),
    ({"applicable_range": {"user_list": ["lisi"] * 1001}}, 41076, False),
    ({"add_applicable_range": {"user_list": ["nobody"]}}, 60111, None),
    ({"remove_applicable_range": {"department_list": [1]}}, 40058, None),
]


@pytest.mark.parametrize(("change", "code", "both"), REFUSED)
def test_what_wecom_refuses(client, stage, change, code, both):
    if both is not None:
        stage.contact("add_intercept_rule", {**WIRE, **change}, code=code)
        assert client.intercept_rules() == ()
    if both is not False:
        made = client.add_intercept_rule(rule())
        before = client.intercept_rule(made)
        stage.contact("update_intercept_rule", {"rule_id": made, **change}, code=code)
        assert client.intercept_rule(made) == before


def test_an_unknown_rule_is_refused(client):
    for call in (
        lambda: client.intercept_rule("no"),
        lambda: client.update_intercept_rule("no", InterceptRuleChange(type=WARN)),
        lambda: client.del_intercept_rule(""),
    ):
        with refused(41070):
            call()


def test_a_rule_is_for_ten_thousand_people_at_most(client, stage):
    crowd = [{"userid": f"s{number}", "name": "员工", "department": [3]} for number in range(10_000)]
    stage.control("seed", {**SEED, "users": SEED["users"] + crowd, "reset": True})
    with refused(41076):
        client.add_intercept_rule(rule())


@pytest.mark.parametrize(
    ("wrong", "new"),
    [
        (MissingArgument, rule(name="")),
        (MessageTooLong, rule(name="长" * 21)),
        (MissingArgument, rule(words=())),
        (MissingArgument, rule(words=("",))),
        (MessageTooLong, rule(words=("长" * 33,))),
        (TooMany, rule(words=("词",) * 301)),
        (BadValue, rule(kind=3)),
        (BadValue, rule(semantics=(4,))),
        (MissingArgument, rule(scope=Scope())),
        (TooMany, rule(scope=Scope(users=("u",) * 1001))),
        (TooMany, rule(scope=Scope(departments=(1,) * 1001))),
    ],
)
def test_the_client_refuses_first(client, stage, wrong, new):
    with pytest.raises(wrong):
        client.add_intercept_rule(new)
    assert "externalcontact/add_intercept_rule" not in stage.control("counters")["api_calls"]
