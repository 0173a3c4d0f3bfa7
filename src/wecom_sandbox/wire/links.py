"""Acquisition links (wire.md C.10): an app knows only its own; WeCom names no code for an unknown one, here 40058."""

from dataclasses import replace

from wecom_sandbox.errors import WireError
from wecom_sandbox.interception import covered
from wecom_sandbox.linkbook import Link
from wecom_sandbox.records import Json
from wecom_sandbox.wire.call import Call, cursor_at, texts_in

ANYBODY_KNOWN, LISTED_KNOWN = 1, 2
DAY = 86_400
# Days begin at 0:00 in China.
ZONE = 8 * 3600


def list_ids(call: Call) -> Json:
    """Answer list_link: the app's own links that work."""
    limit = call.limit(100, 100)
    place, _ = call.cursor("link")
    mine: list[Link] = []
    while len(mine) <= limit:
        chunk = call.corp.links.in_order.after(place, limit + 1)
        if not chunk:
            break
        place = chunk[-1].seq
        mine.extend(link for link in chunk if link.agentid == call.app.agentid and not link.unavailable)
    page = mine[:limit]
    return {
        "link_id_list": [link.link_id for link in page],
        "next_cursor": cursor_at("link", page[-1].seq) if len(mine) > limit else "",
    }


def get(call: Call) -> Json:
    """Answer get."""
    link = _own(call)
    return {
        "link": {
            "link_name": link.link_name,
            "url": _url(call, link),
            "create_time": link.create_time,
            "skip_verify": link.skip_verify,
            "mark_source": link.mark_source,
        },
        "range": {"user_list": link.users, "department_list": link.departments},
        **({"priority_option": link.priority} if link.priority else {}),
    }


def create(call: Call) -> Json:
    """Answer create_link."""
    cap = call.world.tunables.links_most
    if cap and len(call.corp.links.links) >= cap:
        raise WireError(41095)
    call.text("link_name", missing=40058)
    if not call.nested("range"):
        raise WireError(40058, "range is missing")
    seq = call.corp.next_seq()
    link = _settle(call, Link(seq, call.corp.new_id("ca"), call.app.agentid, call.world.now()))
    call.corp.links.add(link)
    names = ("link_id", "link_name", "create_time")
    return {"link": {**{name: getattr(link, name) for name in names}, "url": _url(call, link)}}


def update(call: Call) -> Json:
    """Answer update_link: what is not named stays, range and priority replace."""
    link = _own(call)
    vars(link).update(vars(_settle(call, replace(link))))
    return {}


def delete(call: Call) -> Json:
    """Answer delete_link, which fires nothing."""
    call.corp.links.remove(_own(call))
    return {}


def list_customers(call: Call) -> Json:
    """Answer customer: who came by a link, and whether they have written."""
    link = _own(call)
    limit = call.limit(1000, 1000)
    place, _ = call.cursor(f"arrival{link.seq}")
    found = call.corp.links.arrivals_of[link.link_id].after(place, limit + 1)
    page = found[:limit]
    rows = [
        {
            "external_userid": one.external_userid,
            "userid": one.userid,
            "chat_status": int(one.written > 0),
            "state": one.state,
        }
        for one in page
    ]
    return {
        "customer_list": rows,
        "next_cursor": cursor_at(f"arrival{link.seq}", page[-1].seq) if len(found) > limit else "",
    }


def quota(call: Call) -> Json:
    """Answer customer_acquisition_quota."""
    book = call.corp.links
    lots = [{"expire_date": lot.expires_at, "balance": lot.left} for lot in book.lots if lot.left]
    return {"total": book.used, "balance": book.balance(), "quota_list": lots}


def statistic(call: Call) -> Json:
    """Answer statistic, in whole days: how many people opened the link, how many came."""
    link = _own(call)
    start, end = call.integer("start_time"), call.integer("end_time")
    limits = call.world.tunables
    earliest = call.world.now() - limits.link_statistic_back_days * DAY
    if not 0 <= end - start <= limits.link_statistic_days * DAY or start < earliest:
        raise WireError(40058, "start_time and end_time lie too far apart, or back")
    days = range(_day(start), _day(end) + 1)
    return {
        "click_link_customer_cnt": len({who for at, who in link.clicks if _day(at) in days}),
        "new_customer_cnt": sum(_day(one.added_at) in days for one in call.corp.links.arrivals_of[link.link_id]),
    }


def get_chat_info(call: Call) -> Json:
    """Answer get_chat_info, for half an hour after the event."""
    horizon = call.world.now() - call.world.tunables.chat_key_life_s
    chat = call.corp.links.chat_keys.get(call.text("chat_key", missing=41201))
    link = call.corp.links.links.get(chat.link_id) if chat else None
    if chat is None or link is None or link.agentid != call.app.agentid or chat.at < horizon:
        raise WireError(41201)
    return {
        "userid": chat.userid,
        "external_userid": chat.external_userid,
        "chat_info": {"recv_msg_cnt": chat.count, "link_id": chat.link_id, "state": chat.state},
    }


def _day(at: int) -> int:
    return (at + ZONE) // DAY


def _url(call: Call, link: Link) -> str:
    return f"{call.base_url}ca/{link.link_id}"


def _own(call: Call) -> Link:
    link = call.corp.links.links.get(call.text("link_id", missing=40058))
    if link is None or link.agentid != call.app.agentid:
        raise WireError(40058, "invalid link_id")
    return link


def _settle(call: Call, link: Link) -> Link:
    link.link_name = call.text("link_name", longest=call.world.tunables.link_name_most) or link.link_name
    if call.args.get("range") is not None:
        link.users, link.departments = _range(call)
    link.skip_verify = call.flag("skip_verify", default=link.skip_verify)
    link.mark_source = call.flag("mark_source", default=link.mark_source)
    if call.args.get("priority_option") is not None:
        link.priority = _priority(call)
    return link


def _range(call: Call) -> tuple[list[str], list[int]]:
    body, most = call.nested("range"), call.world.tunables.link_people_most
    users = list(dict.fromkeys(texts_in(body, "user_list", most=most)))
    departments = body.get("department_list") or []
    if any(userid not in call.corp.users for userid in users):
        raise WireError(60111)
    if not isinstance(departments, list) or any(
        type(one) is not int or one not in call.corp.departments for one in departments
    ):
        raise WireError(60123)
    call.need_sight(users, departments)
    if not 1 <= len(covered(call.corp, users, departments)) <= most:
        raise WireError(40058, f"range holds 1 to {most} people")
    return users, departments


def _priority(call: Call) -> Json:
    body, most = call.nested("priority_option"), call.world.tunables.link_priority_most
    kind, listed = body.get("priority_type"), texts_in(body, "priority_userid_list", most=most)
    if kind not in (ANYBODY_KNOWN, LISTED_KNOWN) or (kind == LISTED_KNOWN and not listed):
        raise WireError(40058, "invalid priority_option")
    if any(userid not in call.corp.users for userid in listed):
        raise WireError(60111)
    return {"priority_type": kind, "priority_userid_list": listed}
