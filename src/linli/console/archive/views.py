"""The message archive as its administrator sees it: how it is read, its keys, how far it is, what failed and what to do."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from linli.archive import api, queries
from linli.console.archive.forms import BACKS, KeyForm, LineForm
from linli.console.archive.words import file_state, kind
from linli.console.door import PageRequest
from linli.kit.errors import LinliError


@require_GET
def index(request: PageRequest) -> HttpResponse:
    """The page."""
    return _page(request)


@never_cache
@require_POST
def line(request: PageRequest) -> HttpResponse:
    """Choose how the archive is read."""
    corp_id = request.corp.id
    known = api.line(corp_id=corp_id)
    form = LineForm(request.POST, backs=api.choices(corp_id=corp_id))
    if not form.is_valid():
        return _page(request, line_form=form, status=422)
    given = form.cleaned_data
    request.act.before, request.act.after = {"back": known.back}, {"back": given["back"]}
    try:
        api.choose(
            corp_id=corp_id, back=given["back"], secret=given["secret"].strip(), proxy=given.get("proxy", known.proxy),
            proxy_password=given.get("proxy_password", ""), timeout_s=given.get("timeout_s", known.timeout_s),
            author=request.account.username,
        )  # fmt: skip
    except LinliError as error:
        request.act.refused(error)
        form.add_error(error.code if error.code in form.fields else None, str(error))
        return _page(request, line_form=form, status=422)
    if given["back"] == api.NONE:
        messages.info(request, _("The archive is off: nothing more is read. What was read stays."))
    else:
        api.read_on(corp_id=corp_id)
        messages.success(request, _("Linli begins to read; how far it is stands on this page."))
    return redirect("archive:index")


@never_cache
@require_POST
def key(request: PageRequest) -> HttpResponse:
    """Keep a version's private key, or make a pair."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, key_form=form, status=422)
    given = form.cleaned_data
    request.act.after = {"version": given["version"], "made_here": not given["private_key"].strip()}
    try:
        api.add_key(
            corp_id=request.corp.id, version=given["version"], private_key=given["private_key"],
            author=request.account.username,
        )  # fmt: skip
    except LinliError as error:
        request.act.refused(error)
        form.add_error(error.code if error.code in form.fields else None, str(error))
        return _page(request, key_form=form, status=422)
    messages.success(request, _("The key is kept. Messages that waited for it are opened now."))
    return redirect("archive:index")


@require_POST
def reading(request: PageRequest) -> HttpResponse:
    """Read on now."""
    if api.line(corp_id=request.corp.id).back == api.NONE:
        request.act.refused("archive_off")
        messages.warning(request, _("The archive is off: choose first how it is read."))
    else:
        api.read_on(corp_id=request.corp.id)
        messages.info(request, _("Linli is reading on."))
    return redirect("archive:index")


def _page(
    request: PageRequest, *, line_form: LineForm | None = None, key_form: KeyForm | None = None, status: int = 200
) -> HttpResponse:
    corp_id = request.corp.id
    known, keys, closed = api.line(corp_id=corp_id), api.keys(corp_id=corp_id), queries.closed(corp_id)
    backs = api.choices(corp_id=corp_id)
    tallies = queries.tallies(corp_id)
    initial = {"back": known.back, "proxy": known.proxy, "timeout_s": known.timeout_s}
    context: dict[str, Any] = {
        "line": known,
        "back_name": BACKS[known.back],
        "reads": known.back != api.NONE,
        "choosable": backs != [api.NONE],
        "line_form": line_form or LineForm(backs=backs, initial=initial),
        "key_form": key_form or KeyForm(initial={"version": keys[0].version + 1 if keys else 1}),
        "keys": keys,
        "closed": closed,
        "closed_count": sum(one.count for one in closed),
        "tallies": [{"name": kind(one.kind), "known": one.known, "count": one.count} for one in tallies],
        "message_count": sum(one.count for one in tallies),
        "files": [{"name": file_state(name), "count": count} for name, count in sorted(queries.files(corp_id).items())],
        "gaps": queries.gaps(corp_id),
        "corp_zone": request.corp.zone,
    }
    return render(request, "archive/index.html", context, status=status)
