"""What is on a customer's and on a member's phone."""

from itertools import islice
from typing import Any

from wecom_sandbox.chats import key_of
from wecom_sandbox.corp import Corp
from wecom_sandbox.moments import Copy, Moment, Reaction
from wecom_sandbox.phones import threads
from wecom_sandbox.records import Follow, Json, MassSender, MassTask, Message
from wecom_sandbox.world import World

CONFIRMED = 2
MOST_CHATS, MOST_CUSTOMERS, MOST_TASKS, MOST_MOMENTS, MOST_NAMES = 40, 100, 30, 30, 60


def customer(corp: Corp, who: str, opened: str) -> Json:
    """Show a customer's phone; `who` is an external_userid, or the unionid of somebody whom the corp may not know."""
    known = corp.customers.get(who) or corp.customers.get(corp.by_unionid.get(who, ""))
    if known is None:
        return {"kind": "customer", "known": False, "friends": [], "chats": [], "moments": [], "thread": None}
    me = known.external_userid
    friends = [follow for follow in corp.followers_of[me] if not follow.one_way]
    staff = dict.fromkeys([*(one.userid for one in friends), *_wrote_to(corp, me)])
    chats = [_chat(corp, f"u:{one}", threads.name_of(corp, one), threads.last_single(corp, one, me)) for one in staff]
    for chat, since in zip(chats, (corp.follows.get((one, me)) for one in staff), strict=True):
        chat["at"] = max(chat["at"], since.createtime if since else 0)
        chat["gone"] = since is None or since.one_way
    chats += _group_chats(corp, me)
    return {
        "kind": "customer", "known": True, "id": me, "name": known.name, "unionid": known.unionid,
        "friends": [{"userid": one.userid, "name": threads.name_of(corp, one.userid)} for one in friends],
        "chats": sorted(chats, key=lambda chat: -chat["at"])[:MOST_CHATS],
        "moments": _moments_seen(corp, me),
        "thread": _thread(corp, opened, me, customer=True),
        "spoke": any(corp.chats.of(key_of(one, me)) for one in staff),
        "welcomed": any(one.kind == "welcome" for one in _inbox(corp, me)),
        "transfers": [
            {"from": threads.name_of(corp, one.handover), "to": threads.name_of(corp, one.takeover), "userid": one.takeover}
            for one in corp.transfers_of.get(me, ()) if one.status == 2
        ],
    }  # fmt: skip


def member(world: World, corp: Corp, userid: str, opened: str, wanted: str) -> Json:
    """Show a member's phone; `wanted` looks for customers by name or remark."""
    user = corp.users.get(userid) or corp.departed.get(userid)
    if user is None:
        return {"kind": "staff", "known": False}
    follows = list(corp.follows_of[userid])
    chats = [_follow_chat(corp, follow) for follow in follows]
    chats += _group_chats(corp, userid) + _app_chats(corp, userid)
    found = [
        one for one in reversed(follows) if wanted in one.remark or wanted in corp.customers[one.external_userid].name
    ]
    return {
        "kind": "staff", "known": True, "id": userid, "name": user.name, "position": user.position,
        "departed": bool(user.left_at), "away_since": user.away_since, "corp": corp.name,
        "chats": sorted(chats, key=lambda chat: -chat["at"])[:MOST_CHATS],
        "customers": [_relation(corp, one) for one in found[:MOST_CUSTOMERS]], "customers_all": len(follows),
        "waiting": sum(one == userid for one, _ in corp.unassigned) if user.left_at else 0,
        "tasks": _tasks(corp, userid),
        "moments": _moments_of(world, corp, userid),
        "thread": _thread(corp, opened, userid, customer=False),
        "tag_groups": [
            {"name": one.name, "tags": [{"id": tag.id, "name": tag.name} for tag in corp.live_tags(one.id)]}
            for one in corp.tag_groups.values() if not one.deleted and not one.strategy_id
        ],
        "templates": [
            {"id": one.template_id, "text": one.text.get("text", {}).get("content", "")}
            for one in corp.group_welcomes.values()
        ],
    }  # fmt: skip


def _wrote_to(corp: Corp, me: str) -> list[str]:
    return [one.userid for one in _inbox(corp, me) if not one.chat_id and one.kind != threads.MOMENT]


def _inbox(corp: Corp, me: str) -> list[Message]:
    return [corp.messages[number] for number in corp.inboxes.get(me, ())]


def _chat(corp: Corp, key: str, title: str, last: Json | None) -> Json:
    chat: Json = {"key": key, "title": title, "last": last, "at": last["at"] if last else 0, "gone": False}
    if last is not None:
        chat["by"] = threads.name_of(corp, last["by"])
    return chat


def _follow_chat(corp: Corp, follow: Follow) -> Json:
    them = follow.external_userid
    chat = _chat(
        corp, f"c:{them}", follow.remark or corp.customers[them].name, threads.last_single(corp, follow.userid, them)
    )
    chat["at"], chat["name"] = max(chat["at"], follow.createtime), corp.customers[them].name
    return chat


def _group_chats(corp: Corp, me: str) -> list[Json]:
    chats = []
    for chat_id in threads.groups_of(corp, me):
        room = corp.groups.get(chat_id)
        chat = _chat(corp, f"g:{chat_id}", room.name if room else "", threads.last_in_group(corp, chat_id, me))
        chat["gone"] = room is None or me not in room.members
        chat["count"] = len(room.members) if room else 0
        chats.append(chat)
    return chats


