"""What an app message may hold, kind by kind, with the longest sizes (wire.md D)."""

from collections.abc import Callable

from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json
from wecom_sandbox.wire import cards
from wecom_sandbox.wire.call import Call
from wecom_sandbox.wire.media_use import usable

TEXT_BYTES = 2048
MOST_ARTICLES, MOST_ITEMS = 8, 10
PAGE_BYTES = 666 * 1024
NOTICE_WORDS = range(4, 13)


def read(call: Call, kinds: frozenset[str]) -> tuple[str, Json]:
    """Read msgtype and its body; 40008 for a kind that does not go here."""
    msgtype = call.text("msgtype", missing=40008)
    check = _KINDS.get(msgtype)
    if check is None or msgtype not in kinds:
        raise WireError(40008)
    body = call.nested(msgtype)
    check(call, body)
    return msgtype, body


def _word(body: Json, name: str, *, missing: int = 40058, chars: int = 0, octets: int = 0, needed: bool = True) -> str:
    value = body.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value):
        raise WireError(missing)
    if (chars and len(value) > chars) or (octets and len(value.encode()) > octets):
        raise WireError(45002)
    return value


def _text(_call: Call, body: Json) -> None:
    _word(body, "content", missing=44004, octets=TEXT_BYTES)


def _media(kind: str) -> Callable[[Call, Json], None]:
    def check(call: Call, body: Json) -> None:
        usable(call, _word(body, "media_id", missing=40007), kind)

    return check


def _video(call: Call, body: Json) -> None:
    _media("video")(call, body)
    _word(body, "title", octets=128, needed=False)
    _word(body, "description", octets=512, needed=False)


def _textcard(_call: Call, body: Json) -> None:
    _word(body, "title", chars=128)
    _word(body, "description", chars=512)
    _word(body, "url", octets=2048)
    _word(body, "btntxt", chars=4, needed=False)


def _articles(body: Json) -> list[Json]:
    rows = body.get("articles")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise WireError(40058)
    if len(rows) > MOST_ARTICLES:
        raise WireError(40058, f"articles has more than {MOST_ARTICLES} items")
    for row in rows:
        _word(row, "title")
    return rows


def _news(_call: Call, body: Json) -> None:
    for row in _articles(body):
        if not row.get("url") and not (row.get("appid") and row.get("pagepath")):
            raise WireError(40058, "an article needs url, or appid and pagepath")


def _mpnews(call: Call, body: Json) -> None:
    for row in _articles(body):
        usable(call, _word(row, "thumb_media_id", missing=40007), "image")
        _word(row, "content", missing=44004, octets=PAGE_BYTES)


def _mini(_call: Call, body: Json) -> None:
    _word(body, "appid")
    words = [_word(body, "title")]
    words += [one for one in [_word(body, "description", needed=False)] if one]
    if any(len(one) not in NOTICE_WORDS for one in words):
        raise WireError(40058, "title and description have 4 to 12 characters")
    items = body.get("content_item") or []
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise WireError(40058, f"content_item has more than {MOST_ITEMS} items")


_KINDS: dict[str, Callable[[Call, Json], None]] = {
    "text": _text,
    "markdown": _text,
    "image": _media("image"),
    "voice": _media("voice"),
    "file": _media("file"),
    "video": _video,
    "textcard": _textcard,
    "news": _news,
    "mpnews": _mpnews,
    "miniprogram_notice": _mini,
    "template_card": lambda _call, body: cards.check(body),
}
TO_CHATS = frozenset("text markdown image voice file video textcard news mpnews".split())
TO_STAFF = TO_CHATS | {"miniprogram_notice", "template_card"}
