"""Relations that were written under two rows of one clerk, who has another UserID now (fact directory.staff_merged)."""

from collections import defaultdict

from django.db import transaction

from linli.connect import api as connect
from linli.connect.api import ELSEWHERE
from linli.customers import facts
from linli.customers.bulk import put, rewrite
from linli.customers.models import Customer, Follow, FollowChange, FollowTag, MarkIntent
from linli.customers.readings import Note
from linli.customers.sameness import retell, same_change, settle
from linli.directory.api import StaffInfo
from linli.ledger import api as ledger

_AS_READ = ("add_way", "remark", "incomplete", "read_no")
_STATE = ("state_text", "live", "added_at", "lost_at", "lost_by")


@transaction.atomic
def merge_clerk(*, corp_id: int, was_staff_id: int, staff: StaffInfo) -> None:
    """The relations of a row that was found to be `staff`; of two with one customer the histories become one.

    Nothing happened to anybody, so nothing is said, but where a relation was held to be over because the id was gone: that
    it is not (fact follow_restored). Again changes nothing.
    """
    customers = Follow.objects.filter(corp_id=corp_id, staff_id=was_staff_id).values_list("customer_id", flat=True)
    locked = list(Customer.objects.select_for_update().filter(id__in=sorted(customers)).order_by("id"))
    rows = Follow.objects.select_for_update().filter(corp_id=corp_id, customer__in=locked).order_by("id")
    kept = {row.customer_id: row for row in rows.filter(staff_id=staff.id)}
    gone = list(rows.filter(staff_id=was_staff_id))
    Follow.objects.filter(id__in=[row.pk for row in gone if row.customer_id not in kept]).update(staff_id=staff.id)
    pairs = [(kept[row.customer_id], row) for row in gone if row.customer_id in kept]
    if pairs:
        _merge(corp_id, pairs, staff, {row.pk: str(row.external_userid) for row in locked})


def _merge(corp_id: int, pairs: list[tuple[Follow, Follow]], staff: StaffInfo, externals: dict[int, str]) -> None:
    told: defaultdict[int, list[FollowChange]] = defaultdict(list)
    ids = [row.pk for pair in pairs for row in pair]
    for change in FollowChange.objects.filter(corp_id=corp_id, follow_id__in=ids).order_by("at", "id"):
        told[change.follow_id].append(change)
    said, restored = [], []
    merged: list[tuple[Follow, int]] = []
    for row, other in pairs:
        if void := _no_loss(row, other):
            restored.append(void)
            said.append(_not_over(void, row, staff, externals[row.customer_id]))
        merged.append((row, other.pk))
        _tell_as_one(row, told[row.pk], told[other.pk])
        if other.read_no > row.read_no:
            FollowTag.objects.filter(follow=row).delete()
            for name in _AS_READ:
                setattr(row, name, getattr(other, name))
        connect.hand_on(FollowTag.objects.filter(corp_id=corp_id), "follow", other.pk, row.pk, once=("tag",))
        MarkIntent.objects.filter(follow=other).update(follow=row)
        settle(row, [*told[row.pk], *([void] if void else ())])
    put(restored)
    FollowTag.objects.filter(follow__in=[other for _, other in pairs]).delete()
    rewrite([row for row, _ in pairs], [*_AS_READ, *_STATE])
    Follow.objects.filter(id__in=[other.pk for _, other in pairs]).delete()
    said += [_one_now(row, was, staff, externals[row.customer_id]) for row, was in merged if row.live]
    ledger.publish_many(corp_id=corp_id, facts=said)


def _tell_as_one(row: Follow, mine: list[FollowChange], others: list[FollowChange]) -> None:
    """Move what the other history alone tells to this one; what both tell stays once, as the better of the two tells it."""
    for one in others:
        known = same_change(_note(one), mine) or _told_by(one, mine)
        if known is None:
            one.follow = row
            one.save(update_fields=["follow"])
            mine.append(one)
            continue
        one.delete()
        if retell(_note(one), known):
            known.save(update_fields=["at", "by", "state_text"])


def _told_by(one: FollowChange, mine: list[FollowChange]) -> FollowChange | None:
    """The change of which `one` was only the conclusion."""
    for known in mine:
        rest = [one, *(row for row in mine if row is not known)]
        if same_change(_note(known), rest) is one:
            return known
    return None


def _note(change: FollowChange) -> Note:
    return Note(
        external_userid="", userid="", kind=change.kind, at=change.at, by=change.by, state=change.state_text,
        cause=change.cause,
    )  # fmt: skip


def _no_loss(row: Follow, other: Follow) -> FollowChange | None:
    """One of the two was held to be over though nobody said so, and a later reading shows the other: the id had changed."""
    dead, live = (row, other) if other.live else (other, row)
    if dead.lost_at is None or dead.lost_by or not live.live or live.read_no <= dead.read_no:
        return None
    return FollowChange(corp_id=row.corp_id, follow=row, kind="restored", at=dead.lost_at, cause=ELSEWHERE)


def _not_over(change: FollowChange, row: Follow, staff: StaffInfo, external_userid: str) -> ledger.NewFact:
    return ledger.NewFact(
        kind=facts.FOLLOW_RESTORED, subject=f"customer:{row.customer_id}", occurred_at=change.at,
        customer_id=row.customer_id, data=_about(row, staff, external_userid, state=""),
    )  # fmt: skip


def _one_now(row: Follow, was: int, staff: StaffInfo, external_userid: str) -> ledger.NewFact:
    """Who waits for the relation that is gone, to give it the tags of its code, hears of the one that stays."""
    return ledger.NewFact(
        kind=facts.FOLLOW_MERGED, subject=f"customer:{row.customer_id}", customer_id=row.customer_id,
        data=_about(row, staff, external_userid, state=row.state_text, was=was),
    )  # fmt: skip


def _about(row: Follow, staff: StaffInfo, external_userid: str, **more: object) -> dict[str, object]:
    return {
        "follow": row.pk, "staff": staff.id, "userid": staff.userid, "shop": staff.shop_id,
        "external_userid": external_userid, "cause": ELSEWHERE, **more,
    }  # fmt: skip
