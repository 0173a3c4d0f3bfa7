"""One import from its first byte to its last chunk; run by a job, stopped by its cancel mark, safe to be killed.

Reading stages every line of all parts and lists the bad ones. Writing commits chunk after chunk, each with its progress:
the chunks are a function of the files alone, so a killed run goes on behind the last committed one.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from linli.access import api as access
from linli.commerce import completing, staging
from linli.commerce.applying import Applied, apply_chunk
from linli.commerce.mapping import ColumnMapping, check
from linli.commerce.models import ImportProblem, ImportRun
from linli.commerce.operations import ensure_buyers
from linli.commerce.parsing import Columns, LineParser
from linli.commerce.reading import look, records
from linli.commerce.uploads import forget_files, most_bytes
from linli.kit.clock import now
from linli.kit.errors import LinliError, NotFound
from linli.kit.killpoints import passing

PIECE_LINES = 40_000
PROBLEMS_KEPT = 10_000
MANY_LINES = 50_000
_BLOCK = 2_000


class Cancelled(Exception):
    """Somebody asked this run to stop."""


def run_import(*, corp_id: int, run_id: int, chunk_lines: int = staging.CHUNK_LINES) -> None:
    """Bring the run's files in. Does nothing when the run has ended or another process has it in hand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('commerce.import'), %s)", [run_id])
        if not cursor.fetchone()[0]:
            return
    try:
        run = ImportRun.objects.get(corp_id=corp_id, id=run_id)
        if run.state in {ImportRun.State.WAITING, ImportRun.State.READING, ImportRun.State.WRITING}:
            _bring_in(run, chunk_lines)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('commerce.import'), %s)", [run_id])


def _bring_in(run: ImportRun, chunk_lines: int) -> None:
    try:
        with staging.session():
            _read(run)
            _write(run, chunk_lines)
        if run.lines_total >= MANY_LINES:
            _learn_sizes()
    except Cancelled:
        _finish(run, ImportRun.State.CANCELLED)
    except LinliError as error:
        _finish(run, ImportRun.State.FAILED, error_code=error.code)
    except (OperationalError, InterfaceError):
        raise  # the database went away: the run stays open, and resume_imports goes on with it
    except Exception:
        _finish(run, ImportRun.State.FAILED, error_code="unexpected")
        raise
    else:
        _finish(run, ImportRun.State.DONE)


def _read(run: ImportRun) -> None:
    mapping = ColumnMapping.from_json(run.mapping)
    with transaction.atomic():
        ImportProblem.objects.filter(corp_id=run.corp_id, run=run).delete()
        _progress(run, state=ImportRun.State.READING, started_at=run.started_at or now(), problem_count=0)
    if not all(Path(part["path"]).exists() for part in run.files):
        raise NotFound("file_gone", "the upload is not on this machine any more")
    parser = LineParser(mapping, access.corp(corp_id=run.corp_id).zone)
    columns: Columns | None = None
    surveys = [
        (part, look(Path(part["path"]), most_bytes=most_bytes(), encoding=mapping.encoding)) for part in run.files
    ]
    expected = sum(found.lines for _part, found in surveys)
    for part, found in surveys:
        source = records(Path(part["path"]), found)
        if columns is None:
            header = next(iter(source)).cells
            check(mapping, header)
            columns = Columns.of(mapping, header)
            _progress(run, header=header, delimiter=source.delimiter)
            source = records(Path(part["path"]), found)
        rows = parser.rows(source, columns, part["name"])
        while _copy_piece(rows):
            _keep_problems(run, parser)
            _progress(run, lines_total=max(expected - len(surveys), parser.lines))
        _keep_problems(run, parser)
    if mapping.completes:
        completing.join_stored_lines(corp_id=run.corp_id, source=run.source)
    _progress(run, lines_total=parser.lines)


def _copy_piece(rows: Iterator[str]) -> bool:
    """Stage the next lines; False when there were none left."""
    with transaction.atomic():
        first = next(rows, None)
        if first is not None:
            staging.copy_text(_blocks(first, islice(rows, PIECE_LINES)))
    return first is not None


def _blocks(first: str, rows: Iterable[str]) -> Iterator[str]:
    yield first
    rows = iter(rows)
    while block := "".join(islice(rows, _BLOCK)):
        yield block


def _keep_problems(run: ImportRun, parser: LineParser) -> None:
    found, parser.problems = parser.problems, []
    if not found:
        return
    room = max(0, PROBLEMS_KEPT - (parser.refused - len(found)))
    rows = [
        ImportProblem(
            corp_id=run.corp_id, run=run, file_name=one.file_name, line_number=one.line_number, reason=one.reason,
            detail=one.detail, raw=one.raw,
        )
        for one in found[:room]
    ]  # fmt: skip
    with transaction.atomic():
        ImportProblem.objects.bulk_create(rows, batch_size=1000)
        _progress(run, problem_count=parser.refused)


def _write(run: ImportRun, chunk_lines: int) -> None:
    with transaction.atomic():
        figures = staging.group(chunk_lines=chunk_lines)
        refs = staging.buyers()
    _progress(
        run,
        state=ImportRun.State.WRITING,
        anonymous_lines=figures.anonymous_lines,
        chunks_total=figures.chunks,
    )
    known = ensure_buyers(run.corp_id, refs)
    staging.name_customers(known)
    for chunk in range(run.chunks_done + 1, figures.chunks + 1):
        with transaction.atomic():
            done = apply_chunk(corp_id=run.corp_id, source=run.source, chunk=chunk)
            _count_in(run, chunk, done)
            passing("commerce.chunk")
        passing("commerce.chunk_kept")
        _stop_if_asked(run)


def _learn_sizes() -> None:
    """Half a million rows that the planner has not heard of cost seconds in the next question."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE commerce_order, commerce_orderline, commerce_refund, commerce_customertotals")


def _count_in(run: ImportRun, chunk: int, done: Applied) -> None:
    ImportRun.objects.filter(id=run.pk).update(
        chunks_done=chunk,
        lines_done=F("lines_done") + done.lines,
        orders_new=F("orders_new") + done.orders_new,
        orders_known=F("orders_known") + done.orders_known,
        orders_changed=F("orders_changed") + done.orders_changed,
        refunds_new=F("refunds_new") + done.refunds_new,
        refunds_known=F("refunds_known") + done.refunds_known,
        refunds_changed=F("refunds_changed") + done.refunds_changed,
    )


def _progress(run: ImportRun, **values: object) -> None:
    ImportRun.objects.filter(id=run.pk).update(**values)
    for name, value in values.items():
        setattr(run, name, value)
    _stop_if_asked(run)


def _stop_if_asked(run: ImportRun) -> None:
    if ImportRun.objects.filter(id=run.pk, cancel_asked=True).exists():
        raise Cancelled


def _finish(run: ImportRun, state: str, *, error_code: str = "") -> None:
    """The run has ended for good (nothing takes up an ended run), so its files go too."""
    ImportRun.objects.filter(id=run.pk).update(state=state, error_code=error_code, finished_at=now())
    forget_files(run)
