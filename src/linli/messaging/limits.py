"""The dated rules of how much and when: set from a day on, taken back while their day has not passed, read with their history."""

from dataclasses import dataclass
from datetime import date, time

from django.utils.translation import gettext_lazy as _

from linli.kit.errors import BadInput, NotFound, Refused
from linli.messaging.models import CapPolicy, QuietHours

PERS = ("month", "week", "day")
MOST = 1000


@dataclass(frozen=True, kw_only=True)
class DatedRule:
    """A rule as it was set. `kind`: "platform", "own" (caps: `per`, `limit`, None as for `set_cap`) or "quiet" (the rest)."""

    id: int
    kind: str
    valid_from: date
    author: str
    per: str = ""
    limit: int | None = None
    starts: time | None = None
    ends: time | None = None
    move: bool = True


def set_cap(corp_id: int, *, source: str, per: str, limit_count: int | None, valid_from: date, author: str) -> None:
    """See `api.set_cap`."""
    if source not in CapPolicy.Source.values or per not in PERS:
        raise BadInput("messaging.bad_cap", _("Choose whose limit it is, and for a month, a week or a day."))
    if limit_count is not None and not 1 <= limit_count <= MOST:
        raise BadInput("messaging.bad_cap", _("At least 1. To send nothing at all, send nothing."))
    if limit_count is None and source == CapPolicy.Source.PLATFORM and per != "month":
        raise BadInput("messaging.bad_cap", _("WeCom has a limit: say how many for a week or a day."))
    values = {"per": per, "limit_count": limit_count, "author": author}
    CapPolicy.objects.update_or_create(corp_id=corp_id, source=source, valid_from=valid_from, defaults=values)


def set_quiet_hours(corp_id: int, *, starts: time, ends: time, move: bool, valid_from: date, author: str) -> None:
    """See `api.set_quiet_hours`."""
    values = {"starts": starts, "ends": ends, "move": move, "author": author}
    QuietHours.objects.update_or_create(corp_id=corp_id, valid_from=valid_from, defaults=values)


def take_back(corp_id: int, *, kind: str, rule_id: int, today: date) -> DatedRule:
    """See `api.take_back_rule`."""
    row = next(
        (one for one in history(corp_id) if (one.kind == "quiet") == (kind == "quiet") and one.id == rule_id), None
    )
    if row is None or row.kind != kind:
        raise NotFound("messaging.no_rule", _("This rule is not there any more."))
    if row.valid_from < today:
        message = _("This rule has held on days that are over; it stays on record. Set a new one instead.")
        raise Refused("messaging.rule_has_held", message)
    table = QuietHours if kind == "quiet" else CapPolicy
    table.objects.filter(corp_id=corp_id, id=rule_id).delete()
    return row


def history(corp_id: int) -> list[DatedRule]:
    """See `api.dated_rules`."""
    caps = [
        DatedRule(
            id=one.pk, kind=one.source, valid_from=one.valid_from, author=one.author, per=one.per, limit=one.limit_count
        )
        for one in CapPolicy.objects.filter(corp_id=corp_id)
    ]
    quiet = [
        DatedRule(
            id=one.pk, kind="quiet", valid_from=one.valid_from, author=one.author, starts=one.starts, ends=one.ends,
            move=one.move,
        )
        for one in QuietHours.objects.filter(corp_id=corp_id)
    ]  # fmt: skip
    return sorted([*caps, *quiet], key=lambda one: (one.valid_from, one.kind, one.id), reverse=True)
