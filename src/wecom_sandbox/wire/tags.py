"""Corp tags (wire.md C.3); only the app that made a tag may change or delete it."""

from wecom_sandbox import tagging
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json, Tag, TagGroup
from wecom_sandbox.wire.call import Call


def get_list(call: Call) -> Json:
    """Answer get_corp_tag_list; group_id wins over tag_id, `deleted` shows only when ids are asked for."""
    corp = call.corp
    group_ids, tag_ids = call.texts("group_id"), call.texts("tag_id")
    if group_ids:
        asked = [corp.tag_groups[one] for one in dict.fromkeys(group_ids) if one in corp.tag_groups]
        return {"tag_group": [_group(group, corp.tags_in[group.id], by_id=True) for group in asked]}
    if tag_ids:
        by_group: dict[str, list[Tag]] = {}
        for tag_id in dict.fromkeys(tag_ids):
            if tag_id in corp.tags:
                by_group.setdefault(corp.tags[tag_id].group_id, []).append(corp.tags[tag_id])
        return {"tag_group": [_group(corp.tag_groups[one], tags, by_id=True) for one, tags in by_group.items()]}
    alive = [group for group in corp.tag_groups.values() if not group.deleted]
    return {"tag_group": [_group(group, corp.live_tags(group.id), by_id=False) for group in alive]}


def add(call: Call) -> Json:
    """Answer add_corp_tag: into a group by id, or by name, which may exist already."""
    wanted = _wanted(call)
    maker = tagging.Maker(call.app.agentid, call.world.now())
    group_id, name = call.text("group_id"), call.text("group_name")
    if group_id:
        group = call.corp.tag_groups.get(group_id)
        if group is None or group.deleted:
            raise WireError(40068)
    else:
        tagging.check_name(name)
        group = tagging.find_group(call.corp, name)
    tagging.check_new(call.corp, group, list(wanted))
    if group is None:
        group = tagging.make_group(call.corp, name, _order(call.args.get("order", 0)), maker)
    made = tagging.make_tags(call.corp, group, wanted, maker)
    return {"tag_group": _group(group, made, by_id=False)}


def edit(call: Call) -> Json:
    """Answer edit_corp_tag."""
    thing = _own(call, call.text("id", missing=40068))
    order = _order(call.args["order"]) if call.args.get("order") is not None else thing.order
    name = call.text("name")
    if name:
        tagging.rename(call.corp, thing, name)
    thing.order = order
    return {}


def delete(call: Call) -> Json:
    """Answer del_corp_tag; a group goes with its last tag."""
    ids = [*call.texts("tag_id"), *call.texts("group_id")]
    if not ids:
        raise WireError(40058)
    tagging.delete(call.corp, [_own(call, one) for one in dict.fromkeys(ids)])
    return {}


def _own(call: Call, identifier: str) -> Tag | TagGroup:
    thing: Tag | TagGroup | None = call.corp.tags.get(identifier) or call.corp.tag_groups.get(identifier)
    if thing is None or thing.deleted:
        raise WireError(40068)
    if thing.agentid != call.app.agentid:
        raise WireError(60011)
    return thing


def _order(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in tagging.ORDERS:
        raise WireError(40058, "order must be in [0, 2^32)")
    return value


def _wanted(call: Call) -> dict[str, int]:
    rows = call.args.get("tag")
    if not isinstance(rows, list) or not rows:
        raise WireError(40058)
    wanted: dict[str, int] = {}
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("name"), str):
            raise WireError(40058, "tag.name must be a string. Warning: wrong json format.")
        # The same name twice in one request is made once.
        wanted.setdefault(row["name"], _order(row.get("order", 0)))
    return wanted


def _group(group: TagGroup, tags: list[Tag], *, by_id: bool) -> Json:
    answer: Json = {
        "group_id": group.id,
        "group_name": group.name,
        "create_time": group.create_time,
        "order": group.order,
        "tag": [_tag(tag, by_id=by_id) for tag in sorted(tags, key=lambda tag: -tag.order)],
    }
    return {**answer, "deleted": group.deleted} if by_id else answer


def _tag(tag: Tag, *, by_id: bool) -> Json:
    answer: Json = {"id": tag.id, "name": tag.name, "create_time": tag.create_time, "order": tag.order}
    return {**answer, "deleted": tag.deleted} if by_id else answer
