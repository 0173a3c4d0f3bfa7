"""An answer that is lost: the call is not repeated, and the read that its docstring names tells what happened."""

import pytest

from linli.wecom.acquisition_link_calls import LinkChange, LinkRange, NewLink
from linli.wecom.album_calls import NewProduct, ProductChange
from linli.wecom.errors import ApiError, OutcomeUnknown
from linli.wecom.intercept_calls import BLOCK, WARN, InterceptRuleChange, NewInterceptRule, Scope
from linli.wecom.media_calls import Use
from linli.wecom.strategy_calls import DepartmentNode, NewStrategy, StrategyChange
from linli.wecom.tag_calls import NewTag
from tests.exchange.samples import picture

GROUP = NewStrategy(name="华东", admins=("lisi",), nodes=(DepartmentNode(2),))
RULE = NewInterceptRule(name="承诺", words=("稳赚",), type=BLOCK, scope=Scope(departments=(1,)))
LINK = NewLink(name="门店", range=LinkRange(users=("zhangsan",)))


def gone(read):
    try:
        read()
    except ApiError as error:
        return error.code
    return 0


def sofa(client):
    return NewProduct(description="沙发", price=1, images=(picture(client, use=Use.ALBUM),))


def tags(client):
    return [tag.name for group in client.strategy_tags() for tag in group.tags]


def level_one(client):
    """A rule group that may hold tags, without losing an answer."""
    return client.add_customer_strategy(GROUP)


def tagged(client):
    return client.add_strategy_tags(level_one(client), [NewTag("常客")], group_name="来访")


# The path whose answer is lost; what is there before; the call, given that; the read, given that; what it tells.
LOST = {
    "customer_strategy/create": (
        lambda c: None,
        lambda c, _: c.add_customer_strategy(GROUP),
        lambda c, _: [c.customer_strategy(one).name for one in c.customer_strategies()],
        ["华东"],
    ),
    "customer_strategy/edit": (
        level_one,
        lambda c, made: c.edit_customer_strategy(made, StrategyChange(name="华南")),
        lambda c, made: c.customer_strategy(made).name,
        "华南",
    ),
    "customer_strategy/del": (
        level_one,
        lambda c, made: c.del_customer_strategy(made),
        lambda c, _: list(c.customer_strategies()),
        [],
    ),
    "moment_strategy/create": (
        lambda c: None,
        lambda c, _: c.add_moment_strategy(GROUP),
        lambda c, _: [c.moment_strategy(one).name for one in c.moment_strategies()],
        ["华东"],
    ),
    "moment_strategy/edit": (
        lambda c: c.add_moment_strategy(GROUP),
        lambda c, made: c.edit_moment_strategy(made, StrategyChange(add=(DepartmentNode(3),))),
        lambda c, made: list(c.moment_strategy_range(made)),
        [DepartmentNode(2), DepartmentNode(3)],
    ),
    "moment_strategy/del": (
        lambda c: c.add_moment_strategy(GROUP),
        lambda c, made: c.del_moment_strategy(made),
        lambda c, _: list(c.moment_strategies()),
        [],
    ),
    "add_strategy_tag": (
        level_one,
        lambda c, made: c.add_strategy_tags(made, [NewTag("常客")], group_name="来访"),
        lambda c, _: tags(c),
        ["常客"],
    ),
    "edit_strategy_tag": (
        tagged,
        lambda c, made: c.edit_strategy_tag(made.tags[0].id, name="稀客"),
        lambda c, _: tags(c),
        ["稀客"],
    ),
    "del_strategy_tag": (
        tagged,
        lambda c, made: c.del_strategy_tags(tag_ids=[made.tags[0].id]),
        lambda c, _: tags(c),
        [],
    ),
    "add_product_album": (
        lambda c: None,
        lambda c, _: c.add_product(sofa(c)),
        lambda c, _: [one.description for one in c.products()],
        ["沙发"],
    ),
    "update_product_album": (
        lambda c: c.add_product(sofa(c)),
        lambda c, made: c.update_product(made, ProductChange(price=2)),
        lambda c, made: c.product(made).price,
        2,
    ),
    "delete_product_album": (
        lambda c: c.add_product(sofa(c)),
        lambda c, made: c.delete_product(made),
        lambda c, made: gone(lambda: c.product(made)),
        41074,
    ),
    "add_intercept_rule": (
        lambda c: None,
        lambda c, _: c.add_intercept_rule(RULE),
        lambda c, _: [one.name for one in c.intercept_rules()],
        ["承诺"],
    ),
    "update_intercept_rule": (
        lambda c: c.add_intercept_rule(RULE),
        lambda c, made: c.update_intercept_rule(made, InterceptRuleChange(type=WARN)),
        lambda c, made: c.intercept_rule(made).type,
        WARN,
    ),
    "del_intercept_rule": (
        lambda c: c.add_intercept_rule(RULE),
        lambda c, made: c.del_intercept_rule(made),
        lambda c, made: gone(lambda: c.intercept_rule(made)),
        41071,
    ),
    "customer_acquisition/create_link": (
        lambda c: None,
        lambda c, _: c.create_acquisition_link(LINK),
        lambda c, _: [c.acquisition_link(one).name for one in c.acquisition_links()],
        ["门店"],
    ),
    "customer_acquisition/update_link": (
        lambda c: c.create_acquisition_link(LINK).link_id,
        lambda c, made: c.update_acquisition_link(made, LinkChange(name="二店")),
        lambda c, made: c.acquisition_link(made).name,
        "二店",
    ),
    "customer_acquisition/delete_link": (
        lambda c: c.create_acquisition_link(LINK).link_id,
        lambda c, made: c.delete_acquisition_link(made),
        lambda c, _: list(c.acquisition_links()),
        [],
    ),
}


@pytest.mark.parametrize("path", LOST)
def test_a_lost_answer_is_told_by_the_read_and_nothing_is_done_twice(client, stage, path):
    before, call, read, tells = LOST[path]
    made = before(client)
    api = f"externalcontact/{path}"
    stage.control("faults", {"seed": 1, "rules": [{"fault": "answer_lost", "counts": [1, 1], "paths": [api]}]})
    with pytest.raises(OutcomeUnknown):
        call(client, made)
    assert read(client, made) == tells
    assert stage.control("counters")["api_calls"][api] == 1
