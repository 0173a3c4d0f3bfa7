"""Rule groups, their twins of moments, and their tags (wire.md C.4, C.3)."""

import pytest

from linli.wecom.errors import MissingArgument, TooMany
from linli.wecom.strategy_calls import (
    CustomerPrivilege,
    DepartmentNode,
    MomentPrivilege,
    NewStrategy,
    StaffNode,
    StrategyChange,
)
from linli.wecom.tag_calls import NewTag
from tests.exchange.asking import refused
from tests.sandbox.stage import SEED

EAST, SHOP = DepartmentNode(2), DepartmentNode(3)
ZHANG, LI, WANG = StaffNode("zhangsan"), StaffNode("lisi"), StaffNode("wangwu")


def group(name="华东", nodes=(EAST,), **more):
    return NewStrategy(name=name, admins=("zhangsan",), nodes=nodes, **more)


# A privilege that a group of the kind may lose.
KINDS = {
    "customer": (CustomerPrivilege(share_customer=False), "share_customer"),
    "moment": (MomentPrivilege(send_moment=False), "send_moment"),
}


class Twin:
    """The six calls of one kind, by their common names."""

    def __init__(self, client, kind):
        if kind == "customer":
            self.ids, self.get, self.range = (
                client.customer_strategies,
                client.customer_strategy,
                client.customer_strategy_range,
            )
            self.add, self.edit = client.add_customer_strategy, client.edit_customer_strategy
            self.remove = client.del_customer_strategy
        else:
            self.ids, self.get, self.range = (
                client.moment_strategies,
                client.moment_strategy,
                client.moment_strategy_range,
            )
            self.add, self.edit = client.add_moment_strategy, client.edit_moment_strategy
            self.remove = client.del_moment_strategy


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def twin(client, kind):
    return Twin(client, kind)


def test_a_group_is_made_read_changed_and_deleted(twin, kind):
    less, name = KINDS[kind]
    made = twin.add(group(privilege=less))
    read = twin.get(made)
    assert (read.strategy_id, read.parent_id, read.name, read.admins) == (made, 0, "华东", ("zhangsan",))
    assert getattr(read.privilege, name) is False
    twin.edit(made, StrategyChange(name="华东区", admins=("lisi",), privilege=type(less)(**{name: True}), add=(LI,)))
    read = twin.get(made)
    assert (read.name, read.admins, getattr(read.privilege, name)) == ("华东区", ("lisi",), True)
    assert list(twin.range(made)) == [EAST, LI]
    twin.edit(made, StrategyChange(remove=(EAST,)))
    assert (list(twin.range(made)), list(twin.ids())) == ([LI], [made])
    twin.remove(made)
    assert list(twin.ids()) == []
    with refused(40058):
        twin.get(made)


def test_what_belongs_to_every_group_cannot_be_taken_away(client):
    made = client.add_customer_strategy(group(privilege=CustomerPrivilege(contact_me=False, rapid_reply=False)))
    privilege = client.customer_strategy(made).privilege
    assert (privilege.contact_me, privilege.rapid_reply, privilege.manage_customer_tag) == (True, False, True)


def test_a_child_inherits_and_stays_within_its_parent(twin, kind):
    less, name = KINDS[kind]
    parent = twin.add(group(nodes=(SHOP,), privilege=less))
    child = twin.add(group("一店", nodes=(ZHANG,), parent_id=parent))
    assert (twin.get(child).parent_id, getattr(twin.get(child).privilege, name)) == (parent, False)
    twin.edit(child, StrategyChange(privilege=type(less)(**{name: True})))
    assert getattr(twin.get(child).privilege, name) is False
    twin.edit(parent, StrategyChange(privilege=type(less)(**{name: True}), add=(WANG,)))
    assert getattr(twin.get(child).privilege, name) is True
    for refusal in (
        lambda: twin.add(group("外", nodes=(EAST,), parent_id=parent)),
        lambda: twin.edit(child, StrategyChange(add=(EAST,))),
        lambda: twin.edit(parent, StrategyChange(remove=(SHOP,))),
        lambda: twin.remove(parent),
    ):
        with refused(40058):
            refusal()
    assert list(twin.range(parent)) == [SHOP, WANG]
    assert list(twin.range(child)) == [ZHANG]


