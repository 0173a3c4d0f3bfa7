"""Rule groups (规则组) of customer contact and of moments: a tree of who manages whom (wire.md C.4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from wecom_sandbox.records import Json

CUSTOMER, MOMENT = "customer", "moment"
STAFF_NODE, DEPARTMENT_NODE = 1, 2

# What a group may do. The first ones of customer contact belong to everybody and cannot be taken away.
BASIC = ("view_customer_list", "view_customer_data", "view_room_list", "contact_me", "join_room")
PRIVILEGES: dict[str, tuple[str, ...]] = {
    CUSTOMER: (
        *BASIC, "share_customer", "oper_resign_customer", "oper_resign_group", "send_customer_msg", "edit_welcome_msg",
        "view_behavior_data", "view_room_data", "send_group_msg", "room_deduplication", "rapid_reply",
        "onjob_customer_transfer", "edit_anti_spam_rule", "export_customer_list", "export_customer_data",
        "export_customer_group_list", "manage_customer_tag",
    ),
    MOMENT: ("view_moment_list", "send_moment", "manage_moment_cover_and_sign"),
}  # fmt: skip


@dataclass
class Strategy:
    """A rule group; a child's privilege is its uppermost parent's, so only groups of level 1 hold their own."""

    strategy_id: int
    kind: str
    agentid: int
    parent_id: int
    name: str
    create_time: int
    admins: list[str]
    privilege: dict[str, bool]
    range: list[Json]


class StrategyBook:
    """A corp's rule groups of both kinds; `busy_until` is monotonic real time and dies with the process."""

    def __init__(self) -> None:
        """Start without any."""
        self.groups: dict[tuple[str, int], Strategy] = {}
        self.super_admins: list[str] = []
        self.busy_until = 0.0

    def add(self, strategy: Strategy) -> None:
        """Take a group in."""
        self.groups[strategy.kind, strategy.strategy_id] = strategy

    def of(self, kind: str) -> list[Strategy]:
        """List the groups of a kind, oldest first."""
        return [group for group in self.groups.values() if group.kind == kind]

    def children(self, strategy: Strategy) -> list[Strategy]:
        """List the groups right below one."""
        return [group for group in self.of(strategy.kind) if group.parent_id == strategy.strategy_id]

    def line(self, strategy: Strategy) -> Iterator[Strategy]:
        """Walk from a group up to its uppermost parent."""
        while True:
            yield strategy
            if not strategy.parent_id:
                return
            strategy = self.groups[strategy.kind, strategy.parent_id]

    def privilege(self, strategy: Strategy) -> dict[str, bool]:
        """Give what a group may do: what its uppermost parent may."""
        *_, top = self.line(strategy)
        return top.privilege

    def freeze(self) -> Json:
        """Write everything that is kept."""
        return {"groups": list(self.groups.values()), "super_admins": self.super_admins}

    def thaw(self, row: Json) -> None:
        """Read it back."""
        for group in row.get("groups", ()):
            self.add(Strategy(**group))
        self.super_admins = list(row.get("super_admins", ()))
