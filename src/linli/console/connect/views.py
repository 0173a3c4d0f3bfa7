"""The line to WeCom: connect, test, hear callbacks, sync, and what WeCom does not allow."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.access import api as access
from linli.connect import api
from linli.console.connect.forms import LineForm, ShopImportForm, ShopParentForm
from linli.console.connect.words import KINDS, left
from linli.console.door import PageRequest
from linli.directory import api as directory
from linli.kit.errors import LinliError
from linli.ledger import api as ledger

MISSING_SHOWN = 20
RUNS_SHOWN = 10


@never_cache
def index(request: PageRequest) -> HttpResponse:
    """The page; before a corp is there, only the first step."""
    return _page(request, LineForm(has_corp=_corp_id(request) is not None, initial=_known(request)))


@require_POST
def line(request: PageRequest) -> HttpResponse:
    """Connect: WeCom is asked at once, and nothing is kept when it refuses."""
    corp_id = _corp_id(request)
    form = LineForm(request.POST, has_corp=corp_id is not None)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    request.act.before = _known(request)
    request.act.after = {key: given[key] for key in ("agent_id", "base_url")}
    if corp_id is None:
        corp_id = access.create_corp(wecom_id=given["wecom_id"].strip(), name=given["name"]).id
        if api.line(corp_id=corp_id) is not None:  # without a line it is what a refused first try left behind
            request.act.refused("connected_already")
            form.add_error("wecom_id", _("This company is connected here already, and your account is not part of it."))
            return _page(request, form, status=422)
    try:
        api.connect_corp(
            corp_id=corp_id,
            base_url=given["base_url"],
            agent_id=given["agent_id"],
            secret=given["secret"],
            contact_secret=given["contact_secret"],
        )
    except LinliError as error:
        request.act.refused(error)
        form.add_error(None, str(error))
        return _page(request, form, status=422)
    request.act.subject, request.act.corp_id = f"corp:{corp_id}", corp_id
    access.assign_corp(account_id=request.account.pk, corp_id=corp_id)
    messages.success(request, _("WeCom answered: the line stands. Now copy the callback keys below."))
    return redirect("connect:index")


@require_POST
def check(request: PageRequest) -> HttpResponse:
    """Test now."""
    try:
        api.check_line(corp_id=request.corp.id)
    except LinliError as error:
        request.act.refused(error)
        messages.error(request, str(error))
    else:
        messages.success(request, _("WeCom answered just now."))
    return redirect("connect:index")


@require_POST
def callback(request: PageRequest) -> HttpResponse:
    """New callback keys; the old address ends."""
    api.callback_settings(corp_id=request.corp.id, anew=True)
    messages.warning(request, _("New keys are made. Copy them to WeCom now: until then no callback comes in."))
    return redirect("connect:index")


@require_POST
def shops(request: PageRequest) -> HttpResponse:
    """Choose the department whose children are shops."""
    departments = directory.departments(corp_id=request.corp.id)
    form = ShopParentForm(request.POST, departments=departments)
    if form.is_valid():
        request.act.before = {"department": directory.shop_parent(corp_id=request.corp.id)}
        request.act.after = {"department": form.cleaned_data["parent"]}
        added = directory.choose_shop_parent(corp_id=request.corp.id, parent_wecom_id=form.cleaned_data["parent"])
        said = ngettext("%(n)d shop is new.", "%(n)d shops are new.", added) % {"n": added}
        messages.success(request, said)
    else:
        messages.warning(request, _("Choose a department that has sub-departments."))
    return redirect("connect:index")


@require_POST
def shop_import(request: PageRequest) -> HttpResponse:
    """Describe shops from a CSV file; bad rows are listed, the others are in."""
    form = ShopImportForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.warning(request, str(next(iter(form.errors.values()))[0]))
        return redirect("connect:index")
    try:
        done = directory.import_shops_csv(corp_id=request.corp.id, content=form.cleaned_data["file"])
    except LinliError as error:
        request.act.refused(error)
        messages.warning(request, str(error))
        return redirect("connect:index")
    request.act.after = {"added": done.added, "changed": done.changed, "bad": len(done.bad)}
    context = _context(request, LineForm(has_corp=True, initial=_known(request))) | {"imported": done}
    return render(request, "connect/index.html", context)


def runs(request: PageRequest) -> HttpResponse:
    """The runs, asked for again while one is going on; a page of their own for who may not change the line."""
    return render(request, "connect/runs.html" if request.htmx else "connect/runs_page.html", _runs(request))


@require_POST
def stop(request: PageRequest, run_id: int) -> HttpResponse:
    """Stop a run at its next step; what it read so far stays."""
    api.stop_run(corp_id=request.corp.id, run_id=run_id)
    if request.htmx:
        return render(request, "connect/runs.html", _runs(request))
    return redirect("connect:index")


def _corp_id(request: PageRequest) -> int | None:
    corp = getattr(request, "corp", None)
    return corp.id if corp else None


def _known(request: PageRequest) -> dict[str, Any]:
    corp_id = _corp_id(request)
    found = api.line(corp_id=corp_id) if corp_id is not None else None
    return {"agent_id": found.agent_id, "base_url": found.base_url} if found else {"base_url": api.OFFICIAL}


def _page(request: PageRequest, form: LineForm, *, status: int = 200) -> HttpResponse:
    return render(request, "connect/index.html", _context(request, form), status=status)


def _context(request: PageRequest, form: LineForm) -> dict[str, Any]:
    corp_id = _corp_id(request)
    found = api.line(corp_id=corp_id) if corp_id is not None else None
    if corp_id is None or found is None:
        return {"form": form, "line": None}
    departments = directory.departments(corp_id=corp_id)
    parent = directory.shop_parent(corp_id=corp_id)
    return {
        "form": form,
        "line": found,
        "callback": api.callback_settings(corp_id=corp_id),
        "shop_form": ShopParentForm(departments=departments, initial={"parent": parent}),
        "import_form": ShopImportForm(),
        "departments": len(departments),
        "shop_parent": next((one.name for one in departments if one.wecom_id == parent), ""),
        "shop_count": len(directory.shops(corp_id=corp_id)),
        "health": ledger.health(corp_id=corp_id),
        **_runs(request),
    }


def _runs(request: PageRequest) -> dict[str, Any]:
    found = api.latest_runs(corp_id=request.corp.id, limit=RUNS_SHOWN)
    rows = [
        {
            "run": one,
            "kind": _(KINDS[one.kind]) if one.kind in KINDS else one.kind,
            "missing": one.missing[:MISSING_SHOWN],
            "left": left(one.remaining_s),
            "more": max(0, len(one.missing) - MISSING_SHOWN),
        }
        for one in found
    ]
    gaps = sum(one.state in {"partial", "failed"} for one in found)
    return {"runs": rows, "running": any(one.state == "running" for one in found), "gaps": gaps}
