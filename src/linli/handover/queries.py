"""Questions to hand-overs. `corp_id` comes first everywhere, then the scope where a part of the corp may ask."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from linli.access.api import EVERYTHING, Scope
from linli.directory import api as directory
from linli.handover.models import (
    OPEN,
    Call,
    CustomerMove,
    GroupMove,
    Handover,
    MoveState,
    Reading,
    Rule,
    Unassigned,
)
from linli.kit.clock import now

FULL_CODE = 40099
# Refusals that speak of the taker, not of the customer; and one that speaks of either clerk (wire.md A.3).
OF_THE_TAKER, OF_ONE_OF_THEM = (40098, 40143), (40205,)
SETTLED = (MoveState.REFUSED, MoveState.FULL, MoveState.FAILED, MoveState.NO_RESULT)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a hand-over is: customers and groups by state, and when the last of those who wait are through."""

    customers: Counter[str] = field(default_factory=Counter)
    groups: Counter[str] = field(default_factory=Counter)
    until: datetime | None = None

    @property
    def open(self) -> int:
        """Customers and groups without an outcome."""
        return sum(self.customers[one] + self.groups[one] for one in OPEN)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A member who left, and how many customers and groups still wait for others."""

    staff_id: int
    name: str
    shop_id: int | None
    left_at: datetime | None
    customers: int
    in_hand: int
    handover_id: int | None


def rule(corp_id: int) -> Rule:
    """The corp's rule, or the default one."""
    return Rule.objects.filter(corp_id=corp_id).first() or Rule(corp_id=corp_id, changed_at=now())


def reading(corp_id: int) -> Reading:
    """What was read last, empty before the first time."""
    return Reading.objects.filter(corp_id=corp_id).first() or Reading(corp_id=corp_id)


def within(corp_id: int, scope: Scope) -> QuerySet[Handover]:
    """The hand-overs of a scope: of its shops and its staff, and those by which its staff got somebody."""
    rows = Handover.objects.filter(corp_id=corp_id)
    reach = directory.reach(corp_id=corp_id, scope=scope)
    if reach is None:
        return rows
    taken = Call.objects.filter(corp_id=corp_id, taker_id__in=reach.staff_ids).values("handover_id")
    return rows.filter(Q(shop_id__in=reach.shop_ids) | Q(giver_id__in=reach.staff_ids) | Q(id__in=taken))


def handovers(
    corp_id: int, scope: Scope, *, state: str = "", search: str = "", shop_id: int | None = None
) -> QuerySet[Handover]:
    """The list, the newest first; `state` is one or more of Handover.State with commas, `search` a giver's name."""
    rows = within(corp_id, scope).select_related("giver", "shop").order_by("-created_at", "-id")
    rows = rows.filter(state__in=state.split(",")) if state else rows
    rows = rows.filter(shop_id=shop_id) if shop_id is not None else rows
    return rows.filter(Q(giver__name__icontains=search) | Q(giver__userid=search)) if search else rows


def moves(
    corp_id: int, scope: Scope, *, handover_id: int | None = None, state: str = "", text: str = ""
) -> QuerySet[CustomerMove]:
    """Who got whom, the newest first; `text` is a customer's or a clerk's name, or an external_userid."""
    rows = CustomerMove.objects.filter(corp_id=corp_id)
    reach = directory.reach(corp_id=corp_id, scope=scope)
    if reach is not None:
        rows = rows.filter(Q(giver_id__in=reach.staff_ids) | Q(taker_id__in=reach.staff_ids))
    rows = rows.filter(handover_id=handover_id) if handover_id is not None else rows
    rows = rows.filter(state__in=state.split(",")) if state else rows
    if text:
        rows = rows.filter(
            Q(customer__name__icontains=text)
            | Q(external_userid=text)
            | Q(giver__name__icontains=text)
            | Q(taker__name__icontains=text)
        )
    return rows.select_related("customer", "giver", "taker", "handover").order_by("-state_at", "-id")


def group_moves(corp_id: int, scope: Scope, *, handover_id: int) -> QuerySet[GroupMove]:
    """The groups of a hand-over."""
    rows = GroupMove.objects.filter(corp_id=corp_id, handover_id=handover_id)
    reach = directory.reach(corp_id=corp_id, scope=scope)
    if reach is not None:
        rows = rows.filter(Q(giver_id__in=reach.staff_ids) | Q(taker_id__in=reach.staff_ids))
    return rows.select_related("group", "taker").order_by("group__name", "id")


def progress(corp_id: int, handover_ids: Collection[int]) -> dict[int, Progress]:
    """How far several hand-overs are, in three queries."""
    people: defaultdict[int, Counter[str]] = defaultdict(Counter)
    chats: defaultdict[int, Counter[str]] = defaultdict(Counter)
    ids = list(handover_ids)
    rows = CustomerMove.objects.filter(corp_id=corp_id, handover_id__in=ids)
    for key, state, n in rows.values_list("handover_id", "state").annotate(n=Count("id")).order_by():
        people[key][state] = n
    for key, state, n in (
        GroupMove.objects.filter(corp_id=corp_id, handover_id__in=ids)
        .values_list("handover_id", "state")
        .annotate(n=Count("id"))
        .order_by()
    ):
        chats[key][state] = n
    until = dict(
        rows.filter(state=MoveState.WAITING).values_list("handover_id").annotate(at=Max("takeover_at")).order_by()
    )
    return {key: Progress(customers=people[key], groups=chats[key], until=until.get(key)) for key in ids}


