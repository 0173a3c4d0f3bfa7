"""Every limit of the shelves can be turned, and holds where it was turned to."""

import pytest

from tests.sandbox.stage import Receiver, Stage
from tests.sandbox.test_sandbox_samples import Json, fill
from tests.sandbox.test_sandbox_shelves import LINK, PRODUCT, RULE, picture
from tests.sandbox.test_sandbox_strategies import GROUP
from wecom_sandbox.shelf_tunables import ShelfTunables

IMAGES = [*PRODUCT["attachments"], *PRODUCT["attachments"]]
NODES = [{"type": 1, "userid": "lisi"}, {"type": 2, "partyid": 2}]
TAGS = {"group_name": "活动", "tag": [{"name": "春季"}, {"name": "夏季"}]}
BOTH = {"user_list": ["zhangsan", "lisi"]}
OPTION = {"priority_type": 2, "priority_userid_list": ["zhangsan", "lisi"]}
STRATEGY, ALBUM, INTERCEPT = "customer_strategy/create", "add_product_album", "add_intercept_rule"
NEW_LINK = "customer_acquisition/create_link"

# The limit, turned down to 1; what goes beyond it, what does not, and the refusal.
LIMITS: dict[str, tuple[str, Json, Json, int]] = {
    "tags_most": ("add_corp_tag", TAGS, {**TAGS, "tag": TAGS["tag"][:1]}, 40126),
    "strategy_admins_most": (STRATEGY, {**GROUP, "admin_list": ["lisi", "zhangsan"]}, GROUP, 40058),
    "strategy_nodes_a_call": (STRATEGY, {**GROUP, "range": NODES}, GROUP, 40058),
    "product_description_most": (ALBUM, PRODUCT, {**PRODUCT, "description": "椅"}, 41087),
    "product_price_most": (ALBUM, {**PRODUCT, "price": 2}, PRODUCT, 41086),
    "product_sn_most_bytes": (ALBUM, {**PRODUCT, "product_sn": "ab"}, {**PRODUCT, "product_sn": "a"}, 41085),
    "product_images_most": (ALBUM, {**PRODUCT, "attachments": IMAGES}, PRODUCT, 41064),
    "intercept_name_most": (INTERCEPT, RULE, {**RULE, "rule_name": "词"}, 40058),
    "intercept_words_most": (INTERCEPT, {**RULE, "word_list": ["稳赚", "包过"]}, RULE, 41068),
    "intercept_word_most": (INTERCEPT, RULE, {**RULE, "word_list": ["赚"]}, 41083),
    "intercept_range_most": (INTERCEPT, {**RULE, "applicable_range": BOTH}, RULE, 41076),
    "intercept_people_most": (INTERCEPT, RULE, {**RULE, "applicable_range": {"user_list": ["lisi"]}}, 41076),
    "link_name_most": (NEW_LINK, LINK, {**LINK, "link_name": "店"}, 40058),
    "link_people_most": (NEW_LINK, {**LINK, "range": BOTH}, LINK, 40058),
    "link_priority_most": (NEW_LINK, {**LINK, "priority_option": OPTION}, LINK, 40058),
}
# How many there may be: the second is refused.
COUNTS = {"products_most": (ALBUM, PRODUCT, 41202), "links_most": (NEW_LINK, LINK, 41095)}
# Turned in the tests of the exchange or below.
ELSEWHERE = {"strategy_s", "quota_charges", "link_profile_events"}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_holds_where_it_was_turned_to(stage: Stage, name: str) -> None:
    path, beyond, within, code = LIMITS[name]
    stage.control("tunables", {name: 1})
    names = {"picture": picture(stage)}
    stage.contact(path, fill(beyond, names), code=code)
    stage.contact(path, fill(within, names))


@pytest.mark.parametrize("name", COUNTS)
def test_a_cap_holds_where_it_was_turned_to(stage: Stage, name: str) -> None:
    path, draft, code = COUNTS[name]
    body = fill(draft, {"picture": picture(stage)})
    stage.contact(path, body)
    stage.contact(path, body)
    stage.control("tunables", {name: 1})
    stage.contact(path, body, code=code)


def test_rules_levels_nodes_and_spans(stage: Stage) -> None:
    limits = {"intercept_rules_most": 1, "strategy_levels_most": 1, "strategy_nodes_most": 1}
    stage.control("tunables", limits)
    stage.contact(INTERCEPT, RULE)
    stage.contact(INTERCEPT, {**RULE, "rule_name": "用词"}, code=41069)
    stage.contact(STRATEGY, {**GROUP, "range": NODES}, code=40058)
    made = stage.contact(STRATEGY, GROUP)["strategy_id"]
    stage.contact(STRATEGY, {**GROUP, "parent_id": made}, code=40058)
    stage.contact("customer_strategy/edit", {"strategy_id": made, "range_add": NODES[:1]}, code=40058)
    link = stage.contact(NEW_LINK, LINK)["link"]
    now = int(stage.control("clock")["now"])
    span = {"link_id": link["link_id"], "start_time": now - 86_400, "end_time": now}
    stage.control("tunables", {"link_statistic_days": 0})
    stage.contact("customer_acquisition/statistic", span, code=40058)
    stage.control("tunables", {"link_statistic_days": 1})
    stage.contact("customer_acquisition/statistic", span)
    stage.control("tunables", {"link_statistic_back_days": 0})
    stage.contact("customer_acquisition/statistic", span, code=40058)


def test_channels_low_quota_and_chat_keys(heard_stage: Stage, receiver: Receiver) -> None:
    stage = heard_stage
    stage.control("tunables", {"link_channel_most_bytes": 1, "quota_low": 2, "chat_key_life_s": 10})
    link = stage.contact(NEW_LINK, LINK)["link"]
    stage.act("admin_buys_quota", count=2)
    person = {"unionid": "u1", "name": "客"}
    stage.act("opens_link", url=f"{link['url']}?customer_channel=AB", person=person, status=400)
    came = stage.act("opens_link", url=f"{link['url']}?customer_channel=A", person=person)["external_userid"]
    for _ in range(3):
        stage.act("customer_writes", userid="zhangsan", external_userid=came)
    stage.settle()
    assert "balance_low" in receiver.changes()
    (key,) = [one.fields["ChatKey"] for one in receiver.heard if "ChatKey" in one.fields]
    stage.contact("customer_acquisition/get_chat_info", {"chat_key": key})
    stage.control("clock", {"advance": 11})
    stage.contact("customer_acquisition/get_chat_info", {"chat_key": key}, code=41201)


def test_no_limit_is_forgotten() -> None:
    together = {"intercept_rules_most", "strategy_levels_most", "strategy_nodes_most", "link_channel_most_bytes"}
    together |= {"link_statistic_days", "link_statistic_back_days", "quota_low", "chat_key_life_s"}
    assert {*LIMITS, *COUNTS} | together | ELSEWHERE == set(vars(ShelfTunables()))
