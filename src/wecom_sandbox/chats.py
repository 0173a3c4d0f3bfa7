"""What people write to each other, kept so that a phone can show it: the last lines of the chats talked in last."""

from collections import OrderedDict
from itertools import islice
from typing import NamedTuple

from wecom_sandbox.records import Json

LINES_OF_A_CHAT, CHATS = 60, 1000
SAID, OPENED, JOINED, LEFT, REMOVED = "said", "opened", "joined", "left", "removed"


class Line(NamedTuple):
    """A line of a chat; `by` said it, `after` counts the corp's messages before it, so that both go in one order."""

    at: int
    kind: str
    by: str
    text: Json
    attachments: list[Json]
    after: int


def key_of(userid: str, external_userid: str) -> str:
    """Name the chat of a member and a customer; a group's chat is named by its chat_id."""
    return f"{userid}/{external_userid}"


class ChatBook:
    """Groups with all that is said and happens in them; of single chats only the customer's words, which are no messages."""

    def __init__(self) -> None:
        """Start in silence."""
        self._chats: OrderedDict[str, list[Line]] = OrderedDict()

    def add(self, key: str, line: Line) -> None:
        """Write a line down; the oldest of a long chat, and the chat that was silent longest, are forgotten."""
        lines = self._chats.setdefault(key, [])
        lines.append(line)
        del lines[:-LINES_OF_A_CHAT]
        self._chats.move_to_end(key)
        if len(self._chats) > CHATS:
            self._chats.popitem(last=False)

    def of(self, key: str) -> list[Line]:
        """Read a chat, oldest first."""
        return self._chats.get(key, [])

    def latest(self, most: int) -> list[str]:
        """Name the chats talked in last, newest first."""
        return list(islice(reversed(self._chats), most))

    def freeze(self) -> Json:
        """Write everything down."""
        return dict(self._chats)

    def thaw(self, rows: Json) -> None:
        """Take everything in again."""
        self._chats = OrderedDict((key, [Line(*line) for line in lines]) for key, lines in rows.items())
