"""People who open acquisition links, and administrators who buy quota and delete links."""

from urllib.parse import parse_qs, unquote, urlsplit

from wecom_sandbox import linking
from wecom_sandbox.callbacks.events import acquisition_event
from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.relations import friend_among, make_friends
from wecom_sandbox.humans.script import Script
from wecom_sandbox.interception import covered
from wecom_sandbox.linkbook import Link
from wecom_sandbox.records import Json
from wecom_sandbox.wire.links import ANYBODY_KNOWN

SCHEME = "weixin://biz/ww/profile/"
YEAR_DAYS = 365


def opens_link(script: Script) -> Json:
    """Somebody opens the address `url` and, unless `adds` is false, adds the member it leads to."""
    corp, world = script.corp, script.world
    link, channel = _address(script)
    link.clicks.append((world.now(), _visitor(script)))
    told = {"LinkId": link.link_id, **({"State": channel} if channel else {})}
    if world.tunables.link_profile_events:
        script.emit(acquisition_event("open_profile", told))
    if script.wishes.get("adds") is False:
        return {"added": False}
    behind = covered(corp, link.users, link.departments)
    staff = [userid for userid in corp.users if userid in behind]
    if not staff:
        linking.fail(world, corp, link)
        raise ControlError(410, "nobody is left behind this link")
    customer = script.person()
    known = friend_among(corp, _asked_first(corp, link, staff), customer)
    if known is not None:
        return {"external_userid": customer.external_userid, "userid": known, "already": True}
    if not corp.links.balance():
        raise ControlError(409, "the quota of acquisition links is used up")
    if world.tunables.link_profile_events:
        script.emit(acquisition_event("friend_request", told))
    done = make_friends(script, staff, customer, state=channel, add_way=linking.BY_LINK)
    linking.arrive(world, corp, link, corp.follows[done["userid"], customer.external_userid])
    return done


def admin_buys_quota(script: Script) -> Json:
    """The administrator buys `count` uses that end in `days` (365)."""
    count, days = script.wishes.get("count"), script.wishes.get("days", YEAR_DAYS)
    if type(count) is not int or type(days) is not int or count < 1 or days < 1:
        raise ControlError(400, "count and days are whole numbers above 0")
    linking.buy(script.world, script.corp, count, script.world.now() + days * linking.DAY)
    return {"balance": script.corp.links.balance()}


def admin_deletes_link(script: Script) -> Json:
    """The administrator deletes the link `link_id` in the console, which apps hear of."""
    link = _link(script.corp, script.text("link_id"))
    script.corp.links.remove(link)
    script.emit(acquisition_event("delete_link", {"LinkId": link.link_id}))
    return {}


def link_fails(script: Script) -> Json:
    """WeCom stops the link `link_id`."""
    linking.fail(script.world, script.corp, _link(script.corp, script.text("link_id")))
    return {}


def _address(script: Script) -> tuple[Link, str]:
    address = script.text("url")
    if address.startswith(SCHEME):
        address = unquote(address.removeprefix(SCHEME))
    parts = urlsplit(address)
    (channel,) = parse_qs(parts.query).get("customer_channel", [""])[:1]
    most = script.world.tunables.link_channel_most_bytes
    if len(channel.encode()) > most:
        raise ControlError(400, f"customer_channel is longer than {most} bytes")
    link = _link(script.corp, parts.path.rpartition("/")[2])
    if link.unavailable:
        raise ControlError(410, "this link does not work any more")
    return link, channel


def _visitor(script: Script) -> str:
    """Tell one visitor from another, also those who add nobody and so never become customers."""
    person = script.wishes.get("person")
    unionid = person.get("unionid") if isinstance(person, dict) else None
    if "external_userid" not in script.wishes and isinstance(unionid, str) and unionid:
        return unionid
    customer = script.customer()
    return customer.unionid or customer.external_userid


def _link(corp: Corp, link_id: str) -> Link:
    link = corp.links.links.get(link_id)
    if link is None:
        raise ControlError(404, f"no link {link_id!r}")
    return link


def _asked_first(corp: Corp, link: Link, staff: list[str]) -> list[str]:
    """Name those whom a visitor who knows one of them is led to, before anybody new."""
    if not link.priority:
        return staff
    if link.priority["priority_type"] == ANYBODY_KNOWN:
        return [*staff, *corp.users]
    return [*staff, *link.priority["priority_userid_list"]]
