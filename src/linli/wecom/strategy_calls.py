"""Rule groups (规则组): who manages which staff, for customer contact and for moments (wire.md C.4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Generic, TypeVar

from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, need
from linli.wecom.transport import Lane, Transport

_ADMINS = 20
_NODES = 100
_PAGE = 1000
_STAFF, _DEPARTMENT = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPrivilege:
    """What the admins of a rule group may do; None leaves it as it is, or at WeCom's default (true).

    The first five belong to every group and cannot be taken away.
    """

    view_customer_list: bool | None = None
    view_customer_data: bool | None = None
    view_room_list: bool | None = None
    contact_me: bool | None = None
    join_room: bool | None = None
    share_customer: bool | None = None
    oper_resign_customer: bool | None = None
    oper_resign_group: bool | None = None
    send_customer_msg: bool | None = None
    edit_welcome_msg: bool | None = None
    view_behavior_data: bool | None = None
    view_room_data: bool | None = None
    send_group_msg: bool | None = None
    room_deduplication: bool | None = None
    rapid_reply: bool | None = None
    onjob_customer_transfer: bool | None = None
    edit_anti_spam_rule: bool | None = None
    export_customer_list: bool | None = None
    export_customer_data: bool | None = None
    export_customer_group_list: bool | None = None
    manage_customer_tag: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentPrivilege:
    """What the admins of a rule group of moments may do; None as in CustomerPrivilege."""

    view_moment_list: bool | None = None
    send_moment: bool | None = None
    manage_moment_cover_and_sign: bool | None = None


_P = TypeVar("_P", CustomerPrivilege, MomentPrivilege)


@dataclass(frozen=True, slots=True)
class StaffNode:
    """A staff member in a rule group's range."""

    userid: str


@dataclass(frozen=True, slots=True)
class DepartmentNode:
    """A department, with everybody below it, in a rule group's range."""

    department_id: int


Node = StaffNode | DepartmentNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy(Generic[_P]):
    """A rule group; `parent_id` is 0 on level 1, `created_at` unix seconds; a child's privilege is its parent's."""

    strategy_id: int
    parent_id: int
    name: str
    created_at: int
    admins: tuple[str, ...]
    privilege: _P


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStrategy(Generic[_P]):
    """A rule group to be made: 1 to 20 admins (no super-admin), 1 to 100 nodes, at most on level 5.

    Below a parent the range lies within the parent's, and `privilege` is ignored.
    """

    name: str
    admins: tuple[str, ...]
    nodes: tuple[Node, ...]
    parent_id: int = 0
    privilege: _P | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyChange(Generic[_P]):
    """What is to change in a rule group; None and empty leave it. Up to 100 nodes each way, 3000 in the group."""

    name: str | None = None
    admins: tuple[str, ...] | None = None
    privilege: _P | None = None
    add: tuple[Node, ...] = ()
    remove: tuple[Node, ...] = ()


