"""The nightly truth: every group of every owner, by list and get. Not fetched is never gone."""

import time
from datetime import timedelta

from linli.connect import api as connect
from linli.directory import api as directory
from linli.groups import join_ways, operations
from linli.groups.models import GroupChat, JoinWay, Member
from linli.groups.reading import fetch, standing
from linli.kit.clock import now, wall
from linli.wecom.client import Client, Lane
from linli.wecom.errors import WecomError

KIND = "groups"
_OWNERS = 100
_RIVALS = 4
_LAG = timedelta(seconds=3)
_NAMES = 1000


def sync(*, corp_id: int) -> None:
    """Read all groups and members; what could not be read is listed in the run and left as it was."""
    client = connect.client(corp_id=corp_id, lane=Lane.BULK)
    with connect.run(corp_id=corp_id, kind=KIND) as run:
        listed = _list(client, corp_id, run)
        whole = not run.missing
        rest = _known(corp_id) - listed.keys() if whole else set()
        run.progress(0, len(listed) + len(rest))
        for done, (chat_id, status) in enumerate([*listed.items(), *((one, None) for one in sorted(rest))], start=1):
            _read(client, corp_id, chat_id, status, run)
            run.progress(done)
        _read_join_ways(client, corp_id, run)
        _name_strangers(corp_id)


def _list(client: Client, corp_id: int, run: connect.Run) -> dict[str, int]:
    owners = {one.userid for one in directory.staff(corp_id=corp_id)}
    # Owners who left must be asked for by name (wire.md C.6); without any owner WeCom lists all it may show us.
    ours = GroupChat.objects.filter(corp_id=corp_id).exclude(owner_userid="")
    owners |= set(ours.values_list("owner_userid", flat=True))
    names = sorted(owners)
    chunks = [names[start : start + _OWNERS] for start in range(0, len(names), _OWNERS)] or [[]]
    found: dict[str, int] = {}
    for chunk in chunks:
        try:
            found |= {one.chat_id: one.status for one in client.group_chats(chunk)}
        except WecomError as error:
            run.could_not(f"groupchat/list {chunk[0] if chunk else ''}…", connect.explain_error(error))
    return found


def _known(corp_id: int) -> set[str]:
    return set(GroupChat.objects.filter(corp_id=corp_id, dismissed_at=None).values_list("chat_id", flat=True))


def _read(client: Client, corp_id: int, chat_id: str, status: int | None, run: connect.Run) -> None:
    """Read one group. One that we know and WeCom does not is gone: it says so when asked by its own id."""
    try:
        for _ in range(_RIVALS):
            before = standing(corp_id=corp_id, chat_id=chat_id)
            read = fetch(client, chat_id, status)
            differs = before is not None and (read is None or read.member_version != before.member_version)
            # What an event has just told may be newer than what WeCom shows.
            if differs and _wait_out_lag(corp_id, chat_id):
                continue
            if read is None:
                if before is not None:
                    operations.dismiss(corp_id=corp_id, chat_id=chat_id, at=now(), cause="sync")
                return
            change_no = before.change_no if before else 0
            if operations.apply_read(corp_id=corp_id, read=read, change_no=change_no, cause="sync"):
                return
        run.could_not(chat_id, "busy")
    except WecomError as error:
        run.could_not(chat_id, connect.explain_error(error))


def _read_join_ways(client: Client, corp_id: int, run: connect.Run) -> None:
    made = JoinWay.objects.filter(corp_id=corp_id, step=JoinWay.Step.MADE).order_by("id")
    for way_id, state in made.values_list("id", "state"):
        try:
            join_ways.refresh(corp_id=corp_id, client=client, way_id=way_id)
        except WecomError as error:
            run.could_not(f"join way {state}", connect.explain_error(error))


def _wait_out_lag(corp_id: int, chat_id: str) -> bool:
    """Wait until the last change is older than WeCom's lag; False when it is already."""
    touched = GroupChat.objects.filter(corp_id=corp_id, chat_id=chat_id).values_list("touched_at", flat=True).first()
    left = (touched + _LAG - wall()).total_seconds() if touched else 0.0
    if left > 0:
        time.sleep(left)
    return left > 0


def _name_strangers(corp_id: int) -> None:
    strangers = Member.objects.filter(corp_id=corp_id, kind=Member.Kind.EXTERNAL, customer_id=None)
    ids = list(strangers.order_by("member_id").values_list("member_id", flat=True).distinct())
    for start in range(0, len(ids), _NAMES):
        operations.identify(corp_id=corp_id, external_userids=ids[start : start + _NAMES])
