"""Saving the world to one JSON file and loading it; indexes are rebuilt, never saved."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wecom_sandbox.callbacks.sender import Parcel, Sender
from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import SandboxError
from wecom_sandbox.faults.plan import FaultPlan
from wecom_sandbox.records import (
    Acquaintance,
    App,
    Callback,
    ContactWay,
    Customer,
    Department,
    Fact,
    Follow,
    Group,
    GroupWelcome,
    JoinWay,
    Json,
    MassItem,
    MassSender,
    MassTask,
    Member,
    Message,
    Notice,
    RoomTransfer,
    Tag,
    TagGroup,
    TempChat,
    TempId,
    Transfer,
    User,
    Welcome,
)
from wecom_sandbox.world import World

FORMAT = 1


class StateError(SandboxError):
    """A state file that this version cannot read."""


def freeze(world: World, sender: Sender, faults: FaultPlan) -> bytes:
    """Write everything that must survive a restart; tokens, lags and rate windows do not."""
    whole = {
        "format": FORMAT,
        "offset": world.clock.offset,
        "tunables": world.tunables,
        "faults": faults.freeze(),
        "tally": world.tally,
        "corps": [_corp(corp) for corp in world.corps.values()],
        "parcels": sender.waiting(),
        "undelivered": sender.undelivered,
    }
    return json.dumps(whole, default=_fields, ensure_ascii=False, separators=(",", ":")).encode()


def _fields(record: Any) -> Json:
    slots = getattr(type(record), "__slots__", None)
    return vars(record) if slots is None else {name: getattr(record, name) for name in slots}


def write(path: Path, frozen: bytes) -> None:
    """Replace the state file so that a crash leaves the old one or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".tmp")
    with draft.open("wb") as file:
        file.write(frozen)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read(path: Path) -> Json | None:
    """Read a state file, if there is one."""
    if not path.exists():
        return None
    try:
        whole: Json = json.loads(path.read_bytes())
    except ValueError as error:
        message = f"{path.name} is not a state file: {error}"
        raise StateError(message) from error
    if whole.get("format") != FORMAT:
        message = f"{path.name} has format {whole.get('format')!r}, this program reads {FORMAT}"
        raise StateError(message)
    return whole


def thaw(whole: Json, world: World, sender: Sender, faults: FaultPlan) -> None:
    """Bring a saved world back to life (the clock's offset is the caller's)."""
    world.tunables.change(whole["tunables"])
    if not faults.rules:  # a plan given at the start comes before the saved one
        faults.thaw(whole["faults"])
    for name, counts in whole["tally"].items():
        counter: Counter[str] = getattr(world.tally, name)
        counter.clear()  # in place: the sender holds it too
        counter.update(counts)
    for row in whole["corps"]:
        corp = _revive(row)
        world.corps[corp.corp_id] = corp
    sender.enqueue([Parcel(**row) for row in whole["parcels"]])
    sender.undelivered = [Parcel(**row) for row in whole.get("undelivered", [])]


# The simple records of a corp: the attribute that holds them, their class, how they are taken in.
_SIMPLE: tuple[tuple[str, type, str], ...] = (
    ("users", User, "add_user"),
    ("customers", Customer, "add_customer"),
    ("follows", Follow, "add_follow"),
    ("tag_groups", TagGroup, "add_tag_group"),
    ("tags", Tag, "add_tag"),
    ("contact_ways", ContactWay, "add_contact_way"),
    ("join_ways", JoinWay, "add_join_way"),
    ("halves", Follow, "add_half"),
    ("departed", User, "add_departed"),
    ("unassigned", Follow, "add_unassigned"),
    ("temp_chats", TempChat, "add_temp_chat"),
)


