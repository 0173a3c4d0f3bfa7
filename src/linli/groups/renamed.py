"""Members of the corp under the ids they have now: an event or a reading may be older than the change of a UserID."""

from dataclasses import replace

from linli.directory import api as directory
from linli.groups.models import Member
from linli.groups.readings import Change, GroupRead, kind_of


def present_read(corp_id: int, read: GroupRead) -> GroupRead:
    """The reading, with owner, members and who invited them under their present ids."""
    told = {one.member_id for one in read.members if one.kind == Member.Kind.STAFF}
    now = _present(corp_id, told | {one.invited_by for one in read.members} | {read.owner})
    if not now:
        return read
    members = [
        replace(
            one, member_id=now.get(one.member_id, one.member_id), invited_by=now.get(one.invited_by, one.invited_by)
        )
        for one in read.members
    ]
    once = {one.member_id: one for one in members}
    return replace(read, owner=now.get(read.owner, read.owner), members=tuple(once.values()))


def present_change(corp_id: int, change: Change) -> Change:
    """The change, with members under their present ids."""
    now = _present(corp_id, {one for one in change.member_ids if kind_of(one) == Member.Kind.STAFF})
    return replace(change, member_ids=tuple(now.get(one, one) for one in change.member_ids)) if now else change


def _present(corp_id: int, userids: set[str]) -> dict[str, str]:
    userids.discard("")
    return directory.present_ids(corp_id=corp_id, userids=userids) if userids else {}
