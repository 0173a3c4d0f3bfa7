"""Rule groups of customer contact and their twins of moments (wire.md C.4); only the maker may change one.

WeCom names no codes of its own here: an argument that breaks a rule is 40058, an unknown group too.
"""

import time
from collections.abc import Callable
from functools import partial

from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json
from wecom_sandbox.strategies import BASIC, DEPARTMENT_NODE, PRIVILEGES, STAFF_NODE, Strategy
from wecom_sandbox.wire.call import Call, cursor_at, texts_in

PAGE = 1000


def list_ids(kind: str, call: Call) -> Json:
    """Answer list: every group of the corp; `next_cursor` is absent on the last page."""
    limit = call.limit(PAGE, PAGE)
    place, _ = call.cursor(f"{kind}strategy")
    found = [group.strategy_id for group in call.corp.strategies.of(kind) if group.strategy_id > place]
    more = {"next_cursor": cursor_at(f"{kind}strategy", found[limit - 1])} if len(found) > limit else {}
    return {"strategy": [{"strategy_id": one} for one in found[:limit]], **more}


def get(kind: str, call: Call) -> Json:
    """Answer get."""
    group = find(kind, call)
    return {
        "strategy": {
            "strategy_id": group.strategy_id,
            "parent_id": group.parent_id,
            "strategy_name": group.name,
            "create_time": group.create_time,
            "admin_list": group.admins,
            "privilege": call.corp.strategies.privilege(group),
        }
    }


def get_range(kind: str, call: Call) -> Json:
    """Answer get_range: the nodes that were named, not the people behind them."""
    group = find(kind, call)
    limit = call.limit(PAGE, PAGE)
    mark = f"range{group.strategy_id}"
    place, _ = call.cursor(mark)
    more = {"next_cursor": cursor_at(mark, place + limit)} if len(group.range) > place + limit else {}
    return {"range": group.range[place : place + limit], **more}


def create(kind: str, call: Call) -> Json:
    """Answer create; a child takes its parent's privilege, and its range lies within the parent's."""
    book = call.corp.strategies
    _serial(call)
    parent = find(kind, call, "parent_id") if call.args.get("parent_id") else None
    levels = call.world.tunables.strategy_levels_most
    if parent is not None and len(list(book.line(parent))) >= levels:
        raise WireError(40058, f"more than {levels} levels")
    name = call.text("strategy_name", missing=40058)
    nodes = _nodes(call, "range")
    _check_count(call, nodes)
    group = Strategy(
        strategy_id=0,
        kind=kind,
        agentid=call.app.agentid,
        parent_id=parent.strategy_id if parent else 0,
        name=name,
        create_time=call.world.now(),
        admins=_admins(call),
        privilege={} if parent else _privilege(call, dict.fromkeys(PRIVILEGES[kind], True)),
        range=nodes,
    )
    _check_within(call.corp, group, parent)
    group.strategy_id = call.corp.next_seq()
    book.add(group)
    return {"strategy_id": group.strategy_id}


def edit(kind: str, call: Call) -> Json:
    """Answer edit: what is not named stays; all of it is checked before any of it is done."""
    book = call.corp.strategies
    _serial(call)
    group = _own(call, find(kind, call))
    admins = _admins(call) if call.args.get("admin_list") is not None else group.admins
    added, removed = _nodes(call, "range_add"), _nodes(call, "range_del", known=False)
    draft = Strategy(**vars(group))
    draft.range = [node for node in group.range if node not in removed]
    draft.range += [node for node in added if node not in draft.range]
    _check_count(call, draft.range)
    parent = book.groups[kind, group.parent_id] if group.parent_id else None
    _check_within(call.corp, draft, parent)
    for child in book.children(group):
        _check_within(call.corp, child, draft)
    # A child's own privilege is ignored: it inherits.
    privilege = group.privilege if parent else _privilege(call, group.privilege)
    group.name = call.text("strategy_name") or group.name
    group.admins, group.privilege, group.range = admins, privilege, draft.range
    return {}


def delete(kind: str, call: Call) -> Json:
    """Answer del; a parent stays while it has children, and a group's tags go with it."""
    group = _own(call, find(kind, call))
    if call.corp.strategies.children(group):
        raise WireError(40058, "the strategy has children")
    del call.corp.strategies.groups[kind, group.strategy_id]
    for tags in list(call.corp.tag_groups.values()):
        if tags.strategy_id == group.strategy_id:
            tags.deleted = True
            for tag in call.corp.live_tags(tags.id):
                tag.deleted = True
    return {}


