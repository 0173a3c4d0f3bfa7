"""Customers who add and leave staff, and clerks who tag, remark and delete."""

import secrets

from wecom_sandbox import annals
from wecom_sandbox.callbacks.events import contact_event
from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import ContactWay, Customer, Follow, Json, TempChat, Welcome
from wecom_sandbox.wire.customers import WECHAT, retag

BY_QR, BY_CHANNELS = 1, 10
CHANNEL_SOURCES = (0, 1, 2, 3)


def scan(script: Script) -> Json:
    """A customer scans a 联系我 code and adds the member it leads to."""
    corp = script.corp
    way = _way(script)
    customer = script.person()
    if way.is_temp and way.unionid not in ("", customer.unionid):
        raise ControlError(403, "this temporary contact way is for another person")
    staff = _staff(corp, way)
    old = friend_among(corp, staff, customer)
    if old is None and script.wishes.get("half") is True:
        return _half(script, way, staff, customer)
    if old is not None:
        _open_temporary(script, way, old, customer)
        return {"external_userid": customer.external_userid, "userid": old, "already": True}
    done = make_friends(script, staff, customer, state=way.state)
    _open_temporary(script, way, done["userid"], customer)
    return done


def make_friends(script: Script, staff: list[str], customer: Customer, *, state: str, add_way: int = BY_QR) -> Json:
    """The customer adds the member among `staff` who has most room, and apps hear of it."""
    follow = _befriend(script, _pick(script, staff), customer, state, add_way)
    annals.note(script.world, script.corp, annals.ADDED, userid=follow.userid, other=follow.external_userid)
    code = _welcome_code(script, follow, customer)
    extra = {"State": state, "WelcomeCode": code}
    script.emit(contact_event("add_external_contact", follow.userid, follow.external_userid, extra))
    return {"external_userid": follow.external_userid, "userid": follow.userid, "welcome_code": code}


def staff_accepts(script: Script) -> Json:
    """A member makes a half friend a whole one, whom apps may greet no more: the first event's code was for that."""
    corp, key = script.corp, (script.staff(), script.customer().external_userid)
    follow = corp.halves.pop(key, None)
    if follow is None:
        raise ControlError(409, "they are no half friends")
    follow.seq = corp.next_seq()
    if not script.world.tunables.half_friends_since_scan:
        follow.createtime = script.world.now()
    corp.add_follow(follow)
    annals.note(script.world, corp, annals.ADDED, userid=follow.userid, other=follow.external_userid)
    script.emit(contact_event("add_external_contact", *key, {"State": follow.state}))
    return {}


def _half(script: Script, way: ContactWay, staff: list[str], customer: Customer) -> Json:
    """The customer adds a member who need not confirm, and is no friend of theirs until `staff_accepts` (wire.md F.4)."""
    if not way.skip_verify:
        raise ControlError(409, "this code asks for the member's consent: nobody becomes half a friend")
    corp, userid = script.corp, _pick(script, staff)
    follow = _new_follow(script, userid, customer, way.state, BY_QR)
    corp.add_half(follow)
    code = _welcome_code(script, follow, customer)
    extra = {"State": way.state, "WelcomeCode": code}
    script.emit(contact_event("add_half_external_contact", userid, customer.external_userid, extra))
    return {"external_userid": customer.external_userid, "userid": userid, "welcome_code": code, "half": True}


def friend_among(corp: Corp, staff: list[str], customer: Customer) -> str | None:
    """Find the first member whom the customer has added already."""
    return next((userid for userid in staff if _friends(corp, userid, customer)), None)


def customer_deletes(script: Script) -> Json:
    """The customer deletes the member: del_follow_user."""
    follow = script.follow()
    if script.world.tunables.one_way_after_customer_deletes:
        follow.one_way = True
    else:
        script.corp.remove_follow(follow)
    annals.note(script.world, script.corp, annals.REJECTED, userid=follow.userid, other=follow.external_userid)
    script.emit(contact_event("del_follow_user", follow.userid, follow.external_userid))
    return {}


def staff_deletes(script: Script) -> Json:
    """The member deletes the customer: the API shows nothing of the relation any more."""
    follow = script.follow()
    script.corp.remove_follow(follow)
    script.emit(contact_event("del_external_contact", follow.userid, follow.external_userid))
    return {}


def staff_tags(script: Script) -> Json:
    """The member marks the customer with tags in the client."""
    follow = script.follow()
    retag(script.world, script.corp, follow, script.names("add"), script.names("remove"))
    script.emit(contact_event("edit_external_contact", follow.userid, follow.external_userid))
    return {"tags": follow.tags}


