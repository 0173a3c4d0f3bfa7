"""The only writers of live codes: each step is one transaction, and none of them calls WeCom."""

import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.acquisition import facts
from linli.acquisition.models import LiveCode, LiveCodeChange, LiveCodeStaff, LiveCodeTag, Welcome
from linli.directory import api as directory
from linli.kit.clock import now, wall
from linli.kit.errors import BadInput, NotFound
from linli.ledger import api as ledger

CHANNEL_TAGS = "渠道"  # the tag group at WeCom, a name of the trade, the same in every language
MOST_STAFF = 100  # of a contact way (wire.md C.2)
MOST_STATE = 30
# Longer than a call can take with all its repeats: then its caller is dead.
_CALL_LIFE = timedelta(seconds=90)
# Closed here, and at WeCom perhaps not yet: its contact way is known, or a call may have made one.
UNENDED = Q(closed_at__isnull=False) & (Q(config_id__isnull=False) | Q(called_at__isnull=False))


@transaction.atomic
def want_shop_code(*, corp_id: int, shop: directory.ShopInfo, staff_ids: Sequence[int]) -> LiveCode:
    """The intent of a shop's code: there afterwards, with these clerks unless somebody chose others before."""
    row = LiveCode.objects.select_for_update().filter(corp_id=corp_id, shop_id=shop.id, kind=LiveCode.Kind.SHOP).first()
    if row is not None and (row.step == LiveCode.Step.MADE or LiveCodeStaff.objects.filter(code=row).exists()):
        return row
    if not staff_ids:
        raise BadInput(
            "no_staff", _("This shop has no active clerk yet. Put one into its department in WeCom, then sync.")
        )
    if row is None:
        row = LiveCode.objects.create(
            corp_id=corp_id, kind=LiveCode.Kind.SHOP, shop_id=shop.id, name=shop.name, channel=shop.name[:MOST_STATE],
            state=f"s{shop.id}", key=_key(), created_at=now(),
        )  # fmt: skip
        LiveCodeTag.objects.create(corp_id=corp_id, code=row, group_name=CHANNEL_TAGS, name=row.channel)
    _write_staff(row, staff_ids)
    return row


@transaction.atomic
def want_channel_code(
    *, corp_id: int, name: str, channel: str, staff_ids: Sequence[int], reason_to_add: str, shop_id: int | None,
    cost_fen: int | None, by: str,
) -> LiveCode:  # fmt: skip
    """The intent of a code for a counter, poster, parcel card, article …"""
    name, channel = name.strip(), channel.strip()
    if not name or not channel:
        raise BadInput("no_name", _("Give the code a name and a channel, such as “parcel card”."))
    if len(channel) > MOST_STATE:
        raise BadInput("channel_too_long", _("A channel is a tag at WeCom: 30 characters at most."))
    _check_staff(corp_id, staff_ids)
    row = LiveCode.objects.create(
        corp_id=corp_id, kind=LiveCode.Kind.CHANNEL, shop_id=shop_id, name=name, channel=channel,
        state=f"c{secrets.token_hex(6)}", key=_key(), reason_to_add=reason_to_add.strip(), cost_fen=cost_fen,
        created_at=now(),
    )  # fmt: skip
    LiveCodeTag.objects.create(corp_id=corp_id, code=row, group_name=CHANNEL_TAGS, name=channel)
    _write_staff(row, staff_ids)
    _note(row, "asked", by)
    return row


def claim(row: LiveCode) -> bool:
    """Take the right to make this code at WeCom; False when it is made, somebody is at it, or called since `row` was read."""
    # A call "of later" was made before the clock went back; it is looked up before it is repeated.
    old = Q(called_at__lt=wall() - _CALL_LIFE) | Q(called_at__gt=wall() + _CALL_LIFE)
    stuck = Q(step=LiveCode.Step.CALLING) & old
    free = Q(step__in=[LiveCode.Step.WANTED, LiveCode.Step.REFUSED]) | stuck
    mine = LiveCode.objects.filter(free, corp_id=row.corp_id, id=row.pk, closed_at=None, called_at=row.called_at)
    return bool(mine.update(step=LiveCode.Step.CALLING, called_at=wall()))


