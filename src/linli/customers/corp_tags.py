"""Corp tags: the list as WeCom has it, and making new ones there."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.connect import api as connect
from linli.connect.api import MISSED, SYNC
from linli.customers import facts
from linli.customers.models import FollowTag, Tag, TagGroup, TagIntent
from linli.kit.clock import now
from linli.kit.errors import Refused
from linli.ledger import api as ledger
from linli.wecom.client import Client
from linli.wecom.errors import ApiError
from linli.wecom.tag_calls import NewTag
from linli.wecom.tag_calls import TagGroup as GroupRead

OURS = "linli"
_NAME_TAKEN = 40071
_CALLBACKS = {facts.TAG_MADE: "create", facts.TAG_CHANGED: "update", facts.TAG_DELETED: "delete"}
_IDS_A_CALL = 100


class TagsRefused(Refused):
    """WeCom would not make the tags."""


def sync(*, corp_id: int, cause: str = "event", deleted: Collection[str] = ()) -> list[ledger.NewFact]:
    """Read all corp tags; one absent from the list is asked for by id, and is deleted where WeCom says so. Returns what was said.

    A tag whose group no list has shown may be of a strategy group (规则组), which no list shows: it is asked for when an event
    said that it was `deleted` (WeCom ids), and by every comparison.
    """
    client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
    groups = client.corp_tags()
    said = _save(corp_id, groups, cause)
    listed = {tag.id for group in groups for tag in group.tags}
    known = Tag.objects.filter(corp_id=corp_id, deleted_at=None, wecom_id__isnull=False)
    held = dict(known.values_list("wecom_id", "group__wecom_id"))
    asked = {str(tag) for tag, group in held.items() if group is not None or tag in deleted or cause in (MISSED, SYNC)}
    absent = sorted(asked - listed)
    for start in range(0, len(absent), _IDS_A_CALL):
        said += _confirm_deleted(client, corp_id, absent[start : start + _IDS_A_CALL], cause)
    return said


def ensure_tags(*, corp_id: int, group: str, names: Sequence[str]) -> dict[str, int]:
    """Tag ids by name in a group, made at WeCom where absent. Not to be called in an open transaction."""
    wanted = list(dict.fromkeys(names))
    found = _find(corp_id, group, wanted)
    if len(found) == len(wanted):
        return found
    # The list is read first: a call whose answer was lost, here or in another process, may have made them.
    sync(corp_id=corp_id, cause=OURS)
    found = _find(corp_id, group, wanted)
    absent = [name for name in wanted if name not in found]
    if absent:
        _make(corp_id, group, absent)
        found = _find(corp_id, group, wanted)
    return found


def _make(corp_id: int, group: str, names: list[str]) -> None:
    at = now()
    TagIntent.objects.bulk_create(
        TagIntent(corp_id=corp_id, group_name=group, name=name, asked_at=at) for name in names
    )
    intents = TagIntent.objects.filter(corp_id=corp_id, group_name=group, name__in=names, settled_at=None)
    client = connect.client(corp_id=corp_id, lane=connect.Lane.HUMAN)
    try:
        made = client.add_corp_tags([NewTag(name) for name in names], group_name=group)
    except ApiError as error:
        if error.code != _NAME_TAKEN:
            intents.update(settled_at=now(), why=str(error.code))
            text = _("WeCom did not make the tags: %(why)s") % {"why": connect.explain_error(error)}
            raise TagsRefused(f"wecom_{error.code}", text) from error
        sync(corp_id=corp_id, cause=OURS)
    else:
        _save(corp_id, [made], OURS)
    intents.update(settled_at=now())


def _find(corp_id: int, group: str, names: Sequence[str]) -> dict[str, int]:
    rows = Tag.objects.filter(
        corp_id=corp_id, group__name=group, name__in=list(names), deleted_at=None, wecom_id__isnull=False
    )
    return dict(rows.values_list("name", "id"))


@transaction.atomic
def _save(corp_id: int, groups: Sequence[GroupRead], cause: str) -> list[ledger.NewFact]:
    kept = {row.wecom_id: row for row in TagGroup.objects.filter(corp_id=corp_id, wecom_id__isnull=False)}
    tags = {row.wecom_id: row for row in Tag.objects.select_for_update().filter(corp_id=corp_id)}
    said: list[ledger.NewFact] = []
    for read in groups:
        group = kept.get(read.id) or TagGroup(corp_id=corp_id, wecom_id=read.id)
        if (group.pk, group.name, group.order) != (group.pk or 0, read.name, read.order):
            if group.pk and group.name != read.name:
                said.append(_group_fact(group, read.name, cause))
            group.name, group.order = read.name, read.order
            group.save()
        changed = []
        for one in read.tags:
            row = tags.get(one.id)
            if row is None:
                row = Tag.objects.create(corp_id=corp_id, group=group, wecom_id=one.id, name=one.name, order=one.order)
                said.append(_fact(facts.TAG_MADE, row, group.name, _whose(corp_id, group.name, one.name, cause)))
                continue
            shown = {"group_id": group.pk, "name": one.name, "order": one.order, "deleted_at": None}
            if fields := [field for field, value in shown.items() if getattr(row, field) != value]:
                row.group, row.name, row.order, row.deleted_at = group, one.name, one.order, None
                changed.append(row)
                said.append(_fact(facts.TAG_CHANGED, row, group.name, cause, fields=fields))
        _rename(changed)
    ledger.publish_many(corp_id=corp_id, facts=said)
    return said


def _rename(rows: list[Tag]) -> None:
    """Two tags of a group may have exchanged their names: let go of all old names first."""
    for row in rows:
        Tag.objects.filter(id=row.pk).update(name=f"\N{SYMBOL FOR NULL}{row.pk}")
    Tag.objects.bulk_update(rows, ["group", "name", "order", "deleted_at"])


def _confirm_deleted(client: Client, corp_id: int, wecom_ids: list[str], cause: str) -> list[ledger.NewFact]:
    """Asked for by its id a deleted tag is shown as such (wire.md C.3); silence is no proof."""
    answered = {tag.id for group in client.corp_tags(tag_ids=wecom_ids) for tag in group.tags if tag.deleted}
    gone = [wecom_id for wecom_id in wecom_ids if wecom_id in answered]
    with transaction.atomic():
        rows = list(
            Tag.objects.select_for_update(of=("self",))
            .select_related("group")
            .filter(corp_id=corp_id, wecom_id__in=gone, deleted_at=None)
        )
        Tag.objects.filter(id__in=[row.pk for row in rows]).update(deleted_at=now())
        # WeCom takes a deleted tag off every relation; one fact says it for all of them.
        FollowTag.objects.filter(corp_id=corp_id, tag__in=rows).delete()
        said = [_fact(facts.TAG_DELETED, row, row.group.name, cause) for row in rows]
        ledger.publish_many(corp_id=corp_id, facts=said)
    return said


def _whose(corp_id: int, group: str, name: str, cause: str) -> str:
    """A tag that Linli asked for and whose answer was lost is no missed callback: what an app makes fires none."""
    ours = cause == MISSED and TagIntent.objects.filter(corp_id=corp_id, group_name=group, name=name).exists()
    return OURS if ours else cause


def _fact(kind: str, tag: Tag, group: str, cause: str, **more: object) -> ledger.NewFact:
    data = {"tag": tag.pk, "name": tag.name, "group": group, "cause": cause, **more}
    if cause == MISSED:
        data |= {"missed": [f"change_external_tag.{_CALLBACKS[kind]}"]}
    return ledger.NewFact(kind=kind, subject=f"tag:{tag.pk}", data=data)


def _group_fact(group: TagGroup, name: str, cause: str) -> ledger.NewFact:
    data: dict[str, object] = {"group": name, "was": group.name, "cause": cause}
    if cause == MISSED:
        data["missed"] = ["change_external_tag.update"]
    return ledger.NewFact(kind=facts.TAG_GROUP_CHANGED, subject=f"tag_group:{group.pk}", data=data)
