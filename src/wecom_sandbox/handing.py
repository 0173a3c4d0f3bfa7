"""Hand-overs: members who leave, customers and groups that change hands, and what the clock completes by itself."""

import heapq
from dataclasses import dataclass

from wecom_sandbox import annals, grouping
from wecom_sandbox.callbacks.events import contact_event, member_event
from wecom_sandbox.corp import Corp
from wecom_sandbox.records import (
    DONE,
    FULL,
    JOIN_BY_INVITE,
    REFUSED,
    STAFF,
    WAITING,
    Follow,
    Group,
    Message,
    RoomTransfer,
    TempChat,
    Transfer,
    User,
)
from wecom_sandbox.records import Member as RoomMember
from wecom_sandbox.world import World

ASSIGNED = 202
LEFT_BY_THEMSELVES = 0
FAIL_REASONS = {REFUSED: "customer_refused", FULL: "customer_limit_exceed"}


@dataclass(frozen=True)
class Wish:
    """Who hands over to whom, with what words to the customer."""

    handover: str
    takeover: str
    resigned: bool
    words: str = ""


def resign(world: World, corp: Corp, user: User) -> None:
    """Let a member leave: their customers wait for others, groups of their own keep them until inherited."""
    del corp.users[user.userid]
    user.left_at = world.now()
    corp.add_departed(user)
    for follow in list(corp.follows_of[user.userid]):
        corp.remove_follow(follow)
        if not follow.one_way:
            corp.add_unassigned(follow)
    for group in list(corp.group_list):
        if user.userid in group.members and group.owner != user.userid:
            change = grouping.remove_member(world, corp, group, user.userid, quit_scene=LEFT_BY_THEMSELVES)
            world.emit(corp, member_event(group.chat_id, change))


def out_of_date(world: World, user: User) -> bool:
    """Tell whether a member has not logged in for a year, before now or before leaving, or left a year ago."""
    now, most = world.now(), world.tunables.login_days * annals.DAY
    last = user.left_at or now
    return now - last > most or (user.away_since > 0 and last - user.away_since > most)


def begin(world: World, corp: Corp, external_userid: str, wish: Wish) -> int:
    """Begin to hand a customer over; gives the errcode of the item, 0 when it has begun."""
    if external_userid not in corp.customers:
        return 40096
    relations = corp.unassigned if wish.resigned else corp.follows
    if (wish.handover, external_userid) not in relations:
        return 40131
    before = corp.transfers_of[external_userid]
    under_way = next((one for one in before if one.status == WAITING), None)
    if under_way is not None:
        return 40100 if under_way.handover == wish.handover else 40129
    now = world.now()
    if not wish.resigned:
        since = _window(world, now)
        counted = [one for one in before if not one.resigned and one.status == DONE and one.started_at >= since]
        if len(counted) >= world.tunables.transfers_per_window:
            return 40128
    if not _friends(corp, wish.takeover, external_userid) and _full(world, corp, wish.takeover):
        return 40099
    due = now + int(world.tunables.transfer_s)
    seq = corp.next_seq()
    corp.add_transfer(
        Transfer(seq, external_userid, wish.handover, wish.takeover, wish.resigned, now, due, words=wish.words)
    )
    return 0


def begin_room(world: World, corp: Corp, chat_id: str, wish: Wish) -> int:
    """Begin to give a group to another owner; gives the errcode of the item."""
    group = corp.groups.get(chat_id)
    if group is None:
        return 90501
    refusal = _room_refusal(world, corp, group, wish)
    if refusal:
        return refusal
    now = world.now()
    due = now + int(world.tunables.room_transfer_s)
    corp.add_room_transfer(RoomTransfer(corp.next_seq(), chat_id, group.owner, wish.takeover, wish.resigned, now, due))
    settle(world)
    return 0


def room_status(corp: Corp, group: Group) -> int:
    """Give groupchat/list's word: 0 well, 1 the owner left, 2 being inherited, 3 inherited."""
    if group.owner not in corp.departed:
        return 3 if group.inherited else 0
    return 2 if _moving(corp, group) else 1


def refuse(world: World, corp: Corp, transfer: Transfer, status: int = REFUSED) -> None:
    """End a hand-over that the customer does not want, or for which there is no room."""
    transfer.status = status
    extra = {"FailReason": FAIL_REASONS[status]}
    world.emit(corp, contact_event("transfer_fail", transfer.takeover, transfer.external_userid, extra))


def end_chat(world: World, corp: Corp, chat: TempChat) -> None:
    """End a temporary chat: the customer reads its conclusions, of the attachments the first."""
    chat.closed = True
    if not chat.conclusions:
        return
    parts = ({"msgtype": kind, kind: chat.conclusions.get(kind)} for kind in ("image", "link", "miniprogram"))
    first = next((part for part in parts if part[str(part["msgtype"])]), None)
    at = min(world.now(), chat.due_at)
    text = chat.conclusions.get("text") or {}
    corp.show(Message("conclusion", chat.userid, at, text, [first] if first else []), [chat.external_userid])


def settle(world: World) -> None:
    """Complete whatever is due."""
    now = world.now()
    for corp in world.corps.values():
        while corp.agenda and corp.agenda[0][0] <= now:
            thing = heapq.heappop(corp.agenda)[2]
            if isinstance(thing, TempChat):
                if not thing.closed:
                    end_chat(world, corp, thing)
            elif thing.status != WAITING:
                continue
            elif isinstance(thing, RoomTransfer):
                _finish_room(world, corp, thing)
            else:
                _finish(world, corp, thing)


