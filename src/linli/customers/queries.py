"""Questions to customers. `corp_id` comes first everywhere, then the scope where a part of the corp may ask."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from linli.access.api import EVERYTHING, Scope
from linli.customers.models import (
    ConsentChange,
    Customer,
    CustomerTag,
    Follow,
    FollowTag,
    Identity,
    IdentityConflict,
    Tag,
)
from linli.customers.within import within_sql


class _Among(Func):
    """`field = ANY(array)`: one parameter, so planning does not grow with the list as it does with IN."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def among(field: str, values: Collection[object]) -> Func:
    """A condition for filter(): the field's value is one of these."""
    return _Among(F(field), Value(list(values)))


@dataclass(frozen=True, kw_only=True)
class Search:
    """What the list of customers is narrowed to; empty values narrow nothing."""

    text: str = ""
    tag_id: int | None = None
    channel: str = ""
    shop_id: int | None = None
    only: str = ""


def everyone(corp_id: int, scope: Scope) -> QuerySet[Customer]:
    """All customers of a scope, and the numbers that the erased left behind."""
    rows = Customer.objects.filter(corp_id=corp_id)
    within = within_sql(corp_id=corp_id, scope=scope)
    return rows if within is None else rows.filter(id__in=RawSQL(within[0], within[1]))  # noqa: S611 - our own text


def customers(corp_id: int, scope: Scope, search: Search) -> QuerySet[Customer]:
    """Customers from WeCom and the mall, newest first; `only` is "", lost, mall or incomplete."""
    rows = everyone(corp_id, scope).filter(erased_at=None)
    live = Follow.objects.filter(corp_id=corp_id, customer=OuterRef("pk"), live=True)
    if search.text:
        rows = rows.filter(
            Q(name__icontains=search.text)
            | Q(external_userid=search.text)
            | Exists(Identity.objects.filter(corp_id=corp_id, customer=OuterRef("pk"), value=search.text))
        )
    if search.tag_id is not None:
        marks = FollowTag.objects.filter(
            corp_id=corp_id, follow__customer=OuterRef("pk"), follow__live=True, tag_id=search.tag_id
        )
        own = CustomerTag.objects.filter(corp_id=corp_id, customer=OuterRef("pk"), tag_id=search.tag_id)
        rows = rows.filter(Exists(marks) | Exists(own))
    if search.channel:
        rows = rows.filter(channel_state=search.channel)
    if search.shop_id is not None:
        rows = rows.filter(home_shop_id=search.shop_id)
    match search.only:
        case "lost":
            rows = rows.filter(~Exists(live), external_userid__isnull=False)
        case "mall":
            rows = rows.filter(external_userid=None)
        case "incomplete":
            rows = rows.filter(Exists(live.exclude(incomplete="")))
        case _:
            pass
    return rows.order_by("-first_added_at", "-id") if search.only != "mall" else rows.order_by("-id")


def tags_of(corp_id: int, customer_ids: Collection[int]) -> dict[int, list[str]]:
    """Names of the tags on live relations and of Linli's own, by customer."""
    found: defaultdict[int, dict[str, None]] = defaultdict(dict)
    marks = FollowTag.objects.filter(
        corp_id=corp_id, follow__customer_id__in=list(customer_ids), follow__live=True
    ).order_by("-tag__order", "tag_id")
    for customer_id, name in marks.values_list("follow__customer_id", "tag__name"):
        found[customer_id][name] = None
    own = CustomerTag.objects.filter(corp_id=corp_id, customer_id__in=list(customer_ids)).order_by("tag_id")
    for customer_id, name in own.values_list("customer_id", "tag__name"):
        found[customer_id][name] = None
    return {customer_id: list(names) for customer_id, names in found.items()}


def follows_of_one(corp_id: int, customer_id: int) -> list[Follow]:
    """One customer's relations with their staff, the live ones first."""
    rows = Follow.objects.filter(corp_id=corp_id, customer_id=customer_id).select_related("staff", "staff__shop")
    return list(rows.order_by("-live", "-added_at", "id"))


def follow_tags(corp_id: int, follow_ids: Collection[int]) -> dict[int, list[Tag]]:
    """Tags by relation."""
    found: defaultdict[int, list[Tag]] = defaultdict(list)
    rows = FollowTag.objects.filter(corp_id=corp_id, follow_id__in=list(follow_ids)).select_related("tag")
    for row in rows.order_by("-tag__order", "tag_id"):
        found[row.follow_id].append(row.tag)
    return dict(found)


def live_tags(corp_id: int) -> QuerySet[Tag]:
    """Tags that are not deleted, with their groups, in WeCom's order (a larger number first)."""
    rows = Tag.objects.filter(corp_id=corp_id, deleted_at=None).select_related("group")
    return rows.order_by("-group__order", "group_id", "-order", "id")


