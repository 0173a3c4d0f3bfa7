"""Looking moments up: lists, tasks, audiences and reactions (wire.md C.9)."""

from wecom_sandbox.errors import WireError
from wecom_sandbox.moments import Copy, Moment, Reaction
from wecom_sandbox.records import Json
from wecom_sandbox.wire.call import Call, cursor_at
from wecom_sandbox.wire.moments import find_moment

BY_CORP, BY_MEMBER, BY_ALL = 0, 1, 2


def get_list(call: Call) -> Json:
    """Answer get_moment_list: an open interval, without what was deleted."""
    start, end = call.integer("start_time"), call.integer("end_time")
    kind = call.integer("filter_type", BY_ALL)
    if not 0 <= end - start <= call.world.tunables.moment_list_most_s or kind not in (BY_CORP, BY_MEMBER, BY_ALL):
        raise WireError(40058)
    creator, now = call.text("creator"), call.world.clock.time()

    def fits(moment: Moment) -> bool:
        mine = not creator or moment.creator == creator
        right = kind == BY_ALL or (kind == BY_MEMBER) == bool(moment.creator)
        there = not moment.deleted and moment.create_time <= now
        return there and mine and right and start < moment.create_time < end

    limit = call.limit(20, 20)
    place, _ = call.cursor("moment")
    later = call.corp.moments.list.after(place, len(call.corp.moments.list))
    page = [moment for moment in later if fits(moment)]
    more = len(page) > limit
    page = page[:limit]
    return {
        "next_cursor": cursor_at("moment", page[-1].seq) if more else "",
        "moment_list": [_describe(moment) for moment in page],
    }


def get_task(call: Call) -> Json:
    """Answer get_moment_task: who has published a moment of the corp."""
    moment = find_moment(call)
    if moment.creator:
        raise WireError(41067)
    if call.world.clock.time() < moment.readable_at:
        raise WireError(41079)
    rows: list[Json] = [
        {"userid": copy.userid, "publish_status": int(bool(copy.published_at))} for copy in moment.copies.values()
    ]
    return _paged(call, "task_list", rows, 500, 1000)


def get_customer_list(call: Call) -> Json:
    """Answer get_moment_customer_list: whom a member let see it."""
    copy = _published(call)
    rows: list[Json] = [{"userid": copy.userid, "external_userid": one} for one in copy.chosen]
    return _paged(call, "customer_list", rows, 500, 1000)


def get_send_result(call: Call) -> Json:
    """Answer get_moment_send_result: who can really see it."""
    rows: list[Json] = [{"external_userid": one} for one in _published(call).seen]
    return _paged(call, "customer_list", rows, 3000, 5000)


def get_comments(call: Call) -> Json:
    """Answer get_moment_comments: who and when, never what."""
    copy = _published(call)
    return {
        "comment_list": [_reaction(one) for one in copy.comments],
        "like_list": [_reaction(one) for one in copy.likes],
    }


def _published(call: Call) -> Copy:
    moment = find_moment(call)
    copy = moment.copies.get(call.text("userid", missing=40058))
    if copy is None:
        raise WireError(41061)
    if not copy.published_at:
        raise WireError(41062)
    return copy


def _paged(call: Call, name: str, rows: list[Json], default: int, most: int) -> Json:
    limit = call.limit(default, most)
    start, _ = call.cursor(name)
    end = start + limit
    return {"next_cursor": cursor_at(name, end) if end < len(rows) else "", name: rows[start:end]}


def _describe(moment: Moment) -> Json:
    answer: Json = {
        "moment_id": moment.moment_id,
        "create_time": moment.create_time,
        "create_type": int(bool(moment.creator)),
        "visible_type": int(not moment.tags),
        **moment.shown,
    }
    for name, value in (("creator", moment.creator), ("text", moment.text), ("location", moment.location)):
        if value:
            answer[name] = value
    return answer


def _reaction(one: Reaction) -> Json:
    who = {"external_userid": one.external_userid} if one.external_userid else {"userid": one.userid}
    return {**who, "create_time": one.create_time}