def _finish(world: World, corp: Corp, transfer: Transfer) -> None:
    key = (transfer.handover, transfer.external_userid)
    # The hander-over may have left meanwhile.
    follow = corp.follows.get(key) or corp.unassigned.get(key)
    if follow is None or follow.one_way or transfer.takeover not in corp.users:
        refuse(world, corp, transfer)
        return
    friends = _friends(corp, transfer.takeover, transfer.external_userid)
    if not friends and _full(world, corp, transfer.takeover):
        refuse(world, corp, transfer, FULL)
        return
    gave_away = any(
        one.handover == transfer.takeover and one.status == DONE for one in corp.transfers_of[transfer.external_userid]
    )
    if corp.unassigned.pop(key, None) is None:
        corp.remove_follow(follow)
    if not friends:
        _take_over(corp, follow, transfer, keeping=world.tunables.transfer_keeps_marks)
    transfer.status, transfer.took_at = DONE, transfer.due_at
    words = (
        transfer.words
        or f"您好，您的服务已升级，后续将由我的同事{corp.users[transfer.takeover].name}接替我的工作，继续为您服务。"
    )
    message = Message("transfer", transfer.takeover, transfer.due_at, {"content": words}, [])
    corp.show(message, [transfer.external_userid])
    _tell(world, corp, transfer, silent=friends or gave_away)


def _take_over(corp: Corp, old: Follow, transfer: Transfer, *, keeping: bool) -> None:
    """Make the new relation; what the old one knew about the customer goes with it (the wire does not say so)."""
    stale = corp.follows.get((transfer.takeover, old.external_userid))
    if stale is not None:
        corp.remove_follow(stale)
    kept = ("remark", "description", "remark_corp_name", "remark_mobiles", "tags")
    corp.add_follow(
        Follow(
            seq=corp.next_seq(),
            userid=transfer.takeover,
            external_userid=old.external_userid,
            createtime=transfer.due_at,
            state="",
            add_way=ASSIGNED,
            oper_userid=transfer.handover,
            **({name: getattr(old, name) for name in kept} if keeping else {}),
        )
    )


def _tell(world: World, corp: Corp, transfer: Transfer, *, silent: bool) -> None:
    if transfer.handover in corp.users:
        source = {"Source": "DELETE_BY_TRANSFER"}
        gone = contact_event("del_external_contact", transfer.handover, transfer.external_userid, source)
        world.emit(corp, gone)
    # Not where they were friends already, nor where the taker once gave this customer away (wire.md C.5).
    if not silent:
        world.emit(corp, contact_event("add_external_contact", transfer.takeover, transfer.external_userid))


def _finish_room(world: World, corp: Corp, transfer: RoomTransfer) -> None:
    group = corp.groups.get(transfer.chat_id)
    if group is None or transfer.takeover not in corp.users:
        transfer.status = REFUSED
        return
    if transfer.takeover not in group.members:
        newcomer = RoomMember(transfer.takeover, STAFF, transfer.due_at, JOIN_BY_INVITE, invitor=transfer.handover)
        grouping.add_members(world, corp, group, [newcomer])
    grouping.remember(world, corp, group)
    group.owner, group.inherited = transfer.takeover, transfer.resigned
    annals.note(world, corp, annals.OWNED, userid=transfer.takeover, chat_id=group.chat_id)
    if transfer.handover in corp.departed and transfer.handover in group.members:
        grouping.remove_member(world, corp, group, transfer.handover, quit_scene=LEFT_BY_THEMSELVES)
    transfer.status = DONE


def _room_refusal(world: World, corp: Corp, group: Group, wish: Wish) -> int:
    if _moving(corp, group):
        return 90507
    if group.owner == wish.takeover:
        return 90504
    departed = corp.departed.get(group.owner)
    refusal = 0
    if wish.resigned and departed is None:
        refusal = 90508 if group.inherited else 90500
    elif wish.resigned and departed is not None and out_of_date(world, departed):
        refusal = 40205
    elif wish.resigned and _given_today(world, corp, group.owner) >= world.tunables.room_transfers_a_day:
        refusal = 45009
    elif not wish.resigned and departed is not None:
        refusal = 90502
    elif not wish.resigned and _given_lately(world, corp, group) >= world.tunables.transfers_per_window:
        refusal = 40128
    elif wish.takeover not in group.members and len(group.members) >= world.tunables.room_member_limit:
        refusal = 90503
    return refusal


def _moving(corp: Corp, group: Group) -> bool:
    return any(one.chat_id == group.chat_id and one.status == WAITING for one in corp.room_transfers)


def _given_today(world: World, corp: Corp, owner: str) -> int:
    today = annals.day_of(world.now())
    return sum(one.resigned and one.handover == owner and one.started_at >= today for one in corp.room_transfers)


def _given_lately(world: World, corp: Corp, group: Group) -> int:
    since = _window(world, world.now())
    own = (one for one in corp.room_transfers if one.chat_id == group.chat_id and not one.resigned)
    return sum(one.status == DONE and one.started_at >= since for one in own)


def _window(world: World, now: int) -> int:
    """Give 0:00 of the first of the natural days that count, today being the last."""
    return annals.day_of(now) - (world.tunables.transfer_window_days - 1) * annals.DAY


def _friends(corp: Corp, userid: str, external_userid: str) -> bool:
    follow = corp.follows.get((userid, external_userid))
    return follow is not None and not follow.one_way


def _full(world: World, corp: Corp, userid: str) -> bool:
    cap = corp.users[userid].customer_cap
    return len(corp.follows_of[userid]) >= (world.tunables.customer_cap if cap is None else cap)
