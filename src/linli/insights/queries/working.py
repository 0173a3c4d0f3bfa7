"""What WeCom counted of staff and groups, day by day: who was added, who was answered, who spoke (S80, S66)."""

from dataclasses import dataclass
from datetime import date

from linli.access.api import Scope
from linli.directory import api as directory
from linli.insights.queries.ground import ask_corp


@dataclass(frozen=True, kw_only=True)
class WorkDay:
    """One day in China. None where WeCom told nothing; `told` and `lost` count members: told of, and asked for too late.

    `replied` (0 to 1) and `minutes` to the first reply are weighed by chats; `members` and `groups` stand at its end.
    """

    day: date
    told: int
    lost: int
    added: int | None
    applied: int | None
    chats: int | None
    messages: int | None
    rejected: int | None
    replied: float | None
    minutes: float | None
    groups: int | None
    members: int | None
    spoke: int | None
    joined: int | None
    group_messages: int | None
    moments: int
    seen: int
    likes: int
    comments: int


@dataclass(frozen=True, kw_only=True)
class WorkStaff:
    """One member over all the days."""

    staff_id: int
    name: str
    shop: str
    added: int
    chats: int
    messages: int
    replied: float | None
    minutes: float | None
    rejected: int
    joined: int
    group_messages: int


@dataclass(frozen=True, kw_only=True)
class Working:
    """The days in order, and the members, most customers added first."""

    days: list[WorkDay]
    staff: list[WorkStaff]


def working(
    *, corp_id: int, scope: Scope, first: date, last: date, shop_id: int | None = None, staff_id: int | None = None
) -> Working:
    """The days from first to last, both included, of those whom the scope reaches, of one shop or member where given."""
    within = directory.reach(corp_id=corp_id, scope=scope)
    given = {
        "since": first, "until": last, "shop": shop_id, "one": staff_id,
        "staff": None if within is None else sorted(within.staff_ids),
    }  # fmt: skip
    return Working(
        days=[WorkDay(**row) for row in ask_corp("working_days", corp_id, **given)],
        staff=[WorkStaff(**row) for row in ask_corp("working_staff", corp_id, **given)],
    )
