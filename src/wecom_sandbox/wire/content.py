"""Text and attachments, shared by welcomes and mass messages (wire.md C.7)."""

from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json
from wecom_sandbox.wire.call import Call
from wecom_sandbox.wire.media_use import picture_key, usable

# The fields each kind must carry; an image has one of two.
_NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "image": (("media_id", "pic_url"),),
    "link": (("title",), ("url",)),
    "miniprogram": (("title",), ("pic_media_id",), ("appid",), ("page",)),
    "video": (("media_id",),),
    "file": (("media_id",),),
}
# Which field of a kind names a file, and what that file must be.
_MEDIA = {"miniprogram": ("pic_media_id", "image"), "video": ("media_id", "video"), "file": ("media_id", "file")}
_LONGEST_BYTES: dict[tuple[str, str], int] = {
    ("link", "title"): 128,
    ("link", "picurl"): 2048,
    ("link", "desc"): 512,
    ("link", "url"): 2048,
    ("miniprogram", "title"): 64,
}


def read_content(call: Call) -> tuple[Json, list[Json]]:
    """Read text and attachments; not both are empty."""
    text = call.nested("text")
    content = text.get("content", "")
    if not isinstance(content, str):
        raise WireError(40058, "text.content must be a string. Warning: wrong json format.")
    if len(content.encode()) > call.world.tunables.text_most_bytes:
        raise WireError(45002)
    attachments = call.args.get("attachments") or []
    if not isinstance(attachments, list):
        raise WireError(40058, "attachments must be an array. Warning: wrong json format.")
    if len(attachments) > call.world.tunables.attachments_most:
        raise WireError(41064)
    for attachment in attachments:
        _check(call, attachment)
    if not content and not attachments:
        raise WireError(44004)
    return ({"content": content} if content else {}), attachments


def check_part(kind: str, body: Json) -> Json:
    """Refuse a part that lacks a field, or holds one that is too long."""
    if any(not any(body.get(name) for name in choice) for choice in _NEEDED[kind]):
        raise WireError(41065)
    for name, value in body.items():
        longest = _LONGEST_BYTES.get((kind, name))
        if longest is not None and len(str(value).encode()) > longest:
            raise WireError(45002)
    return body


def _check(call: Call, attachment: object) -> None:
    if not isinstance(attachment, dict):
        raise WireError(41065)
    kind = attachment.get("msgtype")
    body = attachment.get(kind) if isinstance(kind, str) and kind in _NEEDED else None
    if not isinstance(kind, str) or not isinstance(body, dict):
        raise WireError(41065)
    check_part(kind, body)
    if kind in _MEDIA:
        usable(call, body[_MEDIA[kind][0]], _MEDIA[kind][1])
    elif kind == "image":
        # A media_id wins over a pic_url (wire.md C.7).
        if body.get("media_id"):
            usable(call, body["media_id"], "image")
        else:
            picture_key(call, body["pic_url"])
