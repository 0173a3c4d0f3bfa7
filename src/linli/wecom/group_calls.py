"""Customer groups (wire.md C.6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, between
from linli.wecom.transport import Lane, Transport

_OWNERS = 100
_PAGE = 1000
_INHERITED = 3


@dataclass(frozen=True, slots=True)
class GroupChatRef:
    """A group in a list; `status` 0 normal, 1 owner resigned, 2 being inherited, 3 inherited."""

    chat_id: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A group member: `type` 1 staff (userid) or 2 external (external_userid); `joined_at` unix seconds.

    `join_scene` 1 direct invite, 2 invite link, 3 QR: another enumeration than the event's. `invitor` is told
    only for our own staff, `state` only for those who came by a join way.
    """

    userid: str
    type: int
    joined_at: int
    join_scene: int
    unionid: str | None
    invitor: str | None
    group_nickname: str
    name: str
    state: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChat:
    """A customer group with all its members; `member_version` is "" where WeCom does not tell it."""

    chat_id: str
    name: str
    owner: str
    created_at: int
    notice: str
    members: tuple[Member, ...]
    admins: tuple[str, ...]
    member_version: str


class GroupCalls(Transport):
    """Calls about customer groups. No API makes, renames, mutes or posts into one, or removes members."""

    def group_chats(
        self,
        owners: Sequence[str] = (),
        *,
        status: int = 0,
        limit: int = _PAGE,
        lane: Lane | None = None,
    ) -> Iterator[GroupChatRef]:
        """Yield the groups of up to 100 owners; `status` 0 all, 1 owner resigned, 2 inheriting, 3 inherited.

        Without owners WeCom answers 81017 above 1000 visible staff; a resigned owner must always be named.
        """
        at_most("owner_filter", owners, _OWNERS)
        between("status_filter", status, 0, _INHERITED)
        between("limit", limit, 1, _PAGE)
        owner_filter = {"owner_filter": {"userid_list": list(owners)}} if owners else {}
        body = {"status_filter": status, **owner_filter, "limit": limit}
        pages = self._pages("externalcontact/groupchat/list", body, rows="group_chat_list", lane=lane)
        for page in pages:
            yield from page.children("group_chat_list", _ref)

    def group_chat(self, chat_id: str, *, need_name: bool = True, lane: Lane | None = None) -> GroupChat:
        """Return a group; the data may lag an event by about 2 seconds."""
        body = {"chat_id": chat_id, "need_name": int(need_name)}
        answer = self._query("externalcontact/groupchat/get", body, lane=lane)
        return _group_chat(answer.child("group_chat").listed("member_list"))


def _ref(x: Fields) -> GroupChatRef:
    return GroupChatRef(x.must("chat_id"), x.number("status"))


def _group_chat(x: Fields) -> GroupChat:
    return GroupChat(
        chat_id=x.must("chat_id"),
        name=x.text("name"),
        owner=x.text("owner"),
        created_at=x.number("create_time"),
        notice=x.text("notice"),
        members=x.children("member_list", _member),
        admins=x.children("admin_list", lambda admin: admin.must("userid")),
        member_version=x.text("member_version"),
    )


def _member(x: Fields) -> Member:
    invitor = x.maybe_child("invitor")
    return Member(
        userid=x.must("userid"),
        type=x.number("type"),
        joined_at=x.number("join_time"),
        join_scene=x.number("join_scene"),
        unionid=x.maybe("unionid"),
        invitor=invitor.maybe("userid") if invitor else None,
        group_nickname=x.text("group_nickname"),
        name=x.text("name"),
        state=x.maybe("state"),
    )
