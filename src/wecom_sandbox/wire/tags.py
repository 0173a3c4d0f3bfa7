"""Corp tags and the tags of rule groups (wire.md C.3); only the app that made a tag may change or delete it."""

from wecom_sandbox import tagging
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json, Tag, TagGroup
from wecom_sandbox.strategies import CUSTOMER
from wecom_sandbox.wire.call import Call
from wecom_sandbox.wire.strategies import find


def get_list(call: Call) -> Json:
    """Answer get_corp_tag_list; group_id wins over tag_id, `deleted` shows only when ids are asked for."""
    return _list(call, [group for group in call.corp.tag_groups.values() if not group.strategy_id])


def get_strategy_list(call: Call) -> Json:
    """Answer get_strategy_tag_list: as get_corp_tag_list, for one rule group or for all."""
    groups = [group for group in call.corp.tag_groups.values() if group.strategy_id]
    if call.args.get("strategy_id"):
        strategy_id = find(CUSTOMER, call).strategy_id
        groups = [group for group in groups if group.strategy_id == strategy_id]
    return _list(call, groups)


def _list(call: Call, groups: list[TagGroup]) -> Json:
    corp, within = call.corp, {group.id: group for group in groups}
    group_ids, tag_ids = call.texts("group_id"), call.texts("tag_id")
    if group_ids:
        asked = [within[one] for one in dict.fromkeys(group_ids) if one in within]
        return {"tag_group": [_group(group, corp.tags_in[group.id], by_id=True) for group in asked]}
    if tag_ids:
        by_group: dict[str, list[Tag]] = {}
        for tag in (corp.tags[one] for one in dict.fromkeys(tag_ids) if one in corp.tags):
            if tag.group_id in within:
                by_group.setdefault(tag.group_id, []).append(tag)
        return {"tag_group": [_group(within[one], tags, by_id=True) for one, tags in by_group.items()]}
    return {"tag_group": [_group(one, corp.live_tags(one.id), by_id=False) for one in groups if not one.deleted]}


def add(call: Call) -> Json:
    """Answer add_corp_tag: into a group by id, or by name, which may exist already."""
    return _add(call, 0)


def add_strategy(call: Call) -> Json:
    """Answer add_strategy_tag: as add_corp_tag, for a rule group of level 1."""
    strategy = find(CUSTOMER, call)
    if strategy.parent_id:
        raise WireError(40058, "only a strategy of level 1 has tags")
    return _add(call, strategy.strategy_id)


def _add(call: Call, strategy_id: int) -> Json:
    wanted = _wanted(call)
    maker = tagging.Maker(call.app.agentid, call.world.now())
    group_id, name = call.text("group_id"), call.text("group_name")
    if group_id:
        group = call.corp.tag_groups.get(group_id)
        if group is None or group.deleted or group.strategy_id != strategy_id:
            raise WireError(41110)
    else:
        tagging.check_name(name, call.world.tunables.tag_name_most)
        group = tagging.find_group(call.corp, name, strategy_id)
    tagging.check_new(call.corp, group, list(wanted), call.world.tunables)
    if group is None:
        group = tagging.make_group(call.corp, name, _order(call.args.get("order", 0)), maker, strategy_id)
    made = tagging.make_tags(call.corp, group, wanted, maker)
    return {"tag_group": _group(group, made, by_id=False, with_strategy=False)}


def edit(call: Call) -> Json:
    """Answer edit_corp_tag."""
    return _edit(call, strategic=False)


def edit_strategy(call: Call) -> Json:
    """Answer edit_strategy_tag."""
    return _edit(call, strategic=True)


def _edit(call: Call, *, strategic: bool) -> Json:
    thing = _own(call, call.text("id", missing=40068), strategic=strategic)
    order = _order(call.args["order"]) if call.args.get("order") is not None else thing.order
    name = call.text("name")
    if name:
        tagging.rename(call.corp, thing, name, call.world.tunables.tag_name_most)
    thing.order = order
    return {}


def delete(call: Call) -> Json:
    """Answer del_corp_tag; a group goes with its last tag."""
    return _delete(call, strategic=False)


def delete_strategy(call: Call) -> Json:
    """Answer del_strategy_tag."""
    return _delete(call, strategic=True)


def _delete(call: Call, *, strategic: bool) -> Json:
    ids = [*call.texts("tag_id"), *call.texts("group_id")]
    if not ids:
        raise WireError(40058)
    tagging.delete(call.corp, [_own(call, one, strategic=strategic) for one in dict.fromkeys(ids)])
    return {}


def _own(call: Call, identifier: str, *, strategic: bool) -> Tag | TagGroup:
    thing: Tag | TagGroup | None = call.corp.tags.get(identifier) or call.corp.tag_groups.get(identifier)
    if thing is None or thing.deleted or (call.corp.group_of(thing).strategy_id != 0) is not strategic:
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


def _group(group: TagGroup, tags: list[Tag], *, by_id: bool, with_strategy: bool = True) -> Json:
    strategy = {"strategy_id": group.strategy_id} if group.strategy_id and with_strategy else {}
    answer: Json = {
        **strategy,
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