def find(kind: str, call: Call, name: str = "strategy_id") -> Strategy:
    """Find the group that an argument names."""
    group = call.corp.strategies.groups.get((kind, call.integer(name)))
    if group is None:
        raise WireError(40058, f"invalid {name}")
    return group


ANSWERS: dict[str, tuple[Callable[[str, Call], Json], Json]] = {
    "list": (list_ids, {"strategy": []}),
    "get": (get, {"strategy": {}}),
    "get_range": (get_range, {"range": []}),
    "create": (create, {}),
    "edit": (edit, {}),
    "del": (delete, {}),
}


def answers(kind: str) -> dict[str, tuple[partial[Json], Json]]:
    """Give every call of one kind: its last word, its function, and what its error replies carry empty."""
    return {word: (partial(answer, kind), empty) for word, (answer, empty) in ANSWERS.items()}


def _serial(call: Call) -> None:
    """Refuse a change while another is under way (the tunable strategy_s, real seconds)."""
    book, now = call.corp.strategies, time.monotonic()
    if now < book.busy_until:
        raise WireError(45033)
    book.busy_until = now + call.world.tunables.strategy_s


def _own(call: Call, group: Strategy) -> Strategy:
    if group.agentid != call.app.agentid:
        raise WireError(60011)
    return group


def _admins(call: Call) -> list[str]:
    admins = list(dict.fromkeys(call.texts("admin_list", most=call.world.tunables.strategy_admins_most)))
    if not admins:
        raise WireError(40058, "admin_list is empty")
    if any(one not in call.corp.users or one in call.corp.strategies.super_admins for one in admins):
        raise WireError(40031)
    return admins


def _privilege(call: Call, old: dict[str, bool]) -> dict[str, bool]:
    wishes = call.nested("privilege")
    if any(not isinstance(value, bool) for value in wishes.values()):
        raise WireError(40058, "privilege must be booleans. Warning: wrong json format.")
    return {name: name in BASIC or bool(wishes.get(name, value)) for name, value in old.items()}


def _nodes(call: Call, name: str, *, known: bool = True) -> list[Json]:
    """Read nodes; whom one takes out (`known` is not) may have left the corp."""
    rows = call.args.get(name) or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WireError(40058, f"{name} must be an array of objects. Warning: wrong json format.")
    most = call.world.tunables.strategy_nodes_a_call
    if len(rows) > most:
        raise WireError(40058, f"{name} has more than {most} items")
    nodes: list[Json] = []
    for node in (_node(call.corp, row, known=known) for row in rows):
        if node not in nodes:
            nodes.append(node)
    return nodes


def _node(corp: Corp, row: Json, *, known: bool) -> Json:
    kind = row.get("type")
    if kind == STAFF_NODE:
        (userid,) = texts_in({"userid": [row.get("userid")]}, "userid")
        if known and userid not in corp.users:
            raise WireError(60111)
        return {"type": STAFF_NODE, "userid": userid}
    if kind == DEPARTMENT_NODE:
        if type(row.get("partyid")) is not int or (known and row["partyid"] not in corp.departments):
            raise WireError(60123)
        return {"type": DEPARTMENT_NODE, "partyid": row["partyid"]}
    raise WireError(40058, "range.type is 1 or 2")


def _check_count(call: Call, nodes: list[Json]) -> None:
    most = call.world.tunables.strategy_nodes_most
    if not 1 <= len(nodes) <= most:
        raise WireError(40058, f"a range holds 1 to {most} nodes")


def _check_within(corp: Corp, group: Strategy, parent: Strategy | None) -> None:
    if parent is None:
        return
    departments: set[int] = set()
    for node in parent.range:
        if node["type"] == DEPARTMENT_NODE:
            departments |= corp.subtree(node["partyid"])
    for node in group.range:
        if node in parent.range:
            continue
        if node["type"] == STAFF_NODE:
            user = corp.users.get(node["userid"])
            inside = user is not None and not departments.isdisjoint(user.department)
        else:
            inside = node["partyid"] in departments
        if not inside:
            raise WireError(40058, "the range is not within the parent's")
