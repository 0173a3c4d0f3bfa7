"""The pages about segments: the list, one segment with its builder, and the small acts."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.console.door import PageRequest
from linli.console.segments import builder, editing
from linli.console.segments.forms import MENU
from linli.kit.errors import LinliError, NotFound
from linli.segments import api, describe, queries
from linli.segments.definition import And, LastPurchase, Rfm, SuperUser, parse, to_json
from linli.segments.names import names_for

PAGE_SIZE = 50
READY: dict[str, tuple[Any, Any, api.Definition]] = {
    "at_risk": (
        gettext_lazy("At risk"),
        gettext_lazy("Bought often, stayed away since: worth a message."),
        And((Rfm(("at_risk",)),)),
    ),
    "super_users": (
        gettext_lazy("Super users"),
        gettext_lazy("The first tenth by spend in the last 90 days."),
        And((SuperUser("super"),)),
    ),
    "new_30": (
        gettext_lazy("New in 30 days"),
        gettext_lazy("Added in the last 30 days."),
        And((api.Added(30),)),
    ),
    "quiet_60": (
        gettext_lazy("Not bought in 60 days"),
        gettext_lazy("Have bought, but not in the last 60 days."),
        And((LastPurchase("before", 60),)),
    ),
}


def index(request: PageRequest) -> HttpResponse:
    """The list, with the newest counts."""
    search = request.GET.get("q", "").strip()
    page = Paginator(queries.lines(request.corp.id, search=search), PAGE_SIZE).get_page(request.GET.get("page"))
    asked = [parse(line.definition) for line in page]
    names = names_for(request.corp.id, *asked)
    language = get_language() or "zh-hans"
    rows = [
        {"line": line, "sentence": describe.sentence(definition, language=language, names=names)}
        for line, definition in zip(page, asked, strict=True)
    ]
    shown = {
        "page": page,
        "rows": rows,
        "search": search,
        "ready": [(key, name, why) for key, (name, why, _definition) in READY.items()],
        "deleted": _number(request.GET.get("deleted")),
        "super_run": queries.newest_super_run(request.corp.id),
    }
    return render(request, "segments/index.html", shown)


def new(request: PageRequest) -> HttpResponse:
    """The builder for a new segment: empty, ready-made (`ready`), or as a page links here (`definition`); a POST saves."""
    if request.method == "POST":
        return _save(request, None)
    name, _why, definition = READY.get(request.GET.get("ready", ""), ("", "", And(())))
    root = builder.read(request.GET) if request.GET.get("definition") else editing.rooted(definition)
    return _editor(request, name=str(name), root=root, segment_id=None)


def detail(request: PageRequest, segment_id: int) -> HttpResponse:
    """The builder for a saved segment; a POST saves the next version."""
    if request.method == "POST":
        return _save(request, segment_id)
    found = api.segment(corp_id=request.corp.id, segment_id=segment_id)
    return _editor(request, name=found.name, root=editing.rooted(found.definition), segment_id=segment_id)


@require_POST
def change(request: PageRequest) -> HttpResponse:
    """One step in the builder: its new state, counted."""
    root = builder.read(request.POST)
    form = builder.submitted_form(request.corp.id, request.POST) if request.POST.get("kind") else None
    base = reverse("segments:index")
    if form is not None and not form.is_valid():
        return render_condition(request, form, base=base)
    root = builder.with_condition(root, form, request.POST) if form else builder.act(root, request.POST)
    return render(request, "segments/builder.html", builder.context(request.corp.id, root, base=base))


@require_POST
def condition(request: PageRequest) -> HttpResponse:
    """What kinds there are, or the small form of one condition, new or to be changed."""
    return answer_condition(request, base=reverse("segments:index"))


def answer_condition(request: PageRequest, *, base: str) -> HttpResponse:
    """The next step of adding or changing a condition; `base` as in `builder.context`."""
    if not request.POST.get("kind") and not request.POST.get("edit"):
        shown = {"menu": MENU, "base": base, "path": request.POST.get("path", "")}
        return render(request, "segments/kinds.html", shown)
    form = builder.condition_form(request.corp.id, builder.read(request.POST), request.POST)
    if form is None:
        raise NotFound("segments.no_condition", _("This condition is not there any more. Load the page again."))
    return render_condition(request, form, base=base)


def render_condition(request: PageRequest, form: Any, *, base: str) -> HttpResponse:
    """The condition form, into its place in the builder."""
    shown = {
        "form": form,
        "base": base,
        "kind": form.kind,
        "title": dict(MENU)[form.kind],
        "path": request.POST.get("path", ""),
        "edit": request.POST.get("edit", ""),
        "target": "#builder" if base == reverse("segments:index") else "#audience",
    }
    response = render(request, "segments/condition.html", shown)
    response.headers["HX-Retarget"] = "#condition"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


@require_POST
def copies(request: PageRequest, segment_id: int) -> HttpResponse:
    """Duplicate a segment and open the copy."""
    author = request.account.name
    copy = api.duplicate(corp_id=request.corp.id, segment_id=segment_id, author=author, suffix=_("(copy)"))
    request.act.after = {"copy": copy.id}
    return redirect("segments:detail", copy.id)


@require_POST
def counts(request: PageRequest, segment_id: int) -> HttpResponse:
    """Count again and keep the figure."""
    found = api.recount(corp_id=request.corp.id, segment_id=segment_id)
    messages.info(request, _("%(n)s customers, counted in %(ms)s ms.") % {"n": found.count, "ms": found.milliseconds})
    return redirect("segments:index")


@require_POST
def deletion(request: PageRequest, segment_id: int) -> HttpResponse:
    """Delete; the list offers to undo it."""
    try:
        api.delete(corp_id=request.corp.id, segment_id=segment_id, author=request.account.name)
    except LinliError as error:
        request.act.refused(error)
        messages.warning(request, str(error.message))
        return redirect("segments:index")
    return redirect(f"{reverse('segments:index')}?deleted={segment_id}")


@require_POST
def restoration(request: PageRequest, segment_id: int) -> HttpResponse:
    """Undo a deletion."""
    try:
        api.restore(corp_id=request.corp.id, segment_id=segment_id, author=request.account.name)
    except LinliError as error:
        request.act.refused(error)
        messages.warning(request, str(error.message))
    return redirect("segments:index")


def _editor(
    request: PageRequest,
    *,
    name: str,
    root: editing.Group,
    segment_id: int | None,
    error: str = "",
) -> HttpResponse:
    shown = builder.context(request.corp.id, root, base=reverse("segments:index"))
    shown |= {"name": name, "segment_id": segment_id, "error": error}
    return render(request, "segments/detail.html", shown, status=422 if error else 200)


def _save(request: PageRequest, segment_id: int | None) -> HttpResponse:
    root = builder.read(request.POST)
    name = request.POST.get("name", "").strip()[:100]
    corp_id, author = request.corp.id, request.account.name
    try:
        if not name:
            return _editor(request, name="", root=root, segment_id=segment_id, error=_("Give it a name first."))
        if segment_id is None:
            segment_id = api.create(corp_id=corp_id, name=name, definition=root, author=author).id
        else:
            request.act.before = _said(api.segment(corp_id=corp_id, segment_id=segment_id))
            api.change(corp_id=corp_id, segment_id=segment_id, name=name, definition=root, author=author)
        found = api.recount(corp_id=corp_id, segment_id=segment_id)
        request.act.subject = f"segment:{segment_id}"
        request.act.after = _said(api.segment(corp_id=corp_id, segment_id=segment_id)) | {"count": found.count}
    except NotFound:
        raise
    except LinliError as error:
        request.act.refused(error)
        return _editor(request, name=name, root=root, segment_id=segment_id, error=str(error.message))
    messages.info(request, _("“%(name)s” is saved: %(n)s customers now.") % {"name": name, "n": found.count})
    return redirect("segments:index")


def _said(found: api.SegmentInfo) -> dict[str, Any]:
    """For the audit trail: what it is called and whom it selects, the conditions' kinds in the clear, their words not."""
    return {"name": found.name, "definition": to_json(found.definition)}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