def totals(corp_id: int, scope: Scope) -> dict[str, int]:
    """Customers in all hand-overs of the scope, by state."""
    rows = moves(corp_id, scope).order_by()
    return dict(rows.values_list("state").annotate(n=Count("id")))


def by_taker(corp_id: int, scope: Scope, handover_id: int) -> list[dict[str, object]]:
    """How many customers each taker of a hand-over gets and has got, most first."""
    rows = moves(corp_id, scope, handover_id=handover_id).exclude(taker=None).order_by()
    done, still = Count("id", filter=Q(state=MoveState.DONE)), Count("id", filter=Q(state__in=OPEN))
    found = rows.values("taker_id", "taker__name", "taker__userid").annotate(n=Count("id"), done=done, still=still)
    return [dict(one) for one in found.order_by("-n", "taker_id")]


def unassigned(corp_id: int, scope: Scope = EVERYTHING) -> list[Waiting]:
    """Members who left with customers on WeCom's list, those who left first first."""
    rows = Unassigned.objects.filter(corp_id=corp_id, gone_at=None)
    reach = directory.reach(corp_id=corp_id, scope=scope)
    if reach is not None:
        rows = rows.filter(staff_id__in=reach.staff_ids)
    counted = {
        staff_id: (n, left_at)
        for staff_id, n, left_at in rows.values("staff_id")
        .annotate(n=Count("id"), left=Min("left_at"))
        .order_by()
        .values_list("staff_id", "n", "left")
    }
    people = directory.staff_by_ids(corp_id=corp_id, staff_ids=list(counted))
    running = Handover.objects.filter(
        corp_id=corp_id, giver_id__in=list(counted), state__in=(Handover.State.PROPOSED, Handover.State.RUNNING)
    )
    latest = dict(running.order_by("id").values_list("giver_id", "id"))
    moving = dict(
        CustomerMove.objects.filter(corp_id=corp_id, giver_id__in=list(counted), state__in=OPEN)
        .values_list("giver_id")
        .annotate(n=Count("id"))
        .order_by()
    )
    found = [
        Waiting(
            staff_id=key, name=people[key].name or people[key].userid, shop_id=people[key].shop_id, left_at=left_at,
            customers=n, in_hand=moving.get(key, 0), handover_id=latest.get(key),
        )
        for key, (n, left_at) in counted.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.left_at or now(), one.staff_id))


def unassigned_of(corp_id: int, staff_id: int) -> dict[str, int | None]:
    """Whom WeCom lists as left behind by a member: customer id (None: unknown to us) by external_userid."""
    rows = Unassigned.objects.filter(corp_id=corp_id, staff_id=staff_id, gone_at=None).order_by("id")
    return dict(rows.values_list("external_userid", "customer_id"))


def in_hand(corp_id: int) -> set[str]:
    """Customers in a hand-over without an outcome, by external_userid."""
    rows = CustomerMove.objects.filter(corp_id=corp_id, state__in=OPEN)
    return set(rows.values_list("external_userid", flat=True))


def groups_in_hand(corp_id: int) -> set[int]:
    """Groups in a hand-over without an outcome."""
    return set(GroupMove.objects.filter(corp_id=corp_id, state__in=OPEN).values_list("group_id", flat=True))


def groups_given(corp_id: int, *, since: datetime) -> dict[int, int]:
    """How often each group was given on the job since then."""
    rows = GroupMove.objects.filter(
        corp_id=corp_id, state=MoveState.DONE, handover__resigned=False, began_at__gte=since
    )
    return dict(rows.values_list("group_id").annotate(n=Count("id")).order_by())


def groups_given_on(corp_id: int, staff_id: int, *, since: datetime) -> int:
    """How many groups of one member were given since then."""
    return GroupMove.objects.filter(corp_id=corp_id, giver_id=staff_id, began_at__gte=since).count()


def coming(corp_id: int) -> dict[int, int]:
    """Customers on their way to each taker."""
    rows = CustomerMove.objects.filter(corp_id=corp_id, state__in=OPEN, taker_id__isnull=False)
    return {key: n for key, n in rows.values_list("taker_id").annotate(n=Count("id")).order_by() if key is not None}


def said_of_takers(corp_id: int, *, since: datetime) -> dict[int, str]:
    """What WeCom said lately of takers whom it lets nobody take over: "said_full", or "wecom_<code>"."""
    full = CustomerMove.objects.filter(
        Q(state=MoveState.FULL) | Q(state=MoveState.FAILED, code=FULL_CODE), corp_id=corp_id, state_at__gte=since
    )
    found = dict.fromkeys(full.values_list("taker_id", flat=True).distinct(), "said_full")
    found |= _refused(corp_id, OF_THE_TAKER, since)
    return {key: said for key, said in found.items() if key is not None}


def doubted_takers(corp_id: int, *, since: datetime) -> dict[int, str]:
    """Takers of calls that failed because of one of the two clerks, WeCom does not say of which: "wecom_<code>"."""
    return _refused(corp_id, OF_ONE_OF_THEM, since)


def _refused(corp_id: int, codes: tuple[int, ...], since: datetime) -> dict[int, str]:
    rows = Call.objects.filter(corp_id=corp_id, state=Call.State.FAILED, error_code__in=codes, settled_at__gte=since)
    return {taker: f"wecom_{code}" for taker, code in rows.values_list("taker_id", "error_code")}
