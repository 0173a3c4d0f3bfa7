"""What an app may say to staff (wire.md D): every kind, with its limits, as it goes to the wire."""

from dataclasses import dataclass
from typing import TypeVar, assert_never

from linli.wecom.bodies import Wire, given
from linli.wecom.errors import MessageError
from linli.wecom.limits import at_most, need, within_bytes, within_characters
from linli.wecom.template_cards import AnyCard, card_wire

_Item = TypeVar("_Item")

_TEXT = 2048
_CARD_TITLE, _CARD_DESCRIPTION, _CARD_URL, _CARD_BUTTON = 128, 512, 2048, 4
_VIDEO_TITLE, _VIDEO_DESCRIPTION = 128, 512
_ARTICLES = 8
_PAGE = 666 * 1024
_NOTICE_WORDS = range(4, 13)
_NOTICE_ITEMS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class AppText:
    """A text of up to 2048 bytes; `safe` keeps it from being forwarded; `mentioned` speaks in app chats only."""

    content: str
    safe: bool = False
    mentioned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppMarkdown:
    """Markdown of up to 2048 bytes."""

    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppImage:
    """An uploaded picture."""

    media_id: str
    safe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppVoice:
    """An uploaded voice."""

    media_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppVideo:
    """An uploaded video: title up to 128 bytes, description 512."""

    media_id: str
    title: str = ""
    description: str = ""
    safe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFile:
    """An uploaded file."""

    media_id: str
    safe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppTextCard:
    """A card: title up to 128 characters, description 512, URL 2048 bytes, button text 4 characters."""

    title: str
    description: str
    url: str
    button: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One piece of news; it leads to `url`, or to a page of a mini-program."""

    title: str
    url: str = ""
    description: str = ""
    picurl: str = ""
    appid: str = ""
    pagepath: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppNews:
    """1 to 8 articles that lie elsewhere."""

    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeArticle:
    """One article that WeCom keeps: HTML of up to 666 KB."""

    title: str
    thumb_media_id: str
    content: str
    author: str = ""
    source_url: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppWholeNews:
    """1 to 8 articles that WeCom keeps (mpnews); `safe` 1: not to be shared, 2: only inside the corp."""

    articles: tuple[WholeArticle, ...]
    safe: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AppMiniNotice:
    """A notice that opens a mini-program: title and description 4 to 12 characters, up to 10 items; never to @all."""

    appid: str
    title: str
    page: str = ""
    description: str = ""
    emphasis_first: bool = False
    items: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCard:
    """A template card."""

    card: AnyCard


ChatMessage = (
    AppText | AppMarkdown | AppImage | AppVoice | AppVideo | AppFile | AppTextCard | AppNews | AppWholeNews
)  # fmt: skip
AppMessage = ChatMessage | AppMiniNotice | AppCard


def message_wire(message: AppMessage) -> Wire:
    """Return `msgtype`, its body and `safe`; raises MessageError where WeCom would refuse it."""
    match message:
        case AppText():
            body = {"content": _words("text.content", message.content), **given(mentioned_list=list(message.mentioned))}
            return {"msgtype": "text", "text": body, "safe": int(message.safe)}
        case AppMarkdown():
            return {"msgtype": "markdown", "markdown": {"content": _words("markdown.content", message.content)}}
        case AppImage():
            return {"msgtype": "image", "image": _media("image", message.media_id), "safe": int(message.safe)}
        case AppVoice():
            return {"msgtype": "voice", "voice": _media("voice", message.media_id)}
        case AppVideo():
            return {"msgtype": "video", "video": _video(message), "safe": int(message.safe)}
        case AppFile():
            return {"msgtype": "file", "file": _media("file", message.media_id), "safe": int(message.safe)}
        case AppTextCard():
            return {"msgtype": "textcard", "textcard": _text_card(message)}
        case AppNews():
            articles = [_article(one) for one in _few("news.articles", message.articles)]
            return {"msgtype": "news", "news": {"articles": articles}}
        case AppWholeNews():
            whole = [_whole(one) for one in _few("mpnews.articles", message.articles)]
            return {"msgtype": "mpnews", "mpnews": {"articles": whole}, "safe": message.safe}
        case AppMiniNotice():
            return {"msgtype": "miniprogram_notice", "miniprogram_notice": _mini(message)}
        case AppCard():
            return {"msgtype": "template_card", "template_card": card_wire(message.card)}
        case _:
            assert_never(message)


def _words(name: str, content: str) -> str:
    need(name, content)
    within_bytes(name, content, _TEXT)
    return content


def _media(kind: str, media_id: str) -> Wire:
    need(f"{kind}.media_id", media_id)
    return {"media_id": media_id}


def _video(video: AppVideo) -> Wire:
    within_bytes("video.title", video.title, _VIDEO_TITLE)
    within_bytes("video.description", video.description, _VIDEO_DESCRIPTION)
    return {**_media("video", video.media_id), **given(title=video.title, description=video.description)}


def _text_card(card: AppTextCard) -> Wire:
    need("textcard.title", card.title)
    need("textcard.description", card.description)
    need("textcard.url", card.url)
    within_characters("textcard.title", card.title, _CARD_TITLE)
    within_characters("textcard.description", card.description, _CARD_DESCRIPTION)
    within_bytes("textcard.url", card.url, _CARD_URL)
    within_characters("textcard.btntxt", card.button, _CARD_BUTTON)
    return given(title=card.title, description=card.description, url=card.url, btntxt=card.button)


def _few(name: str, items: tuple[_Item, ...]) -> tuple[_Item, ...]:
    need(name, items)
    at_most(name, items, _ARTICLES)
    return items


def _article(one: Article) -> Wire:
    need("articles.title", one.title)
    need("articles.url", one.url or (one.appid and one.pagepath))
    return given(
        title=one.title, description=one.description, url=one.url, picurl=one.picurl,
        appid=one.appid, pagepath=one.pagepath,
    )  # fmt: skip


def _whole(one: WholeArticle) -> Wire:
    need("articles.title", one.title)
    need("articles.thumb_media_id", one.thumb_media_id)
    need("articles.content", one.content)
    within_bytes("articles.content", one.content, _PAGE)
    return given(
        title=one.title, thumb_media_id=one.thumb_media_id, author=one.author,
        content_source_url=one.source_url, content=one.content, digest=one.digest,
    )  # fmt: skip


def _mini(notice: AppMiniNotice) -> Wire:
    need("miniprogram_notice.appid", notice.appid)
    need("miniprogram_notice.title", notice.title)
    for name, words in (("title", notice.title), ("description", notice.description)):
        if words and len(words) not in _NOTICE_WORDS:
            zh, en = f"{name} 须为 4 到 12 字", f"{name} must have 4 to 12 characters"
            raise MessageError(f"miniprogram_notice.{name}", zh, en)
    at_most("content_item", notice.items, _NOTICE_ITEMS)
    body = given(
        appid=notice.appid, page=notice.page, title=notice.title, description=notice.description,
        content_item=[{"key": key, "value": value} for key, value in notice.items],
    )  # fmt: skip
    return {**body, "emphasis_first_item": True} if notice.emphasis_first else body
