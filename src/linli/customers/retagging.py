"""Tags on relations: what a reading shows replaces what was kept."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from django.db import connection
from django.db.models import Q

from linli.connect.api import MISSED
from linli.customers import facts
from linli.customers.bulk import copy_in
from linli.customers.models import Follow, FollowTag, MarkIntent, Tag, TagGroup
from linli.ledger import api as ledger

# Tags of a strategy group (规则组) are not in the corp's tag list; they are kept under this name until one is told.
UNLISTED = "规则组标签"
# The callback that tells of tags and remarks.
EDIT = "change_external_contact.edit_external_contact"
ENDED = "relation has ended"  # why Linli gave up a tag, perhaps after a call whose answer was lost
# Who deletes a tag (corp_tags.py) has it FOR UPDATE, and takes it off all relations that carry it by then.
_LIVING = "SELECT id FROM customers_tag WHERE id = ANY(%s) AND deleted_at IS NULL ORDER BY id FOR KEY SHARE"
_TAGS = """
SELECT id, wecom_id, name, deleted_at IS NULL FROM customers_tag
WHERE corp_id = %s AND (wecom_id = ANY(%s) OR id = ANY(%s)) ORDER BY id FOR KEY SHARE
"""
_CLOCKS_APART = timedelta(seconds=1)  # WeCom's and ours


def write_tags(
    *,
    corp_id: int,
    wanted: Mapping[int, tuple[Follow, frozenset[str]]],
    begun: Collection[int],
    names: Mapping[str, tuple[str, str]],
    cause: str,
    told: Mapping[int, str],
) -> list[ledger.NewFact]:
    """Make these follows (locked, with the number of their reading) carry the tags with these WeCom ids; returns the facts to be said.

    Those that have `begun` in this transaction carry none yet. `told` names, by follow id, the missed callback that would have
    told of the tags where it is not the editing's.
    """
    old = [follow for follow, _ids in wanted.values() if follow.pk not in begun]
    has, asked, marked = _carried(corp_id, old, cause)
    held = {tag_id for ids in has.values() for tag_id in ids} | {
        tag_id for some in marked.values() for tag_id, _ in some
    }
    shown = {tag_id for _, tag_ids in wanted.values() for tag_id in tag_ids}
    if not shown and not held:
        return []
    rows = _tags(corp_id, shown, held, names)
    numbers = {wecom_id: tag_id for tag_id, wecom_id, _name, _lives in rows}
    labels = {tag_id: name for tag_id, _wecom_id, name, _lives in rows}
    alive = {tag_id for tag_id, _wecom_id, _name, lives in rows if lives}
    fresh: list[tuple[int, int, int]] = []
    gone: list[int] = []
    said: list[ledger.NewFact] = []
    for follow, tag_ids in wanted.values():
        of_now = has.get(follow.pk, {})
        want = {numbers[tag_id] for tag_id in tag_ids}
        for tag_id, on in marked.get(follow.pk, ()):
            want = want | {tag_id} if on else want - {tag_id}
        want &= alive  # a reading may have begun before a tag was deleted
        added, lost = sorted(want - of_now.keys()), sorted(of_now.keys() - want)
        if not added and not lost:
            continue
        fresh += [(corp_id, follow.pk, tag_id) for tag_id in added]
        gone += [of_now[tag_id] for tag_id in lost]
        mine = [tag_id for tag_id in added if (follow.pk, tag_id, True) in asked]
        off = [tag_id for tag_id in lost if (follow.pk, tag_id, False) in asked]
        said += tag_facts(follow, mine, off, labels, "linli")
        missed = told.get(follow.pk, EDIT)
        said += tag_facts(follow, _but(added, mine), _but(lost, off), labels, cause, missed)
    if fresh:  # who else puts tags on these follows waits for their locks
        copy_in(FollowTag, ("corp_id", "follow_id", "tag_id"), fresh)
    if gone:
        FollowTag.objects.filter(corp_id=corp_id, id__in=gone).delete()
    return said


def _carried(
    corp_id: int, follows: Collection[Follow], cause: str
) -> tuple[
    Mapping[int, Mapping[int, int]], Collection[tuple[int, int, bool]], Mapping[int, Collection[tuple[int, bool]]]
]:
    """Of these follows: the tags kept (tag id → row id), what Linli asked for, and what it marked since they were read."""
    has: defaultdict[int, dict[int, int]] = defaultdict(dict)
    if not follows:
        return has, (), {}
    ids = [follow.pk for follow in follows]
    rows = FollowTag.objects.filter(corp_id=corp_id, follow_id__in=ids)
    for row_id, follow_id, tag_id in rows.values_list("id", "follow_id", "tag_id"):
        has[follow_id][tag_id] = row_id
    return has, _asked(corp_id, ids) if cause == MISSED else (), _marked_since(corp_id, follows)


def _tags(
    corp_id: int, shown: Collection[str], held: Collection[int], names: Mapping[str, tuple[str, str]]
) -> list[tuple[int, str, str, bool]]:
    """(id, WeCom id, name, lives) of tags by either id; none of those that live is deleted before the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_TAGS, [corp_id, list(shown), list(held)])
        rows: list[tuple[int, str, str, bool]] = cursor.fetchall()
        if new := set(shown) - {row[1] for row in rows}:
            known_tags(corp_id, new, names)
            cursor.execute(_TAGS, [corp_id, list(shown), list(held)])
            rows = cursor.fetchall()
    return rows