def _corp(corp: Corp) -> Json:
    simple = {name: list(getattr(corp, name).values()) for name, _, _ in _SIMPLE}
    # Oldest first: pages are cut along rising sequence numbers.
    simple["follows"].sort(key=lambda follow: follow.seq)
    simple["contact_ways"].sort(key=lambda way: way.seq)
    return {
        "corp_id": corp.corp_id,
        "name": corp.name,
        "seq": corp.seq,
        "apps": list(corp.apps.values()),
        "departments": list(corp.departments.values()),
        **simple,
        "strategies": corp.strategies.freeze(),
        "shelf": corp.shelf.freeze(),
        "rules": corp.rules.freeze(),
        "links": corp.links.freeze(),
        "groups": list(corp.group_list),
        "mass_tasks": list(corp.mass_task_list),
        "mass_receipts": corp.mass_receipts,
        "welcomes": list(corp.welcomes.values()),
        "open_welcomes": list(corp.open_welcomes),
        "messages": corp.messages,
        "inboxes": corp.inboxes,
        "chats": corp.chats.freeze(),
        "notices": corp.notices,
        "transfers": corp.transfers,
        "room_transfers": corp.room_transfers,
        "acquaintances": corp.acquaintances,
        "temp_ids": list(corp.temp_ids.values()),
        "opengids": corp.opengids,
        "facts": corp.facts,
        "temp_ways_made": corp.temp_ways_made,
        "library": corp.library.freeze(),
        "moments": corp.moments.freeze(),
        "group_welcomes": list(corp.group_welcomes.values()),
        "office": corp.office.freeze(),
    }


def _revive(row: Json) -> Corp:
    corp = Corp(row["corp_id"], row["name"])
    corp.seq = row["seq"]
    for app in row["apps"]:
        callback = Callback(**app["callback"]) if app["callback"] else None
        corp.apps[app["agentid"]] = App(**{**app, "callback": callback})
    for department in row["departments"]:
        corp.departments[department["id"]] = Department(**department)
    for name, kind, add in _SIMPLE:
        for record in row.get(name, ()):  # a state of an earlier version lacks the later ones
            getattr(corp, add)(kind(**record))
    for group in row["groups"]:
        members = {userid: Member(**member) for userid, member in group["members"].items()}
        corp.add_group(Group(**{**group, "members": members}))
    for task in row["mass_tasks"]:
        corp.add_mass_task(MassTask(**{**task, "senders": _senders(task["senders"].values())}))
    still_open = set(row["open_welcomes"])
    for welcome in row["welcomes"]:
        corp.add_welcome(Welcome(**welcome))
        if welcome["code"] not in still_open:
            corp.open_welcomes.pop(welcome["code"], None)
    # Worlds saved before these were known have none.
    corp.strategies.thaw(row.get("strategies", {}))
    corp.shelf.thaw(row.get("shelf", {}))
    corp.rules.thaw(row.get("rules", {}))
    corp.links.thaw(row.get("links", {}))
    corp.messages = [Message(**message) for message in row["messages"]]
    corp.mass_receipts.update(row["mass_receipts"])
    corp.inboxes.update(row["inboxes"])
    corp.chats.thaw(row.get("chats", {}))
    for userid, notices in row["notices"].items():
        corp.notices[userid] = [Notice(**notice) for notice in notices]
    _revive_moves(corp, row)
    # Worlds saved before these were known have none.
    corp.library.thaw(row.get("library", {}))
    corp.moments.thaw(row.get("moments", {}))
    corp.group_welcomes = {one["template_id"]: GroupWelcome(**one) for one in row.get("group_welcomes", [])}
    corp.office.thaw(row.get("office", {}))
    return corp


def _revive_moves(corp: Corp, row: Json) -> None:
    for transfer in row.get("transfers", ()):
        corp.add_transfer(Transfer(**transfer))
    for transfer in row.get("room_transfers", ()):
        corp.add_room_transfer(RoomTransfer(**transfer))
    corp.acquaintances = [Acquaintance(**one) for one in row.get("acquaintances", ())]
    corp.temp_ids = {one["value"]: TempId(**one) for one in row.get("temp_ids", ())}
    corp.opengids = dict(row.get("opengids", {}))
    corp.temp_ways_made = dict(row.get("temp_ways_made", {}))
    corp.facts = [Fact(*fact) for fact in row.get("facts", ())]


def _senders(rows: Iterable[dict[str, Any]]) -> dict[str, MassSender]:
    senders = [MassSender(**{**row, "items": [MassItem(**item) for item in row["items"]]}) for row in rows]
    return {sender.userid: sender for sender in senders}
