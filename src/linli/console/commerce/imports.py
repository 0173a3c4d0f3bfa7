"""Uploads: bring one in, confirm its columns, watch it, read what did not get in."""

import csv
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.commerce import api, queries
from linli.commerce.imports import Preview, is_open
from linli.commerce.imports import preview as read_preview
from linli.commerce.mapping import PRESET_NAMES, ColumnMapping
from linli.commerce.models import ImportRun
from linli.commerce.problems import sentence
from linli.console.commerce import words
from linli.console.commerce.forms import MappingForm
from linli.console.commerce.hiding import column_kinds, masked, masked_cells, masked_line
from linli.console.door import PageRequest
from linli.console.sight import Sight, sight_of
from linli.kit.errors import LinliError
from linli.kit.tables import harmless

PAGE_SIZE = 30
PROBLEMS_A_PAGE = 50


def index(request: PageRequest) -> HttpResponse:
    """The history of imports; a POST uploads."""
    problem = ""
    if request.method == "POST":
        try:
            return redirect("commerce:import", _upload(request))
        except LinliError as error:
            request.act.refused(error)
            problem = str(error)
    page = Paginator(queries.import_runs(request.corp.id), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [{"row": row, "state": words.STATES[row.state], "tone": words.TONES[row.state]} for row in page],
        "problem": problem,
        "source": request.POST.get("source", "") or queries.latest_source(request.corp.id),
        "api_call": words.api_call(request.build_absolute_uri("/api/v1/orders")),
    }
    return render(request, "commerce/imports.html", context, status=422 if problem else 200)


def detail(request: PageRequest, run_id: int) -> HttpResponse:
    """The columns of a draft; the progress and outcome of everything else."""
    run = _run(request, run_id)
    if run.state == ImportRun.State.DRAFT:
        return _draft(request, run, None)
    found = queries.problems(request.corp.id, run.pk)
    page = Paginator(found, PROBLEMS_A_PAGE).get_page(request.GET.get("page"))
    context = _progress(run) | {
        "page": page,
        "problems": [
            {
                "row": row,
                "reason": sentence(row.reason, row.detail),
                "raw": masked_line(sight_of(request), run, row.raw),
            }
            for row in page
        ],
    }
    return render(request, "commerce/import.html", context)


@require_POST
def preview(request: PageRequest, run_id: int) -> HttpResponse:
    """What the chosen columns make of the first lines."""
    run = _run(request, run_id, state=ImportRun.State.DRAFT)
    kept = read_preview(corp_id=request.corp.id, run_id=run_id)
    form = MappingForm(request.POST, header=kept.header)
    mapping = form.mapping() if form.is_valid() else None
    return render(request, "commerce/preview.html", _shown(request, run, mapping) | {"form": form})


@require_POST
def start(request: PageRequest, run_id: int) -> HttpResponse:
    """Confirm the columns."""
    run = _run(request, run_id)
    if run.state != ImportRun.State.DRAFT:
        return redirect("commerce:import", run_id)
    kept = read_preview(corp_id=request.corp.id, run_id=run_id)
    form = MappingForm(request.POST, header=kept.header)
    if not form.is_valid():
        return _draft(request, run, form)
    try:
        api.start_import(
            corp_id=request.corp.id, run_id=run_id, source=form.cleaned_data["source"], mapping=form.mapping()
        )
    except LinliError as error:
        request.act.refused(error)
        form.add_error("source" if error.code.startswith("source") else None, str(error))
        return _draft(request, run, form)
    return redirect("commerce:import", run_id)


def progress(request: PageRequest, run_id: int) -> HttpResponse:
    """The live part; when the run has ended, the page is fetched anew."""
    run = _run(request, run_id)
    response = render(request, "commerce/progress.html", _progress(run))
    if not is_open(run):
        response.headers["HX-Redirect"] = reverse("commerce:import", args=[run_id])
    return response


