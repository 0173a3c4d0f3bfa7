"""One person's data: what is held, a file of it, and taking it all away."""

import json

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from linli.console.door import PageRequest
from linli.console.privacy import words
from linli.customers import api as customers
from linli.kit.errors import BadInput, Refused
from linli.privacy import api, queries
from linli.privacy.erasures import REASONS
from linli.privacy.exports import REASONS as EXPORT_REASONS
from linli.privacy.models import Erasure, PersonExport


@require_GET
def person(request: PageRequest, customer_id: int) -> HttpResponse:
    """What is held about one person, by table; export and erasure begin here."""
    return _person(request, customer_id)


@require_POST
def export(request: PageRequest, customer_id: int) -> HttpResponse:
    """Make a file of it."""
    try:
        made = api.ask_export(
            corp_id=request.corp.id, customer_id=customer_id, author=request.account.name,
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
    except (BadInput, Refused) as error:
        return _person(request, customer_id, problem=str(error), status=422)
    return redirect("privacy:export_progress", made)


@require_POST
def erase(request: PageRequest, customer_id: int) -> HttpResponse:
    """Begin the erasure that was confirmed by typing."""
    try:
        made = api.ask_erasure(
            corp_id=request.corp.id, customer_id=customer_id, author=request.account.name,
            reason=request.POST.get("reason", ""), typed=request.POST.get("typed", ""),
        )  # fmt: skip
    except BadInput as error:
        return _person(request, customer_id, problem=str(error), status=422)
    return redirect("privacy:erasure", made)


@require_GET
def export_progress(request: PageRequest, export_id: int) -> HttpResponse:
    """How far it is; the file when it is made."""
    row = queries.exports(request.corp.id).filter(id=export_id).first()
    if row is None:
        raise Http404
    context = words.export_row(row) | {"open": row.state in {"waiting", "running"}}
    if request.htmx and context["open"]:
        return render(request, "privacy/export_bar.html", context)
    response = render(request, "privacy/export.html", context)
    if request.htmx:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
def stop_export(request: PageRequest, export_id: int) -> HttpResponse:
    """Make no file after all."""
    try:
        api.cancel_export(corp_id=request.corp.id, export_id=export_id, author=request.account.name)
    except Refused as error:
        messages.error(request, str(error))
    return _back(request, "privacy:export_progress", export_id)


@never_cache
@require_POST
def download(request: PageRequest, export_id: int) -> HttpResponse:
    """The zip. A POST, so that it is noted who took it."""
    content = api.download_export(corp_id=request.corp.id, export_id=export_id)
    response = HttpResponse(content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="person-{export_id}.zip"'
    return response


@require_GET
def erasure(request: PageRequest, erasure_id: int) -> HttpResponse:
    """How far it is; the proof when it is done."""
    row = _erasure(request, erasure_id)
    done = list(queries.steps(request.corp.id, erasure_id))
    titles = api.part_titles()
    steps = [
        {
            "row": one,
            "title": _(titles.get(one.table, "")) or one.table,
            "act": words.ACTS[one.act][0],
            "tone": words.ACTS[one.act][1],
        }
        for one in done
        if one.rows
    ]
    context = words.erasure_row(row) | {
        "steps": steps, "empty": len(done) - len(steps), "open": row.state in {"waiting", "running"},
        "done": sum(one.done for one in done), "total": api.steps_of_an_erasure(),
    }  # fmt: skip
    return render(request, "privacy/erasure.html", context)


@require_POST
def cancel(request: PageRequest, erasure_id: int) -> HttpResponse:
    """Think better of it: as long as nothing was erased."""
    try:
        api.cancel_erasure(corp_id=request.corp.id, erasure_id=erasure_id, author=request.account.name)
    except Refused as error:
        messages.error(request, str(error))
    return _back(request, "privacy:erasure", erasure_id)


@require_POST
def again(request: PageRequest, erasure_id: int) -> HttpResponse:
    """Do the steps once more."""
    api.erase_again(corp_id=request.corp.id, erasure_id=erasure_id)
    messages.info(request, _("Every step is done once more."))
    return redirect("privacy:erasure", erasure_id)


@require_GET
def proof(request: PageRequest, erasure_id: int) -> HttpResponse:
    """The proof as JSON, with its digest."""
    row = _erasure(request, erasure_id)
    content = {"proof": api.erasure_proof(corp_id=request.corp.id, erasure_id=erasure_id), "sha256": row.digest}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="erasure-{erasure_id}.json"'
    return response


def _back(request: PageRequest, name: str, row_id: int) -> HttpResponse:
    if request.htmx:
        response = HttpResponse()
        response.headers["HX-Refresh"] = "true"
        return response
    return redirect(name, row_id)


def _erasure(request: PageRequest, erasure_id: int) -> Erasure:
    row = queries.erasures(request.corp.id).filter(id=erasure_id).first()
    if row is None:
        raise Http404
    return row


def _person(request: PageRequest, customer_id: int, *, problem: str = "", status: int = 200) -> HttpResponse:
    corp_id = request.corp.id
    who = customers.profiles(corp_id=corp_id, customer_ids=[customer_id]).get(customer_id)
    if who is None or who.erased:
        raise Http404
    found = api.erasure_plan(corp_id=corp_id, customer_id=customer_id)
    plan = [
        {
            "line": line,
            "title": _(line.title),
            "why": _(line.why),
            "act": words.ACTS[line.act][0],
            "tone": words.ACTS[line.act][1],
        }
        for line in found
    ]
    made = PersonExport.objects.filter(corp_id=corp_id, customer_id=customer_id).defer("sealed").order_by("-id")[:5]
    context = {
        "who": who, "plan": plan, "rows": sum(line.rows for line in found), "problem": problem,
        "reasons": REASONS.items(), "export_reasons": EXPORT_REASONS.items(), "exports": [words.export_row(row) for row in made],
    }  # fmt: skip
    return render(request, "privacy/person_page.html", context, status=status)
