"""Writes moments as WeCom tells them. What was not told stays as it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from linli.connect.api import ELSEWHERE
from linli.customers import api as customers
from linli.directory import api as directory
from linli.kit.clock import from_unix, now
from linli.kit.personal import ERASED, pseudonym
from linli.ledger import api as ledger
from linli.ledger.api import NewFact
from linli.messaging import facts
from linli.messaging.models import Moment, MomentCopy, MomentReaction, MomentViewer
from linli.wecom.moment_calls import Moment as Shown
from linli.wecom.moment_calls import Reaction, Reactions

_KIND = MomentReaction.Kind
_BATCH = 2000


@dataclass(frozen=True, kw_only=True)
class CopyRead:
    """A member's part as read; `audience` (who was chosen, who sees it) and `reactions` are None where not asked for."""

    userid: str
    published: bool
    chosen: frozenset[str] | None = None
    seen: frozenset[str] | None = None
    reactions: Reactions | None = None


@transaction.atomic
def save_listed(*, corp_id: int, moments: Sequence[Shown], cause: str) -> list[NewFact]:
    """Write what a list showed; returns what was said of new ones."""
    at = now()
    known = set(
        Moment.objects.filter(corp_id=corp_id, moment_id__in=[one.moment_id for one in moments]).values_list(
            "moment_id", flat=True
        )
    )
    rows = [
        Moment(
            corp_id=corp_id, moment_id=one.moment_id, kind=one.create_type, creator_userid=one.creator or "",
            public=one.public, text=one.text, parts=_parts(one), created_at=from_unix(one.created_at), listed_at=at,
        )
        for one in {one.moment_id: one for one in moments}.values()
    ]  # fmt: skip
    fields = ["kind", "creator_userid", "public", "text", "parts", "listed_at", "gone_at"]
    kept = Moment.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["corp", "moment_id"], update_fields=fields
    )
    said = [
        _fact(facts.MOMENT_MADE, row, cause, moment_id=row.moment_id, kind=row.kind, userid=row.creator_userid)
        for row in kept
        if row.moment_id not in known
    ]
    ledger.publish_many(corp_id=corp_id, facts=said)
    return said


@transaction.atomic
def mark_gone(*, corp_id: int, moment_id: str) -> list[NewFact]:
    """WeCom said of this very id that there is no such moment. Returns what was said."""
    row = Moment.objects.select_for_update().filter(corp_id=corp_id, moment_id=moment_id, gone_at=None).first()
    if row is None:
        return []
    row.gone_at = now()
    row.save(update_fields=["gone_at"])
    said = [_fact(facts.MOMENT_GONE, row, ELSEWHERE, moment_id=moment_id)]
    ledger.publish_many(corp_id=corp_id, facts=said)
    return said


@transaction.atomic
def save_copies(*, corp_id: int, moment_id: str, copies: Sequence[CopyRead], cause: str, whole: bool) -> list[NewFact]:
    """Write members' parts of one moment; `whole`: nothing of it was refused. Returns what was said."""
    moment = Moment.objects.select_for_update().get(corp_id=corp_id, moment_id=moment_id)
    staff = directory.ensure_staff(corp_id=corp_id, userids=[one.userid for one in copies])
    rows = {row.staff_id: row for row in MomentCopy.objects.filter(moment=moment)}
    at, said = now(), []
    for read in copies:
        staff_id = staff[read.userid].id
        row = rows.get(staff_id) or MomentCopy(corp_id=corp_id, moment=moment, staff_id=staff_id)
        if read.published and row.published_by is None:
            row.published_by = at
            said.append(_fact(facts.MOMENT_PUBLISHED, moment, cause, staff_id=staff_id, userid=read.userid))
        row.save()
        if read.chosen is not None and read.seen is not None:
            _save_audience(row, read.chosen, read.seen)
        if read.reactions is not None:
            said += _save_reactions(moment, row, read.reactions, cause)
    if whole:
        moment.read_at = at
        moment.save(update_fields=["read_at"])
    ledger.publish_many(corp_id=corp_id, facts=said)
    return said


def name_strangers(*, corp_id: int) -> None:
    """Say who viewers and reacting people are whom nobody knew when they were read."""
    for model in (MomentViewer, MomentReaction):
        rows = model.objects.filter(corp_id=corp_id, customer_id=None).exclude(
            Q(external_userid="") | Q(external_userid__startswith=ERASED)
        )
        ids = list(rows.order_by("external_userid").values_list("external_userid", flat=True).distinct())
        for start in range(0, len(ids), _BATCH):
            known = customers.customer_by_external(corp_id=corp_id, external_userids=ids[start : start + _BATCH])
            for external, customer_id in known.items():
                rows.filter(external_userid=external).update(customer_id=customer_id)


