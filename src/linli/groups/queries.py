"""Questions about groups. Staff never count as customers (S04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate

from linli.access.api import EVERYTHING, Scope
from linli.directory import api as directory
from linli.groups.models import Community, GroupChat, JoinWay, Member

FULL = 200  # WeCom lets nobody in by QR above it (wire.md I.1)
NEAR_FULL = 180


@dataclass(frozen=True, kw_only=True)
class GroupFigures:
    """All live groups of a corp at a glance; `customers` counts people once, `seats` once per group."""

    groups: int
    seats: int
    customers: int
    near_full: int
    without_community: int
    stale: int
    joined: int
    left: int


@dataclass(frozen=True, kw_only=True)
class DayFlow:
    """Customers who joined and left on one day of the corp's calendar."""

    day: date
    joined: int
    left: int


@dataclass(frozen=True, kw_only=True)
class ShopGroups:
    """A shop's groups: how many, and how many customers sit in them."""

    groups: int
    seats: int
    near_full: int


def within(corp_id: int, scope: Scope) -> QuerySet[GroupChat]:
    """The groups of a scope: a shop's own, and those that its staff own."""
    rows = GroupChat.objects.filter(corp_id=corp_id)
    reach = directory.reach(corp_id=corp_id, scope=scope)
    return rows if reach is None else rows.filter(Q(shop_id__in=reach.shop_ids) | Q(owner_userid__in=reach.userids))


def counted_groups(corp_id: int, scope: Scope = EVERYTHING, *, since: datetime) -> QuerySet[GroupChat]:
    """Groups with `people` (all inside), `customers`, and customers who `joined` and `left` since then."""
    outside = Q(kind=Member.Kind.EXTERNAL)
    return within(corp_id, scope).annotate(
        people=_count(Q(left_at=None)),
        customers=_count(outside & Q(left_at=None)),
        joined=_count(outside & Q(joined_at__gte=since)),
        left=_count(outside & Q(left_at__gte=since) & ~Q(left_by="dismissed")),
    )


def live_groups(corp_id: int, scope: Scope = EVERYTHING, *, since: datetime) -> QuerySet[GroupChat]:
    """The groups that were not dismissed, counted."""
    return counted_groups(corp_id, scope, since=since).filter(dismissed_at=None).select_related("community", "shop")


def near_full(rows: QuerySet[GroupChat]) -> QuerySet[GroupChat]:
    """Those of counted groups that will soon take nobody by QR."""
    return rows.filter(Q(people__gte=NEAR_FULL))


def groups_by_owner(corp_id: int) -> dict[str, int]:
    """Live groups by their owner's userid."""
    rows = GroupChat.objects.filter(corp_id=corp_id, dismissed_at=None).exclude(owner_userid="")
    return dict(rows.values("owner_userid").annotate(n=Count("id")).order_by().values_list("owner_userid", "n"))


def figures(corp_id: int, scope: Scope = EVERYTHING, *, since: datetime) -> GroupFigures:
    """All live groups at a glance; joins and leaves since `since`."""
    seen = within(corp_id, scope)
    groups = seen.filter(dismissed_at=None).aggregate(
        groups=Count("id"),
        without_community=Count("id", filter=Q(community=None)),
        stale=Count("id", filter=Q(stale=True)),
    )
    inside = Q(left_at=None, group__dismissed_at=None)
    stays = Member.objects.filter(corp_id=corp_id)
    stays = stays if scope.whole else stays.filter(group__in=seen.values("id"))
    people = stays.filter(kind=Member.Kind.EXTERNAL).aggregate(
        seats=Count("id", filter=inside),
        customers=Count("member_id", filter=inside, distinct=True),
        joined=Count("id", filter=Q(joined_at__gte=since)),
        left=Count("id", filter=Q(left_at__gte=since) & ~Q(left_by="dismissed")),
    )
    return GroupFigures(**groups, **people, near_full=_near_full_count(stays))


