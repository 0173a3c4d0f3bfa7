"""What a mirror may agree with besides the canonical dump: members, who waits for another, hand-overs, codes, links, moments."""

from collections.abc import Iterable
from dataclasses import asdict

from wecom_sandbox.corp import Corp
from wecom_sandbox.moments import Moment
from wecom_sandbox.records import Json


def census(corp: Corp) -> Json:
    """Give all of it, sorted where it has no order of its own; hand-overs come in the order in which they began."""
    return {
        "staff": [
            {"userid": one.userid, "name": one.name, "department": one.department}
            for _, one in sorted(corp.users.items())
        ],
        "departed": sorted(corp.departed),
        "departments": [{"id": one.id, "name": one.name} for _, one in sorted(corp.departments.items())],
        "unassigned": _pairs(corp.unassigned),
        "halves": _pairs(corp.halves),
        "transfers": [asdict(one) for one in corp.transfers],
        "room_transfers": [asdict(one) for one in corp.room_transfers],
        "contact_ways": [
            {"config_id": one.config_id, "state": one.state, "user": one.user}
            for _, one in sorted(corp.contact_ways.items())
        ],
        "join_ways": [
            {"config_id": one.config_id, "state": one.state, "chat_id_list": one.chat_id_list}
            for _, one in sorted(corp.join_ways.items())
        ],
        "links": [
            {
                "link_id": one.link_id, "name": one.link_name, "users": one.users, "unavailable": one.unavailable,
                "customers": len(list(corp.links.arrivals_of[one.link_id])),
            }
            for _, one in sorted(corp.links.links.items())
        ],
        "moments": [_moment(one) for one in corp.moments if not one.deleted],
        "archived": corp.office.chatlog.seq,
    }  # fmt: skip


def _pairs(rows: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"userid": userid, "external_userid": external} for userid, external in sorted(rows)]


def _moment(one: Moment) -> Json:
    copies = one.copies.values()
    return {
        "moment_id": one.moment_id, "creator": one.creator, "text": one.text.get("content", ""),
        "copies": [
            {
                "userid": copy.userid, "published": bool(copy.published_at), "seen": sorted(copy.seen),
                "likes": len(copy.likes), "comments": len(copy.comments),
            }
            for copy in copies
        ],
    }  # fmt: skip
