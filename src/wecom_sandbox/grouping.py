"""Customer groups: membership, the version chain, and the lag between an event and the data."""

import hashlib
import time

from wecom_sandbox import annals
from wecom_sandbox.callbacks.events import MemberChange
from wecom_sandbox.chats import JOINED, LEFT, OPENED, REMOVED
from wecom_sandbox.corp import Corp
from wecom_sandbox.records import EXTERNAL, JOIN_BY_QR, STAFF, Group, Json, Member
from wecom_sandbox.world import Lag, World


def open_group(world: World, corp: Corp, owner: str, name: str) -> Group:
    """Create a group with its owner inside."""
    seq = corp.next_seq()
    now = world.now()
    group = Group(seq, corp.new_id("wr"), name, owner, now, "")
    group.members[owner] = Member(owner, STAFF, now, 1)
    group.member_version = version(group)
    remember(world, corp, group, existed=False)
    corp.add_group(group)
    corp.say(group.chat_id, now, OPENED, owner, {})
    annals.note(world, corp, annals.OPENED, userid=owner, chat_id=group.chat_id)
    annals.note(world, corp, annals.FOUNDED, other=owner, chat_id=group.chat_id)
    return group


def add_members(world: World, corp: Corp, group: Group, members: list[Member]) -> MemberChange:
    """Let members in; returns the step of the version chain, whose JoinScene is 3 for a code, else 0."""
    remember(world, corp, group)
    before = group.member_version
    for member in members:
        group.members[member.userid] = member
        annals.note(world, corp, annals.JOINED, other=member.userid, chat_id=group.chat_id)
    group.member_version = version(group)
    # The event's own enumeration (wire.md F.4), not groupchat/get's.
    scene = 3 if members[0].join_scene == JOIN_BY_QR else 0
    names = tuple(member.userid for member in members)
    corp.say(group.chat_id, world.now(), JOINED, members[0].invitor, {"who": list(names)})
    return MemberChange("add_member", names, scene, 0, before, group.member_version)


def remove_member(world: World, corp: Corp, group: Group, userid: str, *, quit_scene: int) -> MemberChange:
    """Let a member go: quit_scene 0 left, 1 removed."""
    remember(world, corp, group)
    before = group.member_version
    del group.members[userid]
    corp.say(group.chat_id, world.now(), REMOVED if quit_scene else LEFT, userid, {})
    annals.note(world, corp, annals.LEFT, other=userid, chat_id=group.chat_id)
    group.member_version = version(group)
    return MemberChange("del_member", (userid,), 0, quit_scene, before, group.member_version)


def remember(world: World, corp: Corp, group: Group, *, existed: bool = True) -> None:
    """Keep what the API still shows while the data lags behind the event."""
    lag = world.tunables.group_lag_s
    if lag <= 0:
        return
    now = time.monotonic()
    old = world.lags.get(group.chat_id)
    before = describe(corp, group) if existed else None
    if old is not None and old.until > now:
        before = old.before
    world.lags[group.chat_id] = Lag(now + lag, before)


def visible(world: World, corp: Corp, chat_id: str) -> Json | None:
    """Give a group as the API shows it now, names included."""
    lag = world.lags.get(chat_id)
    if lag is not None:
        if time.monotonic() < lag.until:
            return lag.before
        del world.lags[chat_id]
    group = corp.groups.get(chat_id)
    return describe(corp, group) if group else None


def describe(corp: Corp, group: Group) -> Json:
    """Give group_chat in full."""
    return {
        "chat_id": group.chat_id,
        "name": group.name,
        "owner": group.owner,
        "create_time": group.create_time,
        "notice": group.notice,
        "member_list": [_member(corp, member) for member in group.members.values()],
        "admin_list": [],
        "member_version": group.member_version,
    }


def _member(corp: Corp, member: Member) -> Json:
    answer: Json = {
        "userid": member.userid,
        "type": member.type,
        "join_time": member.join_time,
        "join_scene": member.join_scene,
        "group_nickname": "",
    }
    if member.state:
        answer["state"] = member.state
    if member.invitor:
        answer["invitor"] = {"userid": member.invitor}
    if member.type == EXTERNAL:
        customer = corp.customers[member.userid]
        answer["name"] = customer.name
        if customer.unionid:
            answer["unionid"] = customer.unionid
    elif (user := corp.users.get(member.userid) or corp.departed.get(member.userid)) is not None:
        answer["name"] = user.name
    return answer


def version(group: Group) -> str:
    text = f"{group.chat_id}/{group.member_version}/{len(group.members)}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
