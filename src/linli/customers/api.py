"""The door of customers: people, their relations with staff, tags, identities."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from linli.access.api import Scope
from linli.customers import corp_tags, marking, people, queries
from linli.customers.erasing import begin_erasure, came_back, lift_suppression, suppressed_count
from linli.customers.erasing import subject_of as subject
from linli.customers.marking import marks_waiting
from linli.customers.models import Customer, Follow
from linli.customers.people import Member
from linli.customers.suppressions import KEY as SUPPRESSION_KEY
from linli.customers.suppressions import suppressed
from linli.customers.sync import reconcile, sync
from linli.customers.takeovers import (
    Held,
    Moved,
    Seen,
    end_unlisted,
    held_by,
    held_by_leavers,
    look_after,
    remark_to_carry,
    remarked,
    transfers_since,
)
from linli.customers.takeovers import write as write_takeovers
from linli.customers.within import within_sql
from linli.kit.errors import Refused

__all__ = [
    "SUPPRESSION_KEY",
    "FollowInfo",
    "Held",
    "Member",
    "Moved",
    "Profile",
    "Seen",
    "TagInfo",
    "begin_erasure",
    "came_back",
    "channels",
    "customer_by_external",
    "digest",
    "end_unlisted",
    "ensure_member",
    "ensure_members",
    "ensure_tags",
    "find",
    "follows_of",
    "held_by",
    "held_by_leavers",
    "is_within",
    "lift_suppression",
    "live_follow_counts",
    "look_after",
    "marks_waiting",
    "profiles",
    "reconcile",
    "remark_to_carry",
    "remarked",
    "set_consent",
    "subject",
    "suppressed",
    "suppressed_count",
    "sync",
    "sync_tags",
    "tag_follow",
    "tags",
    "transfers_since",
    "within_sql",
    "write_takeovers",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FollowInfo:
    """A staff member's relation with a customer; `live` ones can be written to."""

    follow_id: int
    staff_id: int
    userid: str
    customer_id: int
    external_userid: str | None
    live: bool
    added_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A customer as other rooms need to know them; `consent` False means: leave them alone."""

    id: int
    no: int
    name: str
    external_userid: str | None
    home_shop_id: int | None
    channel_state: str
    first_added_at: datetime | None
    consent: bool
    erased: bool


@dataclass(frozen=True, kw_only=True)
class TagInfo:
    """A tag that is not deleted; `wecom_id` None is not at WeCom."""

    id: int
    name: str
    group: str
    wecom_id: str | None


def is_within(*, corp_id: int, scope: Scope, customer_id: int) -> bool:
    """Is this customer there, and one of those whom the scope reaches?"""
    return queries.everyone(corp_id, scope).filter(id=customer_id).exists()


def find(*, corp_id: int, kind: str, values: Collection[str]) -> dict[str, int]:
    """Customer ids by identity value; kind is "mall", "unionid", "phone" or "openid"."""
    return people.find(corp_id=corp_id, kind=kind, values=values)


def ensure_member(*, corp_id: int, mall_id: str, unionid: str | None = None, name: str = "") -> int:
    """The customer with this mall id, by unionid if the mall id is new, else a new one without external_userid.

    Raises Refused when this person was erased.
    """
    member = Member(mall_id=mall_id, unionid=unionid, name=name)
    found = people.ensure_members(corp_id=corp_id, members=[member])
    if mall_id not in found:
        raise Refused("erased", _("This person asked to be erased. An operator can let them in again under Privacy."))
    return found[mall_id]


def ensure_members(*, corp_id: int, members: Sequence[Member]) -> dict[str, int]:
    """The same for many, in a constant number of queries; customer ids by mall id; the erased are absent."""
    return people.ensure_members(corp_id=corp_id, members=members)


def customer_by_external(*, corp_id: int, external_userids: Collection[str]) -> dict[str, int]:
    """Customer ids by external_userid; unknown ones are absent."""
    rows = Customer.objects.filter(queries.among("external_userid", external_userids), corp_id=corp_id)
    return {str(external): customer_id for external, customer_id in rows.values_list("external_userid", "id")}


def profiles(*, corp_id: int, customer_ids: Collection[int]) -> dict[int, Profile]:
    """Who these customers are."""
    rows = Customer.objects.filter(queries.among("id", customer_ids), corp_id=corp_id)
    return {
        row.pk: Profile(
            id=row.pk, no=row.no, name=row.name, external_userid=row.external_userid, home_shop_id=row.home_shop_id,
            channel_state=row.channel_state, first_added_at=row.first_added_at, consent=row.consent,
            erased=row.erased_at is not None,
        )
        for row in rows
    }  # fmt: skip


def follows_of(*, corp_id: int, customer_ids: Collection[int]) -> dict[int, list[FollowInfo]]:
    """Relations by customer, live and lost, oldest first."""
    rows = Follow.objects.filter(queries.among("customer_id", customer_ids), corp_id=corp_id).order_by("added_at", "id")
    found: dict[int, list[FollowInfo]] = {}
    for follow_id, staff_id, userid, customer_id, external, live, added_at in rows.values_list(
        "id", "staff_id", "staff__userid", "customer_id", "customer__external_userid", "live", "added_at"
    ):
        found.setdefault(customer_id, []).append(
            FollowInfo(
                follow_id=follow_id, staff_id=staff_id, userid=userid, customer_id=customer_id,
                external_userid=external, live=live, added_at=added_at,
            )
        )  # fmt: skip
    return found


def live_follow_counts(*, corp_id: int) -> dict[int, int]:
    """How many customers each staff member has now, by staff id; those with none are absent."""
    return queries.live_follow_counts(corp_id)


def tags(*, corp_id: int) -> list[TagInfo]:
    """Every tag that is not deleted, in WeCom's order."""
    return [
        TagInfo(id=row.pk, name=row.name, group=row.group.name, wecom_id=row.wecom_id)
        for row in queries.live_tags(corp_id)
    ]


