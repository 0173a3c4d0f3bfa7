"""Imports as a person handles them: upload, look, confirm, cancel."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.commerce.importing import run_import
from linli.commerce.mapping import ColumnMapping, check, guess
from linli.commerce.models import ImportRun
from linli.commerce.names import checked_source
from linli.commerce.parsing import Columns, LineParser
from linli.commerce.problems import sentence
from linli.commerce.reading import Record, look, records
from linli.commerce.types import ImportInfo
from linli.commerce.uploads import forget_files, keep_files, most_bytes
from linli.kit.clock import now
from linli.kit.errors import BadInput, NotFound

PREVIEW_LINES = 20
_OPEN = (ImportRun.State.WAITING, ImportRun.State.READING, ImportRun.State.WRITING)


@dataclass(frozen=True, kw_only=True)
class PreviewLine:
    """One of the first lines: its cells, and why it could not be taken ('' when it can)."""

    line_number: int
    cells: list[str]
    problem: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The head of an upload, read with the mapping shown."""

    header: list[str]
    lines: list[PreviewLine]
    mapping: ColumnMapping
    encoding: str


def upload(*, corp_id: int, source: str, files: Iterable[tuple[str, BinaryIO]], created_by: str) -> int:
    """Keep the parts and a draft run; the mapping is the guess from the header."""
    parts = list(files)
    if not parts:
        raise BadInput("no_file", _("Choose a file."))
    name = parts[0][0] if len(parts) == 1 else f"{parts[0][0]} + {len(parts) - 1}"
    run = ImportRun(
        corp_id=corp_id, source=checked_source(source), file_name=name[:200], created_by=created_by, created_at=now()
    )
    with transaction.atomic():
        run.save()
        run.files = keep_files(run, parts)
        try:
            header, _lines, _encoding = _head(run, ColumnMapping(columns={}))
        except BadInput:
            forget_files(run)
            raise
        run.mapping = guess(header).to_json()
        run.save()
    return run.pk


def preview(*, corp_id: int, run_id: int, mapping: ColumnMapping | None = None) -> Preview:
    """The first lines, and what this mapping makes of them."""
    run = _run(corp_id, run_id)
    mapping = mapping or ColumnMapping.from_json(run.mapping)
    header, found, encoding = _head(run, mapping)
    try:
        check(mapping, header)
    except BadInput:
        lines = [PreviewLine(line_number=one.line_number, cells=_readable(one.cells), problem="") for one in found]
    else:
        lines = [_judge(one, mapping, header, access.corp(corp_id=corp_id).zone) for one in found]
    return Preview(header=header, lines=lines, mapping=mapping, encoding=encoding)


def start(*, corp_id: int, run_id: int, source: str, mapping: ColumnMapping) -> None:
    """Draft → waiting, and the job with it."""
    from linli.commerce.jobs import import_orders

    source = checked_source(source)
    header, _lines, _encoding = _head(_run(corp_id, run_id), mapping)
    check(mapping, header)
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(corp_id=corp_id, id=run_id)
        if run.state != ImportRun.State.DRAFT:
            return
        run.state, run.source, run.mapping = ImportRun.State.WAITING, source, mapping.to_json()
        run.save(update_fields=["state", "source", "mapping"])
        import_orders.defer(corp_id=corp_id, run_id=run_id)


def import_file(*, corp_id: int, source: str, path: Path, mapping: ColumnMapping, created_by: str) -> ImportInfo:
    """The same way as an upload, in this process and from where the file lies."""
    run = ImportRun.objects.create(
        corp_id=corp_id,
        source=checked_source(source),
        file_name=path.name[:200],
        files=[{"name": path.name[:200], "path": str(path)}],
        mapping=mapping.to_json(),
        state=ImportRun.State.WAITING,
        created_by=created_by,
        created_at=now(),
    )
    run_import(corp_id=corp_id, run_id=run.pk)
    return info(corp_id=corp_id, run_id=run.pk)


def cancel(*, corp_id: int, run_id: int) -> None:
    """Mark the run; a draft or a waiting one ends at once, a running one behind its present chunk."""
    with transaction.atomic():
        run = _run(corp_id, run_id, lock=True)
        run.cancel_asked = True
        if run.state in {ImportRun.State.DRAFT, ImportRun.State.WAITING}:
            run.state, run.finished_at = ImportRun.State.CANCELLED, now()
        run.save(update_fields=["cancel_asked", "state", "finished_at"])
    if run.state == ImportRun.State.CANCELLED:
        forget_files(run)


def is_open(run: ImportRun) -> bool:
    """Is a job still to do something with it?"""
    return run.state in _OPEN


def open_runs(*, corp_id: int) -> list[int]:
    """Runs that were begun and have not ended, oldest first."""
    begun = (ImportRun.State.READING, ImportRun.State.WRITING)
    return list(ImportRun.objects.filter(corp_id=corp_id, state__in=begun).order_by("id").values_list("id", flat=True))


def info(*, corp_id: int, run_id: int) -> ImportInfo:
    """The run as other rooms see it."""
    run = _run(corp_id, run_id)
    return ImportInfo(id=run.pk, **{name: getattr(run, name) for name in ImportInfo.__annotations__ if name != "id"})


def _run(corp_id: int, run_id: int, *, lock: bool = False) -> ImportRun:
    rows = ImportRun.objects.select_for_update() if lock else ImportRun.objects
    run = rows.filter(corp_id=corp_id, id=run_id).first()
    if run is None:
        raise NotFound("no_import", _("This import is not there (any more)."))
    return run


def _head(run: ImportRun, mapping: ColumnMapping) -> tuple[list[str], list[Record], str]:
    if not run.files:
        raise NotFound("no_file", _("The file is not kept any more: upload it again."))
    path = Path(run.files[0]["path"])
    if not path.exists():
        raise NotFound("no_file", _("The file is not kept any more: upload it again."))
    found = look(path, most_bytes=most_bytes(), encoding=mapping.encoding)
    first = list(islice(records(path, found), PREVIEW_LINES + 1))
    if not first or first[0].problem or any("\0" in cell for cell in first[0].cells):  # no JSON can keep it
        raise BadInput("no_header", _("The first line must name the columns."))
    return first[0].cells, first[1:], found.encoding


def _judge(record: Record, mapping: ColumnMapping, header: list[str], zone: str) -> PreviewLine:
    parser = LineParser(mapping, zone)
    for _row in parser.rows(_One(record), Columns.of(mapping, header), ""):
        pass
    problem = sentence(parser.problems[0].reason, parser.problems[0].detail) if parser.problems else ""
    return PreviewLine(line_number=record.line_number, cells=_readable(record.cells), problem=problem)


def _readable(found: list[str]) -> list[str]:
    """Cells for a page, which cannot carry the marks of bytes that are no text."""
    return [cell.encode("utf-8", "replace").decode() for cell in found]


class _One:
    """One record as if it were a file."""

    delimiter = ","
    raw = ""

    def __init__(self, record: Record) -> None:
        self._record = record

    def __iter__(self) -> Iterator[Record]:
        yield self._record
