"""The door of groups: groups and their members, group codes, communities, the sync."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime

from linli.access.api import EVERYTHING, Scope
from linli.groups import queries
from linli.groups.communities import (
    CommunityInfo,
    SheetIncomplete,
    assign_group,
    close_community,
    open_community,
    save_community,
)
from linli.groups.communities import info as community_info
from linli.groups.join_ways import JoinWayInfo, open_join_way
from linli.groups.join_ways import info as join_way_info
from linli.groups.mirror import digest, digest_of, state_rows
from linli.groups.models import Community, JoinWay, JoinWayChat, Member
from linli.groups.queries import NEAR_FULL, DayFlow, GroupFigures, ShopGroups
from linli.groups.reading import reread
from linli.groups.sync import reconcile, sync

__all__ = [
    "NEAR_FULL", "CommunityInfo", "DayFlow", "GroupFigures", "GroupInfo", "JoinWayInfo", "MemberInfo",
    "SheetIncomplete", "ShopGroups", "assign_group", "close_community", "communities", "digest", "digest_of",
    "figures", "flow", "group_ids_of_customers", "groups", "groups_by_shop", "groups_of_customer", "join_way_for",
    "join_way_of_community", "join_ways_by_shop", "joined_by_state", "members_live", "open_community",
    "open_join_way", "owned_by", "owners", "reconcile", "reread", "save_community", "state_rows", "sync",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GroupInfo:
    """A live group; `customers` leaves staff out."""

    id: int
    chat_id: str
    name: str
    owner_userid: str
    shop_id: int | None
    community_id: int | None
    customers: int


@dataclass(frozen=True, kw_only=True)
class MemberInfo:
    """Somebody inside a group; `kind` 1 staff, 2 external; `customer_id` None while nobody knows them."""

    group_id: int
    member_id: str
    kind: int
    customer_id: int | None
    joined_at: datetime
    join_scene: int
    state: str


def groups(
    *, corp_id: int, scope: Scope = EVERYTHING, shop_id: int | None = None, community_id: int | None = None
) -> list[GroupInfo]:
    """Live groups of the scope by name, of one shop or community or of all."""
    rows = queries.live_groups(corp_id, scope, since=datetime.max.replace(tzinfo=UTC)).order_by("name", "id")
    rows = rows.filter(shop_id=shop_id) if shop_id is not None else rows
    rows = rows.filter(community_id=community_id) if community_id is not None else rows
    return [
        GroupInfo(
            id=row.pk, chat_id=row.chat_id, name=row.name, owner_userid=row.owner_userid, shop_id=row.shop_id,
            community_id=row.community_id, customers=vars(row)["customers"],
        )
        for row in rows
    ]  # fmt: skip


def owned_by(*, corp_id: int, userid: str) -> list[GroupInfo]:
    """The live groups that one member owns, by name."""
    rows = queries.live_groups(corp_id, since=datetime.max.replace(tzinfo=UTC)).filter(owner_userid=userid)
    return [
        GroupInfo(
            id=row.pk, chat_id=row.chat_id, name=row.name, owner_userid=row.owner_userid, shop_id=row.shop_id,
            community_id=row.community_id, customers=vars(row)["customers"],
        )
        for row in rows.order_by("name", "id")
    ]  # fmt: skip


def owners(*, corp_id: int) -> dict[str, int]:
    """How many live groups each member owns, by userid."""
    return queries.groups_by_owner(corp_id)


def members_live(*, corp_id: int, group_id: int) -> list[MemberInfo]:
    """Who is in a group now, staff first."""
    return [_member_info(row) for row in queries.members(corp_id, group_id)]


def groups_of_customer(
    *, corp_id: int, scope: Scope = EVERYTHING, customer_id: int
) -> list[tuple[GroupInfo, MemberInfo]]:
    """The live groups of the scope that a customer sits in, with the stay."""
    rows = Member.objects.filter(
        corp_id=corp_id, customer_id=customer_id, left_at=None, group__dismissed_at=None
    ).select_related("group")
    by_id = {one.id: one for one in groups(corp_id=corp_id, scope=scope)} if rows else {}
    return [(by_id[row.group_id], _member_info(row)) for row in rows if row.group_id in by_id]


def group_ids_of_customers(*, corp_id: int, customer_ids: Collection[int]) -> dict[int, list[int]]:
    """customer → the live groups they sit in, in one query; nobody outside is listed."""
    found: dict[int, list[int]] = {}
    rows = Member.objects.filter(
        corp_id=corp_id, customer_id__in=list(customer_ids), left_at=None, group__dismissed_at=None
    )
    for customer_id, group_id in rows.order_by("group_id").values_list("customer_id", "group_id"):
        if customer_id is not None:
            found.setdefault(customer_id, []).append(group_id)
    return found


def join_way_for(*, corp_id: int, shop_id: int) -> JoinWayInfo | None:
    """The shop's own group code, made or under way."""
    way = JoinWay.objects.filter(corp_id=corp_id, shop_id=shop_id, community=None).first()
    return join_way_info(way) if way else None


def join_way_of_community(*, corp_id: int, community_id: int) -> JoinWayInfo | None:
    """The group code of a community."""
    way = JoinWay.objects.filter(corp_id=corp_id, community_id=community_id).order_by("id").first()
    return join_way_info(way) if way else None


def join_ways_by_shop(*, corp_id: int) -> dict[int, JoinWayInfo]:
    """Every shop's own group code, in two queries."""
    ways = queries.join_ways_by_shop(corp_id)
    chats: dict[int, list[str]] = {}
    rows = JoinWayChat.objects.filter(corp_id=corp_id).order_by("join_way_id", "position")
    for way_id, chat_id in rows.values_list("join_way_id", "chat_id"):
        chats.setdefault(way_id, []).append(chat_id)
    return {shop_id: join_way_info(way, chats.get(way.pk, [])) for shop_id, way in ways.items()}


def communities(*, corp_id: int) -> list[CommunityInfo]:
    """All community sheets, the open ones first."""
    return [community_info(row) for row in Community.objects.filter(corp_id=corp_id).order_by("closed_at", "name")]


def figures(*, corp_id: int, since: datetime) -> GroupFigures:
    """All live groups at a glance; joins and leaves since `since`."""
    return queries.figures(corp_id, since=since)


def flow(*, corp_id: int, first: date, last: date, zone: str, group_id: int | None = None) -> list[DayFlow]:
    """Customers who joined and left per day of the calendar."""
    return queries.flow(corp_id, first=first, last=last, zone=zone, group_id=group_id)


def groups_by_shop(*, corp_id: int) -> dict[int, ShopGroups]:
    """Every shop's groups and customers in them, in one query; shops without groups are left out."""
    return queries.groups_by_shop(corp_id)


def joined_by_state(*, corp_id: int, since: datetime | None = None) -> dict[str, int]:
    """How many people came into a group by each join way's state."""
    return queries.joined_by_state(corp_id, since=since)


def _member_info(row: Member) -> MemberInfo:
    return MemberInfo(
        group_id=row.group_id, member_id=row.member_id, kind=row.kind, customer_id=row.customer_id,
        joined_at=row.joined_at, join_scene=row.join_scene, state=row.state,
    )  # fmt: skip
