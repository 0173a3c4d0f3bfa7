"""The pages about sends: the list, the composer, the review, the progress of the clerks."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from linli.access import api as access
from linli.access.api import Scope
from linli.console.door import PageRequest
from linli.console.messaging import composer, words
from linli.console.messaging.forms import AttachmentForm, ComposerForm
from linli.console.segments import builder, editing
from linli.console.segments.views import answer_condition, render_condition
from linli.kit.errors import LinliError, NotFound
from linli.messaging import api, queries
from linli.messaging.models import Send
from linli.segments import api as segments

PAGE_SIZE = 30
TASKS_SHOWN = 200
OPEN = (Send.State.DRAFT, Send.State.PLANNED)
FILTERS = ("", "draft,planned", "approved,creating,tasked", "done", "cancelled")


def index(request: PageRequest) -> HttpResponse:
    """The list with small funnels; a POST begins a draft, for a saved segment where one is named."""
    if request.method == "POST":
        return _begin(request)
    state, search = request.GET.get("state", ""), request.GET.get("q", "").strip()
    page = Paginator(queries.sends(request.corp.id, request.scope, state=state, search=search), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    found = queries.funnels(request.corp.id, request.scope, [row.pk for row in page])
    rows = [
        {"row": row, "funnel": found[row.pk], "state": words.STATES[row.state], "tone": words.TONES[row.state]}
        for row in page
    ]
    labels = [_("All"), _("Drafts"), _("Under way"), _("Done"), _("Cancelled")]
    tabs = [
        {"href": f"?state={key}" if key else "?", "label": label, "active": key == state}
        for key, label in zip(FILTERS, labels, strict=True)
    ]
    shown = {
        "page": page,
        "rows": rows,
        "tabs": tabs,
        "search": search,
        "state": state,
        "escalated": api.escalated(corp_id=request.corp.id, scope=request.scope),
        "planned": queries.sends(request.corp.id, request.scope, state=Send.State.PLANNED).count(),
    }
    return render(request, "messaging/index.html", shown)


def detail(request: PageRequest, send_id: int) -> HttpResponse:
    """The composer while it is a draft, the review when it is planned, the progress after that."""
    row = queries.send(request.corp.id, request.scope, send_id)
    if row.state == Send.State.DRAFT:
        shown = composer.whole(row, request.corp, base=reverse("sends:detail", args=[send_id]))
        return render(request, "messaging/compose.html", shown)
    if row.state == Send.State.PLANNED:
        return render(
            request,
            "messaging/review.html",
            composer.live(row) | {"funnel": queries.funnel(row.corp_id, request.scope, send_id)},
        )
    return render(request, "messaging/progress.html", _progress(row, request.scope))


@require_POST
def draft(request: PageRequest, send_id: int) -> HttpResponse:
    """Keep what was written and show what it means."""
    row = queries.send(request.corp.id, request.scope, send_id)
    form = ComposerForm(request.POST, zone=request.corp.zone)
    if not form.is_valid():
        text = next(iter(form.errors.values()))[0]
        return render(request, "messaging/live.html", composer.live(row) | {"problem": text})
    return _kept(request, row, lambda: composer.keep(row, form, author=request.account.name))


@require_POST
def change(request: PageRequest, send_id: int) -> HttpResponse:
    """One step in the builder, kept in the draft."""
    row = queries.send(request.corp.id, request.scope, send_id)
    base = reverse("sends:detail", args=[send_id])
    root = builder.read(request.POST)
    form = builder.submitted_form(request.corp.id, request.POST) if request.POST.get("kind") else None
    if form is not None and not form.is_valid():
        return render_condition(request, form, base=base)
    root = builder.with_condition(root, form, request.POST) if form else builder.act(root, request.POST)
    if request.POST.get("segment", "").isdigit():
        saved = segments.segment(corp_id=request.corp.id, segment_id=int(request.POST["segment"]))
        root = editing.rooted(saved.definition)
    changed = replace(composer.draft_of(row), definition=root)
    api.change(corp_id=request.corp.id, send_id=send_id, draft=changed, author=request.account.name)
    row.refresh_from_db()
    shown = builder.context(request.corp.id, root, base=base) | composer.live(row)
    return render(request, "messaging/audience.html", shown)


@require_POST
def condition(request: PageRequest, send_id: int) -> HttpResponse:
    """What kinds there are, or the small form of one condition."""
    queries.send(request.corp.id, request.scope, send_id)
    return answer_condition(request, base=reverse("sends:detail", args=[send_id]))


@require_POST
def attachments(request: PageRequest, send_id: int) -> HttpResponse:
    """Add an attachment, or take the one at `remove` out."""
    row = queries.send(request.corp.id, request.scope, send_id)
    now = composer.draft_of(row)
    try:
        if request.POST.get("remove", "").isdigit():
            place = int(request.POST["remove"])
            kept = tuple(one for number, one in enumerate(now.content.attachments) if number != place)
        else:
            form = AttachmentForm(request.POST, corp_id=request.corp.id)
            if not form.is_valid():
                messages.warning(request, str(next(iter(form.errors.values()))[0]))
                return redirect("sends:detail", send_id)
            kept = (*now.content.attachments, form.attachment())
        changed = replace(now, content=replace(now.content, attachments=kept))
        api.change(corp_id=request.corp.id, send_id=send_id, draft=changed, author=request.account.name)
    except LinliError as error:
        request.act.refused(error)
        messages.warning(request, str(error.message))
    return redirect("sends:detail", send_id)


def phone(request: PageRequest, send_id: int) -> HttpResponse:
    """The preview for another receiver."""
    row = queries.send(request.corp.id, request.scope, send_id)
    place = request.GET.get("place", "0")
    return render(request, "messaging/phone.html", composer.live(row, int(place) if place.isdigit() else 0))


@require_POST
def trial(request: PageRequest, send_id: int) -> HttpResponse:
    """The words on one's own phone."""
    mine = access.account(corp_id=request.corp.id, account_id=request.account.pk).userid or ""
    return _act(
        request, send_id, lambda: api.send_to_self(corp_id=request.corp.id, send_id=send_id, userid=mine),
        said=_("It is on your phone, as a message of the app. No customer got it."),
    )  # fmt: skip


