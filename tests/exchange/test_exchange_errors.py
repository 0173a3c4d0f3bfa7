"""The errcodes that a row of the wire names, each met by the client over HTTP (docs/wecom-errors.md lists them all)."""

import threading
from collections.abc import Callable

import pytest

from linli.wecom.contact_way_calls import SCENE_QR, SINGLE, ContactWaySpec
from linli.wecom.errors import ApiError
from linli.wecom.files import Upload
from linli.wecom.message_calls import ChatType, MassMessageSpec
from linli.wecom.tag_calls import NewTag
from linli.wecom.tokens import fetch_token
from tests.exchange.asking import refused
from tests.exchange.ground import (
    APPS,
    FAR_SECRET,
    HELPER_SECRET,
    NARROW_SECRET,
    NOBODY,
    SHUT_SECRET,
    Ground,
    ground,
    house,
)
from tests.exchange.samples import png
from tests.exchange.test_exchange_identity import code_for
from tests.sandbox.stage import CORP, RIVAL_SECRET, SECRET, Receiver, Stage, until

__all__ = ["ground", "house"]

C = "externalcontact"
ADD, UPDATE = f"{C}/add_contact_way", f"{C}/update_contact_way"
Case = tuple[str, int, Callable[[Ground], object]]
QR = {"type": 1, "scene": 2, "user": ["zhangsan"]}
WAY = ContactWaySpec(type=SINGLE, scene=SCENE_QR, users=("lisi",), state="s")


def token(g: Ground, corp: str = CORP, secret: str = SECRET) -> object:
    return fetch_token(g.stage.hosted.url, corp, secret, g.stage.http)


def after(tunables: dict[str, object], call: Callable[[Ground], object]) -> Callable[[Ground], object]:
    """The call, where the sandbox's settings are so."""

    def run(g: Ground) -> object:
        g.tune(**tunables)
        return call(g)

    return run


def way(g: Ground) -> str:
    return g.client.add_contact_way(WAY).config_id


def inactive(g: Ground) -> object:
    g.reseed(lisi={"status": 4})
    return g.client.add_contact_way(WAY)


def upd(g: Ground, **body: object) -> object:
    return g.ask(UPDATE, {"config_id": way(g), **body})


def upd_unverified(g: Ground) -> object:
    config = g.client.add_contact_way(ContactWaySpec(type=SINGLE, scene=SCENE_QR, users=("zhangsan",))).config_id
    g.stage.control("act", {"kind": "admin_edits_member", "userid": "lisi", "status": 2})
    return g.client.update_contact_way(config, WAY)


def out_of_range(g: Ground) -> object:
    return g.by(NARROW_SECRET).add_contact_way(ContactWaySpec(type=SINGLE, scene=SCENE_QR, users=("wangwu",)))


def upd_out_of_range(g: Ground) -> object:
    narrow = g.by(NARROW_SECRET)
    return narrow.update_contact_way(
        narrow.add_contact_way(WAY).config_id, ContactWaySpec(type=SINGLE, scene=SCENE_QR, users=("wangwu",))
    )


def tags(g: Ground, *names: str) -> list[str]:
    return [one.id for one in g.client.add_corp_tags([NewTag(name) for name in names], group_name="组").tags]


def strategy(g: Ground) -> int:
    inside = [{"type": 1, "userid": "zhangsan"}]
    made = g.stage.contact(
        "customer_strategy/create", {"strategy_name": "规则", "admin_list": ["zhangsan"], "range": inside}
    )
    number: int = made["strategy_id"]
    return number


def strategy_tags(g: Ground, number: int, *names: str, **settings: object) -> list[str]:
    g.tune(**settings)
    return [
        one.id for one in g.client.add_strategy_tags(number, [NewTag(name) for name in names], group_name="组").tags
    ]


def again(g: Ground) -> object:
    number = strategy(g)
    return strategy_tags(g, number, "一") and strategy_tags(g, number, "一")


