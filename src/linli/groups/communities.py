"""The sheet of a community (S01): written by hand, opened only when it is complete."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.groups import facts
from linli.groups.models import Community, GroupChat
from linli.kit.clock import now, today
from linli.kit.errors import BadInput, NotFound
from linli.ledger import api as ledger

# Without these a community is never opened; the last three are a member's own questions.
NEEDED: dict[str, Promise] = {
    "kind": _("type"),
    "purpose": _("purpose"),
    "target": _("target people"),
    "value": _("value promised"),
    "rules": _("rules"),
    "owner": _("owner"),
    "why_enter": _("why should I enter"),
    "who_else": _("who else is here"),
    "why_together": _("why are we together"),
}
ENDS_ON = _("end date")
FIELDS = (
    "name", "kind", "is_event", "purpose", "positioning", "target", "value", "rules", "owner", "ends_on",
    "winning", "keeping", "converting", "why_enter", "who_else", "why_together",
)  # fmt: skip


class SheetIncomplete(BadInput):
    """The sheet lacks what a community may not be opened without; `missing` names the fields."""

    def __init__(self, missing: tuple[str, ...], names: list[Promise]) -> None:
        listed = format_lazy("、".join(["{}"] * len(names)), *names)
        super().__init__("sheet_incomplete", format_lazy("{}{}", _("Before opening, fill in: "), listed))
        self.missing = missing


@dataclass(frozen=True, kw_only=True)
class CommunityInfo:
    """A community and how far its sheet is: `filled` of `needed`."""

    id: int
    name: str
    kind: str
    is_event: bool
    owner: str
    ends_on: date | None
    opened_at: datetime | None
    closed_at: datetime | None
    filled: int
    needed: int


def missing(row: Community) -> dict[str, Promise]:
    """What the sheet lacks, field → its name for people."""
    lacks = {name: label for name, label in NEEDED.items() if not str(getattr(row, name)).strip()}
    return {**lacks, "ends_on": ENDS_ON} if row.is_event and row.ends_on is None else lacks


def info(row: Community) -> CommunityInfo:
    """A community as other rooms see it."""
    needed = len(NEEDED) + int(row.is_event)
    return CommunityInfo(
        id=row.pk, name=row.name, kind=row.kind, is_event=row.is_event, owner=row.owner, ends_on=row.ends_on,
        opened_at=row.opened_at, closed_at=row.closed_at, filled=needed - len(missing(row)), needed=needed,
    )  # fmt: skip


@transaction.atomic
def save_community(*, corp_id: int, community_id: int | None = None, sheet: Mapping[str, object]) -> CommunityInfo:
    """Write a sheet, complete or not; keys are FIELDS, what is not given stays. An open one stays complete."""
    row = _get(corp_id, community_id) if community_id else Community(corp_id=corp_id, created_at=now())
    for name, value in sheet.items():
        if name not in FIELDS:
            raise BadInput("unknown_field", format_lazy("{}: {}", _("The sheet has no such field"), name))
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    if not row.name:
        raise BadInput("no_name", _("Give the community a name that your colleagues will recognise."))
    if row.kind and row.kind not in Community.Kind.values:
        raise BadInput("unknown_kind", _("Choose one of the types of community."))
    twin = Community.objects.filter(corp_id=corp_id, name=row.name).exclude(id=row.pk)
    if twin.exists():
        raise BadInput("name_taken", _("Another community has this name. Choose a different one."))
    if row.opened_at is not None and row.closed_at is None:
        _must_be_complete(row)
    row.changed_at = now()
    row.save()
    return info(row)


@transaction.atomic
def open_community(*, corp_id: int, community_id: int) -> CommunityInfo:
    """Open a community; SheetIncomplete names all that is still missing."""
    row = _get(corp_id, community_id)
    if row.opened_at is not None and row.closed_at is None:
        return info(row)
    _must_be_complete(row)
    if row.ends_on is not None and row.ends_on < today(access.corp(corp_id=corp_id).zone):
        raise BadInput("already_over", _("The end date has passed. Set a later one, then open the community."))
    row.opened_at, row.closed_at, row.changed_at = now(), None, now()
    row.save()
    ledger.publish(
        corp_id=corp_id, kind=facts.COMMUNITY_OPENED, subject=f"community:{row.pk}",
        data={"community": row.pk, "name": row.name, "kind": row.kind, "owner": row.owner},
    )  # fmt: skip
    return info(row)


@transaction.atomic
def close_community(*, corp_id: int, community_id: int) -> None:
    """A community whose purpose is over is closed; its groups stay where WeCom has them."""
    row = _get(corp_id, community_id)
    if row.opened_at is None or row.closed_at is not None:
        return
    row.closed_at = row.changed_at = now()
    row.save()
    ledger.publish(
        corp_id=corp_id, kind=facts.COMMUNITY_CLOSED, subject=f"community:{row.pk}", data={"community": row.pk}
    )


@transaction.atomic
def assign_group(*, corp_id: int, group_id: int, community_id: int | None) -> None:
    """A group belongs to a community, or to none."""
    group = GroupChat.objects.select_for_update().filter(corp_id=corp_id, id=group_id).first()
    if group is None:
        raise NotFound("no_group", _("This group is not there."))
    chosen = _get(corp_id, community_id).pk if community_id else None
    if group.community_id == chosen:
        return
    group.community_id = chosen
    group.save(update_fields=["community"])
    ledger.publish(
        corp_id=corp_id, kind=facts.CHANGED, subject=f"group:{group.pk}",
        data={"group": group.pk, "fields": ["community"]},
    )  # fmt: skip


def _must_be_complete(row: Community) -> None:
    lacks = missing(row)
    if lacks:
        raise SheetIncomplete(tuple(lacks), list(lacks.values()))


def _get(corp_id: int, community_id: int) -> Community:
    row = Community.objects.select_for_update().filter(corp_id=corp_id, id=community_id).first()
    if row is None:
        raise NotFound("no_community", _("This community is not there."))
    return row