@transaction.atomic
def made(row: LiveCode, *, config_id: str, qr_code: str) -> None:
    """WeCom has the code."""
    row.config_id, row.qr_code, row.step, row.problem = config_id, qr_code, LiveCode.Step.MADE, ""
    row.made_at = now()
    # Not the whole row: somebody may have closed it meanwhile.
    row.save(update_fields=["config_id", "qr_code", "step", "problem", "made_at"])
    _note(row, "made", "")
    _say(row, facts.CODE_MADE, kind=row.kind, shop=row.shop_id, state=row.state, channel=row.channel)


def not_made(row: LiveCode, *, refused: bool, problem: str, forget_call: bool) -> None:
    """WeCom does not have it (`forget_call`), or nobody knows: then it is looked up before the next call."""
    row.step = LiveCode.Step.REFUSED if refused else LiveCode.Step.WANTED
    row.problem = problem
    row.called_at = None if forget_call else row.called_at
    row.save(update_fields=["step", "problem", "called_at"])


@transaction.atomic
def want_staff(*, corp_id: int, code_id: int, staff_ids: Sequence[int], by: str) -> LiveCode:
    """The intent of pointing a code at other clerks; the printed picture stays the same."""
    row = get(corp_id, code_id)
    _check_staff(corp_id, staff_ids)
    before = set(LiveCodeStaff.objects.filter(code=row).values_list("staff_id", flat=True))
    if before != set(staff_ids):
        _write_staff(row, staff_ids)
        row.staff_pending = row.step == LiveCode.Step.MADE and row.closed_at is None
        row.save(update_fields=["staff_pending"])
        _note(row, "repointed", by, before=sorted(before), after=sorted(staff_ids))
        _say(row, facts.CODE_REPOINTED, staff=sorted(staff_ids), by=by)
    return row


@transaction.atomic
def gone(row: LiveCode, *, problem: str, cause: str) -> list[ledger.NewFact]:
    """WeCom said that this very code is not there: it is wanted again, and looked up by its state before it is made."""
    row.step, row.problem = LiveCode.Step.WANTED, problem
    row.called_at = row.called_at or wall()
    row.save(update_fields=["step", "problem", "called_at"])
    _note(row, "gone", "", config_id=row.config_id)
    return _tell(row, facts.CODE_GONE, config_id=row.config_id, cause=cause)


@transaction.atomic
def staff_changed(row: LiveCode, *, staff_ids: Sequence[int], cause: str) -> list[ledger.NewFact]:
    """Somebody pointed the code at other clerks at WeCom itself: what a person did there holds."""
    _write_staff(row, staff_ids)
    _note(row, "repointed", "", after=sorted(staff_ids), cause=cause)
    return _tell(row, facts.CODE_REPOINTED, staff=sorted(staff_ids), by="", cause=cause)


@transaction.atomic
def state_lost(row: LiveCode, *, state: str, problem: str, cause: str) -> list[ledger.NewFact]:
    """At WeCom the code carries another state: who comes by it is counted to another channel."""
    if row.problem == problem:
        return []
    row.problem = problem
    row.save(update_fields=["problem"])
    _note(row, "state_lost", "", state=state)
    return _tell(row, facts.CODE_STATE_LOST, state=state, cause=cause)


@transaction.atomic
def staff_told(row: LiveCode, *, problem: str) -> None:
    """WeCom was told the clerks; with a problem it was not, and will be told again."""
    row.staff_pending, row.problem = bool(problem), problem
    row.save(update_fields=["staff_pending", "problem"])


@transaction.atomic
def set_paused(*, corp_id: int, code_id: int, paused: bool, by: str) -> None:
    """Lead nobody to this code any more (or again). A printed picture of it goes on working: WeCom has no pause."""
    row = get(corp_id, code_id)
    if (row.paused_at is not None) == paused:
        return
    row.paused_at = now() if paused else None
    row.save(update_fields=["paused_at"])
    _note(row, "paused" if paused else "resumed", by)
    _say(row, facts.CODE_PAUSED if paused else facts.CODE_RESUMED, by=by)


@transaction.atomic
def close(*, corp_id: int, code_id: int, by: str) -> LiveCode:
    """Close a code for good; its customers keep their channel."""
    row = get(corp_id, code_id)
    if row.closed_at is None:
        row.closed_at, row.problem = now(), ""
        row.save(update_fields=["closed_at", "problem"])
        _note(row, "closed", by)
        _say(row, facts.CODE_CLOSED, by=by)
    return row


