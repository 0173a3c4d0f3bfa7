"""People who talk, who ask for friendship, and who show themselves to other programs."""

from collections.abc import Container

from wecom_sandbox import annals, linking
from wecom_sandbox.chats import SAID, key_of
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans import chatting
from wecom_sandbox.humans.script import Script
from wecom_sandbox.interception import BLOCK, Outgoing, verdict
from wecom_sandbox.records import EXTERNAL, Acquaintance, Json, Message, TempId


def customer_writes(script: Script) -> Json:
    """A customer writes `text` to a member (`userid`), or in a group (`chat_id`)."""
    words, now = {"content": script.text("text", default="")}, script.world.now()
    if "chat_id" in script.wishes:
        group, customer = script.group(), script.customer()
        _need_inside(customer.external_userid, group.members)
        script.corp.say(group.chat_id, now, SAID, customer.external_userid, words)
        _note(script, annals.CUSTOMER_SAID, other=customer.external_userid, chat_id=group.chat_id)
        who = customer.external_userid
        return {"chat_id": group.chat_id, **chatting.say(script, chatting.of_group(script, group, who), who)}
    follow = script.follow()
    script.corp.say(key_of(follow.userid, follow.external_userid), now, SAID, follow.external_userid, words)
    _note(script, annals.CUSTOMER_SAID, userid=follow.userid, other=follow.external_userid)
    linking.customer_wrote(script.world, script.corp, follow)
    chat = chatting.of_two(script, follow.userid, follow.external_userid)
    return chatting.say(script, chat, follow.external_userid)


def staff_writes(script: Script) -> Json:
    """A member writes `text` to a customer (`external_userid`), in a group (`chat_id`), or to a `colleague`.

    To a customer it may be a red packet, and an intercept rule warns, or stops the message.
    """
    if "colleague" in script.wishes or script.wishes.get("chat_id") in script.corp.office.inner_groups:
        return _among_colleagues(script)
    text, now = script.text("text", default=""), script.world.now()
    words = {"content": text}
    if "chat_id" in script.wishes:
        group, userid = script.group(), script.staff()
        _need_inside(userid, group.members)
        readers = [member.userid for member in group.members.values() if member.type == EXTERNAL]
        script.corp.show(Message("chat", userid, now, words, [], chat_id=group.chat_id), readers)
        _note(script, annals.STAFF_SAID, userid=userid, chat_id=group.chat_id)
        return {"chat_id": group.chat_id, **chatting.say(script, chatting.of_group(script, group, userid), userid)}
    follow = script.follow()
    broken = verdict(script.corp, Outgoing(follow.userid, text, script.wishes.get("red_packet") is True))
    said: Json = {"intercepted": {"rule_id": broken.rule_id, "type": broken.intercept_type}} if broken else {}
    if broken is None or broken.intercept_type != BLOCK:
        script.corp.show(Message("chat", follow.userid, now, words, []), [follow.external_userid])
        _note(script, annals.STAFF_SAID, userid=follow.userid, other=follow.external_userid)
        said |= chatting.say(script, chatting.of_two(script, follow.userid, follow.external_userid), follow.userid)
    return said


def _among_colleagues(script: Script) -> Json:
    """What members say to each other shows nowhere but in the archive."""
    userid = script.staff()
    group = script.corp.office.inner_groups.get(str(script.wishes.get("chat_id")))
    people = tuple(group.members) if group else (userid, script.staff("colleague"))
    _need_inside(userid, people)
    return chatting.say(script, chatting.of_colleagues(script, people, group.roomid if group else ""), userid)


def staff_applies(script: Script) -> Json:
    """A member asks a person to become a friend; nothing comes of it but the count."""
    _note(script, annals.APPLIED, userid=script.staff(), other=script.text("name", default=""))
    return {}


def staff_meets(script: Script) -> Json:
    """A member adds a `person` without marking them as a customer: only contact_list shows them."""
    userid, person = script.staff(), script.wishes.get("person")
    if not isinstance(person, dict) or not all(isinstance(person.get(name), str) for name in ("unionid", "name")):
        raise ControlError(400, "person {unionid, name} is needed")
    script.corp.acquaintances.append(Acquaintance(userid, person["name"], person["unionid"], script.world.now()))
    return {}


def opens_mini_program(script: Script) -> Json:
    """Somebody opens a mini-program in a group (`chat_id`), or in a group of plain WeChat; gives its opengid."""
    chat_id = script.group().chat_id if "chat_id" in script.wishes else ""
    opengid = "oG" + script.corp.digest(f"opengid/{chat_id}")[:26]
    script.corp.opengids[opengid] = chat_id
    return {"opengid": opengid}


def joins_meeting(script: Script) -> Json:
    """A customer, or a member of a corp, takes part in a meeting (`business_type` 1) or a form (2), under a temporary id."""
    business, kind = script.wishes.get("business_type", 1), script.wishes.get("user_type", 1)
    if business not in (1, 2) or kind not in (1, 2, 3, 4):
        raise ControlError(400, "business_type is 1 or 2, user_type 1 to 4")
    if "external_userid" in script.wishes:
        meaning = {"external_userid": script.customer().external_userid}
    else:
        meaning = {"corpid": script.corp.corp_id, "userid": script.staff()}
    value = script.corp.new_id("ou")
    script.corp.temp_ids[value] = TempId(value, business, kind, meaning)
    return {"tmp_external_userid": value}


def _need_inside(userid: str, members: Container[str]) -> None:
    if userid not in members:
        raise ControlError(409, "not a member of this group")


def _note(script: Script, kind: str, *, userid: str = "", other: str = "", chat_id: str = "") -> None:
    annals.note(script.world, script.corp, kind, userid=userid, other=other, chat_id=chat_id)
