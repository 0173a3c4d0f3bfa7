"""What a send says: one text with places for the shop's and the clerk's name, and attachments; its strict JSON."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from linli.messaging.errors import BadContent
from linli.wecom import attachments as wire
from linli.wecom.errors import MessageError
from linli.wecom.limits import ATTACHMENTS, TEXT_BYTES, message

SHOP = "{shop}"
STAFF = "{staff}"
_PLACE = re.compile(r"\{[^{}\n]{0,30}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A web page."""

    kind: ClassVar[str] = "link"
    title: str
    url: str
    desc: str = ""
    picurl: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture by WeCom's media id, or by the URL that media/uploadimg gave."""

    kind: ClassVar[str] = "image"
    media_id: str = ""
    pic_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniProgram:
    """A page of a mini-program."""

    kind: ClassVar[str] = "miniprogram"
    title: str
    pic_media_id: str
    appid: str
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCode:
    """A link to a group code: of the community with this id, or ("") of each receiver's own shop.

    Who has no shop with a group code is left out, with that reason.
    """

    kind: ClassVar[str] = "group_code"
    title: str
    desc: str = ""
    community: str = ""


Attachment = Link | Image | MiniProgram | GroupCode
KINDS: Mapping[str, type[Attachment]] = {one.kind: one for one in (Link, Image, MiniProgram, GroupCode)}


@dataclass(frozen=True, slots=True)
class Content:
    """Text and attachments, before names are put in."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    @property
    def by_shop(self) -> bool:
        """Does it differ from shop to shop?"""
        return SHOP in self.text or self.needs_shop_code

    @property
    def by_staff(self) -> bool:
        """Does it differ from clerk to clerk?"""
        return STAFF in self.text

    @property
    def needs_shop_code(self) -> bool:
        """Does it lead to the shop's own group?"""
        return any(isinstance(one, GroupCode) and not one.community for one in self.attachments)

    @property
    def communities(self) -> tuple[int, ...]:
        """The communities whose groups it leads to."""
        codes = [one for one in self.attachments if isinstance(one, GroupCode)]
        return tuple(int(one.community) for one in codes if one.community.isdigit())


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one task really says."""

    text: str
    attachments: tuple[wire.Attachment, ...]

    @property
    def size(self) -> int:
        """Bytes of the text, of 4,000 allowed."""
        return len(self.text.encode())


def to_json(content: Content) -> dict[str, Any]:
    """The JSON that `parse` reads back to the same value."""
    return {
        "text": content.text,
        "attachments": [{"kind": one.kind, **asdict(one)} for one in content.attachments],
    }


def parse(data: object) -> Content:
    """Read content; BadContent says what is wrong. Whether it may be sent is asked by `check`."""
    if not isinstance(data, Mapping) or set(data) - {"text", "attachments"}:
        raise BadContent(_("A message is a text and its attachments."))
    text, attachments = data.get("text", ""), data.get("attachments", [])
    if not isinstance(text, str) or not isinstance(attachments, list):
        raise BadContent(_("A message is a text and its attachments."))
    return Content(text.replace("\r\n", "\n"), tuple(_attachment(one) for one in attachments))


def check(content: Content) -> None:
    """Refuse what WeCom would refuse, and places that nothing can fill."""
    for place in _PLACE.findall(content.text):
        if place not in {SHOP, STAFF}:
            text = _(
                "“%(place)s” cannot be filled in: everyone in a task gets the same text. Only {shop} and {staff} can."
            )
            raise BadContent(text % {"place": place})
    verify(render(content, shop="", staff="", codes=None))


def verify(rendered: Rendered) -> None:
    """Check one rendered message against WeCom's limits."""
    try:
        message(rendered.text, rendered.attachments)
        for one in rendered.attachments:
            wire.to_wire(one)
    except MessageError as error:
        raise BadContent(_said(error)) from error


def render(content: Content, *, shop: str, staff: str, codes: Mapping[str, str] | None) -> Rendered:
    """Put the names in, and the codes' URLs ("" is the shop's own, else a community's id; None stands for any)."""
    text = content.text.replace(SHOP, shop).replace(STAFF, staff)
    return Rendered(text, tuple(_wire(one, codes) for one in content.attachments))


def to_wire_json(attachments: tuple[wire.Attachment, ...]) -> list[dict[str, Any]]:
    """Attachments as they are kept with a task: kind beside values."""
    return [{"kind": type(one).__name__, **asdict(one)} for one in attachments]


def from_wire_json(rows: list[dict[str, Any]]) -> tuple[wire.Attachment, ...]:
    """The attachments that a task was made with."""
    kinds: dict[str, type[wire.Attachment]] = {
        one.__name__: one for one in (wire.Link, wire.Image, wire.MiniProgram, wire.Video, wire.File)
    }
    return tuple(kinds[row["kind"]](**{key: row[key] for key in row if key != "kind"}) for row in rows)


def _attachment(data: object) -> Attachment:
    kind = KINDS.get(str(data.get("kind"))) if isinstance(data, Mapping) else None
    if kind is None or not isinstance(data, Mapping):
        raise BadContent(
            _("This kind of attachment is not known. Use a link, a picture, a mini-program or the group code.")
        )
    names = {one.name for one in fields(kind)}
    values = {key: value for key, value in data.items() if key != "kind"}
    if set(values) - names or not all(isinstance(value, str) for value in values.values()):
        raise BadContent(_("The attachment has values that do not belong to it."))
    if not str(values.get("community", "")).isdigit() and values.get("community"):
        raise BadContent(_("The attachment has values that do not belong to it."))
    try:
        return kind(**values)
    except TypeError:
        raise BadContent(_("The attachment is not complete: fill in all its fields.")) from None


def _wire(one: Attachment, codes: Mapping[str, str] | None) -> wire.Attachment:
    match one:
        case Link():
            return wire.Link(title=one.title, url=one.url, desc=one.desc, picurl=one.picurl)
        case Image():
            return wire.Image(media_id=one.media_id, pic_url=one.pic_url)
        case MiniProgram():
            return wire.MiniProgram(title=one.title, pic_media_id=one.pic_media_id, appid=one.appid, page=one.page)
        case GroupCode():
            url = "https://example.com/" if codes is None else codes.get(one.community, "")
            return wire.Link(title=one.title, url=url, desc=one.desc)


def _said(error: MessageError) -> object:
    if error.field == "text.content":
        return _("The text is too long: WeCom takes %(limit)d bytes. Shorten it.") % {"limit": TEXT_BYTES}
    if error.field == "text":
        return _("Write a text or add an attachment.")
    if error.field == "attachments":
        return _("WeCom takes %(limit)d attachments at most. Remove some.") % {"limit": ATTACHMENTS}
    return _("An attachment is not complete or too long (%(field)s). Correct it.") % {"field": error.field}
