"""What was exported and erased, who looked, and how long things are kept."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from linli.console.door import PageRequest
from linli.console.privacy import words
from linli.customers import api as customers
from linli.kit.errors import LinliError
from linli.privacy import api, queries
from linli.privacy.retention import KINDS, days

PAGE_SIZE = 20
KIND_OF_ID = ("phone", "mall", "unionid", "openid", "external_userid")


@require_GET
def index(request: PageRequest) -> HttpResponse:
    """The page."""
    return _page(request)


@require_POST
def reveal(request: PageRequest) -> HttpResponse:
    """See one customer of one's own, or whoever the pages show, in the clear for some minutes; or masked again."""
    corp_id, account_id = request.corp.id, request.account.pk
    given = request.POST.get("customer", "")
    if request.POST.get("hide"):
        api.hide(corp_id=corp_id, account_id=account_id)
    else:
        customer_id = int(given) if given.isdecimal() else None
        if customer_id is not None and not customers.is_within(
            corp_id=corp_id, scope=request.scope, customer_id=customer_id
        ):
            raise Http404
        api.reveal(corp_id=corp_id, account_id=account_id, author=request.account.name, customer_id=customer_id)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if safe else "customers:index")


@require_POST
def retention(request: PageRequest) -> HttpResponse:
    """Say how long a kind is kept."""
    given = request.POST.get("days", "").strip()
    kind = request.POST.get("kind", "")
    if given and not (given.isdecimal() and len(given) < 6):
        return _page(request, problem=_("Write a number of days."), status=422)
    try:
        api.set_retention(
            corp_id=request.corp.id, kind=kind, kept=int(given) if given else None, author=request.account.name
        )
    except LinliError as error:
        return _page(request, problem=str(error), status=422)
    messages.success(request, _("Kept. The next sweep at night goes by it."))
    return redirect("privacy:index")


@require_POST
def let_in(request: PageRequest) -> HttpResponse:
    """Take somebody off the suppression list who asked to be let in again."""
    kind, value = request.POST.get("kind", ""), request.POST.get("value", "").strip()
    freed = 0
    if kind in KIND_OF_ID and value:
        freed = api.let_in_again(corp_id=request.corp.id, kind=kind, value=value, author=request.account.name)
    if not freed:
        return _page(request, problem=_("Nobody with this identifier is held back."), status=422)
    said = ngettext("%(n)d identifier may come in again.", "%(n)d identifiers may come in again.", freed)
    messages.success(request, said % {"n": freed})
    return redirect("privacy:index")


def _page(request: PageRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    corp_id = request.corp.id
    people, identifiers = customers.suppressed_count(corp_id=corp_id)
    found = Paginator(queries.erasures(corp_id), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "problem": problem,
        "erasures": [words.erasure_row(row) for row in found],
        "page": found,
        "exports": [words.export_row(row) for row in queries.exports(corp_id)[:PAGE_SIZE]],
        "reveals": queries.reveals(corp_id)[:PAGE_SIZE],
        "people": people,
        "identifiers": identifiers,
        "kinds": [{"key": key, "kind": kind, "days": days(corp_id=corp_id, kind=key)} for key, kind in KINDS.items()],
        "rules": [
            {"row": row, "label": KINDS[row.kind].label} for row in queries.rules(corp_id)[:10] if row.kind in KINDS
        ],
        "swept": queries.last_sweep(corp_id),
        "id_kinds": [(key, words.ID_KINDS[key]) for key in KIND_OF_ID],
    }
    return render(request, "privacy/index.html", context, status=status)