def test_a_tree_has_five_levels(twin):
    parent = 0
    for level in range(5):
        parent = twin.add(group(f"第 {level + 1} 级", parent_id=parent))
    with refused(40058):
        twin.add(group("第 6 级", parent_id=parent))
    assert len(list(twin.ids())) == 5


def test_a_range_holds_three_thousand_nodes_and_pages(client, stage):
    staff = [{"userid": f"staff{number}", "name": "员工", "department": [3]} for number in range(3001)]
    stage.control("seed", {**SEED, "users": SEED["users"] + staff, "reset": True})
    nodes = [StaffNode(one["userid"]) for one in staff]
    made = client.add_customer_strategy(group(nodes=tuple(nodes[:100])))
    for start in range(100, 3000, 100):
        client.edit_customer_strategy(made, StrategyChange(add=tuple(nodes[start : start + 100])))
    with refused(40058):
        client.edit_customer_strategy(made, StrategyChange(add=(nodes[3000],)))
    assert list(client.customer_strategy_range(made)) == nodes[:3000]


def test_ids_page_and_the_last_page_has_no_cursor(client, stage):
    made = [client.add_moment_strategy(group(f"{number}")) for number in range(3)]
    first = stage.contact("moment_strategy/list", {"limit": 2})
    last = stage.contact("moment_strategy/list", {"limit": 2, "cursor": first["next_cursor"]})
    assert [one["strategy_id"] for one in first["strategy"] + last["strategy"]] == made
    assert "next_cursor" not in last
    stage.contact("customer_strategy/list", {"cursor": first["next_cursor"]}, code=50100)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (group(nodes=(StaffNode("nobody"),)), 60111),
        (group(nodes=(DepartmentNode(9),)), 60123),
        (group(parent_id=9), 40058),
        (NewStrategy(name="华东", admins=("nobody",), nodes=(EAST,)), 40031),
        (NewStrategy(name="华东", admins=("wangwu",), nodes=(EAST,)), 40031),
    ],
)
def test_what_a_group_cannot_be(client, stage, new, code):
    stage.control("seed", {**SEED, "super_admins": ["wangwu"], "reset": True})
    with refused(code):
        client.add_customer_strategy(new)
    assert list(client.customer_strategies()) == []


def test_limits_hold_on_both_sides(client, stage):
    many = tuple(StaffNode(f"u{number}") for number in range(101))
    crowd = tuple(f"u{number}" for number in range(21))
    for wrong, call in (
        (TooMany, lambda: client.add_customer_strategy(group(nodes=many))),
        (TooMany, lambda: client.edit_customer_strategy(1, StrategyChange(remove=many))),
        (TooMany, lambda: client.add_moment_strategy(NewStrategy(name="x", admins=crowd, nodes=(EAST,)))),
        (MissingArgument, lambda: client.add_moment_strategy(NewStrategy(name="x", admins=(), nodes=(EAST,)))),
        (MissingArgument, lambda: client.add_moment_strategy(group(nodes=()))),
        (MissingArgument, lambda: client.add_moment_strategy(group(name=""))),
    ):
        with pytest.raises(wrong):
            call()
    whole = {"strategy_name": "x", "admin_list": ["lisi"], "range": [{"type": 1, "userid": "lisi"}]}
    for change in (
        {"range": [{"type": 1, "userid": one.userid} for one in many]},
        {"admin_list": list(crowd)},
        {"admin_list": []},
        {"range": []},
        {"range": [{"type": 3}]},
        {"strategy_name": ""},
        {"privilege": {"send_moment": 1}},
    ):
        stage.contact("moment_strategy/create", {**whole, **change}, code=40058)
    assert list(client.moment_strategies()) == []


def test_another_app_reads_a_group_but_does_not_change_it(client, rival):
    made = client.add_customer_strategy(group())
    assert rival.customer_strategy(made).name == "华东"
    for change in (
        lambda: rival.edit_customer_strategy(made, StrategyChange(name="别家")),
        lambda: rival.del_customer_strategy(made),
    ):
        with refused(60011):
            change()
    assert client.customer_strategy(made).name == "华东"


