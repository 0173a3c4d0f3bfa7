"""Reads groups from WeCom and has them applied; knows that the data comes about 2 seconds after the event."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from linli.connect import api as connect
from linli.groups import operations
from linli.groups.models import GroupChat
from linli.groups.readings import Change, GroupRead, from_wire
from linli.kit.clock import now
from linli.kit.errors import Unavailable
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, BadAnswer

# Not a customer group (any more), or not yet: wire.md A.3.
_NO_GROUP = frozenset({90501, 90509})
# The inbox waits 1, 2 and 4 seconds between these tries, which outlasts the usual lag of 2.
PATIENCE = 4
_RIVALS = 4
# WeCom's data shows a change about 2 seconds after its event: a copy that was read so long after the event has it.
_SURELY_SHOWN = timedelta(seconds=10)


class DataLags(Unavailable):
    """The event is ahead of the data; the inbox brings it back in a moment."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where our copy of a group stands."""

    change_no: int
    member_version: str
    dismissed: bool
    face: tuple[str, str, str]


def standing(*, corp_id: int, chat_id: str) -> Standing | None:
    """Where our copy of a group stands; None when we have none."""
    row = GroupChat.objects.filter(corp_id=corp_id, chat_id=chat_id).first()
    if row is None:
        return None
    return Standing(
        change_no=row.change_no, member_version=row.member_version, dismissed=row.dismissed_at is not None,
        face=(row.name, row.notice, row.owner_userid),
    )  # fmt: skip


def fetch(client: Client, chat_id: str, status: int | None = None) -> GroupRead | None:
    """The group as WeCom shows it now; None when WeCom knows no such customer group."""
    try:
        shown = client.group_chat(chat_id)
    except ApiError as error:
        if error.code in _NO_GROUP:
            return None
        raise
    if shown.chat_id != chat_id:
        raise BadAnswer("externalcontact/groupchat/get", f"it is about another group: {shown.chat_id}")
    if not shown.members:  # a group has an owner at least; one without members is gone, and WeCom says so by a code
        raise BadAnswer("externalcontact/groupchat/get", "a member was expected")
    return from_wire(shown, status)


def read_after_event(*, corp_id: int, chat_id: str, at: datetime, change: Change | None, face: bool = False) -> None:
    """Read a group because something happened to it, at `at`; `face` says that name, notice or owner changed.

    Raises DataLags while the data does not show it yet, a bounded number of times; then the group is left stale.
    """
    client = connect.client(corp_id=corp_id)
    for _ in range(_RIVALS):
        before = standing(corp_id=corp_id, chat_id=chat_id)
        read = fetch(client, chat_id)
        if read is None or not (_shows(read, before, change, face=face) or _late(read, change, at)):
            _wait(corp_id, chat_id, at, change, read)
            return
        change_no = before.change_no if before else 0
        if operations.apply_read(corp_id=corp_id, read=read, change_no=change_no, change=change) is not None:
            return
    raise DataLags("group_busy", "the group changed while it was read, several times over")


def reread(*, corp_id: int, chat_id: str, status: int | None = None, only_if_owned_by: str = "") -> str | None:
    """Read a group because we had something done to it ourselves; its owner's userid, None when WeCom knows no such group.

    `status` is groupchat/list's number, where the caller knows what it is once `only_if_owned_by` owns the group.
    """
    client = connect.client(corp_id=corp_id)
    for _ in range(_RIVALS):
        before = standing(corp_id=corp_id, chat_id=chat_id)
        read = fetch(client, chat_id)
        if read is None:
            return None
        if status is not None and read.owner == only_if_owned_by:
            read = replace(read, status=status)
        change_no = before.change_no if before else 0
        if operations.apply_read(corp_id=corp_id, read=read, change_no=change_no, cause=operations.OURS) is not None:
            return read.owner
    raise DataLags("group_busy", "the group changed while it was read, several times over")


def _shows(read: GroupRead, before: Standing | None, change: Change | None, *, face: bool) -> bool:
    if change is not None:
        return change.shown_by(read)
    return not face or before is None or before.face != (read.name, read.notice, read.owner)


def _late(read: GroupRead, change: Change | None, at: datetime) -> bool:
    """Read so long after the event that the change is in it, and if it does not look so, others followed it."""
    if change is not None and read.member_version and read.member_version == change.last:
        return False
    return now() - at > _SURELY_SHOWN


def _wait(corp_id: int, chat_id: str, at: datetime, change: Change | None, read: GroupRead | None) -> None:
    if operations.note_lag(corp_id=corp_id, chat_id=chat_id, at=at) < PATIENCE:
        raise DataLags("data_lags", "the event came before the data")
    if change is None and read is not None:
        # Name, notice or owner look as before: an earlier reading had shown the change already.
        operations.apply_read(corp_id=corp_id, read=read, change_no=_change_no(corp_id, chat_id))
        return
    if change is not None:
        operations.apply_change(corp_id=corp_id, chat_id=chat_id, change=change)
    operations.give_up(corp_id=corp_id, chat_id=chat_id)


def _change_no(corp_id: int, chat_id: str) -> int:
    now_at = standing(corp_id=corp_id, chat_id=chat_id)
    return now_at.change_no if now_at else 0
