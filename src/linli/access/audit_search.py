"""Reading the audit trail: newest first, a page at a time, by key and not by offset."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.access.audit_models import AuditRow, AuditSeal
from linli.access.models import Account, ApiKey, Corp
from linli.kit.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class AuditSearch:
    """What is looked for; empty means all. `who` is "account:7" or "system"; `action` and `subject` match from their beginning."""

    who: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One act; `outcome` is an HTTP status, 0 when its process died; `seal` is the number of its link, None while it waits."""

    id: int
    at: datetime
    who_kind: str
    who_id: int | None
    who_name: str
    action: str
    ip: str
    request_id: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    outcome: int
    error: str
    seal: int | None = None


def audit_trail(
    *, corp_id: int, search: AuditSearch, older_than: int | None = None, limit: int = 50
) -> list[AuditEntry]:
    """The newest acts of a corp, older than a row id where one is given."""
    rows = _found(corp_id, search)
    if older_than is not None:
        rows = rows.filter(id__lt=older_than)
    found = list(rows.order_by("-id")[:limit])
    names = _names(corp_id, found)
    return [_entry(row, names) for row in found]


def audit_entry(*, corp_id: int, entry_id: int) -> AuditEntry:
    """One act with the number of its link; NotFound when the corp has none of this id."""
    row = _of_corp(corp_id).filter(id=entry_id).first()
    if row is None:
        raise NotFound("no_audit_row", _("This line of the audit trail is not there."))
    seal = AuditSeal.objects.filter(to_id__gte=entry_id, retired_before=None).order_by("number").first()
    return _entry(row, _names(corp_id, [row]), seal=seal.number if seal else None)


def actors(*, corp_id: int) -> list[tuple[str, str]]:
    """Who may stand in the trail of a corp: (key for AuditSearch.who, name)."""
    accounts = Account.objects.filter(corp_id=corp_id).order_by("name", "id")
    keys = ApiKey.objects.filter(corp_id=corp_id).order_by("name", "id")
    found = [(f"account:{one.pk}", one.name or one.username) for one in accounts]
    return found + [(f"api_key:{one.pk}", one.name) for one in keys]


def _of_corp(corp_id: int) -> QuerySet[AuditRow]:
    """Rows of no corp (a wrong name at the door, the command line) belong to the house, which is the corp's where it is alone."""
    alone = not Corp.objects.exclude(id=corp_id).exists()
    return AuditRow.objects.filter(Q(corp_id=corp_id) | Q(corp_id=None) if alone else Q(corp_id=corp_id))


def _found(corp_id: int, search: AuditSearch) -> QuerySet[AuditRow]:
    rows = _of_corp(corp_id)
    if search.who:
        kind, _, number = search.who.partition(":")
        rows = rows.filter(who_kind=kind)
        rows = rows.filter(who_id=int(number)) if number.isascii() and number.isdigit() else rows
    if search.action:
        rows = rows.filter(action__startswith=search.action)
    if search.subject:
        exact = ":" in search.subject
        rows = rows.filter(subject=search.subject) if exact else rows.filter(subject__startswith=search.subject)
    if search.since is not None:
        rows = rows.filter(at__gte=search.since)
    if search.until is not None:
        rows = rows.filter(at__lt=search.until)
    return rows.exclude(outcome__range=(200, 399), error="") if search.failed else rows


def _names(corp_id: int, rows: list[AuditRow]) -> dict[tuple[str, int | None], str]:
    wanted: dict[str, set[int]] = {"account": set(), "api_key": set()}
    for row in rows:
        if row.who_kind in wanted and row.who_id is not None:
            wanted[row.who_kind].add(row.who_id)
    accounts = Account.objects.filter(corp_id=corp_id, id__in=wanted["account"])
    keys = ApiKey.objects.filter(corp_id=corp_id, id__in=wanted["api_key"])
    named: dict[tuple[str, int | None], str] = {("account", one.pk): one.name or one.username for one in accounts}
    return named | {("api_key", one.pk): one.name for one in keys}


def _entry(row: AuditRow, names: dict[tuple[str, int | None], str], seal: int | None = None) -> AuditEntry:
    return AuditEntry(
        id=row.pk, at=row.at, who_kind=row.who_kind, who_id=row.who_id,
        who_name=names.get((row.who_kind, row.who_id), ""), action=row.action, ip=row.ip, request_id=row.request_id,
        subject=row.subject, before=row.before, after=row.after, outcome=row.outcome, error=row.error, seal=seal,
    )  # fmt: skip
