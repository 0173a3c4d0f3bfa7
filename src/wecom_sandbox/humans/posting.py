"""Moments as people use them: a clerk publishes one, or posts an own one; customers and colleagues react."""

from wecom_sandbox.clock import day_start
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.moments import Copy, Moment, Reaction
from wecom_sandbox.records import Json, Message

# Receipts older than this cannot weigh on a day any more.
RECEIPTS_KEPT = 2 * 86_400


def publish_moment(script: Script) -> Json:
    """The clerk confirms a moment of the corp, for all it was meant for or for fewer (`external_userids`)."""
    moment, copy = _copy(script)
    if moment.cancelled:
        raise ControlError(409, "the moment was cancelled")
    if copy.published_at:
        raise ControlError(409, "already published")
    audience = _audience(script, moment, copy.userid)
    if "external_userids" in script.wishes:
        chosen = script.names("external_userids")
        if not set(chosen) <= set(audience):
            raise ControlError(409, "external_userids holds customers whom this moment is not meant for")
        audience = chosen
    return _publish(script, moment, copy, audience)


def post_moment(script: Script) -> Json:
    """A member posts a moment of their own: `text`, maybe a `location`."""
    userid, now = script.staff(), script.world.now()
    copy = Copy(userid)
    moment = Moment(
        seq=script.corp.next_seq(),
        moment_id=script.corp.new_id("mom"),
        creator=userid,
        agentid=0,
        create_time=now,
        readable_at=now,
        text={"content": script.text("text")},
        shown={},
        attachments=[],
        tags=[],
        copies={userid: copy},
        location=script.wishes.get("location") or {},
    )
    script.corp.moments.add(moment)
    return {"moment_id": moment.moment_id, **_publish(script, moment, copy, _audience(script, moment, userid))}


def delete_moment(script: Script) -> Json:
    """Somebody deletes a moment in the client: the API does not know it any more."""
    _moment(script).deleted = True
    return {}


def like_moment(script: Script) -> Json:
    """A customer who sees it, or a colleague (`by`), likes a clerk's copy; who likes twice takes it back."""
    _, copy = _copy(script)
    one = _reactor(script, copy)
    old = [like for like in copy.likes if (like.external_userid, like.userid) == (one.external_userid, one.userid)]
    copy.likes = [like for like in copy.likes if like not in old] if old else [*copy.likes, one]
    return {"likes": len(copy.likes)}


def comment_moment(script: Script) -> Json:
    """A customer who sees it, or a colleague (`by`), says something."""
    _, copy = _copy(script)
    one = _reactor(script, copy)
    one.says = script.text("says")
    copy.comments.append(one)
    return {"comments": len(copy.comments)}


def _moment(script: Script) -> Moment:
    moment = script.corp.moments.moments.get(script.text("moment_id"))
    if moment is None or moment.deleted or moment.create_time > script.world.clock.time():
        raise ControlError(404, f"no moment {script.wishes['moment_id']!r}")
    return moment


def _copy(script: Script) -> tuple[Moment, Copy]:
    moment = _moment(script)
    copy = moment.copies.get(script.staff())
    if copy is None:
        raise ControlError(404, "no such moment for this member")
    return moment, copy


def _audience(script: Script, moment: Moment, userid: str) -> list[str]:
    """List whom a member's copy is meant for; who has deleted the member is still among them (wire.md A.3, 84061)."""
    follows = script.corp.follows_of[userid]
    return [one.external_userid for one in follows if not moment.tags or set(moment.tags).intersection(one.tags)]


def _publish(script: Script, moment: Moment, copy: Copy, audience: list[str]) -> Json:
    corp, now = script.corp, script.world.now()
    copy.published_at, copy.chosen = now, audience
    copy.seen = [one for one in audience if _reaches(script, copy.userid, one, now)]
    for one in copy.seen:
        receipts = corp.moments.receipts[one]
        receipts[:] = [*(at for at in receipts if at > now - RECEIPTS_KEPT), now]
    corp.show(Message("moment", copy.userid, now, moment.text, moment.attachments, moment.moment_id), copy.seen)
    return {"chosen": len(copy.chosen), "seen": len(copy.seen)}


def _reaches(script: Script, userid: str, external_userid: str, now: int) -> bool:
    follow = script.corp.follows.get((userid, external_userid))
    today = sum(at >= day_start(now) for at in script.corp.moments.receipts[external_userid])
    return follow is not None and not follow.one_way and today < script.world.tunables.moments_a_customer_a_day


def _reactor(script: Script, copy: Copy) -> Reaction:
    if not copy.published_at:
        raise ControlError(409, "not published yet")
    now = script.world.now()
    if "by" in script.wishes:
        return Reaction("", script.staff("by"), now)
    customer = script.customer().external_userid
    if customer not in copy.seen:
        raise ControlError(409, "this customer does not see it")
    return Reaction(customer, "", now)