def test_one_change_at_a_time(client, stage):
    stage.control("tunables", {"strategy_s": 60})
    made = client.add_customer_strategy(group())
    with refused(45033):
        client.edit_customer_strategy(made, StrategyChange(name="太快"))
    assert client.customer_strategy(made).name == "华东"


def test_strategy_tags_live_beside_corp_tags(client):
    strategy = client.add_customer_strategy(group())
    client.add_corp_tags([NewTag("春季")], group_name="活动")
    made = client.add_strategy_tags(strategy, [NewTag("春季", 1), NewTag("夏季", 2)], group_name="活动", order=7)
    (listed,) = client.strategy_tags(strategy)
    assert (listed.id, listed.strategy_id, listed.order) == (made.id, strategy, 7)
    assert [tag.name for tag in listed.tags] == ["夏季", "春季"]
    assert all(tag.id.startswith("st") for tag in listed.tags)
    assert [len(one.tags) for one in client.corp_tags()] == [1]
    assert client.strategy_tags() == (listed,)
    assert [one.tags for one in client.strategy_tags(tag_ids=[listed.tags[1].id])] == [(listed.tags[1],)]
    client.edit_strategy_tag(listed.tags[1].id, name="秋季")
    client.del_strategy_tags(tag_ids=[listed.tags[0].id])
    assert [tag.name for tag in client.strategy_tags(strategy)[0].tags] == ["秋季"]
    (gone, _left) = client.strategy_tags(group_ids=[made.id])[0].tags
    assert gone.deleted
    client.del_strategy_tags(group_ids=[made.id])
    assert client.strategy_tags() == ()


def test_a_strategy_tag_shows_as_such_on_a_relation_and_goes_with_its_group(client, stage):
    stage.way("shop")
    external = stage.befriend()
    strategy = client.add_customer_strategy(group())
    (tag,) = client.add_strategy_tags(strategy, [NewTag("常客")], group_name="来访").tags
    client.mark_tag("zhangsan", external, add=[tag.id])
    assert [(one.tag_id, one.type) for one in client.customer(external).follows[0].tags] == [(tag.id, 3)]
    client.del_customer_strategy(strategy)
    assert client.customer(external).follows[0].tags == ()


def test_what_strategy_tags_refuse(client, rival, stage):
    parent = client.add_customer_strategy(group())
    child = client.add_customer_strategy(group("一店", nodes=(SHOP,), parent_id=parent))
    made = client.add_strategy_tags(parent, [NewTag("春季")], group_name="活动")
    (corp_tag,) = client.add_corp_tags([NewTag("春季")], group_name="活动").tags
    for code, call in (
        (40058, lambda: client.add_strategy_tags(child, [NewTag("x")], group_name="活动")),
        (40058, lambda: client.add_strategy_tags(9999, [NewTag("x")], group_name="活动")),
        (40058, lambda: client.strategy_tags(9999)),
        (41110, lambda: client.add_strategy_tags(parent, [NewTag("x")], group_id="st-no")),
        (40071, lambda: client.add_strategy_tags(parent, [NewTag("春季")], group_id=made.id)),
        (40068, lambda: client.edit_strategy_tag(corp_tag.id, name="x")),
        (40068, lambda: client.edit_corp_tag(made.tags[0].id, name="x")),
        (40068, lambda: client.del_strategy_tags(tag_ids=[corp_tag.id])),
        (60011, lambda: rival.edit_strategy_tag(made.id, name="x")),
        (60011, lambda: rival.del_strategy_tags(group_ids=[made.id])),
    ):
        with refused(code):
            call()
    stage.contact(
        "add_strategy_tag", {"strategy_id": parent, "group_name": "x", "tag": [{"name": "长" * 31}]}, code=40072
    )
    assert [tag.name for one in client.strategy_tags() for tag in one.tags] == ["春季"]


def test_ten_thousand_tags_are_counted_over_both_kinds(client):
    strategy = client.add_customer_strategy(group())
    client.add_corp_tags([NewTag(f"{number}") for number in range(9999)], group_name="全部")
    with refused(40126):
        client.add_strategy_tags(strategy, [NewTag("一"), NewTag("二")], group_name="活动")
    client.add_strategy_tags(strategy, [NewTag("一")], group_name="活动")
    with refused(40126):
        client.add_corp_tags([NewTag("再一")], group_name="全部")
