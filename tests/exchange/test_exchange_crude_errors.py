"""Errcodes of the list of all (wire.md A.3) that no method of the client can bring about: it asks crudely, by its own transport."""

from collections.abc import Callable

import pytest

from linli.wecom.errors import ApiError
from linli.wecom.exchange import Accepted, Effect, Refused, Request, exchange
from linli.wecom.files import Upload
from tests.exchange.ground import AGENT, Ground, ground, house
from tests.exchange.samples import mp4, png

__all__ = ["ground", "house"]

C = "externalcontact"
Case = tuple[str, int, Callable[[Ground], object]]


def upload(g: Ground, data: bytes, path: str = "media/upload", **params: str | int) -> object:
    return g.client._upload(path, params, Upload(name="f.bin", data=data), lane=None)


def tuned_upload(g: Ground, data: bytes, kind: str, **settings: object) -> object:
    g.tune(**settings)
    return upload(g, data, type=kind)


def attached(g: Ground, data: bytes, kind: str, **settings: object) -> object:
    g.tune(**settings)
    return upload(g, data, "media/upload_attachment", media_type=kind, attachment_type=1)


def stopped(g: Ground) -> object:
    g.client.follow_users()
    g.stage.act("admin_sets_app", agentid=AGENT, stopped=True)
    return g.client.follow_users()


def old_form(g: Ground) -> object:
    g.tune(old_forms=False)
    return g.client._get("user/getuserinfo", {"code": "x"}, lane=None)


def intercept(g: Ground, **more: object) -> object:
    usual = {"rule_name": "规", "word_list": ["词"], "intercept_type": 1, "applicable_range": {"user_list": ["lisi"]}}
    return g.ask(f"{C}/add_intercept_rule", {**usual, **more})


def kf(g: Ground) -> str:
    picture = g.stage.http.post(
        "/cgi-bin/media/upload",
        params={"access_token": g.stage.token(), "type": "image"},
        files={"media": ("p.png", png())},
    ).json()
    return g.stage.post("kf/account/add", {"name": "客服", "media_id": picture["media_id"]})["open_kfid"]


def menu(g: Ground, *items: dict[str, object]) -> object:
    account = kf(g)
    person = {"unionid": "kf", "name": "客"}
    external = g.stage.act("kf_enter", open_kfid=account, person=person)["external_userid"]
    g.stage.act("kf_write", open_kfid=account, external_userid=external, text="在吗")
    body = {"head_content": "选", "list": list(items)}
    return g.ask("kf/send_msg", {"touser": external, "open_kfid": account, "msgtype": "msgmenu", "msgmenu": body})


CLICK = {"type": "click", "click": {"id": "1", "content": "一"}}

CASES: list[Case] = [
    ("media/upload", 40004, lambda g: upload(g, b"not a picture", type="image")),
    ("media/upload", 40005, lambda g: upload(g, png(), type="poster")),
    ("media/upload", 40006, lambda g: upload(g, b"12345", type="file")),
    ("media/upload", 40009, lambda g: tuned_upload(g, png(), "image", image_most_bytes=10)),
    ("media/upload", 40011, lambda g: tuned_upload(g, mp4(), "video", video_most_bytes=10)),
    ("media/upload", 44001, lambda g: upload(g, b"", type="file")),
    ("media/upload_attachment", 41072, lambda g: upload(g, png(), "media/upload_attachment", media_type="file", attachment_type=2)),
    ("media/upload_attachment", 41080, lambda g: attached(g, png(), "image", image_most_bytes=10)),
    ("media/upload_attachment", 41081, lambda g: attached(g, png(9, 9), "image", moment_short_side=5)),
    ("media/upload_attachment", 41082, lambda g: attached(g, mp4(9), "video", moment_video_most_s=5)),
    ("message/send", 40008, lambda g: g.ask("message/send", {"touser": "lisi", "agentid": AGENT, "msgtype": "song", "song": {}})),
    ("message/send", 44004, lambda g: g.ask("message/send", {"touser": "lisi", "agentid": AGENT, "msgtype": "text", "text": {}})),
    ("message/send", 82001, lambda g: g.ask("message/send", {"agentid": AGENT, "msgtype": "text", "text": {"content": "早"}})),
    (f"{C}/add_msg_template", 40063, lambda g: g.client._get(f"{C}/add_msg_template", lane=None)),
    (f"{C}/get_follow_user_list", 40058, lambda g: g.ask(f"{C}/get_follow_user_list", {})),
    (f"{C}/get_follow_user_list", 50003, stopped),
    ("user/getuserinfo", 48005, old_form),
    (f"{C}/get_moment_task", 41059, lambda g: g.ask(f"{C}/get_moment_task", {})),
    (f"{C}/add_moment_task", 41089, lambda g: g.ask(f"{C}/add_moment_task", {})),
    (f"{C}/add_moment_task", 41090, lambda g: g.ask(f"{C}/add_moment_task", {"attachments": [{"msgtype": "video", "video": {}}]})),
    (f"{C}/add_intercept_rule", 41084, lambda g: intercept(g, semantics_list=[9])),
    (f"{C}/add_product_album", 41088, lambda g: g.ask(f"{C}/add_product_album", {"description": "杯", "price": 1})),
    ("appchat/create", 86216, lambda g: g.ask("appchat/create", {"userlist": ["lisi", "zhangsan"], "chatid": "a-b"})),
    ("kf/account/del", 95000, lambda g: g.ask("kf/account/del", {})),
    ("kf/send_msg", 95008, lambda g: menu(g, *[CLICK] * 11)),
    ("kf/send_msg", 95009, lambda g: menu(g, {"type": "song", "song": {}})),
]  # fmt: skip


@pytest.mark.parametrize(("path", "code", "call"), CASES)
def test_the_client_is_told_why(ground: Ground, path: str, code: int, call: Callable[[Ground], object]) -> None:
    with pytest.raises(ApiError) as told:
        call(ground)
    assert (told.value.endpoint, told.value.code) == (path, code)


def test_a_call_without_a_token_is_told_so(ground: Ground) -> None:
    asked = Request(api=f"{C}/get_follow_user_list", effect=Effect.READS)
    said = exchange(ground.stage.http, ground.stage.hosted.url, asked, {"access_token": ""})
    assert isinstance(said, Refused)
    assert said.code == 41001
    said = exchange(ground.stage.http, ground.stage.hosted.url, asked, {"access_token": ground.stage.token()})
    assert isinstance(said, Accepted)


def test_a_group_of_who_left_is_full(ground: Ground) -> None:
    ground.tune(room_member_limit=2)
    chat = ground.stage.act("create_group", owner="zhangsan", name="群", members=[], staff=["lisi"])["chat_id"]
    ground.stage.act("staff_leaves", userid="zhangsan")
    ground.tune(room_member_limit=1)
    (failed,) = ground.client.transfer_groups([chat], "wangwu")
    assert failed.errcode == 90503