def renamed(g: Ground, name: str, **settings: object) -> object:
    tag = strategy_tags(g, strategy(g), "一", "二")[0]
    g.tune(**settings)
    return g.client.edit_strategy_tag(tag, name=name)


def renamed_corp_tag(g: Ground, name: str, **settings: object) -> object:
    tag = tags(g, "一", "二")[0]
    g.tune(**settings)
    return g.client.edit_corp_tag(tag, name=name)


def mass(g: Ground) -> str:
    g.customer()
    return g.client.add_mass_message(MassMessageSpec(chat_type=ChatType.SINGLE, text="在", sender="zhangsan")).msgid


def reminded(g: Ground) -> object:
    msgid = mass(g)
    for _ in range(3):
        g.client.remind_mass(msgid)
    return g.client.remind_mass(msgid)


def cancelled(g: Ground) -> str:
    msgid = mass(g)
    g.client.cancel_mass(msgid)
    return msgid


def foreign_redirect(g: Ground) -> object:
    g.stage.act("admin_sets_app", agentid=1000002, domain="linli.example:8443")
    return g.client.user_of_code(code_for(g.stage, userid="zhangsan"))


def late_code(g: Ground) -> object:
    code = code_for(g.stage, userid="zhangsan")
    g.tune(oauth_code_life_s=0)
    return g.client.user_of_code(code)


def used_code(g: Ground) -> object:
    code = code_for(g.stage, userid="zhangsan")
    assert g.client.user_of_code(code) == "zhangsan"
    return g.client.user_of_code(code)


def unlicensed(g: Ground) -> object:
    g.reseed(zhangsan={"licensed": False})
    return list(g.client.customers_of(["zhangsan"]))


def helper_details(g: Ground) -> object:
    g.tune(helper_reads_details=False)
    return g.by(HELPER_SECRET).user_list(1)


def greeted(g: Ground) -> str:
    """The code of a welcome that the first app heard of."""
    receiver = Receiver()
    try:
        g.stage.listen(receiver)
        g.stage.way("greeted")
        code: str = g.stage.act("scan", state="greeted", person={"unionid": "u", "name": "客"})["welcome_code"]
        g.stage.settle()
    finally:
        receiver.hosted.stop()
    assert code
    return code


def greeted_twice(g: Ground, second: str = SECRET) -> object:
    code = greeted(g)
    g.client.send_welcome(code, "您好")
    return g.by(second).send_welcome(code, "您好")


def not_agreed(g: Ground) -> object:
    g.stage.act("admin_sets_archive", edition=1, userids=["zhangsan"])
    g.tune(welcome_waits_for_consent=True)
    return g.client.send_welcome(greeted(g), "您好")


def too_many_consents(g: Ground) -> object:
    g.reseed(apps=[*APPS, {"agentid": 2000002, "name": "会话存档", "secret": "secret-archive", "archive": True}])
    g.stage.act("admin_sets_archive", edition=1, userids=["zhangsan"])
    pairs = [{"userid": "zhangsan", "exteranalopenid": f"wm{number}"} for number in range(101)]
    return g.by("secret-archive")._query("msgaudit/check_single_agree", {"info": pairs}, lane=None)


def still_dispatching(g: Ground) -> object:
    g.tune(dispatch_s=60)
    return list(g.client.mass_tasks(mass(g)))


def clash(g: Ground) -> object:
    """Two writes of one relation at once: the first takes long."""
    external, (tag,) = g.customer(), tags(g, "一")
    g.stage.control(
        "faults",
        {"rules": [{"fault": "slow_answer", "odds": 1, "seconds": 4, "counts": [1, 1], "paths": [f"{C}/mark_tag"]}]},
    )
    first = threading.Thread(target=lambda: g.rival.mark_tag("zhangsan", external, add=[tag]))
    g.rival.follow_users()
    first.start()
    try:
        until(lambda: g.stage.control("counters")["api_calls"].get(f"{C}/mark_tag", 0) > 0)
        return g.client.mark_tag("zhangsan", external, add=[tag])
    finally:
        first.join()