def channels(*, corp_id: int) -> list[tuple[str, int]]:
    """Channel states with how many customers first came through each, most first."""
    return queries.channels(corp_id)


def ensure_tags(*, corp_id: int, group: str, names: Sequence[str]) -> dict[str, int]:
    """Tag ids by name, made at WeCom where absent; calls WeCom, so never inside a transaction."""
    return corp_tags.ensure_tags(corp_id=corp_id, group=group, names=names)


def sync_tags(*, corp_id: int) -> None:
    """Read the corp tags again."""
    corp_tags.sync(corp_id=corp_id)


def tag_follow(
    *, corp_id: int, follow_id: int, tag_ids: Sequence[int] = (), remove_tag_ids: Sequence[int] = ()
) -> None:
    """Ask for tags on (and off) a relation; a job calls WeCom soon after the caller's transaction has committed."""
    marking.tag_follow(corp_id=corp_id, follow_id=follow_id, tag_ids=tag_ids, remove_tag_ids=remove_tag_ids)


def set_consent(*, corp_id: int, customer_id: int, consent: bool, reason: str = "", author: str = "") -> None:
    """Keep that a customer asked to be left alone (False), or no longer does, with who says so and why."""
    people.set_consent(corp_id=corp_id, customer_id=customer_id, consent=consent, reason=reason, author=author)


def digest(*, corp_id: int) -> dict[str, list[dict[str, Any]]]:
    """Customers, live relations and tags as sorted plain rows, to be compared with WeCom's own (the sandbox's dump).

    customers {external_userid, name, unionid}; follows {userid, external_userid, createtime, state, add_way, remark,
    tags}; tags {id, name, group_name}. `queries.checksums` gives one SHA-256 for each part.
    """
    return queries.canonical(corp_id)