@require_POST
def plan(request: PageRequest, send_id: int) -> HttpResponse:
    """Draft → planned: a row for everyone, and the review."""
    return _act(
        request, send_id, lambda: api.plan(corp_id=request.corp.id, send_id=send_id, author=request.account.name)
    )


@require_POST
def revision(request: PageRequest, send_id: int) -> HttpResponse:
    """Planned → draft again."""
    row = queries.send(request.corp.id, request.scope, send_id)
    return _act(
        request, send_id, lambda: api.reopen(corp_id=request.corp.id, send_id=row.pk, author=request.account.name)
    )


@require_POST
def approval(request: PageRequest, send_id: int) -> HttpResponse:
    """Planned → approved; the tasks follow by a job."""
    return _act(
        request, send_id, lambda: api.approve(corp_id=request.corp.id, send_id=send_id, author=request.account.name)
    )


@require_POST
def cancellation(request: PageRequest, send_id: int) -> HttpResponse:
    """Stop it: a draft is given up, tasks are cancelled at WeCom."""
    row = queries.send(request.corp.id, request.scope, send_id)
    stop = api.discard if row.state in OPEN else api.cancel
    return _act(request, send_id, lambda: stop(corp_id=request.corp.id, send_id=send_id, author=request.account.name))


@require_POST
def reminders(request: PageRequest, send_id: int) -> HttpResponse:
    """Remind one clerk, or everyone who has not confirmed."""
    author = request.account.name
    if request.POST.get("task", "").isdigit():
        task_id = int(request.POST["task"])
        return _act(
            request,
            send_id,
            lambda: api.remind(corp_id=request.corp.id, task_id=task_id, author=author),
            said=_("Reminded."),
        )
    n = api.remind_all(corp_id=request.corp.id, send_id=send_id, author=author)
    request.act.after = {"reminders": n}
    messages.info(request, _("%(n)d clerks are being reminded.") % {"n": n})
    return redirect("sends:detail", send_id)


