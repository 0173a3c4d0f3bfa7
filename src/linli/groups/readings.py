"""What WeCom tells of groups, as this room's own values."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from linli.groups.models import Member
from linli.kit.clock import from_unix
from linli.kit.personal import is_pseudonym
from linli.wecom.event_types import ChatUpdated
from linli.wecom.group_calls import GroupChat

# The time of an event and the join time in the data tell of one moment, but not always in the same second.
SAME_MOMENT = timedelta(seconds=60)
_SCENES = frozenset(Member.Scene.values)


@dataclass(frozen=True, kw_only=True)
class MemberRead:
    """Somebody in a group, as groupchat/get tells."""

    member_id: str
    kind: int
    joined_at: datetime
    join_scene: int
    state: str
    invited_by: str
    name: str


@dataclass(frozen=True, kw_only=True)
class GroupRead:
    """A group as groupchat/get tells; `status` comes from groupchat/list only."""

    chat_id: str
    name: str
    notice: str
    owner: str
    created_at: datetime
    member_version: str
    members: tuple[MemberRead, ...]
    status: int | None = None


class Moved(Enum):
    """Which way the members of an event went."""

    IN = "add_member"
    OUT = "del_member"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A step of the version chain: who moved, when, and from which version to which."""

    moved: Moved
    member_ids: tuple[str, ...]
    at: datetime
    last: str
    current: str
    by: str = ""

    def shown_by(self, read: GroupRead) -> bool:
        """Does the reading hold what the event tells? The newest version does, the one before does not."""
        if read.member_version and read.member_version in {self.last, self.current}:
            return read.member_version == self.current
        inside = {one.member_id: one.joined_at for one in read.members}
        if self.moved is Moved.IN:
            return all(one in inside and inside[one] >= self.at - SAME_MOMENT for one in self.member_ids)
        return not any(one in inside and inside[one] <= self.at for one in self.member_ids)


def from_wire(chat: GroupChat, status: int | None = None) -> GroupRead:
    """A reading out of the client's answer."""
    members = {
        one.userid: MemberRead(
            member_id=one.userid,
            kind=one.type,
            joined_at=from_unix(one.joined_at),
            join_scene=one.join_scene if one.join_scene in _SCENES else Member.Scene.UNKNOWN,
            state=one.state or "",
            invited_by=one.invitor or "",
            name=one.name,
        )
        for one in chat.members
    }
    return GroupRead(
        chat_id=chat.chat_id, name=chat.name, notice=chat.notice, owner=chat.owner,
        created_at=from_unix(chat.created_at), member_version=chat.member_version, members=tuple(members.values()),
        status=status,
    )  # fmt: skip


def change_of(event: ChatUpdated) -> Change | None:
    """The step that an event tells of; None when it is about something else than members."""
    try:
        moved = Moved(event.update_detail)
    except ValueError:
        return None
    # QuitScene 0 left, 1 removed by owner or admin (wire.md F.4).
    by = {0: "self", 1: "removed"}.get(event.quit_scene or 0, "") if moved is Moved.OUT else ""
    return Change(
        moved=moved, member_ids=event.member_ids, at=from_unix(event.created_at),
        last=event.last_member_version or "", current=event.current_member_version or "", by=by,
    )  # fmt: skip


def kind_of(member_id: str) -> int:
    """Staff or external, by the form of the id (wire.md C.1: wm… and wo… are customers, and so were the erased)."""
    outside = member_id.startswith(("wm", "wo")) or is_pseudonym(member_id)
    return Member.Kind.EXTERNAL if outside else Member.Kind.STAFF
