"""People and the archive: the administrator buys seats, customers agree or refuse, members open groups of their own."""

from dataclasses import replace

from wecom_sandbox.callbacks.events import contact_event
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans import chatting
from wecom_sandbox.humans.script import Script
from wecom_sandbox.office import Consent, InnerGroup, Robot
from wecom_sandbox.records import Json
from wecom_sandbox.wire.archive import EDITIONS


def admin_sets_archive(script: Script) -> Json:
    """Give seats of an `edition` to `userids` (it takes theirs from all others in it), until `ends` (unix, 0 never)."""
    edition, ends = script.wishes.get("edition", 1), script.wishes.get("ends", 0)
    if (
        not isinstance(edition, int)
        or edition not in EDITIONS
        or not isinstance(ends, int)
        or isinstance(ends, bool)
        or ends < 0
    ):
        raise ControlError(400, "edition is 1, 2 or 3; ends is a unix time")
    userids, office = script.names("userids"), script.corp.office
    if any(one not in script.corp.users for one in userids):
        raise ControlError(404, "userids names an unknown member")
    kept = {userid: bought for userid, bought in office.archive_seats.items() if bought != edition}
    office.archive_seats = {**kept, **dict.fromkeys(userids, edition)}
    office.archive_ends = ends
    return {"seats": len(office.archive_seats)}


def agree_to_archive(script: Script) -> Json:
    """The customer agrees, for the chat with `userid` (of which apps hear) or for the group `chat_id`."""
    consent = _decide(script, agreed=True)
    if consent.userid:
        script.emit(contact_event("msg_audit_approved", consent.userid, consent.external_userid))
    return {}


def refuse_archive(script: Script) -> Json:
    """The customer refuses; nobody is told."""
    _decide(script, agreed=False)
    return {}


def create_inner_group(script: Script) -> Json:
    """A member opens a group with colleagues (`staff`)."""
    owner, staff, now = script.staff("owner"), script.names("staff"), script.world.now()
    if any(one not in script.corp.users for one in staff):
        raise ControlError(404, "staff names an unknown member")
    roomid = script.corp.new_id("wr")
    members = dict.fromkeys([owner, *staff], now)
    group = InnerGroup(roomid, script.text("name"), owner, now, members, script.text("notice", default=""))
    script.corp.office.inner_groups[roomid] = group
    return {"roomid": roomid}


def add_robot(script: Script) -> Json:
    """A member makes a robot."""
    robot = Robot(script.corp.new_id("wb"), script.text("name"), script.staff())
    script.corp.office.robots[robot.robot_id] = robot
    return {"robot_id": robot.robot_id}


def _decide(script: Script, *, agreed: bool) -> Consent:
    external = script.customer().external_userid
    if "chat_id" in script.wishes:
        group = script.group()
        if external not in group.members:
            raise ControlError(409, "not a member of this group")
        consent = Consent(external, "", group.chat_id, agreed, script.world.now())
    else:
        consent = Consent(external, script.follow().userid, "", agreed, script.world.now())
    script.corp.office.consent(consent)
    _say(script, consent)
    return consent


def _say(script: Script, consent: Consent) -> None:
    """The answer itself is in the archive, whichever it is."""
    who, word = consent.external_userid, "agree" if consent.agreed else "disagree"
    group = script.corp.groups.get(consent.chat_id)
    chat = chatting.of_group(script, group, who) if group else chatting.of_two(script, consent.userid, who)
    content = {"msgtype": word, word: {"userid": who, f"{word}_time": consent.at * 1000}}
    seated = chatting.seated(script, [one for one in chat.people if one in script.corp.users])
    chatting.say(script, replace(chat, kept=seated), who, content=content)
