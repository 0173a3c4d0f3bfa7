import pytest

from linli.wecom import attachments as a
from linli.wecom import errors
from linli.wecom.fields import Fields
from linli.wecom.limits import message

ALL = (
    a.Image(media_id="M", pic_url="http://p"),
    a.Image(pic_url="http://p"),
    a.Link(title="标", url="https://u", picurl="https://p", desc="d"),
    a.Link(title="标", url="https://u"),
    a.MiniProgram(title="标", pic_media_id="M", appid="wx1", page="/p.html"),
    a.Video(media_id="V"),
    a.File(media_id="F"),
)


@pytest.mark.parametrize("item", ALL)
def test_to_the_wire_and_back(item):
    wire = a.to_wire(item)
    assert list(wire) == ["msgtype", wire["msgtype"]]
    assert a.from_wire(Fields(wire, "x")) == item


def test_empty_options_are_left_out():
    assert a.to_wire(ALL[3]) == {"msgtype": "link", "link": {"title": "标", "url": "https://u"}}


LINK = {"title": "t", "url": "u"}
MINI = {"title": "t", "pic_media_id": "m", "appid": "x", "page": "p"}


@pytest.mark.parametrize(
    ("make", "field", "limit"),
    [
        (lambda text: a.Link(**{**LINK, "title": text}), "link.title", 128),
        (lambda text: a.Link(**LINK, desc=text), "link.desc", 512),
        (lambda text: a.Link(**{**LINK, "url": text}), "link.url", 2048),
        (lambda text: a.Link(**LINK, picurl=text), "link.picurl", 2048),
        (lambda text: a.MiniProgram(**{**MINI, "title": text}), "miniprogram.title", 64),
    ],
)
def test_byte_limits_hold_at_the_edge_and_count_chinese_as_three(make, field, limit):
    wide = "群" * (limit // 3) + "x" * (limit % 3)
    assert a.to_wire(make(wide))
    with pytest.raises(errors.MessageTooLong) as caught:
        a.to_wire(make(wide + "x"))
    assert (caught.value.field, caught.value.limit, caught.value.actual) == (field, limit, limit + 1)
    assert "字节" in caught.value.zh
    assert "bytes" in caught.value.en


@pytest.mark.parametrize(
    "item",
    [
        a.Image(), a.Video(media_id=""), a.File(media_id=""), a.Link(title="", url="u"), a.Link(title="t", url=""),
        *(a.MiniProgram(**{**MINI, name: ""}) for name in MINI),
    ],
)  # fmt: skip
def test_needed_parts(item):
    with pytest.raises(errors.MissingArgument) as caught:
        a.to_wire(item)
    assert caught.value.zh.startswith("缺少")


def test_message_limits():
    message("群" * 1333 + "x", [])
    message("", ["one"])
    with pytest.raises(errors.MessageTooLong):
        message("群" * 1334, [])
    with pytest.raises(errors.EmptyMessage):
        message("", [])
    message("", range(9))
    with pytest.raises(errors.TooMany):
        message("", range(10))


def test_an_unknown_attachment_is_not_swallowed():
    with pytest.raises(errors.BadAnswer):
        a.from_wire(Fields({"msgtype": "hologram", "hologram": {}}, "x"))