@require_POST
def cancel(request: PageRequest, run_id: int) -> HttpResponse:
    """Stop behind the present chunk, or throw a draft away."""
    run = _run(request, run_id)
    api.cancel_import(corp_id=request.corp.id, run_id=run_id)
    if run.state == ImportRun.State.DRAFT or not request.htmx:
        return redirect("commerce:imports")
    return progress(request, run_id)


def problems(request: PageRequest, run_id: int) -> StreamingHttpResponse:
    """The bad lines with their columns, and line number and reason behind them: to be mended and uploaded again."""
    run = _run(request, run_id)
    rows = _problem_lines(run, queries.problems(request.corp.id, run_id).iterator(chunk_size=1000), sight_of(request))
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="import-{run_id}-problems.csv"'
    return response


class _Echo:
    """A file that gives back what is written."""

    def write(self, text: str) -> str:
        return text


def _problem_lines(run: ImportRun, rows: Iterator[Any], sight: Sight) -> Iterator[str]:
    writer = csv.writer(_Echo())
    extra = [_("File"), _("Line"), _("Reason")]
    yield "\ufeff"  # spreadsheets take it as UTF-8 then
    yield writer.writerow([harmless(cell) for cell in [*run.header, *extra]])
    for row in rows:
        cells = masked_cells(sight, run, next(csv.reader([row.raw], delimiter=run.delimiter), []))
        width = len(run.header)
        cells = (cells + [""] * width)[: max(width, len(cells))]
        reason = [row.file_name, str(row.line_number), sentence(row.reason, row.detail)]
        yield writer.writerow([harmless(cell) for cell in [*cells, *reason]])


def _upload(request: PageRequest) -> int:
    given = request.FILES.getlist("files")
    run_id = api.upload(
        corp_id=request.corp.id,
        source=request.POST.get("source", ""),
        files=[(file.name or "", cast("BinaryIO", file)) for file in given],
        created_by=request.account.name,
    )
    request.act.subject, request.act.after = f"run:{run_id}", {"files": len(given)}
    return run_id


def _draft(request: PageRequest, run: ImportRun, form: MappingForm | None) -> HttpResponse:
    try:
        mapping = form.mapping() if form is not None and form.is_valid() else None
        shown = _shown(request, run, mapping)
    except LinliError as error:
        return render(request, "commerce/lost.html", {"run": run, "problem": str(error)}, status=404)
    found: Preview = shown["preview"]
    form = form or MappingForm(header=found.header, initial=MappingForm.initial_of(run.source, found.mapping))
    context = shown | {"form": form, "preset": PRESET_NAMES.get(found.mapping.preset, "")}
    return render(request, "commerce/draft.html", context, status=422 if form.errors else 200)


def _shown(request: PageRequest, run: ImportRun, mapping: ColumnMapping | None) -> dict[str, Any]:
    found = read_preview(corp_id=run.corp_id, run_id=run.pk, mapping=mapping)
    kinds = column_kinds(found.header, found.mapping)
    sight = sight_of(request)
    return {
        "run": run,
        "preview": found,
        "lines": [
            {"line_number": line.line_number, "problem": line.problem, "shown": masked(sight, kinds, line.cells)}
            for line in found.lines
        ],
        "encoding": found.encoding.removesuffix("-sig").upper(),
        "bad": sum(bool(line.problem) for line in found.lines),
        "meaning": {column: name for name, column in found.mapping.columns.items()},
    }


def _progress(run: ImportRun) -> dict[str, Any]:
    return {
        "run": run,
        "open": is_open(run),
        "state": words.STATES[run.state],
        "tone": words.TONES[run.state],
        "failure": words.failure(run) if run.state == ImportRun.State.FAILED else "",
    }


def _run(request: PageRequest, run_id: int, *, state: str = "") -> ImportRun:
    run = ImportRun.objects.filter(corp_id=request.corp.id, id=run_id).first()
    if run is None or (state and run.state != state):
        raise Http404
    return run
