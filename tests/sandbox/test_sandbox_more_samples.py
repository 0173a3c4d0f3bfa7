"""Rule groups, albums, intercept rules and links answer with the keys of WeCom's samples, and their events look like them."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.stage import Receiver, Stage
from tests.sandbox.test_sandbox_samples import Json, fill, missing
from tests.sandbox.test_sandbox_shelves import LINK, PRODUCT, RULE, picture
from tests.sandbox.test_sandbox_strategies import GROUP

DAY = 86_400
OPENS = {"url": "$url", "person": {"unionid": "u1", "name": "客"}}
TWO: Json = {**GROUP, "range": [{"type": 1, "userid": "lisi"}, {"type": 2, "partyid": 2}]}
TAGS = {"strategy_id": "$strategy", "group_name": "来访", "tag": [{"name": "常客"}, {"name": "稀客"}]}
SPAN = {"link_id": "$link", "start_time": "$now", "end_time": "$now"}

# Sample, call and arguments; what an answer gives under a dotted place is kept under a name for later calls.
CALLS: list[tuple[str, Json, dict[str, str]]] = [
    ("customer_strategy.create", TWO, {"strategy": "strategy_id"}),
    ("customer_strategy.get_range", {"strategy_id": "$strategy", "limit": 1}, {}),
    ("add_strategy_tag", TAGS, {"tags": "tag_group.group_id"}),
    ("get_strategy_tag_list", {"strategy_id": "$strategy"}, {}),
    ("edit_strategy_tag", {"id": "$tags", "name": "来过"}, {}),
    ("del_strategy_tag", {"group_id": ["$tags"]}, {}),
    ("add_product_album", {**PRODUCT, "product_sn": "s1"}, {"product": "product_id"}),
    ("get_product_album", {"product_id": "$product"}, {}),
    ("delete_product_album", {"product_id": "$product"}, {}),
    ("get_intercept_rule", {"rule_id": "$rule"}, {}),
    ("update_intercept_rule", {"rule_id": "$rule", "extra_rule": {"semantics_list": [1]}}, {}),
    ("del_intercept_rule", {"rule_id": "$rule"}, {}),
    ("customer_acquisition.create_link", LINK, {"link": "link.link_id", "url": "link.url"}),
    ("customer_acquisition.list_link", {"limit": 1}, {}),
    ("customer_acquisition.customer", {"link_id": "$link"}, {}),
    ("customer_acquisition.statistic", SPAN, {}),
    ("customer_acquisition.update_link", {**LINK, "link_id": "$link"}, {}),
    ("customer_acquisition.delete_link", {"link_id": "$link"}, {}),
]
# WeCom's sample shows a number where its other pages show a text.
ABSENT = {"get_intercept_rule": {"rule_id"}}


def kept(answer: Any, place: str) -> Any:
    for word in place.split("."):
        answer = answer[word]
    return answer


def test_answers_look_like_the_samples(stage: Stage, sample: Callable[[str], Json]) -> None:
    names: Json = {"now": int(stage.control("clock")["now"]), "picture": picture(stage)}
    names["rule"] = stage.contact("add_intercept_rule", RULE)["rule_id"]
    stage.act("admin_buys_quota", count=5)
    lacking = {}
    for name, args, keeps in CALLS:
        if name == "customer_acquisition.customer":
            stage.act("opens_link", **fill(OPENS, names))
        wanted = sample(f"externalcontact.{name}.response.json")
        ours = stage.contact(name.replace(".", "/"), fill(args, names))
        names.update({key: kept(ours, place) for key, place in keeps.items()})
        gaps = list(missing(wanted, ours, ABSENT.get(name, set())))
        gaps += [f"extra {key}" for key in ours if key not in wanted]
        if gaps:
            lacking[name] = gaps
    assert lacking == {}


@pytest.fixture
def played(heard_stage: Stage, receiver: Receiver) -> dict[str, str]:
    """Every acquisition event as its XML, by its ChangeType."""
    stage = heard_stage
    stage.control("tunables", {"link_profile_events": True})
    link = stage.contact("customer_acquisition/create_link", LINK)["link"]
    other = stage.contact("customer_acquisition/create_link", LINK)["link"]["link_id"]
    stage.act("admin_buys_quota", count=20, days=15)
    stage.control("clock", {"advance": DAY})
    person = {"unionid": "u1", "name": "客"}
    came = stage.act("opens_link", url=f"{link['url']}?customer_channel=A", person=person)["external_userid"]
    for _ in range(3):
        stage.act("customer_writes", userid="zhangsan", external_userid=came)
    stage.act("link_fails", link_id=link["link_id"])
    stage.act("admin_deletes_link", link_id=other)
    stage.control("clock", {"advance": 15 * DAY, "force": True})
    stage.settle()
    return {
        one.fields["ChangeType"]: one.xml for one in receiver.heard if one.fields["Event"] == "customer_acquisition"
    }


def test_events_look_like_the_samples(played: dict[str, str], sample_text: Callable[[str], str]) -> None:
    assert len(played) == 10
    for change, xml in played.items():
        # UserID, ExternalUserID and ChatSeq are no longer sent since 2024-12-19 (wire.md F.4).
        late = {"UserID", "ExternalUserID", "ChatSeq"} if change == "message_from_customer" else set()
        wanted = re.findall(r"<(\w+)>(<!\[CDATA\[)?", sample_text(f"event.customer_acquisition.{change}.xml"))
        assert re.findall(r"<(\w+)>(<!\[CDATA\[)?", xml) == [one for one in wanted if one[0] not in late]
