"""Chats of members that an app makes (wire.md D, appchat); the app must see the whole corp."""

import re

from wecom_sandbox.errors import WireError
from wecom_sandbox.office import AppChat
from wecom_sandbox.records import Json, Notice
from wecom_sandbox.sight import sees_all
from wecom_sandbox.wire import app_content
from wecom_sandbox.wire.call import Call
from wecom_sandbox.wire.messages import DAY, HOUR, MINUTE, too_many

NAME = 50
CHAT_ID = re.compile(r"[0-9A-Za-z]{1,32}")


def create(call: Call) -> Json:
    """Answer appchat/create; without an owner one of the members is."""
    _whole_corp(call)
    name = _name(call)
    members = list(dict.fromkeys(call.texts("userlist")))
    _check_members(call, members)
    owner = call.text("owner") or members[0]
    if owner not in members:
        raise WireError(86005)
    chatid = call.text("chatid") or call.corp.new_id("")
    if not CHAT_ID.fullmatch(chatid):
        raise WireError(86216)
    if chatid in call.corp.office.chats:
        raise WireError(86215)
    call.corp.office.take("appchat/create", call.world.tunables.app_chats_a_day, DAY, call.world.now())
    call.corp.office.chats[chatid] = AppChat(chatid, call.app.agentid, name, owner, members)
    return {"chatid": chatid}


def update(call: Call) -> Json:
    """Answer appchat/update: all of it, or nothing."""
    chat = _own(call)
    name = _name(call)
    add, remove = call.texts("add_user_list"), call.texts("del_user_list")
    members = [one for one in dict.fromkeys([*chat.members, *add]) if one not in remove]
    _check_members(call, members)
    owner = call.text("owner") or (chat.owner if chat.owner in members else members[0])
    if owner not in members:
        raise WireError(86005)
    call.corp.office.take("appchat/update", call.world.tunables.app_chat_updates_an_hour, HOUR, call.world.now())
    chat.name, chat.owner, chat.members = name or chat.name, owner, members
    return {}


def get(call: Call) -> Json:
    """Answer appchat/get."""
    chat = _own(call)
    shown = {"chatid": chat.chatid, "name": chat.name, "owner": chat.owner, "userlist": chat.members}
    return {"chat_info": {**shown, "chat_type": 0}}


def send(call: Call) -> Json:
    """Answer appchat/send; a member who got too much is left out silently."""
    chat = _own(call)
    msgtype, content = app_content.read(call, app_content.TO_CHATS)
    tunables, now, office = call.world.tunables, call.world.now(), call.corp.office
    office.take("appchat/send/minute", tunables.app_chat_pushes_a_minute, MINUTE, now, len(chat.members))
    office.take("appchat/send/hour", tunables.app_chat_pushes_an_hour, HOUR, now, len(chat.members))
    msgid = call.corp.new_id("n")
    limits = ((MINUTE, tunables.app_chat_per_minute), (DAY, tunables.app_chat_per_day))
    for userid in chat.members:
        notice = Notice(msgid, call.app.agentid, now, msgtype, content, call.integer("safe", 0), chat.chatid)
        if not too_many(call, userid, notice, limits):
            call.corp.notices[userid].append(notice)
    return {}


def _whole_corp(call: Call) -> None:
    if not sees_all(call.app):
        raise WireError(60011)


def _own(call: Call) -> AppChat:
    _whole_corp(call)
    chat = call.corp.office.chats.get(call.text("chatid", missing=86002))
    if chat is None:
        raise WireError(86003)
    if chat.agentid != call.app.agentid:
        raise WireError(86008)
    return chat


def _name(call: Call) -> str:
    name = call.text("name")
    if len(name) > NAME:
        raise WireError(86004)
    return name


def _check_members(call: Call, members: list[str]) -> None:
    if not 2 <= len(members) <= call.world.tunables.inner_members_most:
        raise WireError(86006)
    if any(one not in call.corp.users for one in members):
        raise WireError(86007)
