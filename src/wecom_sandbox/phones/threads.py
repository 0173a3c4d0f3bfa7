"""One chat as a phone shows it: messages and lines in one order, and the names of whoever speaks."""

from collections.abc import Iterable, Iterator
from itertools import islice

from wecom_sandbox.chats import JOINED, LEFT, LINES_OF_A_CHAT, REMOVED, Line, key_of
from wecom_sandbox.corp import Corp
from wecom_sandbox.records import Group, Json, Message

MOMENT, ADDED = "moment", "added"


def name_of(corp: Corp, who: str) -> str:
    """Name a member, also one who left, or a customer."""
    person = corp.users.get(who) or corp.departed.get(who) or corp.customers.get(who)
    return person.name if person else who


def single(corp: Corp, userid: str, external_userid: str) -> Json:
    """Give the chat of a member and a customer."""
    rows: list[tuple[tuple[int, int], Json]] = []
    for number in corp.inboxes.get(external_userid, ()):
        message = corp.messages[number]
        if _between(message, userid):
            rows.append(((number, 1), _shown(message.time, message.kind, userid, message.text, message.attachments)))
    rows += [((line.after, 0), _line(line)) for line in corp.chats.of(key_of(userid, external_userid))]
    lines = [row for _, row in sorted(rows, key=lambda row: row[0])]
    follow = corp.follows.get((userid, external_userid))
    if follow is not None:
        # Its place is by time: what was said before is an older friendship's.
        at = next((n for n, row in enumerate(lines) if row["at"] >= follow.createtime), len(lines))
        lines.insert(at, _shown(follow.createtime, ADDED, external_userid, {}, []))
    return _thread(corp, lines, [userid, external_userid])


def group(corp: Corp, chat_id: str, reader: str) -> Json:
    """Give what a member of a group, or somebody who was one, has seen there."""
    seen = list(_seen(corp, chat_id, reader))
    room = corp.groups.get(chat_id)
    thread = _thread(corp, [_line(line) for line in seen], list(room.members) if room else [])
    return {**thread, "group": describe(corp, room) if room else None, "inside": bool(room and reader in room.members)}


def describe(corp: Corp, room: Group) -> Json:
    """Give a group's head and its members."""
    members = [
        {"id": one.userid, "name": name_of(corp, one.userid), "type": one.type, "owner": one.userid == room.owner}
        for one in room.members.values()
    ]
    return {
        "chat_id": room.chat_id, "name": room.name, "owner": room.owner, "notice": room.notice, "members": members,
        "welcome_template": room.welcome_template,
    }  # fmt: skip


def last_single(corp: Corp, userid: str, external_userid: str) -> Json | None:
    """Give the last thing said between two, without reading the whole chat."""
    inbox = corp.inboxes.get(external_userid, [])
    number = next((one for one in reversed(inbox) if _between(corp.messages[one], userid)), None)
    lines = corp.chats.of(key_of(userid, external_userid))
    if lines and (number is None or lines[-1].after > number):
        return _line(lines[-1])
    if number is None:
        return None
    message = corp.messages[number]
    return _shown(message.time, message.kind, userid, message.text, message.attachments)


def last_in_group(corp: Corp, chat_id: str, reader: str) -> Json | None:
    """Give the last thing that this reader saw in a group."""
    seen = list(_seen(corp, chat_id, reader))
    return _line(seen[-1]) if seen else None


def groups_of(corp: Corp, reader: str) -> Iterator[str]:
    """Name the groups that somebody is in, and those that they were in lately."""
    inside = [room.chat_id for room in corp.group_list if reader in room.members]
    yield from inside
    known = set(inside)
    for key in corp.chats.latest(200):
        if "/" not in key and key not in known and any(_goes(line, reader) for line in corp.chats.of(key)):
            yield key


def _between(message: Message, userid: str) -> bool:
    return message.userid == userid and not message.chat_id and message.kind != MOMENT


def _seen(corp: Corp, chat_id: str, reader: str) -> Iterator[Line]:
    """Walk what somebody saw: from their coming to their going; newcomers do not see what was before them."""
    lines = corp.chats.of(chat_id)
    start, end = 0, len(lines)
    for number, line in enumerate(lines):
        if line.kind == JOINED and reader in line.text["who"]:
            start, end = number, len(lines)
        elif _goes(line, reader):
            end = number + 1
    return islice(lines, start, end)


def _goes(line: Line, reader: str) -> bool:
    return line.kind in (LEFT, REMOVED) and line.by == reader


def _line(line: Line) -> Json:
    return _shown(line.at, line.kind, line.by, line.text, line.attachments)


def _shown(at: int, kind: str, by: str, text: Json, attachments: list[Json]) -> Json:
    return {
        "at": at, "kind": kind, "by": by, "text": str(text.get("content", "")), "attachments": attachments,
        **({"who": text["who"]} if "who" in text else {}),
    }  # fmt: skip


def _thread(corp: Corp, lines: list[Json], people: Iterable[str]) -> Json:
    shown = lines[-LINES_OF_A_CHAT:]
    speakers = {one for line in shown for one in (line["by"], *line.get("who", ())) if one}
    return {"lines": shown, "names": {one: name_of(corp, one) for one in sorted({*people, *speakers})}}