def _app_chats(corp: Corp, userid: str) -> list[Json]:
    """Give what apps wrote: one chat for each app."""
    last = {notice.agentid: notice for notice in corp.notices.get(userid, ()) if not notice.recalled}
    return [
        {
            "key": f"a:{agentid}", "title": corp.apps[agentid].name if agentid in corp.apps else str(agentid),
            "at": notice.time, "gone": False, "last": {"at": notice.time, "kind": "notice", "notice": _notice(vars(notice))},
        }
        for agentid, notice in last.items()
    ]  # fmt: skip


def _notice(notice: Json) -> Json:
    return {name: notice[name] for name in ("msgid", "msgtype", "content", "time", "recalled")}


def _relation(corp: Corp, follow: Follow) -> Json:
    them = corp.customers[follow.external_userid]
    tags = [{"id": one, "name": corp.tags[one].name} for one in follow.tags if not corp.tags[one].deleted]
    names = ("external_userid", "remark", "description", "remark_mobiles", "state", "createtime", "add_way")
    return {"name": them.name, "tags": tags, **{name: getattr(follow, name) for name in names}}


def _thread(corp: Corp, opened: str, me: str, *, customer: bool) -> Json | None:
    kind, _, other = opened.partition(":")
    if kind == "g":
        return {"key": opened, **threads.group(corp, other, me)}
    if kind == "a":
        notices = [vars(one) for one in corp.notices.get(me, ()) if str(one.agentid) == other]
        return {"key": opened, "notices": [_notice(one) for one in notices[-MOST_CHATS:]]}
    if kind not in ("u", "c"):
        return None
    userid, external = (other, me) if customer else (me, other)
    follow = corp.follows.get((userid, external))
    inside = follow is not None and not follow.one_way
    relation = _relation(corp, follow) if follow is not None and not customer else None
    return {"key": opened, **threads.single(corp, userid, external), "inside": inside, "relation": relation}


def _tasks(corp: Corp, userid: str) -> list[Json]:
    mine = ((task, task.senders[userid]) for task in reversed(corp.mass_task_list) if userid in task.senders)
    return [_task(corp, task, sender) for task, sender in islice(mine, MOST_TASKS)]


def _task(corp: Corp, task: MassTask, sender: MassSender) -> Json:
    def title(target: str) -> str:
        room = corp.groups.get(target)
        return room.name if room else threads.name_of(corp, target)

    return {
        "msgid": task.msgid, "at": task.create_time, "group": task.chat_type == "group", "text": task.text.get("content", ""),
        "attachments": task.attachments, "count": len(sender.items), "app": _app_name(corp, task.agentid),
        "to": [title(item.target) for item in sender.items[:MOST_NAMES]], "cancelled": task.cancelled,
        "done": sender.status == CONFIRMED, "sent": sum(item.status == 1 for item in sender.items),
        "reminded": len(task.reminders),
    }  # fmt: skip


def _app_name(corp: Corp, agentid: int) -> str:
    return corp.apps[agentid].name if agentid in corp.apps else ""


def _moments_seen(corp: Corp, me: str) -> list[Json]:
    seen = reversed(_inbox(corp, me))
    found = [(corp.moments.moments.get(one.msgid), one.userid) for one in seen if one.kind == threads.MOMENT]
    alive = [(moment, moment.copies[by]) for moment, by in found if moment is not None and not moment.deleted]
    return [_moment(corp, moment, copy, me) for moment, copy in alive[:MOST_MOMENTS]]


def _moments_of(world: World, corp: Corp, userid: str) -> list[Json]:
    now = world.clock.time()
    mine = (
        (moment, moment.copies[userid]) for moment in reversed(corp.moments.list)
        if userid in moment.copies and not moment.deleted and moment.readable_at <= now
    )  # fmt: skip
    return [
        {
            **_moment(corp, moment, copy, userid), "open": not copy.published_at and not moment.cancelled,
            "cancelled": moment.cancelled, "own": bool(moment.creator), "app": _app_name(corp, moment.agentid),
            "seen": len(copy.seen),
        }
        for moment, copy in islice(mine, MOST_MOMENTS)
    ]  # fmt: skip


def _moment(corp: Corp, moment: Moment, copy: Copy, me: str) -> Json:
    def by(one: Reaction) -> str:
        return one.external_userid or one.userid

    return {
        "moment_id": moment.moment_id, "userid": copy.userid, "name": threads.name_of(corp, copy.userid),
        "at": copy.published_at or moment.create_time, "text": moment.text.get("content", ""),
        "attachments": moment.attachments, "likes": [threads.name_of(corp, by(one)) for one in copy.likes],
        "liked": any(by(one) == me for one in copy.likes),
        "comments": [{"name": threads.name_of(corp, by(one)), "says": one.says} for one in copy.comments],
    }  # fmt: skip


def stage(corp: Corp, wanted: str) -> dict[str, Any]:
    """List who could be given a phone, found by name."""
    staff = (one for one in corp.users.values() if wanted in one.name or wanted in one.userid or wanted in one.position)
    customers = (one for one in reversed(corp.customers.values()) if wanted in one.name)
    return {
        "staff": [
            {
                "userid": one.userid, "name": one.name, "position": one.position, "customers": len(corp.follows_of[one.userid]),
                "department": " / ".join(corp.departments[d].name for d in one.department if d in corp.departments),
            }
            for one in islice(staff, MOST_NAMES)
        ],
        "customers": [
            {"id": one.external_userid, "name": one.name, "friends": len(corp.followers_of[one.external_userid])}
            for one in islice(customers, MOST_NAMES)
        ],
        "departed": [{"userid": one.userid, "name": one.name} for one in islice(corp.departed.values(), MOST_NAMES)],
        "staff_all": len(corp.users), "customers_all": len(corp.customers),
    }  # fmt: skip
