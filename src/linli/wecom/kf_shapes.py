"""What is said at a customer-service account (微信客服, wire.md H): what may be sent, and what comes back from kf/sync_msg."""

from dataclasses import dataclass
from typing import assert_never

from linli.wecom.bodies import Wire, given
from linli.wecom.errors import MessageError
from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, need, within_bytes

_TEXT = 2048
_MENU = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class KfText:
    """A text of up to 2048 bytes; `menu_id` tells which menu item the customer pressed."""

    content: str
    menu_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KfMedia:
    """An image, voice, video or file, as `kind` says."""

    kind: str
    media_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KfLink:
    """A web page; to send it takes a `thumb_media_id`, a customer's comes with `picture_url`."""

    title: str
    url: str
    description: str = ""
    thumb_media_id: str = ""
    picture_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KfMiniProgram:
    """A page of a mini-program."""

    appid: str
    page: str
    thumb_media_id: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KfLocation:
    """A place."""

    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KfMenuItem:
    """One line: `id` makes it something to press, `url` a link, neither plain text."""

    text: str
    id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KfMenu:
    """Words, lines of which up to 10 can be pressed, and words."""

    items: tuple[KfMenuItem, ...]
    head: str = ""
    tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KfAcquisitionLink:
    """An acquisition link."""

    url: str


KfMessage = KfText | KfMedia | KfLink | KfMiniProgram | KfLocation | KfMenu | KfAcquisitionLink


@dataclass(frozen=True, slots=True, kw_only=True)
class KfEntered:
    """A customer opened the account; `welcome_code` allows one answer by `send_kf_on_event`, within 20 seconds."""

    scene: str
    scene_param: str
    welcome_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KfSendFailed:
    """A message sent by the API did not arrive."""

    msgid: str
    fail_type: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KfSessionChanged:
    """A servicer took (1), handed on (2), ended (3) or took up again (4) a session; `msg_code` allows one answer."""

    change_type: int
    old_servicer: str
    new_servicer: str
    msg_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KfOther:
    """Something of a kind that this release does not read: `kind` is msgtype, or event_type after "event."."""

    kind: str


KfContent = KfMessage | KfEntered | KfSendFailed | KfSessionChanged | KfOther


@dataclass(frozen=True, slots=True, kw_only=True)
class KfReceived:
    """One row of kf/sync_msg: `origin` 3 customer, 4 system, 5 servicer (then `servicer` is their userid)."""

    msgid: str
    open_kfid: str
    external_userid: str
    sent_at: int
    origin: int
    servicer: str
    content: KfContent


def kf_wire(message: KfMessage) -> Wire:
    """Return `msgtype` and its body; raises MessageError where WeCom would refuse it."""
    match message:
        case KfText():
            need("text.content", message.content)
            within_bytes("text.content", message.content, _TEXT)
            return {"msgtype": "text", "text": {"content": message.content, **given(menu_id=message.menu_id)}}
        case KfMedia():
            if message.kind not in {"image", "voice", "video", "file"}:
                raise MessageError("msgtype", f"不能发送 {message.kind}", f"{message.kind} cannot be sent")
            need(f"{message.kind}.media_id", message.media_id)
            return {"msgtype": message.kind, message.kind: {"media_id": message.media_id}}
        case KfLink():
            need("link.title", message.title)
            need("link.url", message.url)
            need("link.thumb_media_id", message.thumb_media_id)
            body = given(desc=message.description, thumb_media_id=message.thumb_media_id)
            return {"msgtype": "link", "link": {"title": message.title, "url": message.url, **body}}
        case KfMiniProgram():
            body = given(
                appid=message.appid, title=message.title, thumb_media_id=message.thumb_media_id, pagepath=message.page
            )
            for name in ("appid", "thumb_media_id", "pagepath"):
                need(f"miniprogram.{name}", body.get(name))
            return {"msgtype": "miniprogram", "miniprogram": body}
        case KfLocation():
            place = {"latitude": message.latitude, "longitude": message.longitude}
            return {"msgtype": "location", "location": {**place, **given(name=message.name, address=message.address)}}
        case KfMenu():
            return {"msgtype": "msgmenu", "msgmenu": _menu(message)}
        case KfAcquisitionLink():
            need("ca_link.link_url", message.url)
            return {"msgtype": "ca_link", "ca_link": {"link_url": message.url}}
        case _:
            assert_never(message)


def _menu(menu: KfMenu) -> Wire:
    at_most("msgmenu.list", [item for item in menu.items if item.id], _MENU)
    need("msgmenu", menu.items or menu.head or menu.tail)
    rows: list[Wire] = []
    for item in menu.items:
        need("msgmenu.list.text", item.text)
        if item.id:
            rows.append({"type": "click", "click": {"id": item.id, "content": item.text}})
        elif item.url:
            rows.append({"type": "view", "view": {"url": item.url, "content": item.text}})
        else:
            rows.append({"type": "text", "text": {"content": item.text}})
    return given(head_content=menu.head, list=rows, tail_content=menu.tail)


def received(x: Fields) -> KfReceived:
    """Read one row; an event names account and customer inside itself."""
    kind, event = x.must("msgtype"), x.maybe_child("event")
    about = event or x
    return KfReceived(
        msgid=x.text("msgid"),
        open_kfid=x.text("open_kfid") or about.text("open_kfid"),
        external_userid=x.text("external_userid") or about.text("external_userid"),
        sent_at=x.number("send_time"),
        origin=x.number("origin"),
        servicer=x.text("servicer_userid"),
        content=_event(event) if kind == "event" and event else _content(kind, x.maybe_child(kind)),
    )


def _event(x: Fields) -> KfContent:
    match x.must("event_type"):
        case "enter_session":
            words = {name: x.text(name) for name in ("scene", "scene_param", "welcome_code")}
            return KfEntered(**words)
        case "msg_send_fail":
            return KfSendFailed(msgid=x.must("fail_msgid"), fail_type=x.number("fail_type"))
        case "session_status_change":
            return KfSessionChanged(
                change_type=x.number("change_type"),
                old_servicer=x.text("old_servicer_userid"),
                new_servicer=x.text("new_servicer_userid"),
                msg_code=x.text("msg_code"),
            )
        case other:
            return KfOther(kind=f"event.{other}")


def _content(kind: str, x: Fields | None) -> KfContent:
    if kind == "text":
        # The wire's own sample has a text without its body.
        return KfText(content=x.text("content") if x else "", menu_id=x.text("menu_id") if x else "")
    if x is None:
        return KfOther(kind=kind)
    match kind:
        case "image" | "voice" | "video" | "file":
            return KfMedia(kind=kind, media_id=x.must("media_id"))
        case "link":
            return KfLink(
                title=x.text("title"), url=x.text("url"), description=x.text("desc"), picture_url=x.text("pic_url")
            )
        case "miniprogram":
            return KfMiniProgram(
                appid=x.text("appid"),
                page=x.text("pagepath"),
                thumb_media_id=x.text("thumb_media_id"),
                title=x.text("title"),
            )
        case "location":
            return KfLocation(
                latitude=x.maybe_fraction("latitude") or 0.0,
                longitude=x.maybe_fraction("longitude") or 0.0,
                name=x.text("name"),
                address=x.text("address"),
            )
        case _:
            return KfOther(kind=kind)
