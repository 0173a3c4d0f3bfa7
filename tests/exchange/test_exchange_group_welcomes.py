"""Templates of what a group says to newcomers (wire.md C.8)."""

from dataclasses import replace

import pytest

from linli.wecom import attachments as a
from linli.wecom.errors import EmptyMessage, MessageTooLong, MissingArgument
from linli.wecom.group_welcome_calls import GroupWelcome
from linli.wecom.media_calls import MediaKind, Use
from tests.exchange.asking import refused
from tests.exchange.conftest import client_of
from tests.exchange.samples import file, mp4, png
from tests.sandbox.stage import AGENT, RIVAL, SECRET, SEED, Stage
from wecom_sandbox.server import Options

TEXT = GroupWelcome(text="欢迎 %NICKNAME%，%nickname%")
LINK = a.Link(title="商城", url="https://shop.example", desc="满减", picurl="https://shop.example/x.png")


def test_a_template_is_made_read_replaced_and_deleted(client):
    template = client.add_group_welcome(replace(TEXT, link=LINK), agentid=AGENT)
    assert client.group_welcome(template) == replace(TEXT, link=LINK)
    client.edit_group_welcome(template, GroupWelcome(text="早"), agentid=AGENT)
    assert client.group_welcome(template) == GroupWelcome(text="早")
    client.del_group_welcome(template, agentid=AGENT)
    for gone in (
        lambda: client.group_welcome(template),
        lambda: client.edit_group_welcome(template, TEXT),
        lambda: client.del_group_welcome(template),
    ):
        with refused(40058):
            gone()


def test_every_part_is_kept_and_the_first_wins(client):
    image, video, other = (
        client.upload_media(kind, file(data)).media_id
        for kind, data in ((MediaKind.IMAGE, png()), (MediaKind.VIDEO, mp4()), (MediaKind.FILE, b"123456"))
    )
    mini = a.MiniProgram(title="t", pic_media_id=image, appid="wx", page="p")
    parts = {
        "image": a.Image(media_id=image), "link": LINK, "mini_program": mini, "file": a.File(media_id=other),
        "video": a.Video(media_id=video),
    }  # fmt: skip
    while parts:
        first = next(iter(parts))
        got = client.group_welcome(client.add_group_welcome(GroupWelcome(**parts)))
        part = parts.pop(first)
        if first == "image":
            part = a.Image(pic_url=got.image.pic_url)
        assert got == GroupWelcome(**{first: part})


def test_a_picture_comes_back_as_its_address_for_good(client, stage):
    uploaded = client.upload_media(MediaKind.IMAGE, file(png())).media_id
    template = client.add_group_welcome(GroupWelcome(image=a.Image(media_id=uploaded)))
    stage.control("clock", {"advance": 9 * 86_400})
    url = client.group_welcome(template).image.pic_url
    assert stage.http.get(url).content == png()
    # What was read can be written again.
    client.edit_group_welcome(template, GroupWelcome(text="新", image=a.Image(pic_url=url)))
    assert client.group_welcome(template) == GroupWelcome(text="新", image=a.Image(pic_url=url))


def test_only_its_maker_changes_it(client, rival):
    template = client.add_group_welcome(TEXT)
    assert rival.group_welcome(template) == TEXT
    for change in (lambda: rival.edit_group_welcome(template, TEXT), lambda: rival.del_group_welcome(template)):
        with refused(41058):
            change()
    for call in (
        lambda: client.add_group_welcome(TEXT, agentid=RIVAL),
        lambda: client.edit_group_welcome(template, TEXT, agentid=RIVAL),
        lambda: client.del_group_welcome(template, agentid=RIVAL),
    ):
        with refused(40056):
            call()
    assert client.group_welcome(template) == TEXT


def room(stage, name="一群"):
    stage.way("shop")
    chat = stage.act("create_group", owner="zhangsan", name=name, members=[stage.befriend()])["chat_id"]
    stage.contact("groupchat/add_join_way", {"scene": 2, "chat_id_list": [chat], "state": "room"})
    return chat


def test_the_owner_picks_it_and_newcomers_hear_it(client, stage):
    chat = room(stage)
    template = client.add_group_welcome(replace(TEXT, link=LINK))
    (notice,) = stage.control("staff/zhangsan/messages")["messages"]
    assert (notice["msgtype"], notice["content"]) == ("group_welcome_template", {"template_id": template})
    client.add_group_welcome(TEXT, notify=False)
    assert len(stage.control("staff/zhangsan/messages")["messages"]) == 1

    def join(number):
        external = stage.act("join", state="room", person={"unionid": f"n{number}", "name": "小红"})["external_userid"]
        return stage.control(f"inbox/{external}")["messages"]

    assert join(1) == []
    stage.act("pick_group_welcome", chat_id=chat, template_id="msgx", status=404)
    stage.act("pick_group_welcome", chat_id=chat, template_id=template)
    (said,) = join(2)
    assert (said["kind"], said["userid"], said["chat_id"]) == ("group_welcome", "zhangsan", chat)
    assert said["text"] == {"content": "欢迎 小红，%nickname%"}
    assert said["attachments"][0]["link"]["title"] == "商城"
    client.del_group_welcome(template)
    assert join(3) == []


def test_limits_on_both_sides(client, stage):
    with pytest.raises(EmptyMessage):
        client.add_group_welcome(GroupWelcome())
    with pytest.raises(MessageTooLong):
        client.add_group_welcome(GroupWelcome(text="字" * 1001))
    with pytest.raises(MissingArgument):
        client.add_group_welcome(GroupWelcome(video=a.Video(media_id="")))
    for call in (client.group_welcome, client.del_group_welcome):
        with pytest.raises(MissingArgument):
            call("")
    moment = client.upload_attachment(MediaKind.IMAGE, Use.MOMENT, file(png())).media_id
    for body, code in [
        ({}, 44004), ({"text": {"content": "字" * 1001}}, 45002), ({"text": {"content": 1}}, 40058),
        ({"image": {"media_id": "MEDIA_ID"}}, 40007), ({"image": {"media_id": moment}}, 40007), ({"image": {"x": 1}}, 41065),
        ({"image": {"pic_url": "https://elsewhere.example/x"}}, 41065), ({"video": {"media_id": moment}}, 40007),
        ({"link": {"title": "题" * 43, "url": "u"}}, 45002), ({"link": 1}, 40058), ({"notify": 2}, 40058),
        ({"miniprogram": {"title": "t", "appid": "a", "page": "p", "pic_media_id": "m"}}, 40007),
    ]:  # fmt: skip
        stage.contact("group_welcome_template/add", body, code=code)
    stage.control("tunables", {"welcome_templates_most": 1})
    template = client.add_group_welcome(TEXT)
    with refused(41055):
        client.add_group_welcome(TEXT)
    stage.contact("group_welcome_template/edit", {"template_id": template}, code=44004)
    assert client.group_welcome(template) == TEXT
    stage.contact("group_welcome_template/get", {}, code=40058)


def test_templates_live_over_a_restart(tmp_path):
    options = Options(state_file=tmp_path / "world.json")
    stage = Stage(options)
    stage.control("seed", SEED)
    template = client_of(stage, SECRET).add_group_welcome(TEXT)
    stage.act("pick_group_welcome", chat_id=room(stage), template_id=template)
    stage.stop()
    stage = Stage(options)
    assert client_of(stage, SECRET).group_welcome(template) == TEXT
    external = stage.act("join", state="room", person={"unionid": "late", "name": "晚"})["external_userid"]
    assert len(stage.control(f"inbox/{external}")["messages"]) == 1
    stage.stop()