def staff_remarks(script: Script) -> Json:
    """The member changes the remark, description or phone numbers in the client."""
    follow = script.follow()
    if not {"remark", "description", "remark_mobiles"}.intersection(script.wishes):
        raise ControlError(400, "one of remark, description, remark_mobiles is needed")
    follow.remark = script.text("remark", default=follow.remark)
    follow.description = script.text("description", default=follow.description)
    if "remark_mobiles" in script.wishes:
        follow.remark_mobiles = script.names("remark_mobiles")
    script.emit(contact_event("edit_external_contact", follow.userid, follow.external_userid))
    return {}


def _way(script: Script) -> ContactWay:
    way = script.code(script.corp.contact_ways, "contact way")
    if way.is_temp and way.create_time + way.expires_in < script.world.now():
        raise ControlError(410, "this temporary contact way has expired")
    return way


def _open_temporary(script: Script, way: ContactWay, userid: str, customer: Customer) -> None:
    """Begin the chat of a temporary code, which dies after its one use (wire.md C.2)."""
    if not way.is_temp:
        return
    corp = script.corp
    before = corp.temp_chats.get((userid, customer.external_userid))
    if before is not None:
        before.closed = True
    due = script.world.now() + way.chat_expires_in
    corp.add_temp_chat(TempChat(corp.next_seq(), userid, customer.external_userid, due, way.conclusions))
    corp.remove_contact_way(way)


def _staff(corp: Corp, way: ContactWay) -> list[str]:
    by_party = [user.userid for one in way.party for user in corp.members_of(one, deep=True)]
    return [userid for userid in dict.fromkeys([*way.user, *by_party]) if userid in corp.users]


def _friends(corp: Corp, userid: str, customer: Customer) -> bool:
    follow = corp.follows.get((userid, customer.external_userid))
    return follow is not None and not follow.one_way


def _pick(script: Script, staff: list[str]) -> str:
    """Choose the member with the fewest customers among those who may take another."""
    corp = script.corp
    corp_most = script.world.tunables.corp_customers_most
    if corp_most and len(corp.follows) >= corp_most:
        raise ControlError(409, "full: the corp is at its customer cap")

    def room(userid: str) -> bool:
        cap = corp.users[userid].customer_cap
        most = script.world.tunables.customer_cap if cap is None else cap
        return len(corp.follows_of[userid]) < most

    free = [userid for userid in staff if room(userid)]
    if not free:
        raise ControlError(409, "full: every member of this contact way is at the customer cap")
    return min(free, key=lambda userid: len(corp.follows_of[userid]))


def _befriend(script: Script, userid: str, customer: Customer, state: str, add_way: int) -> Follow:
    corp = script.corp
    stale = corp.follows.get((userid, customer.external_userid))
    if stale is not None:
        corp.remove_follow(stale)
    corp.halves.pop((userid, customer.external_userid), None)
    follow = _new_follow(script, userid, customer, state, add_way)
    corp.add_follow(follow)
    return follow


def _new_follow(script: Script, userid: str, customer: Customer, state: str, add_way: int) -> Follow:
    channels = _channels(script)
    return Follow(
        seq=script.corp.next_seq(),
        userid=userid,
        external_userid=customer.external_userid,
        createtime=script.world.now(),
        state=state,
        add_way=BY_CHANNELS if channels else add_way,
        channels=channels,
        # Who asked: the customer.
        oper_userid=customer.external_userid,
    )


def _channels(script: Script) -> Json | None:
    """Read from which 视频号 the customer comes (`channels`: nickname and source), None where from none."""
    told = script.wishes.get("channels")
    if told is None:
        return None
    if (
        not isinstance(told, dict)
        or not isinstance(told.get("nickname"), str)
        or told.get("source", 0) not in CHANNEL_SOURCES
    ):
        raise ControlError(400, "channels is {nickname, source from 0 to 3}")
    return {"nickname": told["nickname"], "source": told.get("source", 0)}


def _welcome_code(script: Script, follow: Follow, customer: Customer) -> str:
    """Issue a code, if anybody can hear it; WeCom's own users (type 2) get none (wire.md C.8)."""
    if customer.type != WECHAT or not script.world.listeners(script.corp):
        return ""
    code = secrets.token_urlsafe(32)
    issued = script.world.clock.time()
    script.corp.add_welcome(Welcome(code, follow.userid, follow.external_userid, issued))
    script.world.tally.events["welcomes_issued"] += 1
    return code
