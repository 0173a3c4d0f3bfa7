"""The attachments that welcomes, mass messages and their answers share (wire.md C.7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from linli.wecom.errors import BadAnswer
from linli.wecom.fields import Fields
from linli.wecom.limits import need, within_bytes

_LINK_TITLE = 128
_LINK_DESCRIPTION = 512
_LINK_URL = 2048
_MINI_TITLE = 64

Wire = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture: `pic_url` comes from media/uploadimg only; WeCom prefers `media_id` where both are set."""

    media_id: str = ""
    pic_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A web page: title up to 128 bytes, description 512, both URLs 2048."""

    title: str
    url: str
    picurl: str = ""
    desc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniProgram:
    """A page of a mini-program that is linked to the corp: title up to 64 bytes."""

    title: str
    pic_media_id: str
    appid: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """An uploaded video."""

    media_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An uploaded file."""

    media_id: str


Attachment = Image | Link | MiniProgram | Video | File


def to_wire(attachment: Attachment) -> Wire:
    """Return the `{"msgtype": t, t: {…}}` object; raises MessageTooLong or MissingArgument."""
    match attachment:
        case Image():
            return {"msgtype": "image", "image": image_body(attachment)}
        case Link():
            return {"msgtype": "link", "link": link_body(attachment)}
        case MiniProgram():
            return {"msgtype": "miniprogram", "miniprogram": mini_program_body(attachment)}
        case Video():
            need("video.media_id", attachment.media_id)
            return {"msgtype": "video", "video": {"media_id": attachment.media_id}}
        case File():
            need("file.media_id", attachment.media_id)
            return {"msgtype": "file", "file": {"media_id": attachment.media_id}}
        case _:
            assert_never(attachment)


def from_wire(fields: Fields) -> Attachment:
    """Read an attachment; raises BadAnswer for a message type that is not one of the five."""
    kind = fields.text("msgtype")
    if kind == "image":
        return read_image(fields.child(kind))
    if kind == "link":
        return read_link(fields.child(kind))
    if kind == "miniprogram":
        return read_mini_program(fields.child(kind))
    if kind == "video":
        return Video(media_id=fields.child(kind).text("media_id"))
    if kind == "file":
        return File(media_id=fields.child(kind).text("media_id"))
    raise BadAnswer("attachments", f"unknown msgtype {kind}")


def message_body(text: str, attachments: Sequence[Attachment]) -> Wire:
    """Return the text and attachments keys of a message, leaving out what is empty."""
    body: Wire = {}
    if text:
        body["text"] = {"content": text}
    if attachments:
        body["attachments"] = [to_wire(item) for item in attachments]
    return body


def image_body(image: Image) -> Wire:
    """Return the inside of an image object."""
    need("image.media_id", image.media_id or image.pic_url)
    return _filled({"media_id": image.media_id, "pic_url": image.pic_url})


def link_body(link: Link) -> Wire:
    """Return the inside of a link object."""
    need("link.title", link.title)
    need("link.url", link.url)
    within_bytes("link.title", link.title, _LINK_TITLE)
    within_bytes("link.desc", link.desc, _LINK_DESCRIPTION)
    within_bytes("link.url", link.url, _LINK_URL)
    within_bytes("link.picurl", link.picurl, _LINK_URL)
    filled = _filled({"picurl": link.picurl, "desc": link.desc})
    return {"title": link.title, **filled, "url": link.url}


def mini_program_body(program: MiniProgram) -> Wire:
    """Return the inside of a mini-program object."""
    need("miniprogram.title", program.title)
    need("miniprogram.pic_media_id", program.pic_media_id)
    need("miniprogram.appid", program.appid)
    need("miniprogram.page", program.page)
    within_bytes("miniprogram.title", program.title, _MINI_TITLE)
    return {
        "title": program.title,
        "pic_media_id": program.pic_media_id,
        "appid": program.appid,
        "page": program.page,
    }


def read_image(fields: Fields) -> Image:
    """Read the inside of an image object."""
    return Image(media_id=fields.text("media_id"), pic_url=fields.text("pic_url"))


def read_link(fields: Fields) -> Link:
    """Read the inside of a link object."""
    return Link(
        title=fields.text("title"),
        url=fields.text("url"),
        picurl=fields.text("picurl"),
        desc=fields.text("desc"),
    )


def read_mini_program(fields: Fields) -> MiniProgram:
    """Read the inside of a mini-program object."""
    return MiniProgram(
        title=fields.text("title"),
        pic_media_id=fields.text("pic_media_id"),
        appid=fields.text("appid"),
        page=fields.text("page"),
    )


def _filled(values: Mapping[str, str]) -> Wire:
    return {name: value for name, value in values.items() if value}