class StrategyCalls(Transport):
    """Calls about rule groups; any app may read them, only the maker may change one.

    WeCom takes creating and editing one after the other only: another under way is refused (45033) and repeated here.
    After OutcomeUnknown the ids, one group and its range tell what happened; a name may occur twice.
    """

    def customer_strategies(self, *, lane: Lane | None = None) -> Iterator[int]:
        """Yield the ids of all rule groups of customer contact."""
        return self._ids("externalcontact/customer_strategy/list", lane)

    def customer_strategy(self, strategy_id: int, *, lane: Lane | None = None) -> Strategy[CustomerPrivilege]:
        """Return a rule group."""
        answer = self._query("externalcontact/customer_strategy/get", {"strategy_id": strategy_id}, lane=lane)
        return _strategy(answer.child("strategy"), CustomerPrivilege)

    def customer_strategy_range(self, strategy_id: int, *, lane: Lane | None = None) -> Iterator[Node]:
        """Yield the nodes of a rule group's range."""
        return self._range("externalcontact/customer_strategy/get_range", strategy_id, lane)

    def add_customer_strategy(self, new: NewStrategy[CustomerPrivilege], *, lane: Lane | None = None) -> int:
        """Make a rule group; returns its id."""
        answer = self._write("externalcontact/customer_strategy/create", _new_body(new), lane=lane)
        return _id(answer, "strategy_id")

    def edit_customer_strategy(
        self, strategy_id: int, change: StrategyChange[CustomerPrivilege], *, lane: Lane | None = None
    ) -> None:
        """Change a rule group."""
        self._write("externalcontact/customer_strategy/edit", _change_body(strategy_id, change), lane=lane)

    def del_customer_strategy(self, strategy_id: int, *, lane: Lane | None = None) -> None:
        """Delete a rule group."""
        self._write("externalcontact/customer_strategy/del", {"strategy_id": strategy_id}, lane=lane)

    def moment_strategies(self, *, lane: Lane | None = None) -> Iterator[int]:
        """Yield the ids of all rule groups of moments."""
        return self._ids("externalcontact/moment_strategy/list", lane)

    def moment_strategy(self, strategy_id: int, *, lane: Lane | None = None) -> Strategy[MomentPrivilege]:
        """Return a rule group of moments."""
        answer = self._query("externalcontact/moment_strategy/get", {"strategy_id": strategy_id}, lane=lane)
        return _strategy(answer.child("strategy"), MomentPrivilege)

    def moment_strategy_range(self, strategy_id: int, *, lane: Lane | None = None) -> Iterator[Node]:
        """Yield the nodes of a rule group's range."""
        return self._range("externalcontact/moment_strategy/get_range", strategy_id, lane)

    def add_moment_strategy(self, new: NewStrategy[MomentPrivilege], *, lane: Lane | None = None) -> int:
        """Make a rule group of moments; returns its id."""
        answer = self._write("externalcontact/moment_strategy/create", _new_body(new), lane=lane)
        return _id(answer, "strategy_id")

    def edit_moment_strategy(
        self, strategy_id: int, change: StrategyChange[MomentPrivilege], *, lane: Lane | None = None
    ) -> None:
        """Change a rule group of moments."""
        self._write("externalcontact/moment_strategy/edit", _change_body(strategy_id, change), lane=lane)

    def del_moment_strategy(self, strategy_id: int, *, lane: Lane | None = None) -> None:
        """Delete a rule group of moments."""
        self._write("externalcontact/moment_strategy/del", {"strategy_id": strategy_id}, lane=lane)

    def _ids(self, api: str, lane: Lane | None) -> Iterator[int]:
        for page in self._pages(api, {"limit": _PAGE}, rows="strategy", lane=lane):
            yield from page.children("strategy", lambda x: _id(x, "strategy_id"))

    def _range(self, api: str, strategy_id: int, lane: Lane | None) -> Iterator[Node]:
        body = {"strategy_id": strategy_id, "limit": _PAGE}
        for page in self._pages(api, body, rows="range", lane=lane):
            yield from page.children("range", _node)


def _new_body(new: NewStrategy[_P]) -> dict[str, object]:
    need("strategy_name", new.name)
    need("admin_list", new.admins)
    need("range", new.nodes)
    body: dict[str, object] = {"parent_id": new.parent_id, "strategy_name": new.name, "admin_list": _admins(new.admins)}
    if new.privilege is not None:
        body["privilege"] = _said(new.privilege)
    return {**body, "range": _nodes("range", new.nodes)}


def _change_body(strategy_id: int, change: StrategyChange[_P]) -> dict[str, object]:
    body: dict[str, object] = {"strategy_id": strategy_id}
    if change.name is not None:
        need("strategy_name", change.name)
        body["strategy_name"] = change.name
    if change.admins is not None:
        need("admin_list", change.admins)
        body["admin_list"] = _admins(change.admins)
    if change.privilege is not None:
        body["privilege"] = _said(change.privilege)
    if change.add:
        body["range_add"] = _nodes("range_add", change.add)
    if change.remove:
        body["range_del"] = _nodes("range_del", change.remove)
    return body


def _admins(admins: Sequence[str]) -> list[str]:
    at_most("admin_list", admins, _ADMINS)
    return list(admins)


def _said(privilege: CustomerPrivilege | MomentPrivilege) -> dict[str, bool]:
    values = {field.name: getattr(privilege, field.name) for field in fields(privilege)}
    return {name: value for name, value in values.items() if value is not None}


def _nodes(field: str, nodes: Sequence[Node]) -> list[dict[str, object]]:
    at_most(field, nodes, _NODES)
    return [
        {"type": _STAFF, "userid": node.userid}
        if isinstance(node, StaffNode)
        else {"type": _DEPARTMENT, "partyid": node.department_id}
        for node in nodes
    ]


def _strategy(x: Fields, privilege: type[_P]) -> Strategy[_P]:
    told = x.child("privilege")
    names = [field.name for field in fields(privilege) if told.has(field.name)]
    return Strategy(
        strategy_id=_id(x, "strategy_id"),
        parent_id=x.number("parent_id"),
        name=x.text("strategy_name"),
        created_at=x.number("create_time"),
        admins=x.texts("admin_list"),
        privilege=privilege(**{name: told.flag(name) for name in names}),
    )


def _node(x: Fields) -> Node:
    if x.number("type") == _STAFF:
        return StaffNode(x.must("userid"))
    return DepartmentNode(_id(x, "partyid"))


def _id(x: Fields, name: str) -> int:
    x.must(name)
    return x.number(name)