def unseen_customer(g: Ground) -> object:
    return g.by(NARROW_SECRET).customer(g.customer(of="wangwu"))


TOKENS: list[Case] = [
    ("gettoken", 40001, lambda g: token(g, secret="wrong")),
    ("gettoken", 40013, lambda g: token(g, corp="wwnobody")),
    ("gettoken", 41002, lambda g: token(g, corp="")),
    ("gettoken", 41004, lambda g: token(g, secret="")),
]
PEOPLE: list[Case] = [
    ("user/list", 45029, after({"user_list_most": 2}, lambda g: g.client.user_list(1, fetch_child=True))),
    ("user/list", 48009, helper_details),
    ("user/get", 48009, after({"helper_reads_details": False}, lambda g: g.by(HELPER_SECRET).user_get("lisi"))),
    (f"{C}/get_follow_user_list", 48002, lambda g: g.by(SHUT_SECRET).follow_users()),
    (f"{C}/get_follow_user_list", 60020, lambda g: g.by(FAR_SECRET).follow_users()),
    (f"{C}/list", 84061, lambda g: g.client.customer_ids("zhangsan")),
    (f"{C}/list", 60111, lambda g: g.client.customer_ids("nobody")),
    (f"{C}/list", 60011, lambda g: g.by(NARROW_SECRET).customer_ids("wangwu")),
    (f"{C}/get", 40096, lambda g: g.client.customer(NOBODY)),
    (f"{C}/get", 40096, unseen_customer),
    (f"{C}/get", 41035, lambda g: g.client.customer("")),
    (f"{C}/batch/get_by_user", 701008, unlicensed),
    (f"{C}/batch/get_by_user", 60111, lambda g: list(g.client.customers_of(["nobody"]))),
    (f"{C}/batch/get_by_user", 50100, lambda g: list(g.client.customers_of(["lisi"], cursor="!"))),
    (f"{C}/remark", 84061, lambda g: g.client.set_remark("lisi", g.customer(), remark="熟")),
    (f"{C}/remark", 40096, lambda g: g.client.set_remark("lisi", NOBODY, remark="熟")),
]
WAYS: list[Case] = [
    (ADD, 41037, lambda g: g.ask(ADD, {"scene": 2, "user": ["lisi"]})),
    (ADD, 41038, lambda g: g.ask(ADD, {"type": 1, "user": ["lisi"]})),
    (ADD, 41039, lambda g: g.ask(ADD, {**QR, "type": 3})),
    (ADD, 41040, lambda g: g.ask(ADD, {**QR, "scene": 3})),
    (ADD, 41041, lambda g: g.ask(ADD, {**QR, "user": ["lisi", "zhangsan"]})),
    (ADD, 41042, lambda g: g.ask(ADD, {**QR, "scene": 1, "style": 9})),
    (ADD, 41045, after({"ways_most": 0}, way)),
    (ADD, 41054, lambda g: g.client.add_contact_way(ContactWaySpec(type=SINGLE, scene=SCENE_QR, users=("nobody",)))),
    (ADD, 41054, inactive),
    (ADD, 60011, out_of_range),
    (ADD, 84074, lambda g: (g.reseed(lisi={"serves": False}), way(g))),
    (f"{C}/get_contact_way", 41043, lambda g: g.client.get_contact_way("")),
    (f"{C}/get_contact_way", 41044, lambda g: g.client.get_contact_way("nothing")),
    (f"{C}/get_contact_way", 41044, lambda g: g.rival.get_contact_way(way(g))),
    (UPDATE, 41041, lambda g: upd(g, user=["lisi", "zhangsan"])),
    (
        UPDATE,
        41042,
        lambda g: g.ask(UPDATE, {"config_id": g.ask(ADD, {**QR, "scene": 1}).must("config_id"), "style": 9}),
    ),
    (UPDATE, 41043, lambda g: g.client.update_contact_way("", WAY)),
    (UPDATE, 41044, lambda g: g.client.update_contact_way("nothing", WAY)),
    (UPDATE, 41054, upd_unverified),
    (UPDATE, 60011, upd_out_of_range),
    (f"{C}/del_contact_way", 41043, lambda g: g.client.del_contact_way("")),
    (f"{C}/del_contact_way", 41044, lambda g: g.client.del_contact_way("nothing")),
]
TAGS: list[Case] = [
    (f"{C}/add_corp_tag", 40071, lambda g: (tags(g, "一"), g.client.add_corp_tags([NewTag("一")], group_name="组"))),
    (f"{C}/add_corp_tag", 40072, after({"tag_name_most": 1}, lambda g: tags(g, "一二"))),
    (f"{C}/add_corp_tag", 40126, after({"tags_most": 0}, lambda g: tags(g, "一"))),
    (f"{C}/add_corp_tag", 41110, lambda g: g.client.add_corp_tags([NewTag("一")], group_id="etnone")),
    (f"{C}/edit_corp_tag", 40068, lambda g: g.client.edit_corp_tag("etnone", name="一")),
    (f"{C}/edit_corp_tag", 40071, lambda g: renamed_corp_tag(g, "二")),
    (f"{C}/edit_corp_tag", 40072, lambda g: renamed_corp_tag(g, "一二", tag_name_most=1)),
    (f"{C}/del_corp_tag", 40068, lambda g: g.client.del_corp_tags(tag_ids=["etnone"])),
    (f"{C}/add_strategy_tag", 40071, again),
    (f"{C}/add_strategy_tag", 40072, lambda g: strategy_tags(g, strategy(g), "一二", tag_name_most=1)),
    (f"{C}/add_strategy_tag", 40126, lambda g: strategy_tags(g, strategy(g), "一", tags_most=0)),
    (f"{C}/add_strategy_tag", 41110, lambda g: g.client.add_strategy_tags(strategy(g), [NewTag("一")], group_id="st")),
    (f"{C}/edit_strategy_tag", 40068, lambda g: g.client.edit_strategy_tag("etnone", name="一")),
    (f"{C}/edit_strategy_tag", 40071, lambda g: renamed(g, "二")),
    (f"{C}/edit_strategy_tag", 40072, lambda g: renamed(g, "一二", tag_name_most=1)),
    (f"{C}/del_strategy_tag", 40068, lambda g: g.client.del_strategy_tags(tag_ids=["etnone"])),
    (f"{C}/mark_tag", 40068, lambda g: g.client.mark_tag("zhangsan", g.customer(), add=["etnone"])),
    (f"{C}/mark_tag", 40144, after({"relation_tags_most": 1}, lambda g: g.client.mark_tag("zhangsan", g.customer(), add=tags(g, "一", "二")))),
    (f"{C}/mark_tag", 84061, lambda g: g.client.mark_tag("lisi", g.customer(), add=tags(g, "一"))),
]  # fmt: skip
SENDING: list[Case] = [
    (f"{C}/add_msg_template", 41048, lambda g: g.client.add_mass_message(MassMessageSpec(chat_type=ChatType.SINGLE, text="在", sender="zhangsan"))),
    (f"{C}/get_groupmsg_task", 41046, lambda g: list(g.client.mass_tasks(""))),
    (f"{C}/get_groupmsg_task", 41047, lambda g: list(g.client.mass_tasks("msgnone"))),
    (f"{C}/get_groupmsg_task", 41063, still_dispatching),
    (f"{C}/remind_groupmsg_send", 41094, reminded),
    (f"{C}/remind_groupmsg_send", 41093, lambda g: g.client.remind_mass(cancelled(g))),
    (f"{C}/cancel_groupmsg_send", 41093, lambda g: g.client.cancel_mass(cancelled(g))),
    (f"{C}/send_welcome_msg", 41049, lambda g: g.ask(f"{C}/send_welcome_msg", {"text": {"content": "您好"}})),
    (f"{C}/send_welcome_msg", 41050, lambda g: g.client.send_welcome("nothing", "您好")),
    (f"{C}/send_welcome_msg", 41051, greeted_twice),
    (f"{C}/send_welcome_msg", 41053, not_agreed),
    (f"{C}/send_welcome_msg", 41096, lambda g: greeted_twice(g, RIVAL_SECRET)),
    (f"{C}/groupchat/list", 81017, lambda g: (g.tune(groups_without_filter=2), list(g.client.group_chats()))),
    (f"{C}/groupchat/get_join_way", 41043, lambda g: g.client.get_join_way("")),
    (f"{C}/groupchat/get_join_way", 41044, lambda g: g.client.get_join_way("nothing")),
    ("media/upload_attachment", 41072, lambda g: g.client._upload("media/upload_attachment", {"media_type": "file", "attachment_type": 2}, Upload(name="f.bin", data=png()), lane=None)),
    ("auth/getuserinfo", 40029, lambda g: g.client.user_of_code("nothing")),
    ("auth/getuserinfo", 42003, late_code),
    ("auth/getuserinfo", 42022, used_code),
    ("auth/getuserinfo", 50001, foreign_redirect),
    ("msgaudit/check_single_agree", 301060, too_many_consents),
]  # fmt: skip


