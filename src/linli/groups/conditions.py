"""What "is in a group" means in SQL: a select of customer ids. Staff are never among them."""

from collections.abc import Callable, Mapping
from typing import Any

Sql = tuple[str, list[object]]

_INSIDE = """SELECT member.customer_id FROM groups_member AS member
JOIN groups_groupchat AS grp ON grp.id = member.group_id AND grp.dismissed_at IS NULL
WHERE member.corp_id = %s AND member.left_at IS NULL AND member.kind = 2 AND member.customer_id IS NOT NULL"""
_OUTSIDE = f"""SELECT customer.id FROM customers_customer AS customer
WHERE customer.corp_id = %s AND NOT EXISTS ({_INSIDE} AND member.customer_id = customer.id)"""  # noqa: S608 - no values


def group_member(condition: Mapping[str, Any], *, corp_id: int) -> Sql:
    """mode "any": in any live group; "in": in one of `group_ids`; "none": in no group now."""
    match condition.get("mode", "any"):
        case "in":
            return f"{_INSIDE} AND member.group_id = ANY(%s)", [corp_id, list(condition["group_ids"])]
        case "none":
            return _OUTSIDE, [corp_id, corp_id]
        case _:
            return _INSIDE, [corp_id]


CONDITIONS: dict[str, Callable[..., Sql]] = {"group_member": group_member}
