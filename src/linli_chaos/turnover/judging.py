"""The judgement of this kind: what Linli holds against what the sandbox knows, part by part."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from linli_chaos.seed import Seen

Held = Mapping[str, list[tuple[Any, ...]]]
# A hand-over gives owners to groups and clerks to customers without a callback, where WeCom says nothing (wire.md C.5).
NEVER_TOLD = {
    "change_external_contact.add_external_contact", "change_external_contact.del_external_contact",
    "change_external_chat.update",
}  # fmt: skip
# WeCom's words for what is under way already: whoever hears one has asked twice.
ASKED_TWICE = frozenset({40100, 40129, 90507})
NOTIFIED = "msgaudit_notify"
RENAMED = "change_contact.update_user"
# What a customer says to being archived is archived too, and the act names no message.
CONSENTS = frozenset({"agree", "disagree"})
OPEN = frozenset({"planned", "unknown", "waiting"})
# transfer_result's words, and what a hand-over's customer must show of each.
_ENDS = {1: "done", 3: "refused", 4: "full"}


def comparable(seen: Seen, held: Held, renamed: Mapping[str, str], notified: int) -> Seen:
    """Both sides without what the API does not reveal or tells of in another way.

    Relations of clerks who left show nowhere but in the list of the unassigned; a message's notice says nothing but "look",
    so that two of one second are one row. Events that never came speak of clerks by the ids that they had then.
    """
    ghosts = stale(held, unheard(seen.undelivered))
    twice = {renamed[was] for was in ghosts & renamed.keys()}
    hidden = {(one["userid"], one["external_userid"]) for one in seen.state["one_way"] if one["userid"] in twice}
    left = {row[0] for row in held["left"]} | ghosts

    def shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = [one for one in rows if (one["userid"], one["external_userid"]) not in hidden]
        return [one for one in kept if one["userid"] not in left]

    mirror = seen.linli["mirror"]
    linli = {**seen.linli, "mirror": {**mirror, "follows": shown(mirror["follows"])}}
    linli["received"] -= notified
    linli["night"] = _night(linli["night"], ghosts)
    said = seen.counters["kinds"].get(NOTIFIED, {"made": 0})["made"]
    undelivered = [
        {**one, "userid": renamed.get(one["userid"], one["userid"])}
        for one in seen.undelivered
        if one["kind"] != NOTIFIED
    ]
    return Seen(
        linli, {**seen.counters, "events": seen.counters["events"] - said},
        {**seen.state, "follows": shown(seen.state["follows"])}, undelivered,
    )  # fmt: skip


def stale(held: Held, unheard_of: set[str]) -> set[str]:
    """Ids that WeCom knows no more and Linli holds still: the event that changes them never came (`unheard_of`), so that of
    one person two are made; or nobody told that the clerk left, and "not found" alone does not prove it (decision 0020).
    """
    return (unheard_of & {row[0] for row in held["ids"]}) | {row[0] for row in held["unseen"]}


def unheard(undelivered: list[dict[str, Any]]) -> set[str]:
    """The ids whose change was never told."""
    return {one["userid"] for one in undelivered if one["kind"] == RENAMED}


def _night(night: dict[str, Any], unknown: set[str]) -> dict[str, Any]:
    """What could not be read because WeCom does not know the id any more is no gap."""
    unread = tuple(one for one in night["unread"] if not unknown & {one.get("key"), one["what"]})
    state = "done" if night["unread"] and not unread and night["state"] == "partial" else night["state"]
    return {**night, "unread": unread, "state": state}


def wrongs(
    held: Held, census: dict[str, Any], said: Mapping[str, tuple[str, str, str]], codes: list[str], unknown: set[str]
) -> list[str]:
    """What does not hold, in words; [] is well."""
    pairs: dict[str, tuple[list[Any], list[Any]]] = {
        "staff": (
            [row for row in held["staff"] if row[0] not in unknown],
            [(one["userid"], one["name"]) for one in census["staff"]],
        ),
        "departments": (held["departments"], [(one["id"], one["name"]) for one in census["departments"]]),
        "unassigned": (
            held["unassigned"],
            [(one["userid"], one["external_userid"]) for one in census["unassigned"]],
        ),
        "own codes": (held["own_codes"], _codes(census, codes, own=True)),
        "codes of others": (held["other_codes"], _codes(census, codes, own=False)),
        "links": (
            held["links"],
            [(one["link_id"], one["name"], one["customers"]) for one in census["links"] if not one["unavailable"]],
        ),
        "moments": (held["moments"], _moments(census)),
        "messages": (
            [row for row in held["messages"] if row[2] not in CONSENTS],
            [(msgid, *words) for msgid, words in said.items()],
        ),
        "files": (held["files"], [(msgid, "done", words[2]) for msgid, words in said.items() if words[1] == "image"]),
    }
    found = [f"{what} differ: {_apart(ours, theirs)}" for what, (ours, theirs) in pairs.items() if _apart(ours, theirs)]
    if held["strays"]:
        found.append(f"rows that name a clerk by an id that was: {held['strays']}")
    return found + _of_hand_overs(held, census, unknown)


def _of_hand_overs(held: Held, census: dict[str, Any], unknown: set[str]) -> list[str]:
    """Each was asked of WeCom once, came to the end that WeCom tells, and was said once.

    Of an id that WeCom does not know any more (`unknown`) it tells no end.
    """
    moves, rooms = held["moves"], held["rooms"]
    wrong = [f"said twice: {held['doubled'][:3]}"] if held["doubled"] else []
    twice = [row for row in (*moves, *rooms) if row[2] in ASKED_TWICE]
    if twice:
        wrong.append(f"asked of WeCom while under way: {twice[:3]}")
    still = [row for row in (*moves, *rooms) if row[1] in OPEN]
    if still:
        wrong.append(f"hand-overs without an end: {still[:3]}")
    begun = Counter(row[0] for row in moves if row[3])
    theirs = Counter(one["external_userid"] for one in census["transfers"])
    if begun != theirs:
        wrong.append(f"begun at WeCom otherwise than held: {list(((begun - theirs) + (theirs - begun)).items())[:3]}")
    untold = {row[0] for row in moves if unknown & {row[5], row[6]}}
    ends = Counter((row[0], row[1]) for row in moves if row[3] and row[0] not in untold)
    transfers = [one for one in census["transfers"] if one["external_userid"] not in untold]
    told = Counter((one["external_userid"], _ENDS.get(one["status"], "waiting")) for one in transfers)
    if ends != told:
        wrong.append(f"hand-overs ended otherwise: {_apart(list(ends.elements()), list(told.elements()))}")
    unsaid = {row[0] for row in rooms if unknown & {row[4], row[5]}}
    given = Counter((row[0], row[1]) for row in rooms if row[3] and row[0] not in unsaid)
    chats = [one for one in census["room_transfers"] if one["chat_id"] not in unsaid]
    words = Counter((one["chat_id"], _ENDS.get(one["status"], "waiting")) for one in chats)
    if given != words:
        wrong.append(f"groups handed over otherwise: {_apart(list(given.elements()), list(words.elements()))}")
    return wrong


def _codes(census: dict[str, Any], codes: list[str], *, own: bool) -> list[tuple[str, str]]:
    rows = [(one["config_id"], one["state"]) for one in census["contact_ways"]]
    return [row for row in rows if (row[1] in codes) == own]


def _moments(census: dict[str, Any]) -> list[tuple[str, str, int, int]]:
    return [
        (
            one["moment_id"], one["text"], sum(copy["published"] for copy in one["copies"]),
            sum(copy["comments"] for copy in one["copies"]),
        )
        for one in census["moments"]
    ]  # fmt: skip


def _apart(ours: list[Any], theirs: list[Any]) -> str:
    """What only one side has, so often; "" when nothing."""
    left, right = Counter(map(tuple, ours)), Counter(map(tuple, theirs))
    if left == right:
        return ""
    return f"Linli alone {list((left - right).elements())[:3]}, WeCom alone {list((right - left).elements())[:3]}"
