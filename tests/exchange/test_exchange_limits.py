"""Every limit of the wire's rows, on both sides: `most` is taken, one more is not."""

import contextlib
import json

import pytest

from linli.wecom.errors import ApiError, MessageError
from linli.wecom.media_calls import MediaKind, Use
from tests.exchange.asking import refused
from tests.exchange.ground import Ground, ground, house
from tests.exchange.limit_cases import LIMITS, Limit
from tests.exchange.samples import file, picture, png

__all__ = ["ground", "house"]


def asked(ground: Ground, path: str) -> int:
    count: int = ground.stage.control("counters")["api_calls"].get(path, 0)
    return count


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.path} {one.argument}")
def test_the_client_refuses_before_the_call(ground: Ground, limit: Limit) -> None:
    before = asked(ground, limit.path)
    with contextlib.suppress(ApiError):  # what it names is not there, but it is asked for
        limit.call(ground.client, limit.most)
    assert asked(ground, limit.path) == before + 1
    with pytest.raises(MessageError):
        limit.call(ground.client, limit.most + 1)
    assert asked(ground, limit.path) == before + 1


def there(ground: Ground, body: dict[str, object]) -> dict[str, object]:
    """The body, with what its words in capitals stand for made."""
    makers = {
        "CUSTOMER": ground.customer,
        "WAY": lambda: ground.stage.way("limit", users=("lisi",)),
        "TAG": lambda: ground.stage.contact("add_corp_tag", {"group_name": "限", "tag": [{"name": "一"}]})["tag_group"]["tag"][0]["id"],
        "CHAT": lambda: ground.stage.act("create_group", owner="zhangsan", name="群", members=[])["chat_id"],
        "LEFT": lambda: ground.stage.act("staff_leaves", userid="zhangsan") and "zhangsan",
        "TEMPLATE": lambda: ground.stage.contact("group_welcome_template/add", {"text": {"content": "早"}})["template_id"],
        "ALBUM": lambda: picture(ground.client, use=Use.ALBUM),
        "LINK": lambda: ground.stage.contact("customer_acquisition/create_link", {"link_name": "链", "range": {"user_list": ["lisi"]}})["link"]["link_id"],
        "STRATEGY": lambda: ground.stage.contact("customer_strategy/create", {"strategy_name": "规则", "admin_list": ["lisi"], "range": [{"type": 1, "userid": "lisi"}]})["strategy_id"],
        "KF": lambda: ground.stage.post("kf/account/add", {"name": "客服", "media_id": ground.client.upload_media(MediaKind.IMAGE, file(png())).media_id})["open_kfid"],
        "KFPIC": lambda: ground.client.upload_media(MediaKind.IMAGE, file(png())).media_id,
    }  # fmt: skip
    text = json.dumps(body, ensure_ascii=False)
    for word, make in makers.items():
        if f'"{word}"' in text:
            text = text.replace(f'"{word}"', json.dumps(make()))
    made: dict[str, object] = json.loads(text)
    return made


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: f"{one.path} {one.argument}")
def test_the_sandbox_refuses_by_its_code(ground: Ground, limit: Limit) -> None:
    ground.tune(**limit.tune)
    try:
        ground.ask(limit.path, there(ground, limit.body(limit.sandbox_most)))
    except ApiError as other:  # it names what is not there
        assert other.code != limit.code
    ground.reseed()
    ground.clients.clear()
    ground.stage._tokens.clear()
    with refused(limit.code):
        ground.ask(limit.path, there(ground, limit.body(limit.sandbox_most + 1)))


DAY = 86_400
ADD = {"type": 1, "scene": 2, "user": ["lisi"], "is_temp": True}
SPANS = [
    ("externalcontact/add_contact_way", lambda n: {**ADD, "expires_in": n}, 14 * DAY),
    ("externalcontact/add_contact_way", lambda n: {**ADD, "chat_expires_in": n}, 14 * DAY),
    ("externalcontact/add_corp_tag", lambda n: {"group_name": "组", "tag": [{"name": "一", "order": n}]}, 2**32 - 1),
    (
        "externalcontact/get_groupmsg_list_v2",
        lambda n: {"chat_type": "single", "start_time": 1_600_000_000, "end_time": 1_600_000_000 + n},
        31 * DAY,
    ),
]


@pytest.mark.parametrize(("path", "body", "most"), SPANS)
def test_numbers_are_taken_up_to_their_last(ground: Ground, path: str, body, most: int) -> None:
    with refused(40058):
        ground.ask(path, body(most + 1))
    ground.ask(path, body(most))
