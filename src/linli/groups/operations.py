"""The only writers of groups and members. The latest reading wins; between readings, the version chain does."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from linli.connect.api import MISSED
from linli.customers import api as customers
from linli.directory import api as directory
from linli.groups import facts
from linli.groups.incognito import incognito
from linli.groups.models import GroupChat, JoinWay, Member
from linli.groups.readings import SAME_MOMENT, Change, GroupRead, Moved
from linli.groups.renamed import present_read
from linli.groups.stays import Stays
from linli.kit.clock import now, wall
from linli.ledger import api as ledger

_NAME = """
UPDATE groups_member m SET customer_id = known.customer_id
FROM unnest(%s::text[], %s::bigint[]) AS known (member_id, customer_id)
WHERE m.corp_id = %s AND m.member_id = known.member_id AND m.kind = %s AND m.customer_id IS NULL
RETURNING m.group_id, m.customer_id, m.member_id, m.joined_at, m.join_scene, m.state
"""


class _Named(NamedTuple):
    group_id: int
    customer_id: int
    member_id: str
    joined_at: datetime
    join_scene: int
    state: str


OURS = "linli"
_CALLBACKS = {"name": "change_name", "notice": "change_notice", "owner_userid": "change_owner"}


@transaction.atomic
def apply_read(
    *, corp_id: int, read: GroupRead, change_no: int, change: Change | None = None, cause: str = "event"
) -> list[ledger.NewFact] | None:
    """Make the group as it was read, and return what was said; None: it changed since `change_no` and must be read again.

    `change` is the event that led to the reading: it knows when members left, and how.
    """
    read, change = incognito(corp_id, read=present_read(corp_id, read), change=change)
    group, fresh = _lock(corp_id, read.chat_id, read.created_at)
    if group.dismissed_at is not None:
        return []
    if not fresh and group.change_no != change_no:
        return None
    unread = group.read_at is None
    changed = _describe(group, read)
    stays = Stays(group, cause, opening=unread)
    stays.become(read.members, change)
    group.member_version = read.member_version
    group.read_at = now()
    group.stale, group.lagging = False, 0
    changed += _place(group, stays.states())
    _touch(group)
    if unread:
        stays.news.insert(0, _opened(group, cause))
    elif changed:
        stays.news.append(_changed(group, changed, cause))
    ledger.publish_many(corp_id=corp_id, facts=stays.news)
    return stays.news


@transaction.atomic
def apply_change(*, corp_id: int, chat_id: str, change: Change) -> bool:
    """Follow the chain one step without a reading; False when our members do not stand at its last version."""
    _, change = incognito(corp_id, read=None, change=change)
    group = GroupChat.objects.select_for_update().filter(corp_id=corp_id, chat_id=chat_id).first()
    if group is None or not change.last or group.member_version != change.last:
        return False
    stays = Stays(group, "event")
    stays.step(change)
    group.member_version = change.current
    _touch(group)
    ledger.publish_many(corp_id=corp_id, facts=stays.news)
    return True


@transaction.atomic
def complete_departures(*, corp_id: int, chat_id: str, change: Change) -> None:
    """A reading had shown that members were gone; the event now tells when and how."""
    if change.moved is not Moved.OUT:
        return
    _, change = incognito(corp_id, read=None, change=change)
    for member_id in change.member_ids:
        stay = (
            Member.objects.select_for_update()
            .filter(
                corp_id=corp_id, group__chat_id=chat_id, member_id=member_id, left_by="",
                left_at__isnull=False, joined_at__lte=change.at + SAME_MOMENT,
            )
            .order_by("-joined_at")
            .first()
        )  # fmt: skip
        if stay is not None:
            stay.left_at, stay.left_by = change.at, change.by
            stay.save(update_fields=["left_at", "left_by"])


@transaction.atomic
def note_lag(*, corp_id: int, chat_id: str, at: datetime) -> int:
    """The data lags behind an event; returns how often in a row it did."""
    group, _ = _lock(corp_id, chat_id, at)
    group.lagging += 1
    group.save(update_fields=["lagging"])
    return group.lagging


@transaction.atomic
def give_up(*, corp_id: int, chat_id: str) -> None:
    """Wait no longer for the data: the next sync reads this group again."""
    GroupChat.objects.filter(corp_id=corp_id, chat_id=chat_id).update(stale=True, lagging=0)


@transaction.atomic
def dismiss(*, corp_id: int, chat_id: str, at: datetime, cause: str = "event") -> list[ledger.NewFact]:
    """The group is gone, and nothing brings it back; a second time says nothing. Returns what was said."""
    group, _ = _lock(corp_id, chat_id, at)
    if group.dismissed_at is not None:
        return []
    inside = Member.objects.filter(group=group, left_at=None)
    customers_inside = inside.filter(kind=Member.Kind.EXTERNAL).count()
    inside.update(left_at=at, left_by="dismissed")
    group.dismissed_at, group.stale, group.lagging = at, False, 0
    _touch(group)
    data = {"group": group.pk, "members": customers_inside, "cause": cause, **_missed(cause, "dismiss")}
    said = [ledger.NewFact(kind=facts.DISMISSED, subject=f"group:{group.pk}", occurred_at=at, data=data)]
    ledger.publish_many(corp_id=corp_id, facts=said)
    return said


@transaction.atomic
def identify(*, corp_id: int, external_userids: Iterable[str]) -> int:
    """Say who members are whom nobody knew when they joined; returns how many stays were named."""
    known = customers.customer_by_external(corp_id=corp_id, external_userids=list(external_userids))
    with connection.cursor() as cursor:
        cursor.execute(_NAME, [list(known), list(known.values()), corp_id, Member.Kind.EXTERNAL])
        named = [_Named(*row) for row in cursor]
    ledger.publish_many(
        corp_id=corp_id,
        facts=[
            ledger.NewFact(
                kind=facts.MEMBER_KNOWN, subject=f"group:{row.group_id}", customer_id=row.customer_id,
                occurred_at=row.joined_at,
                data={
                    "group": row.group_id, "customer": row.customer_id, "member": row.member_id,
                    "scene": row.join_scene, "state": row.state,
                },
            )
            for row in named
        ],
    )  # fmt: skip
    return len(named)


@transaction.atomic
def rename_staff(*, corp_id: int, was: str, userid: str) -> None:
    """Groups and seats of a staff member under their new UserID; a seat that a reading wrote under it already stays alone."""
    GroupChat.objects.filter(corp_id=corp_id, owner_userid=was).update(owner_userid=userid)
    members = Member.objects.filter(corp_id=corp_id)
    members.filter(invited_by=was).update(invited_by=userid)
    seats = members.filter(kind=Member.Kind.STAFF, member_id=was)
    taken = members.filter(member_id=userid, group=OuterRef("group"))
    same = Q(Exists(taken.filter(joined_at=OuterRef("joined_at")))) | Q(
        Exists(taken.filter(left_at=None)), left_at=None
    )
    seats.filter(same).delete()
    seats.update(member_id=userid)


def _lock(corp_id: int, chat_id: str, created_at: datetime) -> tuple[GroupChat, bool]:
    _, fresh = GroupChat.objects.get_or_create(corp_id=corp_id, chat_id=chat_id, defaults={"created_at": created_at})
    return GroupChat.objects.select_for_update().get(corp_id=corp_id, chat_id=chat_id), fresh


def _touch(group: GroupChat) -> None:
    group.change_no += 1
    group.touched_at = wall()
    group.save()


def _describe(group: GroupChat, read: GroupRead) -> list[str]:
    new = {"name": read.name, "notice": read.notice, "owner_userid": read.owner}
    changed = [name for name, value in new.items() if getattr(group, name) != value]
    for name in changed:
        setattr(group, name, new[name])
    group.created_at = read.created_at
    if read.status is not None:
        group.status = read.status
    return changed


def _place(group: GroupChat, states: set[str]) -> list[str]:
    """Find shop and community: by the join way whose state its members carry, else by the owner's shop."""
    before = (group.shop_id, group.community_id)
    if group.join_way_id is None and states:
        group.join_way = JoinWay.objects.filter(corp_id=group.corp_id, state__in=states).order_by("id").first()
    way = group.join_way
    owner = directory.ensure_staff(corp_id=group.corp_id, userids=[group.owner_userid]) if group.owner_userid else {}
    of_owner = owner[group.owner_userid].shop_id if owner else None
    group.shop_id = (way.shop_id if way else None) or of_owner or group.shop_id
    if way is not None and group.community_id is None:
        # The next group, which WeCom opened by itself, is of the community that the groups before it are of.
        before_it = (
            GroupChat.objects.filter(join_way=way, dismissed_at=None).exclude(community=None).order_by("-created_at")
        )
        group.community_id = way.community_id or before_it.values_list("community_id", flat=True).first()
    after = (group.shop_id, group.community_id)
    return [name for name, old, new in zip(("shop", "community"), before, after, strict=True) if old != new]


def _opened(group: GroupChat, cause: str) -> ledger.NewFact:
    return ledger.NewFact(
        kind=facts.OPENED, subject=f"group:{group.pk}", occurred_at=group.created_at,
        data={
            "group": group.pk, "chat_id": group.chat_id, "name": group.name, "owner": group.owner_userid,
            "shop": group.shop_id, "community": group.community_id, "cause": cause,
            **_missed(cause, "create"),
        },
    )  # fmt: skip


def _changed(group: GroupChat, fields: list[str], cause: str) -> ledger.NewFact:
    told = [f"update.{_CALLBACKS[name]}" for name in sorted(fields) if name in _CALLBACKS]
    # Shop and community are our own reading of a group: no callback tells of them.
    cause = cause if told else OURS
    data = {"group": group.pk, "fields": sorted(fields), "cause": cause, **_missed(cause, *told)}
    return ledger.NewFact(kind=facts.CHANGED, subject=f"group:{group.pk}", data=data)


def _missed(cause: str, *callbacks: str) -> dict[str, list[str]]:
    return {"missed": [f"change_external_chat.{one}" for one in callbacks]} if cause == MISSED else {}
