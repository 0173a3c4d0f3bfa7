"""What WeCom is known to refuse never leaves the house: numbers out of their range, spans that are too long (wire.md B, C)."""

import pytest

from linli.wecom.contact_way_calls import MULTI, SCENE_QR, ContactWaySpec
from linli.wecom.errors import BadValue, TooMany
from linli.wecom.message_calls import ChatType
from linli.wecom.tag_calls import NewTag
from tests.wecom.support import Line, ok

DAY = 86_400
MONTH = 31 * DAY
TOP = 2**32 - 1


def way(**more):
    return ContactWaySpec(**{"type": MULTI, "scene": SCENE_QR, "users": ("u",), **more})


# The call with the last value that WeCom takes, the same with the first one that it does not, and the field it is told by.
EDGES = {
    "a temporary way's life": (
        lambda c, over: c.add_contact_way(way(is_temporary=True, expires_in=14 * DAY + over)), "expires_in",
    ),
    "its chat's life": (
        lambda c, over: c.add_contact_way(way(is_temporary=True, chat_expires_in=14 * DAY + over)), "chat_expires_in",
    ),
    "a life that is over": (lambda c, over: c.update_contact_way("c", way(expires_in=1 - over)), "expires_in"),
    "a way's type": (lambda c, over: c.add_contact_way(way(type=MULTI + over)), "type"),
    "a way's scene": (lambda c, over: c.add_contact_way(way(scene=SCENE_QR + over)), "scene"),
    "ways a page": (lambda c, over: list(c.list_contact_ways(limit=1000 + over)), "limit"),
    "a tag's order": (lambda c, over: c.add_corp_tags([NewTag("t", TOP + over)], group_id="g"), "tag.order"),
    "a group's order": (lambda c, over: c.add_corp_tags([NewTag("t")], group_name="g", order=TOP + over), "order"),
    "an order below nothing": (lambda c, over: c.edit_corp_tag("t", order=0 - over), "order"),
    "a rule group's tag": (lambda c, over: c.add_strategy_tags(1, [NewTag("t", TOP + over)], group_id="g"), "tag.order"),
    "its order": (lambda c, over: c.edit_strategy_tag("t", order=TOP + over), "order"),
    "messages of a month": (lambda c, over: list(c.mass_messages(0, MONTH + over, ChatType.SINGLE)), "end_time"),
    "messages backwards": (lambda c, over: list(c.mass_messages(over, 0, ChatType.SINGLE)), "end_time"),
    "messages a page": (lambda c, over: list(c.mass_messages(0, 1, ChatType.SINGLE, limit=100 + over)), "limit"),
    "messages of whom": (lambda c, over: list(c.mass_messages(0, 1, ChatType.GROUP, filter_type=2 + over)), "filter_type"),
    "moments of 30 days": (lambda c, over: list(c.moments(0, 30 * DAY + over)), "end_time"),
    "moments a page": (lambda c, over: list(c.moments(0, 1, limit=20 + over)), "limit"),
    "relations a page": (lambda c, over: list(c.customers_of(["u"], limit=100 + over)), "limit"),
    "groups a page": (lambda c, over: list(c.group_chats(["u"], limit=1000 + over)), "limit"),
    "groups in a state": (lambda c, over: list(c.group_chats(["u"], status=3 + over)), "status_filter"),
    "the unassigned a page": (lambda c, over: list(c.unassigned_pages(page_size=1000 + over)), "page_size"),
    "members a page": (lambda c, over: list(c.user_list_id(limit=10_000 + over)), "limit"),
    "links a page": (lambda c, over: list(c.acquisition_links(limit=100 + over)), "limit"),
    "a link's customers a page": (lambda c, over: list(c.link_customers("l", limit=1000 + over)), "limit"),
    "figures backwards": (lambda c, over: c.staff_behavior(over, 0, userids=["u"]), "end_time"),
    "products a page": (lambda c, over: list(c.products(limit=100 + over)), "limit"),
}  # fmt: skip
NOTHING = ok(
    config_id="c", tag_group={"group_id": "g"}, group_msg_list=[], moment_list=[], external_contact_list=[],
    group_chat_list=[], info=[], is_last=True, dept_user=[], link_id_list=[], customer_list=[], behavior_data=[],
    product_list=[], contact_way=[],
)  # fmt: skip


@pytest.mark.parametrize("name", EDGES)
def test_the_last_value_goes_out_and_the_next_is_refused_in_both_tongues(name):
    call, field = EDGES[name]
    line = Line(NOTHING)
    call(line.client, 0)
    assert len(line.requests) == 1
    with pytest.raises(BadValue) as caught:
        call(line.client, 1)
    assert len(line.requests) == 1, "nothing left the house"
    assert caught.value.field == field
    assert field in caught.value.zh
    assert field in caught.value.en
    assert any("一" <= letter <= "鿿" for letter in caught.value.zh)


def test_a_relation_holds_3000_tags():
    line = Line(ok())
    with pytest.raises(TooMany):
        line.client.mark_tag("u", "w", add=["t"] * 3001)
    assert line.requests == []