def under_way(row: LiveCode) -> bool:
    """Is somebody making this code right now?"""
    return row.step == LiveCode.Step.CALLING and row.called_at is not None and abs(wall() - row.called_at) <= _CALL_LIFE


@transaction.atomic
def ended(row: LiveCode) -> None:
    """WeCom has nothing of this closed code any more; one that changed since `row` was read is looked at again."""
    seen = LiveCode.objects.filter(id=row.pk, step=row.step, config_id=row.config_id, called_at=row.called_at)
    if seen.update(config_id=None, called_at=None, problem=""):
        _note(row, "deleted", "", config_id=row.config_id)


def not_ended(row: LiveCode, *, problem: str) -> None:
    """WeCom did not delete it, or nobody knows: it is asked again."""
    row.problem = problem
    row.save(update_fields=["problem"])


@transaction.atomic
def describe_code(
    *, corp_id: int, code_id: int, name: str, reason_to_add: str, cost_fen: int | None, welcome_id: int | None, by: str
) -> None:
    """Change what people read about a code, and its cost."""
    row = get(corp_id, code_id)
    if not name.strip():
        raise BadInput("no_name", _("Give the code a name."))
    if welcome_id is not None and not Welcome.objects.filter(corp_id=corp_id, id=welcome_id, retired_at=None).exists():
        raise NotFound("no_welcome", _("This welcome is not there any more. Choose another."))
    row.name, row.reason_to_add = name.strip(), reason_to_add.strip()
    row.cost_fen, row.welcome_id = cost_fen, welcome_id
    row.save(update_fields=["name", "reason_to_add", "cost_fen", "welcome_id"])
    _note(row, "described", by)


def tags_known(*, corp_id: int, group_name: str, ids: dict[str, int]) -> None:
    """Keep the ids of tags that codes give, so that a new friend's tags need no call to be known."""
    for name, tag_id in ids.items():
        LiveCodeTag.objects.filter(corp_id=corp_id, group_name=group_name, name=name).exclude(tag_id=tag_id).update(
            tag_id=tag_id
        )


def get(corp_id: int, code_id: int) -> LiveCode:
    """A code, locked where a transaction is open; NotFound otherwise."""
    row = LiveCode.objects.select_for_update().filter(corp_id=corp_id, id=code_id).first()
    if row is None:
        raise NotFound("no_code", _("This code is not there."))
    return row


def _check_staff(corp_id: int, staff_ids: Collection[int]) -> None:
    if not staff_ids:
        raise BadInput("no_staff", _("Choose at least one clerk: a code without a person leads nowhere."))
    if len(staff_ids) > MOST_STAFF:
        raise BadInput("too_many_staff", _("WeCom takes 100 clerks for a code at most."))
    active = {one.id for one in directory.staff_by_ids(corp_id=corp_id, staff_ids=staff_ids).values() if one.active}
    if active != set(staff_ids):
        raise BadInput("staff_gone", _("One of these clerks has left or is disabled. Choose among those listed."))


def _write_staff(row: LiveCode, staff_ids: Sequence[int]) -> None:
    LiveCodeStaff.objects.filter(code=row).exclude(staff_id__in=list(staff_ids)).delete()
    LiveCodeStaff.objects.bulk_create(
        [LiveCodeStaff(corp_id=row.corp_id, code=row, staff_id=one) for one in sorted(set(staff_ids))[:MOST_STAFF]],
        ignore_conflicts=True,
    )


def _note(row: LiveCode, what: str, by: str, **detail: object) -> None:
    LiveCodeChange.objects.create(corp_id=row.corp_id, code=row, at=now(), by=by, what=what, detail=detail)


def _say(row: LiveCode, fact: str, **data: object) -> None:
    ledger.publish(corp_id=row.corp_id, kind=fact, subject=f"code:{row.pk}", data={"code": row.pk, **data})


def _tell(row: LiveCode, kind: str, **data: object) -> list[ledger.NewFact]:
    said = [ledger.NewFact(kind=kind, subject=f"code:{row.pk}", data={"code": row.pk, **data})]
    ledger.publish_many(corp_id=row.corp_id, facts=said)
    return said


def _key() -> str:
    return secrets.token_urlsafe(9)