def channels(corp_id: int, scope: Scope = EVERYTHING) -> list[tuple[str, int]]:
    """Channel states with how many customers first came through each."""
    rows = everyone(corp_id, scope).exclude(channel_state="").values("channel_state")
    return list(
        rows.annotate(people=Count("id")).order_by("-people", "channel_state").values_list("channel_state", "people")
    )


def live_follow_counts(corp_id: int) -> dict[int, int]:
    """Live relations by staff id."""
    rows = Follow.objects.filter(corp_id=corp_id, live=True).values("staff_id").order_by("staff_id")
    return dict(rows.annotate(people=Count("id")).values_list("staff_id", "people"))


def totals(corp_id: int, scope: Scope) -> dict[str, int]:
    """How many people: all, live, lost, known from the mall only, with an incomplete relation; and open conflicts."""
    live = Follow.objects.filter(corp_id=corp_id, customer=OuterRef("pk"), live=True)
    counted = (
        everyone(corp_id, scope)
        .filter(erased_at=None)
        .annotate(held=Exists(live), unread=Exists(live.exclude(incomplete="")))
        .aggregate(
            all=Count("id"),
            live=Count("id", filter=Q(held=True)),
            lost=Count("id", filter=Q(held=False, external_userid__isnull=False)),
            mall=Count("id", filter=Q(external_userid=None)),
            incomplete=Count("id", filter=Q(unread=True)),
        )
    )
    return {**counted, "conflicts": _open_conflicts(corp_id, scope).count()}


def identities_of(corp_id: int, customer_id: int) -> list[Identity]:
    """Under which names other systems know this customer."""
    return list(Identity.objects.filter(corp_id=corp_id, customer_id=customer_id).order_by("kind", "id"))


def consent_of(corp_id: int, customer_id: int) -> list[ConsentChange]:
    """What was said about consent, newest first."""
    return list(ConsentChange.objects.filter(corp_id=corp_id, customer_id=customer_id).order_by("-at", "-id"))


def conflicts_of(corp_id: int, scope: Scope, customer_id: int) -> list[IdentityConflict]:
    """Open conflicts in which this customer holds or claims; both of them lie in the scope."""
    rows = _open_conflicts(corp_id, scope)
    rows = rows.filter(Q(holder_id=customer_id) | Q(claimant_id=customer_id))
    return list(rows.select_related("holder", "claimant").order_by("id"))


def _open_conflicts(corp_id: int, scope: Scope) -> QuerySet[IdentityConflict]:
    rows = IdentityConflict.objects.filter(corp_id=corp_id, settled_at=None)
    if scope.whole:
        return rows
    seen = everyone(corp_id, scope).values("id")
    return rows.filter(holder_id__in=seen, claimant_id__in=seen)


def canonical(corp_id: int) -> dict[str, list[dict[str, Any]]]:
    """Customers, live relations and tags in the form of the sandbox's dump, sorted, for comparing."""
    follows = (
        Follow.objects.filter(corp_id=corp_id, live=True)
        .values_list("id", "staff__userid", "customer__external_userid", "added_at", "state_text", "add_way", "remark")
        .iterator(chunk_size=5000)
    )
    marks: defaultdict[int, list[str]] = defaultdict(list)
    rows = FollowTag.objects.filter(corp_id=corp_id, follow__live=True, tag__deleted_at=None)
    for follow_id, wecom_id in rows.values_list("follow_id", "tag__wecom_id"):
        marks[follow_id].append(str(wecom_id))
    people = Customer.objects.filter(corp_id=corp_id, external_userid__isnull=False)
    tags = Tag.objects.filter(corp_id=corp_id, deleted_at=None, wecom_id__isnull=False)
    return {
        "customers": sorted(
            (
                {"external_userid": external, "name": name, "unionid": unionid or "", "type": kind, "gender": gender}
                for external, name, unionid, kind, gender in people.values_list(
                    "external_userid", "name", "unionid", "kind", "gender"
                )
            ),
            key=lambda row: str(row["external_userid"]),
        ),
        "follows": sorted(
            (
                {
                    "userid": userid, "external_userid": external, "createtime": _unix(added_at), "state": state,
                    "add_way": add_way, "remark": remark, "tags": sorted(marks[follow_id]),
                }
                for follow_id, userid, external, added_at, state, add_way, remark in follows
            ),
            key=lambda row: (str(row["userid"]), str(row["external_userid"])),
        ),
        "tags": sorted(
            (
                {"id": wecom_id, "name": name, "group_name": group}
                for wecom_id, name, group in tags.values_list("wecom_id", "name", "group__name")
            ),
            key=lambda row: str(row["id"]),
        ),
    }  # fmt: skip


def checksums(rows: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """One SHA-256 for each part, over compact JSON with sorted keys."""
    return {
        part: hashlib.sha256(
            json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()
        for part, content in rows.items()
    }


def _unix(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0
