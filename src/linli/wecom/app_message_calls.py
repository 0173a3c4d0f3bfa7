"""Messages of the app to staff (wire.md D)."""

from dataclasses import dataclass

from linli.wecom.app_messages import AppMessage, AppMiniNotice, message_wire
from linli.wecom.bodies import Wire, given
from linli.wecom.errors import MessageError, api_error
from linli.wecom.limits import at_most, need
from linli.wecom.template_cards import AnyCard, card_wire
from linli.wecom.transport import Lane, Transport

ALL_STAFF = "@all"

_USERS = 1000
_PARTIES = 100
_LONGEST_CHECK = 14_400
_NO_LICENCE = 701008


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """Who gets an app message; `users` may be `(ALL_STAFF,)`."""

    users: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppMessageSent:
    """What became of an app message; WeCom writes invalid ids in lower case and still answers errcode 0.

    `response_code` updates an interactive card once, within 72 hours.
    """

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
        message: AppMessage,
        *,
        duplicate_check_seconds: int = 0,
        lane: Lane | None = None,
    ) -> AppMessageSent:
        """Send something to staff; above 30 a minute or 1000 an hour per person WeCom drops it silently.

        With `duplicate_check_seconds` (up to 14,400) WeCom swallows an equal message inside that time: after
        OutcomeUnknown no read tells, so only a message sent with this check may be sent again. Raises ApiError 81013
        where no receiver is valid, 45009 above the app's day, 701008 where everybody named lacks an interop licence:
        WeCom itself answers 0 to that, and nobody hears anything.
        """
        _check(receivers)
        if isinstance(message, AppMiniNotice) and ALL_STAFF in receivers.users:
            raise MessageError("touser", "小程序通知不能发给全员", "a mini-program notice cannot go to @all")
        if duplicate_check_seconds > _LONGEST_CHECK:
            zh, en = "查重时间最长 14400 秒", "the duplicate check lasts 14,400 seconds at most"
            raise MessageError("duplicate_check_interval", zh, en)
        body = {
            "touser": "|".join(receivers.users),
            "toparty": "|".join(receivers.departments),
            "totag": "|".join(receivers.tags),
            "agentid": agent_id,
            **message_wire(message),
            "enable_duplicate_check": int(duplicate_check_seconds > 0),
        }
        if duplicate_check_seconds > 0:
            body["duplicate_check_interval"] = duplicate_check_seconds
        answer = self._write("message/send", body, lane=lane)
        sent = AppMessageSent(
            msgid=answer.text("msgid"),
            invalid_users=_split(answer.text("invaliduser")),
            invalid_departments=_split(answer.text("invalidparty")),
            invalid_tags=_split(answer.text("invalidtag")),
            unlicensed_users=_split(answer.text("unlicenseduser")),
            response_code=answer.text("response_code"),
        )
        named = {one.lower() for one in receivers.users}
        by_name = not receivers.departments and not receivers.tags
        if by_name and sent.unlicensed_users and named <= {*sent.unlicensed_users, *sent.invalid_users}:
            raise api_error(_NO_LICENCE, "no receiver has an interop licence", "message/send")
        return sent

    def recall_app_message(self, msgid: str, *, lane: Lane | None = None) -> None:
        """Take a message back within 24 hours, else ApiError 42052; may be repeated: taken back twice is taken back."""
        need("msgid", msgid)
        self._write("message/recall", {"msgid": msgid}, lane=lane)

    def update_template_card(
        self,
        agent_id: int,
        response_code: str,
        *,
        users: tuple[str, ...] = (),
        departments: tuple[int, ...] = (),
        tags: tuple[int, ...] = (),
        everybody: bool = False,
        button: str = "",
        card: AnyCard | None = None,
        lane: Lane | None = None,
    ) -> tuple[str, ...]:
        """Replace the button of an interactive card by words (`button`), or the whole card; returns invalid users.

        `response_code` works once, within 72 hours: ApiError 60140 after that, and so after OutcomeUnknown a repeat
        tells that the first one was heard.
        """
        need("response_code", response_code)
        need("userids", users or departments or tags or everybody)
        at_most("userids", users, _USERS)
        at_most("partyids", departments, _PARTIES)
        at_most("tagids", tags, _PARTIES)
        need("button.replace_name", button or card)
        change: Wire = {"template_card": card_wire(card)} if card else {"button": {"replace_name": button}}
        body: Wire = {
            **given(userids=list(users), partyids=list(departments), tagids=list(tags)),
            "atall": int(everybody),
            "agentid": agent_id,
            "response_code": response_code,
            **change,
        }
        return self._write("message/update_template_card", body, lane=lane).texts("invaliduser")


def _check(receivers: Receivers) -> None:
    need("touser", receivers.users or receivers.departments or receivers.tags)
    at_most("touser", receivers.users, _USERS)
    at_most("toparty", receivers.departments, _PARTIES)
    at_most("totag", receivers.tags, _PARTIES)


def _split(joined: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in joined.split("|") if part.strip())
