"""Customers who go from one clerk to another: whom somebody holds, who went lately, and what is written when WeCom did it.

WeCom takes tags and remark along by itself as a rule; what it did not take is asked for on the new relation, and only that.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from linli.connect import api as connect
from linli.customers import marking, queries
from linli.customers.models import Follow, FollowChange, FollowTag
from linli.customers.operations import apply
from linli.customers.readings import CustomerRead, Note, asked, from_detail, next_read_no
from linli.kit.clock import now
from linli.wecom.catalogue import Retry
from linli.wecom.client import Client
from linli.wecom.errors import ApiError

TRANSFER, RESIGNED = "transfer", "resigned"
OURS = "linli"
# Nobody's customer (any more). 40096 may also mean that those who have them are out of sight (wire.md A.3).
_NOBODYS = frozenset({84061})


@dataclass(frozen=True, kw_only=True)
class Held:
    """A customer whom a clerk has; `half` ones have not been confirmed."""

    customer_id: int
    external_userid: str
    half: bool


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A customer whom WeCom gave from one clerk to another, `at` by its own word."""

    external_userid: str
    giver: str
    taker: str
    at: datetime
    resigned: bool


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What WeCom shows of a customer after a hand-over; `read` None: it shows nobody's customer any more."""

    moved: Moved
    read: CustomerRead | None
    held: tuple[int, datetime | None] | None


def held_by(*, corp_id: int, staff_id: int, tag_ids: Collection[int] = ()) -> list[Held]:
    """The customers of one clerk, those with any of the tags where tags are named; the longest held first."""
    rows = Follow.objects.filter(corp_id=corp_id, staff_id=staff_id, live=True, customer__erased_at=None)
    if tag_ids:
        rows = rows.filter(
            id__in=FollowTag.objects.filter(corp_id=corp_id, tag_id__in=list(tag_ids)).values("follow_id")
        )
    found = rows.exclude(customer__external_userid=None).order_by("added_at", "id")
    return [
        Held(customer_id=customer_id, external_userid=str(external), half=incomplete == "half")
        for customer_id, external, incomplete in found.values_list(
            "customer_id", "customer__external_userid", "incomplete"
        )
    ]


def held_by_leavers(*, corp_id: int) -> list[tuple[str, str]]:
    """Live relations with members who left, as (userid, external_userid)."""
    rows = Follow.objects.filter(corp_id=corp_id, live=True, staff__left_at__isnull=False)
    found = rows.exclude(customer__external_userid=None).order_by("id")
    return [(userid, str(one)) for userid, one in found.values_list("staff__userid", "customer__external_userid")]


def transfers_since(*, corp_id: int, customer_ids: Collection[int], since: datetime) -> dict[int, list[datetime]]:
    """When customers were handed over on the job since then, by customer, oldest first; also by hand in WeCom's console."""
    rows = FollowChange.objects.filter(
        queries.among("follow__customer_id", customer_ids), corp_id=corp_id, kind="lost", by=TRANSFER, at__gte=since
    )
    found: dict[int, list[datetime]] = {}
    for customer_id, at in rows.order_by("at").values_list("follow__customer_id", "at"):
        found.setdefault(customer_id, []).append(at)
    return found


def look_after(client: Client, *, corp_id: int, moved: Moved, sure: bool = False) -> Seen:
    """Read a customer of whom WeCom says (`sure`), or it is asked, whether they were handed over.

    Raises what may pass; and any other refusal to show them, unless it is sure that the old relation has ended;
    BadAnswer where the answer is about somebody else.
    """
    follow = (
        Follow.objects.filter(
            corp_id=corp_id, staff__userid=moved.giver, customer__external_userid=moved.external_userid, live=True
        )
        .values_list("read_no", "added_at")
        .first()
    )
    read_no = next_read_no()
    try:
        read: CustomerRead | None = from_detail(asked(client, moved.external_userid), read_no)
    except ApiError as error:
        if error.code not in _NOBODYS and not (sure and error.meaning.retry is Retry.NEVER):
            raise
        read = None
    return Seen(moved=moved, read=read, held=follow)


@transaction.atomic
def write(*, corp_id: int, seen: Sequence[Seen]) -> dict[str, int]:
    """Write that relations ended and others began, and ask for tags that stayed behind; customer ids by external_userid.

    A callback that tells the same, before or after, changes nothing more (sameness.py).
    """
    notes = [note for one in seen if (note := _ended(one)) is not None]
    reads = [one.read for one in seen if one.read is not None]
    done = apply(corp_id=corp_id, reads=reads, notes=notes, cause=OURS)
    for one in seen:
        _take_tags_along(corp_id, one.moved)
    return done.customers


@transaction.atomic
def end_unlisted(*, corp_id: int, giver: str, external_userids: Collection[str]) -> int:
    """Relations with a member who left that WeCom shows nowhere any more; returns how many ended."""
    rows = Follow.objects.filter(
        corp_id=corp_id, staff__userid=giver, customer__external_userid__in=list(external_userids), live=True
    )
    notes = [
        Note(
            external_userid=str(external), userid=giver, kind="lost", at=max(now(), added_at or now()),
            cause=connect.ELSEWHERE, held=(read_no, added_at),
        )
        for external, read_no, added_at in rows.values_list("customer__external_userid", "read_no", "added_at")
    ]  # fmt: skip
    apply(corp_id=corp_id, notes=notes)
    return len(notes)


def remark_to_carry(*, corp_id: int, giver_id: int, taker_id: int, customer_id: int) -> str:
    """The remark of the ended relation, where the new one has none; "" otherwise."""
    rows = dict(
        Follow.objects.filter(corp_id=corp_id, customer_id=customer_id, staff_id__in=[giver_id, taker_id]).values_list(
            "staff_id", "remark"
        )
    )
    return "" if rows.get(taker_id, "-") else rows.get(giver_id, "")


@transaction.atomic
def remarked(*, corp_id: int, taker_id: int, customer_id: int, remark: str) -> None:
    """WeCom took a remark that we set: keep it, as no callback tells of it."""
    Follow.objects.filter(corp_id=corp_id, customer_id=customer_id, staff_id=taker_id, remark="").update(remark=remark)


def _ended(seen: Seen) -> Note | None:
    moved = seen.moved
    shown = seen.read is not None and any(one.userid == moved.giver for one in seen.read.follows)
    if seen.held is None or shown:
        return None
    return Note(
        external_userid=moved.external_userid, userid=moved.giver, kind="lost", cause=OURS, held=seen.held,
        at=max(moved.at, seen.held[1] or moved.at), by=RESIGNED if moved.resigned else TRANSFER,
    )  # fmt: skip


def _take_tags_along(corp_id: int, moved: Moved) -> None:
    """Tags of the old relation that the new one does not show."""
    follows = {
        row.staff.userid: row
        for row in Follow.objects.filter(
            corp_id=corp_id, customer__external_userid=moved.external_userid,
            staff__userid__in=[moved.giver, moved.taker],
        ).select_related("staff")
    }  # fmt: skip
    old, new = follows.get(moved.giver), follows.get(moved.taker)
    if old is None or new is None or not new.live or new.read_no == 0:
        return
    rows = FollowTag.objects.filter(corp_id=corp_id, tag__deleted_at=None, tag__wecom_id__isnull=False)
    wanted = rows.filter(follow=old).values_list("tag_id", flat=True)
    missing = sorted(set(wanted) - set(rows.filter(follow=new).values_list("tag_id", flat=True)))
    if missing:
        marking.tag_follow(corp_id=corp_id, follow_id=new.pk, tag_ids=missing)
