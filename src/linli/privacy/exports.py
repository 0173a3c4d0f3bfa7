"""One person's data as a readable page and as JSON, zipped, sealed at rest, gone after some days."""

import io
import json
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.customers import api as customers
from linli.kit.clock import now, wall
from linli.kit.errors import BadInput, NotFound, Refused
from linli.privacy import retention, vault
from linli.privacy.models import Erasure, PersonExport, State
from linli.privacy.parts import parts, show

REASONS = {
    "asked": _("the person asked for it"),
    "authority": _("an authority asked for it"),
    "check": _("to check what is kept"),
}
ROWS_SHOWN = 2_000  # of one table on the page; the JSON has all of them
JSON_NAME, PAGE_NAME = "data.json", "index.html"


@transaction.atomic
def ask(*, corp_id: int, customer_id: int, author: str, reason: str) -> int:
    """Begin an export; returns its id."""
    from linli.privacy.jobs import export_person

    if reason not in REASONS:
        raise BadInput("reason", _("Choose the reason."))
    customers.subject(corp_id=corp_id, customer_id=customer_id)
    if _erasures(corp_id, customer_id).filter(state__in=(State.WAITING, State.RUNNING)).exists():
        raise Refused("being_erased", _("This person is being erased: no file is made any more."))
    row = PersonExport.objects.create(
        corp_id=corp_id, customer_id=customer_id, author=author, reason=reason, asked_at=now(), total=len(_shown())
    )
    export_person.defer(corp_id=corp_id, export_id=row.pk)
    return row.pk


def run(*, corp_id: int, export_id: int) -> None:
    """Make the file; a killed run begins anew, which changes nothing but the time. One that was cancelled ends at its next table."""
    row = PersonExport.objects.get(corp_id=corp_id, id=export_id)
    if not _open(row).update(state=State.RUNNING):
        return
    sections = _sections(row)
    if sections is None:
        return
    content = _zip(row, sections)
    days = retention.days(corp_id=corp_id, kind="exports") or retention.KINDS["exports"].most
    at = wall()
    begun = _erasures(corp_id, row.customer_id).filter(Q(state=State.RUNNING) | Q(finished_at__gte=row.asked_at))
    # A file gathered while its person was erased must not outlive them; an erasure that begins later takes it away itself.
    _open(row).filter(Exists(begun)).update(state=State.CANCELLED, finished_at=at)
    _open(row).filter(~Exists(begun)).update(
        state=State.DONE, finished_at=at, expires_at=at + timedelta(days=days), size=len(content),
        rows=sum(len(one["rows"]) for one in sections), sealed=vault.seal(corp_id, content, place=_place(row.pk)),
    )  # fmt: skip


def download(*, corp_id: int, export_id: int) -> bytes:
    """The zip; NotFound when it is gone, expired or another corp's."""
    row = PersonExport.objects.filter(corp_id=corp_id, id=export_id, state=State.DONE, expires_at__gt=wall()).first()
    if row is None or row.sealed is None:
        raise NotFound("no_export", _("This file is gone: make a new export."))
    return vault.unseal(corp_id, bytes(row.sealed), place=_place(row.pk))


def forget_expired(*, corp_id: int) -> int:
    """Take away the files whose time is over; that they were made stays."""
    rows = PersonExport.objects.filter(corp_id=corp_id, expires_at__lte=wall(), sealed__isnull=False)
    return rows.update(sealed=None, size=0)


def open_exports(*, corp_id: int) -> list[int]:
    """Exports that are not made yet."""
    rows = PersonExport.objects.filter(corp_id=corp_id, state__in=(State.WAITING, State.RUNNING))
    return list(rows.order_by("id").values_list("id", flat=True))


def cancel(*, corp_id: int, export_id: int, author: str) -> None:
    """Make no file; what was gathered is in memory only and goes. NotFound for another corp's, Refused when it has ended."""
    row = PersonExport.objects.filter(corp_id=corp_id, id=export_id).defer("sealed").first()
    if row is None:
        raise NotFound("no_export", _("This export is not there."))
    if not _open(row).update(state=State.CANCELLED, cancelled_by=author, finished_at=wall()):
        raise Refused("not_open", _("This export has ended already."))


def _open(row: PersonExport) -> QuerySet[PersonExport]:
    return PersonExport.objects.filter(corp_id=row.corp_id, id=row.pk, state__in=(State.WAITING, State.RUNNING))


def _erasures(corp_id: int, customer_id: int) -> QuerySet[Erasure]:
    return Erasure.objects.filter(corp_id=corp_id, customer_id=customer_id).exclude(state=State.CANCELLED)


def _place(export_id: int) -> str:
    return f"privacy.export:{export_id}"


def _shown() -> list[Any]:
    return [one for one in reversed(parts()) if one.show]


def _sections(row: PersonExport) -> list[dict[str, Any]] | None:
    """Table by table; None when somebody cancelled it meanwhile."""
    given = customers.subject(corp_id=row.corp_id, customer_id=row.customer_id).parameters(now())
    sections = []
    for done, part in enumerate(_shown(), start=1):
        rows = [[_plain(cell) for cell in cells] for cells in show(part, given)]
        sections.append(
            {"table": part.table, "title": part.title, "head": [head for head, _ in part.show], "rows": rows}
        )
        if not _open(row).update(done=done):
            return None
    return sections


def _zip(row: PersonExport, sections: list[dict[str, Any]]) -> bytes:
    corp = access.corp(corp_id=row.corp_id)
    made = now().astimezone(ZoneInfo(corp.zone))
    as_json = {
        "made_at": made.isoformat(), "by": corp.name, "customer": row.customer_id,
        "sections": [
            {"table": one["table"], "title": one["title"], "rows": [dict(zip(one["head"], cells, strict=True)) for cells in one["rows"]]}
            for one in sections
        ],
    }  # fmt: skip
    with translation.override("zh-hans"):
        shown = [
            {
                "title": gettext(one["title"]),
                "head": [gettext(head) for head in one["head"]],
                "rows": [[_readable(cell, corp.zone) for cell in cells] for cells in one["rows"][:ROWS_SHOWN]],
                "more": max(0, len(one["rows"]) - ROWS_SHOWN),
            }
            for one in sections
        ]
        page = render_to_string("privacy/person.html", {"corp": corp, "made": made, "sections": shown})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(PAGE_NAME, page)
        file.writestr(JSON_NAME, json.dumps(as_json, ensure_ascii=False, indent=1))
    return buffer.getvalue()


def _plain(value: Any) -> Any:
    """As JSON has it: times ISO 8601, sums as text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _readable(value: Any, zone: str) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and len(value) > 18 and value[4:5] == "-" and value[10:11] == "T":
        try:
            return datetime.fromisoformat(value).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")
        except ValueError:
            return value
    return str(value)