def _save_audience(copy: MomentCopy, chosen: frozenset[str], seen: frozenset[str]) -> None:
    who = _people(copy.corp_id, chosen | seen)
    shown = {who[one][0] for one in seen}
    MomentViewer.objects.bulk_create(
        [
            MomentViewer(
                corp_id=copy.corp_id, copy=copy, external_userid=name, customer_id=customer_id, sees=name in shown
            )
            for name, customer_id in set(who.values())
        ],
        update_conflicts=True,
        unique_fields=["corp", "copy", "external_userid"],
        update_fields=["sees"],
        batch_size=_BATCH,
    )
    copy.chosen, copy.seen, copy.audience_at = len(chosen), len(seen), now()
    copy.save(update_fields=["chosen", "seen", "audience_at"])


def _save_reactions(moment: Moment, copy: MomentCopy, told: Reactions, cause: str) -> list[NewFact]:
    """The answer holds all of them (wire.md C.9: no pages), so one that it does not show any more was taken back."""
    both = [(_KIND.LIKE, one) for one in told.likes] + [(_KIND.COMMENT, one) for one in told.comments]
    who = _people(copy.corp_id, {one.external_userid for _, one in both if one.external_userid})
    kept = {
        (row.kind, row.external_userid, row.userid, row.at): row.pk
        for row in MomentReaction.objects.filter(corp_id=copy.corp_id, copy=copy)
    }
    rows: dict[tuple[object, ...], MomentReaction] = {}
    for kind, one in both:
        row = _reaction(copy, kind, one, who)
        rows[str(kind), row.external_userid, row.userid, row.at] = row
    MomentReaction.objects.filter(id__in=[kept[key] for key in kept.keys() - rows.keys()]).delete()
    fresh = [rows[key] for key in rows.keys() - kept.keys()]
    MomentReaction.objects.bulk_create(fresh, ignore_conflicts=True)
    copy.likes = sum(row.kind == _KIND.LIKE for row in rows.values())
    copy.comments = len(rows) - copy.likes
    copy.save(update_fields=["likes", "comments"])
    return [
        _fact(
            facts.MOMENT_LIKED if row.kind == _KIND.LIKE else facts.MOMENT_COMMENTED, moment, cause,
            staff_id=copy.staff_id, customer_id=row.customer_id, at=row.at,
        )
        for row in sorted(fresh, key=lambda row: (row.at, row.kind, row.customer_id or 0))
        if row.customer_id is not None
    ]  # fmt: skip


def _reaction(
    copy: MomentCopy, kind: MomentReaction.Kind, one: Reaction, who: dict[str, tuple[str, int | None]]
) -> MomentReaction:
    name, customer_id = who[one.external_userid] if one.external_userid else ("", None)
    return MomentReaction(
        corp_id=copy.corp_id, copy=copy, kind=kind, external_userid=name, customer_id=customer_id,
        userid=one.userid or "", at=from_unix(one.created_at),
    )  # fmt: skip


def _people(corp_id: int, externals: Collection[str]) -> dict[str, tuple[str, int | None]]:
    """Under which name each is kept, and their customer id: who was erased stays a pseudonym, so that counts stay right."""
    gone = customers.suppressed(corp_id=corp_id, kind="external_userid", values=externals, hold=True)
    known = customers.customer_by_external(corp_id=corp_id, external_userids=externals)
    return {one: (pseudonym(gone[one]), None) if one in gone else (one, known.get(one)) for one in externals}


def _parts(one: Shown) -> dict[str, object]:
    parts: dict[str, object] = {
        "images": len(one.images),
        "video": bool(one.video),
        "link": {"title": one.link.title, "url": one.link.url} if one.link else None,
        "place": one.location.name if one.location else "",
    }
    return {name: value for name, value in parts.items() if value}


def _fact(
    kind: str,
    moment: Moment,
    cause: str,
    /,
    *,
    customer_id: int | None = None,
    at: datetime | None = None,
    **data: object,
) -> NewFact:
    return NewFact(
        kind=kind, subject=f"moment:{moment.pk}", customer_id=customer_id, occurred_at=at,
        data={"moment": moment.pk, **data, "cause": cause},
    )  # fmt: skip
