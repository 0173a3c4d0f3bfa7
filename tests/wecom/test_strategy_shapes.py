"""The catalogue's samples of rule groups and their tags pass through the types and come out equal."""

import pytest

from linli.wecom.strategy_calls import CustomerPrivilege, DepartmentNode, MomentPrivilege, NewStrategy, StaffNode
from linli.wecom.strategy_calls import StrategyChange as Change
from linli.wecom.tag_calls import NewTag, Tag
from tests.wecom.support import Line, json_fixture, ok

NODES = (StaffNode("zhangsan"), DepartmentNode(1))
# The sample of creation leaves oper_resign_group out.
PRIVILEGE = CustomerPrivilege(
    view_customer_list=True, view_customer_data=True, view_room_list=True, contact_me=True, join_room=True,
    share_customer=False, oper_resign_customer=True, send_customer_msg=True, edit_welcome_msg=True,
    view_behavior_data=True, view_room_data=True, send_group_msg=True, room_deduplication=True, rapid_reply=True,
    onjob_customer_transfer=True, edit_anti_spam_rule=True, export_customer_list=True, export_customer_data=True,
    export_customer_group_list=True, manage_customer_tag=True,
)  # fmt: skip
NEW = NewStrategy(name="NAME", admins=("zhangsan", "lisi"), nodes=NODES, privilege=PRIVILEGE)
ALL_IDS = {"tag_ids": ["TAG_ID_1", "TAG_ID_2"], "group_ids": ["GROUP_ID_1", "GROUP_ID_2"]}

SENT = {
    "customer_strategy.create": lambda c: c.add_customer_strategy(NEW),
    "get_strategy_tag_list": lambda c: c.strategy_tags(
        1, tag_ids=["etXXXXXXXXXX", "etYYYYYYYYYY"], group_ids=["etZZZZZZZZZZZZZ", "etYYYYYYYYYYYYY"]
    ),
    "add_strategy_tag": lambda c: c.add_strategy_tags(
        1, [NewTag("TAG_NAME_1", 1), NewTag("TAG_NAME_2", 2)], group_id="GROUP_ID", group_name="GROUP_NAME", order=1
    ),
    "edit_strategy_tag": lambda c: c.edit_strategy_tag("TAG_ID", name="NEW_TAG_NAME", order=1),
    "del_strategy_tag": lambda c: c.del_strategy_tags(**ALL_IDS),
}


@pytest.mark.parametrize("name", SENT)
def test_a_call_sends_the_sample_and_reads_its_answer(name):
    line = Line(json_fixture(f"externalcontact.{name}.response.json"))
    SENT[name](line.client)
    assert line.paths == [f"externalcontact/{name.replace('.', '/')}"]
    assert line.bodies == [json_fixture(f"externalcontact.{name}.request.json")]


def test_a_made_group_tells_its_id():
    answer = json_fixture("externalcontact.customer_strategy.create.response.json")
    assert Line(answer).client.add_customer_strategy(NEW) == answer["strategy_id"]


PAGED = {
    "moment_strategy.list": ("strategy", lambda c: c.moment_strategies(), [1, 2]),
    "customer_strategy.get_range": ("range", lambda c: c.customer_strategy_range(1), list(NODES)),
}


@pytest.mark.parametrize("name", PAGED)
def test_a_second_page_sends_the_sample(name):
    rows, call, read = PAGED[name]
    expected = json_fixture(f"externalcontact.{name}.request.json")
    answer = json_fixture(f"externalcontact.{name}.response.json")
    # The last page has no next_cursor at all.
    line = Line({**answer, "next_cursor": expected["cursor"]}, ok(**{rows: []}))
    assert list(call(line.client)) == read
    assert line.bodies == [{**expected, "cursor": ""}, expected]


def test_tags_of_rule_groups():
    (group,) = Line(json_fixture("externalcontact.get_strategy_tag_list.response.json")).client.strategy_tags()
    made = Line(json_fixture("externalcontact.add_strategy_tag.response.json")).client.add_strategy_tags(
        1, [NewTag("NAME1")], group_name="GOURP_NAME"
    )
    assert (group.id, group.strategy_id, made.strategy_id) == ("TAG_GROUPID1", 1, None)
    assert group.tags == made.tags
    assert made.tags[0] == Tag(id="TAG_ID1", name="NAME1", created_at=1557838797, order=1, deleted=False)


# The pages' own samples of these answers are not in the catalogue: WeCom's field names with our values.
def test_groups_of_both_kinds():
    told = {"strategy_id": 2, "parent_id": 1, "strategy_name": "NAME", "create_time": 1557838797, "admin_list": ["a"]}
    group = Line(ok(strategy={**told, "privilege": {"contact_me": True, "rapid_reply": False, "new": True}})).client
    read = group.customer_strategy(2)
    assert (read.strategy_id, read.parent_id, read.name, read.created_at) == (2, 1, "NAME", 1557838797)
    assert (read.admins, read.privilege) == (("a",), CustomerPrivilege(contact_me=True, rapid_reply=False))
    moment = Line(ok(strategy={**told, "privilege": {"send_moment": True}})).client.moment_strategy(2)
    assert moment.privilege == MomentPrivilege(send_moment=True)


def test_an_edit_sends_only_what_changes():
    line = Line(ok())
    line.client.edit_moment_strategy(3, Change(add=(DepartmentNode(2),), remove=(StaffNode("a"),)))
    line.client.edit_customer_strategy(
        3, Change(name="x", admins=("a",), privilege=CustomerPrivilege(rapid_reply=False))
    )
    assert line.bodies == [
        {
            "strategy_id": 3,
            "range_add": [{"type": 2, "partyid": 2}],
            "range_del": [{"type": 1, "userid": "a"}],
        },
        {"strategy_id": 3, "strategy_name": "x", "admin_list": ["a"], "privilege": {"rapid_reply": False}},
    ]
