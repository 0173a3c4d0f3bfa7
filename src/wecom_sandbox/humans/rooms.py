"""Groups as people use them: joining by code, leaving, being removed, opening and dismissing."""

from wecom_sandbox import annals, grouping
from wecom_sandbox.callbacks.events import chat_event, group_event, member_event
from wecom_sandbox.chats import JOINED
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import EXTERNAL, JOIN_BY_INVITE, JOIN_BY_QR, STAFF, Group, JoinWay, Json, Member, Message
from wecom_sandbox.wire.customers import WECHAT

LEFT, REMOVED = 0, 1


def join(script: Script) -> Json:
    """A customer scans a 加入群聊 code."""
    way = script.code(script.corp.join_ways, "join way")
    customer = script.person()
    rooms = [script.corp.groups[one] for one in way.chat_id_list if one in script.corp.groups]
    old = next((room for room in rooms if customer.external_userid in room.members), None)
    if old is not None:
        return {"chat_id": old.chat_id, "external_userid": customer.external_userid, "already": True}
    limit = script.world.tunables.room_qr_limit
    room = next((room for room in reversed(rooms) if room.qr_members() < limit), None)
    opened_new = room is None
    if room is None:
        room = _open_next(script, way, rooms)
    now = script.world.now()
    _enter(script, room, [Member(customer.external_userid, EXTERNAL, now, JOIN_BY_QR, state=way.state)])
    return {"chat_id": room.chat_id, "external_userid": customer.external_userid, "opened_new": opened_new}


def invite(script: Script) -> Json:
    """A member of the corp brings customers into a group, without a code."""
    group = script.group()
    most = script.world.tunables.room_member_limit
    by = script.text("userid", default=group.owner)
    newcomers = [one for one in script.names("external_userids") if one not in group.members]
    _know_all(script, newcomers)
    if len(group.members) + len(newcomers) > most:
        raise ControlError(409, f"a group has at most {most} members")
    if newcomers:
        now = script.world.now()
        _enter(script, group, [Member(one, EXTERNAL, now, JOIN_BY_INVITE, invitor=by) for one in newcomers])
    return {"chat_id": group.chat_id, "added": newcomers}


def leave(script: Script) -> Json:
    """A customer leaves a group."""
    return _exit(script, LEFT)


def kick(script: Script) -> Json:
    """The owner removes a customer from a group."""
    return _exit(script, REMOVED)


def create_group(script: Script) -> Json:
    """A member opens a group and brings customers, and colleagues (`staff`), into it."""
    owner = script.staff("owner")
    customers, colleagues = script.names("members"), script.names("staff")
    _know_all(script, customers)
    if any(userid not in script.corp.users for userid in colleagues):
        raise ControlError(404, "staff names an unknown member")
    wechat = sum(script.corp.customers[one].type == WECHAT for one in customers)
    if wechat > script.world.tunables.wechat_people_most:
        raise ControlError(409, f"a group is made with at most {script.world.tunables.wechat_people_most} WeChat users")
    group = grouping.open_group(script.world, script.corp, owner, script.text("name"))
    now = script.world.now()
    for userid, kind in [*((one, STAFF) for one in colleagues), *((one, EXTERNAL) for one in customers)]:
        if userid not in group.members:
            group.members[userid] = Member(userid, kind, now, JOIN_BY_INVITE, invitor=owner)
            annals.note(script.world, script.corp, annals.FOUNDED, other=userid, chat_id=group.chat_id)
    invited = [one for one in group.members if one != owner]
    if invited:
        script.corp.say(group.chat_id, now, JOINED, owner, {"who": invited})
    script.emit(chat_event("create", group.chat_id))
    return {"chat_id": group.chat_id}


def dismiss_group(script: Script) -> Json:
    """The owner dismisses a group."""
    group = script.group()
    grouping.remember(script.world, script.corp, group)
    script.corp.remove_group(group)
    annals.note(script.world, script.corp, annals.DISMISSED, chat_id=group.chat_id)
    script.emit(chat_event("dismiss", group.chat_id))
    return {}


def owner_edits_group(script: Script) -> Json:
    """The owner gives the group another `name`, `notice` or `owner` (one of its staff members); one event for each."""
    group = script.group()
    if not {"name", "notice", "owner"}.intersection(script.wishes):
        raise ControlError(400, "one of name, notice, owner is needed")
    if "owner" in script.wishes and script.staff("owner") not in group.members:
        raise ControlError(409, "the new owner is not in the group")
    for name in ("name", "notice", "owner"):
        if name in script.wishes:
            grouping.remember(script.world, script.corp, group)
            setattr(group, name, script.text(name))
            script.emit(group_event(group.chat_id, f"change_{name}"))
    if "owner" in script.wishes:
        annals.note(script.world, script.corp, annals.OWNED, userid=group.owner, chat_id=group.chat_id)
    return {}


def pick_group_welcome(script: Script) -> Json:
    """The owner picks what the group says to newcomers, a template or ("") nothing any more."""
    group, template_id = script.group(), script.text("template_id")
    if template_id and template_id not in script.corp.group_welcomes:
        raise ControlError(404, f"no template {template_id!r}")
    group.welcome_template = template_id
    return {}


def _open_next(script: Script, way: JoinWay, rooms: list[Group]) -> Group:
    if not way.auto_create_room:
        raise ControlError(409, "full: every room of this join way is full and it opens no new ones")
    if not rooms:
        raise ControlError(409, "every room of this join way is dismissed")
    name = f"{way.room_base_name}{way.room_base_id}"
    owner = next((room.owner for room in reversed(rooms) if room.owner in script.corp.users), None)
    if owner is None:
        raise ControlError(409, "every owner of this join way's rooms has left")
    room = grouping.open_group(script.world, script.corp, owner, name)
    way.room_base_id += 1
    # The oldest full rooms make place for those that the way opens.
    way.chat_id_list = [*way.chat_id_list, room.chat_id][-script.world.tunables.join_way_rooms_most :]
    script.emit(chat_event("create", room.chat_id))
    return room


def _enter(script: Script, group: Group, members: list[Member]) -> None:
    change = grouping.add_members(script.world, script.corp, group, members)
    script.emit(member_event(group.chat_id, change))
    for member in members:
        _greet(script, group, member)


def _greet(script: Script, group: Group, member: Member) -> None:
    """Say the picked template to a newcomer; no event tells of it (wire.md I.2)."""
    template = script.corp.group_welcomes.get(group.welcome_template)
    if template is None or member.type != EXTERNAL:
        return
    # WeCom minds the case of the placeholder.
    nickname = script.corp.customers[member.userid].name
    text = {name: value.replace("%NICKNAME%", nickname) for name, value in template.text.get("text", {}).items()}
    parts: list[Json] = [{"msgtype": kind, kind: body} for kind, body in template.parts.items()]
    now = script.world.now()
    message = Message("group_welcome", group.owner, now, text, parts, template.template_id, group.chat_id)
    script.corp.show(message, [member.userid])


def _exit(script: Script, quit_scene: int) -> Json:
    group, customer = script.group(), script.customer()
    if customer.external_userid not in group.members:
        raise ControlError(409, "not a member of this group")
    change = grouping.remove_member(script.world, script.corp, group, customer.external_userid, quit_scene=quit_scene)
    script.emit(member_event(group.chat_id, change))
    return {"chat_id": group.chat_id}


def _know_all(script: Script, external_userids: list[str]) -> None:
    unknown = [one for one in external_userids if one not in script.corp.customers]
    if unknown:
        raise ControlError(404, f"no customer {unknown[0]!r}")
