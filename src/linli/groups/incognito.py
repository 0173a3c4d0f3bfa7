"""An erased person may still sit in a group at WeCom: here they are a pseudonym without a name, so that counts stay right."""

from dataclasses import replace
from typing import overload

from linli.customers import api as customers
from linli.groups.readings import Change, GroupRead, MemberRead
from linli.kit.personal import pseudonym


@overload
def incognito(corp_id: int, *, read: GroupRead, change: Change | None) -> tuple[GroupRead, Change | None]: ...
@overload
def incognito(corp_id: int, *, read: None, change: Change) -> tuple[None, Change]: ...
def incognito(corp_id: int, *, read: GroupRead | None, change: Change | None) -> tuple[GroupRead | None, Change | None]:
    """The reading and the change with the erased replaced; the caller's transaction keeps erasures out until its end."""
    ids = {one.member_id for one in read.members} if read else set()
    ids |= set(change.member_ids) if change else set()
    gone = customers.suppressed(corp_id=corp_id, kind="external_userid", values=ids, hold=True)
    if not gone:
        return read, change
    if read is not None:
        read = replace(read, members=tuple(_hidden(one, gone) for one in read.members))
    if change is not None:
        told = tuple(pseudonym(gone[one]) if one in gone else one for one in change.member_ids)
        change = replace(change, member_ids=told)
    return read, change


def _hidden(one: MemberRead, gone: dict[str, int]) -> MemberRead:
    if one.member_id not in gone:
        return one
    return replace(one, member_id=pseudonym(gone[one.member_id]), name="")