def living(tag_ids: Collection[int]) -> set[int]:
    """Those of these tags that are not deleted; none of them will be before the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVING, [sorted(tag_ids)])
        return {row[0] for row in cursor.fetchall()}


def tag_facts(
    follow: Follow,
    added: Iterable[int],
    lost: Iterable[int],
    labels: Mapping[int, str],
    cause: str,
    missed: str = EDIT,
) -> list[ledger.NewFact]:
    """What to say of a relation's new and lost tags."""
    return [
        ledger.NewFact(
            kind=kind,
            subject=f"customer:{follow.customer_id}",
            data={
                "follow": follow.pk, "staff": follow.staff_id, "tags": list(ids),
                "names": [labels[tag_id] for tag_id in ids], "cause": cause,
                **({"missed": [missed]} if cause == MISSED else {}),
            },
            customer_id=follow.customer_id,
        )
        for kind, ids in ((facts.TAGGED, list(added)), (facts.UNTAGGED, list(lost)))
        if ids
    ]  # fmt: skip


def known_tags(corp_id: int, wecom_ids: Iterable[str], names: Mapping[str, tuple[str, str]]) -> dict[str, Tag]:
    """Tag rows by WeCom id. An id never told before is kept under the name that came with it, else under the id."""
    wanted = set(wecom_ids)
    found = {str(tag.wecom_id): tag for tag in Tag.objects.filter(corp_id=corp_id, wecom_id__in=list(wanted))}
    for wecom_id in sorted(wanted - set(found)):
        group_name, name = names.get(wecom_id, (UNLISTED, wecom_id))
        group = TagGroup.objects.filter(corp_id=corp_id, name=group_name).order_by("id").first()
        group = group or TagGroup.objects.create(corp_id=corp_id, name=group_name)
        taken = Tag.objects.filter(corp_id=corp_id, group=group, name=name, deleted_at=None).exists()
        found[wecom_id], _made = Tag.objects.get_or_create(
            corp_id=corp_id, wecom_id=wecom_id, defaults={"group": group, "name": wecom_id if taken else name}
        )
    return found


def _asked(corp_id: int, follow_ids: Iterable[int]) -> frozenset[tuple[int, int, bool]]:
    """What Linli itself may have put on relations without knowing it: WeCom may show it before our outcome is written."""
    unknown = Q(state=MarkIntent.State.WAITING) | Q(state=MarkIntent.State.REFUSED, why=ENDED)
    rows = MarkIntent.objects.filter(unknown, corp_id=corp_id, follow_id__in=list(follow_ids))
    return frozenset(rows.values_list("follow_id", "tag_id", "wanted"))


def _marked_since(corp_id: int, follows: Collection[Follow]) -> Mapping[int, list[tuple[int, bool]]]:
    """What Linli put on these relations, or took off, after their readings had begun: follow id → [(tag id, on)], in order.

    Such a reading does not show it and must not undo it; all else that it shows is news. What was asked for before the relation
    began anew went with the old one.
    """
    known = {follow.pk: follow for follow in follows}
    rows = MarkIntent.objects.filter(
        corp_id=corp_id,
        follow_id__in=list(known),
        state=MarkIntent.State.DONE,
        mark_no__gt=min(follow.read_no for follow in follows),
        tag__deleted_at=None,
    ).order_by("mark_no", "id")
    found: defaultdict[int, list[tuple[int, bool]]] = defaultdict(list)
    for row in rows:
        follow = known[row.follow_id]
        of_now = follow.added_at is None or row.asked_at >= follow.added_at - _CLOCKS_APART
        if row.mark_no is not None and row.mark_no > follow.read_no and of_now:
            found[row.follow_id].append((row.tag_id, row.wanted))
    return found


def _but(ids: Iterable[int], without: Iterable[int]) -> list[int]:
    return [one for one in ids if one not in set(without)]
