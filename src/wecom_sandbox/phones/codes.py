"""The codes that hang on doors and counters: a list to choose from, what a scanned text leads to, and their pictures."""

import io
from itertools import islice
from urllib.parse import urlsplit

import segno

from wecom_sandbox.corp import Corp
from wecom_sandbox.linkbook import Link
from wecom_sandbox.phones.threads import name_of
from wecom_sandbox.records import ContactWay, JoinWay, Json

MOST_CODES, MOST_NAMES = 60, 4


def picture(address: str) -> bytes:
    """Draw the QR of an address as PNG, which cameras, WeChat and the phones' own scanner read."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="png", scale=8, border=4)
    return out.getvalue()


def listed(corp: Corp, wanted: str, base: str) -> list[Json]:
    """List live codes and acquisition links, newest first, by their state, remark or people."""
    ways: list[ContactWay | JoinWay | Link] = [
        *reversed(corp.contact_way_list), *reversed(corp.join_ways.values()), *corp.links.links.values()
    ]  # fmt: skip
    rows = (describe(corp, way, base) for way in ways)
    return list(islice((row for row in rows if wanted in row["title"] or wanted in row["state"]), MOST_CODES))


def describe(corp: Corp, way: ContactWay | JoinWay | Link, base: str) -> Json:
    """Say what a code is and whom it leads to."""
    if isinstance(way, Link):
        people = [*way.users, *(user.userid for one in way.departments for user in corp.members_of(one, deep=True))]
        title = way.link_name or way.link_id
        return {
            "kind": "link",
            "title": title,
            "state": "",
            "people": _names(corp, people),
            "url": f"{base}ca/{way.link_id}",
        }
    if isinstance(way, JoinWay):
        rooms = [corp.groups[one].name for one in way.chat_id_list if one in corp.groups]
        title = way.remark or (rooms[-1] if rooms else way.state)
        return {
            "kind": "join",
            "config_id": way.config_id,
            "title": title,
            "state": way.state,
            "people": rooms[-MOST_NAMES:],
        }
    people = [*way.user, *(user.userid for one in way.party for user in corp.members_of(one, deep=True))]
    title = way.remark or "、".join(_names(corp, people))
    return {
        "kind": "contact", "config_id": way.config_id, "title": title, "state": way.state, "people": _names(corp, people),
        "count": len(set(people)),
    }  # fmt: skip


def read(corp: Corp, text: str, base: str) -> Json:
    """Say what a scanned text leads to: a code of this corp, a page, or nothing but words."""
    parts = urlsplit(text)
    head, _, last = parts.path.rpartition("/")
    if head.endswith("/qr"):
        way = corp.contact_ways.get(last) or corp.join_ways.get(last)
        return describe(corp, way, base) if way else {"kind": "void"}
    if head.endswith("/ca") and last in corp.links.links:
        # The address itself: its customer_channel counts.
        return {**describe(corp, corp.links.links[last], base), "url": text}
    return {"kind": "page", "url": text} if parts.scheme in ("http", "https") else {"kind": "words", "text": text}


def _names(corp: Corp, people: list[str]) -> list[str]:
    return [name_of(corp, one) for one in islice(dict.fromkeys(people), MOST_NAMES)]