@require_POST
def results(request: PageRequest, send_id: int) -> HttpResponse:
    """Have the results read now."""
    return _act(
        request,
        send_id,
        lambda: api.pull_soon(corp_id=request.corp.id, send_id=send_id),
        said=_("Results are being read."),
    )


def progress(request: PageRequest, send_id: int) -> HttpResponse:
    """The part of the progress page that renews itself."""
    return render(
        request, "messaging/tasks.html", _progress(queries.send(request.corp.id, request.scope, send_id), request.scope)
    )


def _begin(request: PageRequest) -> HttpResponse:
    definition: segments.Definition = segments.And(())
    name, segment_id = _("New send"), None
    if request.POST.get("segment", "").isdigit():
        saved = segments.segment(corp_id=request.corp.id, segment_id=int(request.POST["segment"]))
        definition, name, segment_id = saved.definition, saved.name, saved.id
    begun = api.create(
        corp_id=request.corp.id,
        draft=api.Draft(name=name, definition=definition, content=api.Content(), segment_id=segment_id),
        author=request.account.name,
    )
    request.act.subject, request.act.after = f"send:{begun.id}", {"segment": segment_id}
    return redirect("sends:detail", begun.id)


def _kept(request: PageRequest, row: Send, keep: Any) -> HttpResponse:
    problem: object = ""
    request.act.before = composer.kept(row)
    try:
        keep()
        row.refresh_from_db()
        request.act.after = composer.kept(row)
    except LinliError as error:
        request.act.refused(error)
        problem = error.message
    shown = composer.live(row)
    if problem:
        shown["problem"] = problem
    return render(request, "messaging/live.html", shown)


def _act(request: PageRequest, send_id: int, act: Any, *, said: str = "") -> HttpResponse:
    request.act.before = _kept_state(request, send_id)
    try:
        act()
    except NotFound:
        raise
    except LinliError as error:
        request.act.refused(error)
        messages.warning(request, str(error.message))
    else:
        if said:
            messages.info(request, said)
    request.act.after = _kept_state(request, send_id)
    return redirect("sends:detail", send_id)


def _kept_state(request: PageRequest, send_id: int) -> dict[str, Any] | None:
    """For the audit trail: how far a send is; None where the corp has no such send."""
    row = queries.sends(request.corp.id, request.scope).filter(id=send_id).first()
    return {"state": row.state, "version": row.version} if row else None


def _progress(row: Send, scope: Scope) -> dict[str, Any]:
    found = queries.funnel(row.corp_id, scope, row.pk)
    tasks = list(queries.tasks(row.corp_id, scope, row.pk)[:TASKS_SHOWN])
    reminded = queries.reminders(row.corp_id, [task.pk for task in tasks])
    waiting = [task for task in tasks if task.state == "created"]
    return {
        "row": row,
        "state": words.STATES[row.state],
        "tone": words.TONES[row.state],
        "funnel": found,
        "rows": words.funnel(found),
        "tasks": [
            {
                "task": task,
                "state": words.TASK_STATES[task.state],
                "tone": words.TASK_TONES[task.state],
                "reminded": reminded.get(task.pk),
            }
            for task in tasks
        ],
        "waiting": len(waiting),
        "waiting_customers": sum(task.size - len(task.fail_list) for task in waiting),
        "can_cancel": row.state in {"approved", "creating", "tasked"},
        "live": row.state in {"approved", "creating", "tasked"},
        "changes": [(words.STATES[one.state], one) for one in queries.changes(row.corp_id, row.pk)],
    }