@pytest.mark.parametrize(("path", "code", "call"), [*TOKENS, *PEOPLE, *WAYS, *TAGS, *SENDING])
def test_the_client_is_told_why(ground: Ground, path: str, code: int, call: Callable[[Ground], object]) -> None:
    with pytest.raises(ApiError) as told:
        call(ground)
    assert (told.value.endpoint, told.value.code) == (path, code)


def test_two_writes_of_one_relation_clash(ground: Ground) -> None:
    with pytest.raises(ApiError) as told:
        clash(ground)
    assert (told.value.endpoint, told.value.code) == (f"{C}/mark_tag", 45035)


def test_a_secret_of_another_corp_is_told_from_a_wrong_one(stage: Stage) -> None:
    app = {"agentid": 1, "name": "Other", "secret": "secret-elsewhere"}
    stage.control("seed", {"corp_id": "wwother", "apps": [app]})
    for secret, code in (("secret-elsewhere", 40091), ("secret-nowhere", 40001)):
        with refused(code):
            fetch_token(stage.hosted.url, CORP, secret, stage.http)


def test_an_address_of_many_wrong_secrets_is_shut_out(stage: Stage) -> None:
    stage.control("tunables", {"wrong_secrets_per_hour": 1})
    for secret, code in (("wrong", 40001), ("wrong", 45009), (SECRET, 45009)):
        with refused(code):
            fetch_token(stage.hosted.url, CORP, secret, stage.http)


@pytest.mark.parametrize("code", [-1, 45009, 45033])
def test_what_asks_for_patience_is_told_where_no_try_is_left(ground: Ground, code: int) -> None:
    ground.client.follow_users()
    rule = {"fault": str(code), "odds": 1, "paths": [f"{C}/get_follow_user_list"]}
    ground.stage.control("faults", {"rules": [rule]})
    with refused(code):
        ground.client.follow_users()


@pytest.mark.parametrize("code", [40014, 42001])
def test_a_token_that_ended_is_renewed_and_the_call_made(ground: Ground, code: int) -> None:
    ground.client.follow_users()
    rule = {"fault": str(code), "odds": 1, "paths": [f"{C}/get_follow_user_list"], "counts": [1, 1]}
    ground.stage.control("faults", {"rules": [rule]})
    assert ground.client.follow_users() == ("zhangsan", "lisi", "wangwu")
    assert ground.stage.control("counters")["errors"][str(code)] > 0