def flow(corp_id: int, *, first: date, last: date, zone: str, group_id: int | None = None) -> list[DayFlow]:
    """Joins and leaves of customers per day, every day from `first` to `last`."""
    place = ZoneInfo(zone)
    rows = Member.objects.filter(corp_id=corp_id, kind=Member.Kind.EXTERNAL)
    rows = rows.filter(group_id=group_id) if group_id is not None else rows
    begin, end = _midnight(first, place), _midnight(last + timedelta(days=1), place)
    joined = _per_day(rows.filter(joined_at__gte=begin, joined_at__lt=end), "joined_at", place)
    gone = rows.filter(left_at__gte=begin, left_at__lt=end).exclude(left_by="dismissed")
    left = _per_day(gone, "left_at", place)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [DayFlow(day=day, joined=joined.get(day, 0), left=left.get(day, 0)) for day in days]


def members(corp_id: int, group_id: int, *, inside: bool = True) -> QuerySet[Member]:
    """A group's people: who is inside (staff first, then by arrival), or the stays that ended, latest first."""
    rows = Member.objects.filter(corp_id=corp_id, group_id=group_id, left_at__isnull=inside)
    return rows.order_by("kind", "-joined_at", "id") if inside else rows.order_by("-left_at", "id")


def communities(corp_id: int) -> QuerySet[Community]:
    """All sheets, the open ones first, each with the number of its live groups."""
    groups = GroupChat.objects.filter(corp_id=corp_id, community_id=OuterRef("id"), dismissed_at=None)
    return (
        Community.objects.filter(corp_id=corp_id)
        .annotate(groups=_subcount(groups.values("community_id")))
        .order_by(F("closed_at").asc(nulls_first=True), F("opened_at").desc(nulls_last=True), "name")
    )


def groups_by_shop(corp_id: int) -> dict[int, ShopGroups]:
    """Every shop's groups in one query."""
    people = _count(Q(left_at=None))
    customers = _count(Q(left_at=None, kind=Member.Kind.EXTERNAL))
    rows = GroupChat.objects.filter(corp_id=corp_id, dismissed_at=None).exclude(shop=None)
    found: dict[int, list[tuple[int, int]]] = {}
    for shop_id, inside, outside in rows.annotate(people=people, customers=customers).values_list(
        "shop_id", "people", "customers"
    ):
        found.setdefault(shop_id, []).append((inside, outside))
    return {
        shop_id: ShopGroups(
            groups=len(each),
            seats=sum(outside for _, outside in each),
            near_full=sum(inside >= NEAR_FULL for inside, _ in each),
        )
        for shop_id, each in found.items()
    }


def joined_by_state(corp_id: int, *, since: datetime | None = None) -> dict[str, int]:
    """How many customers ever came into a group by each join way's state (people, not stays)."""
    rows = Member.objects.filter(corp_id=corp_id, kind=Member.Kind.EXTERNAL).exclude(state="")
    rows = rows.filter(joined_at__gte=since) if since is not None else rows
    return dict(rows.values_list("state").annotate(people=Count("member_id", distinct=True)))


def join_ways_by_shop(corp_id: int) -> dict[int, JoinWay]:
    """The shops' own group codes (those of communities are not among them)."""
    rows = JoinWay.objects.filter(corp_id=corp_id, community=None).exclude(shop=None)
    return {row.shop_id: row for row in rows if row.shop_id is not None}


def owners(rows: Sequence[GroupChat]) -> list[str]:
    """The userids that own these groups."""
    return sorted({row.owner_userid for row in rows if row.owner_userid})


def _near_full_count(stays: QuerySet[Member]) -> int:
    live = stays.filter(left_at=None, group__dismissed_at=None)
    return live.values("group_id").annotate(people=Count("id")).filter(people__gte=NEAR_FULL).count()


def _count(condition: Q) -> Coalesce:
    rows = Member.objects.filter(condition, corp_id=OuterRef("corp_id"), group_id=OuterRef("id"))
    return _subcount(rows.values("group_id"))


def _subcount(rows: QuerySet[Any, Any]) -> Coalesce:
    counted = rows.order_by().annotate(n=Count("id")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _per_day(rows: QuerySet[Member], field: str, zone: ZoneInfo) -> dict[date, int]:
    day = TruncDate(field, tzinfo=zone, output_field=DateField())
    return dict(rows.annotate(day=day).values_list("day").annotate(n=Count("id")).order_by("day"))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
