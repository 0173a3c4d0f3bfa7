"""Chats of staff that the app makes (wire.md D); no customer can be in one, and the app must see the whole corp."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from linli.wecom.app_messages import ChatMessage, message_wire
from linli.wecom.bodies import given
from linli.wecom.errors import MessageError
from linli.wecom.limits import at_most, need, within_characters
from linli.wecom.transport import Lane, Transport

_NAME = 50
_FEWEST, _MEMBERS = 2, 2000
_ID = re.compile(r"[0-9A-Za-z]{0,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppChat:
    """A chat of staff; `chat_type` 0 is an ordinary one."""

    chat_id: str
    name: str
    owner: str
    userids: tuple[str, ...]
    chat_type: int


class AppChatCalls(Transport):
    """Calls about chats that the app made itself; another app's chat answers ApiError 86008."""

    def create_app_chat(
        self,
        userids: Sequence[str],
        *,
        name: str = "",
        owner: str = "",
        chat_id: str = "",
        lane: Lane | None = None,
    ) -> str:
        """Make a chat of 2 to 2000 staff and return its id.

        Give `chat_id` (up to 32 digits or letters): after OutcomeUnknown `app_chat` of that id tells. 1000 a day.
        """
        _check(name, chat_id)
        if len(userids) < _FEWEST:
            raise MessageError("userlist", "应用群至少 2 人", "an app chat has at least 2 members")
        at_most("userlist", userids, _MEMBERS)
        body = {**given(name=name, owner=owner, chatid=chat_id), "userlist": list(userids)}
        return self._write("appchat/create", body, lane=lane).must("chatid")

    def update_app_chat(
        self,
        chat_id: str,
        *,
        name: str = "",
        owner: str = "",
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        lane: Lane | None = None,
    ) -> None:
        """Change name, owner or members; `app_chat` tells whether it happened. 1000 an hour."""
        _check(name, chat_id)
        need("chatid", chat_id)
        need("name", name or owner or add or remove)
        at_most("add_user_list", add, _MEMBERS)
        at_most("del_user_list", remove, _MEMBERS)
        lists = given(add_user_list=list(add), del_user_list=list(remove))
        self._write("appchat/update", {"chatid": chat_id, **given(name=name, owner=owner), **lists}, lane=lane)

    def app_chat(self, chat_id: str, *, lane: Lane | None = None) -> AppChat:
        """Return a chat; ApiError 86003 where there is none."""
        x = self._get("appchat/get", {"chatid": chat_id}, lane=lane).child("chat_info")
        return AppChat(
            chat_id=x.must("chatid"),
            name=x.text("name"),
            owner=x.text("owner"),
            userids=x.texts("userlist"),
            chat_type=x.number("chat_type"),
        )

    def send_to_app_chat(self, chat_id: str, message: ChatMessage, *, lane: Lane | None = None) -> None:
        """Say something in a chat; above 200 a minute per member WeCom drops it silently.

        After OutcomeUnknown no read tells: what was said must not be said again.
        """
        need("chatid", chat_id)
        self._write("appchat/send", {"chatid": chat_id, **message_wire(message)}, lane=lane)


def _check(name: str, chat_id: str) -> None:
    within_characters("name", name, _NAME)
    if not _ID.fullmatch(chat_id):
        zh, en = "chatid 最多 32 个数字或字母", "chatid holds at most 32 digits or letters"
        raise MessageError("chatid", zh, en)
