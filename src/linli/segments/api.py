"""The door of segments: ask who is in, keep questions, know the super users."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from linli.segments import describe as words
from linli.segments import operations, queries, schedule, super_users
from linli.segments.definition import (
    Added,
    And,
    Channel,
    Definition,
    Everyone,
    Frequency,
    GroupMember,
    InSegment,
    LastPurchase,
    Not,
    Or,
    Reached,
    Rfm,
    Shop,
    Spend,
    SuperUser,
    Tag,
    parse,
    to_json,
)
from linli.segments.models import Segment
from linli.segments.models import SuperUser as SuperUserRow
from linli.segments.names import names_for
from linli.segments.queries import Count

__all__ = [
    "Added", "And", "Channel", "Count", "Definition", "Everyone", "Frequency", "GroupMember", "InSegment",
    "LastPurchase", "Not", "Or", "Reached", "Rfm", "SegmentInfo", "Shop", "Spend", "SuperRunInfo", "SuperUser",
    "SuperUserInfo", "Tag", "change", "count", "create", "delete", "describe", "duplicate", "members", "parse",
    "recompute_super_users", "recount", "restore", "segment", "segments", "select_sql", "steps", "super_users_of",
    "tick", "to_json",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SegmentInfo:
    """A saved segment."""

    id: int
    name: str
    definition: Definition
    version: int
    author: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class SuperRunInfo:
    """One computation of the super users; `spenders` bought something in the 90 days before `as_of`."""

    as_of: datetime
    since: datetime
    spenders: int
    super_count: int
    near_count: int


@dataclass(frozen=True, kw_only=True)
class SuperUserInfo:
    """A customer's standing: tier is "super" or "near"."""

    customer_id: int
    tier: str
    since: datetime
    spend: Decimal


def count(*, corp_id: int, definition: Definition, as_of: datetime | None = None) -> Count:
    """How many customers, exactly, with the milliseconds it took and the moment it holds for."""
    return queries.count(corp_id, definition, as_of=as_of)


def members(*, corp_id: int, definition: Definition, as_of: datetime | None = None) -> list[int]:
    """Customer ids, ascending."""
    return queries.members(corp_id, definition, as_of=as_of)


def select_sql(*, corp_id: int, definition: Definition, as_of: datetime | None = None) -> tuple[str, list[Any]]:
    """One select of distinct customer ids, for statements of rooms above."""
    return queries.select_sql(corp_id, definition, as_of=as_of)


def steps(*, corp_id: int, definition: Definition) -> list[tuple[Definition | None, int]]:
    """How many are left after each part of an And, beginning with everyone (None)."""
    return queries.steps(corp_id, definition)


def describe(*, corp_id: int, definition: Definition, language: str | None = None) -> str:
    """One plain sentence, in `language` ("zh-hans" or "en") or the active one."""
    names = names_for(corp_id, definition)
    return words.sentence(definition, language=language or get_language() or "zh-hans", names=names)


def segments(*, corp_id: int) -> list[SegmentInfo]:
    """The saved segments by name."""
    return [_info(row) for row in Segment.objects.filter(corp_id=corp_id, deleted_at=None).order_by("name")]


def segment(*, corp_id: int, segment_id: int) -> SegmentInfo:
    """One saved segment; NotFound when it is not there."""
    return _info(queries.segment(corp_id, segment_id))


def create(*, corp_id: int, name: str, definition: Definition, author: str) -> SegmentInfo:
    """Save a new segment; Refused when the name is taken, BadInput when it would contain itself."""
    return _info(operations.create(corp_id, name=name, definition=definition, author=author))


def change(*, corp_id: int, segment_id: int, name: str, definition: Definition, author: str) -> SegmentInfo:
    """Save a segment's next version."""
    return _info(operations.change(corp_id, segment_id, name=name, definition=definition, author=author))


def duplicate(*, corp_id: int, segment_id: int, author: str, suffix: str) -> SegmentInfo:
    """Save a copy, named with `suffix` behind the old name."""
    return _info(operations.duplicate(corp_id, segment_id, author=author, suffix=suffix))


def delete(*, corp_id: int, segment_id: int, author: str) -> None:
    """Take it off the list (it can be restored); Refused while another segment asks for it."""
    operations.delete(corp_id, segment_id, author=author)


def restore(*, corp_id: int, segment_id: int, author: str) -> None:
    """Undo a deletion."""
    operations.restore(corp_id, segment_id, author=author)


def recount(*, corp_id: int, segment_id: int, keep_members: bool = False) -> Count:
    """Count a saved segment now and keep the figure."""
    run = operations.recount(corp_id, segment_id, keep_members=keep_members)
    return Count(count=run.count, as_of=run.as_of, milliseconds=run.milliseconds)


def recompute_super_users(*, corp_id: int, as_of: datetime) -> SuperRunInfo:
    """Compute the standings as of a moment; the same moment twice is one computation."""
    run = super_users.recompute(corp_id, as_of)
    return SuperRunInfo(
        as_of=run.as_of,
        since=run.since,
        spenders=run.spenders,
        super_count=run.super_count,
        near_count=run.near_count,
    )


def super_users_of(*, corp_id: int) -> list[SuperUserInfo]:
    """Everyone with a standing now, best spender first."""
    rows = SuperUserRow.objects.filter(corp_id=corp_id).order_by("-spend", "customer_id")
    return [SuperUserInfo(customer_id=row.customer_id, tier=row.tier, since=row.since, spend=row.spend) for row in rows]


def tick(*, corp_id: int, at: datetime) -> int:
    """Do what is due by `at` (weekly super users, nightly counts); returns how many pieces of work were done."""
    return schedule.tick(corp_id, at)


def _info(row: Segment) -> SegmentInfo:
    return SegmentInfo(
        id=row.pk,
        name=row.name,
        definition=parse(row.definition),
        version=row.version,
        author=row.author,
        changed_at=row.changed_at,
    )
