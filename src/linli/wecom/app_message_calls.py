"""Messages of the app to staff (wire.md D)."""

from dataclasses import dataclass
from typing import assert_never

from linli.wecom.limits import at_most, need, within_bytes, within_characters
from linli.wecom.transport import Lane, Transport

ALL_STAFF = "@all"

_USERS = 1000
_PARTIES = 100
_TEXT = 2048
_CARD_TITLE = 128
_CARD_DESCRIPTION = 512
_CARD_URL = 2048
_CARD_BUTTON = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AppText:
    """A text of up to 2048 bytes; `safe` keeps it from being forwarded."""

    content: str
    safe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppTextCard:
    """A card: title up to 128 characters, description 512, URL 2048 bytes, button text 4 characters."""

    title: str
    description: str
    url: str
    button: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """Who gets an app message; `users` may be `(ALL_STAFF,)`."""

    users: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppMessageSent:
    """What became of an app message; WeCom writes invalid ids in lower case and still answers errcode 0."""

    msgid: str
    invalid_users: tuple[str, ...]
    invalid_departments: tuple[str, ...]
    invalid_tags: tuple[str, ...]
    unlicensed_users: tuple[str, ...]
    response_code: str


class AppMessageCalls(Transport):
    """Calls that reach staff."""

    def send_app_message(
        self,
        agent_id: int,
        receivers: Receivers,
        message: AppText | AppTextCard,
        *,
        duplicate_check_seconds: int = 0,
        lane: Lane | None = None,
    ) -> AppMessageSent:
        """Send a text or a card to staff; above 30 a minute per person WeCom drops them silently.

        With `duplicate_check_seconds` (up to 14,400) WeCom swallows an equal message inside that time. Raises
        ApiError 81013 where no receiver is valid.
        """
        _check(receivers)
        body = {
            "touser": "|".join(receivers.users),
            "toparty": "|".join(receivers.departments),
            "totag": "|".join(receivers.tags),
            "agentid": agent_id,
            **_content(message),
            "enable_duplicate_check": int(duplicate_check_seconds > 0),
        }
        if duplicate_check_seconds > 0:
            body["duplicate_check_interval"] = duplicate_check_seconds
        answer = self._write("message/send", body, lane=lane)
        return AppMessageSent(
            msgid=answer.text("msgid"),
            invalid_users=_split(answer.text("invaliduser")),
            invalid_departments=_split(answer.text("invalidparty")),
            invalid_tags=_split(answer.text("invalidtag")),
            unlicensed_users=_split(answer.text("unlicenseduser")),
            response_code=answer.text("response_code"),
        )


def _check(receivers: Receivers) -> None:
    need("touser", receivers.users or receivers.departments or receivers.tags)
    at_most("touser", receivers.users, _USERS)
    at_most("toparty", receivers.departments, _PARTIES)
    at_most("totag", receivers.tags, _PARTIES)


def _content(message: AppText | AppTextCard) -> dict[str, object]:
    match message:
        case AppText():
            need("text.content", message.content)
            within_bytes("text.content", message.content, _TEXT)
            return {
                "msgtype": "text",
                "text": {"content": message.content},
                "safe": int(message.safe),
            }
        case AppTextCard():
            return {"msgtype": "textcard", "textcard": _card(message)}
        case _:
            assert_never(message)


def _card(card: AppTextCard) -> dict[str, str]:
    need("textcard.title", card.title)
    need("textcard.description", card.description)
    need("textcard.url", card.url)
    within_characters("textcard.title", card.title, _CARD_TITLE)
    within_characters("textcard.description", card.description, _CARD_DESCRIPTION)
    within_bytes("textcard.url", card.url, _CARD_URL)
    within_characters("textcard.btntxt", card.button, _CARD_BUTTON)
    body = {"title": card.title, "description": card.description, "url": card.url}
    return {**body, "btntxt": card.button} if card.button else body


def _split(joined: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in joined.split("|") if part.strip())
