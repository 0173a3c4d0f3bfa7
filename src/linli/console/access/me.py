"""Everybody's own page: password, second step, where one is signed in."""

from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.access import api as access
from linli.console.door import PageRequest
from linli.kit.errors import LinliError


@never_cache
@require_GET
def index(request: PageRequest) -> HttpResponse:
    """The page."""
    return _page(request)


@never_cache
@sensitive_post_parameters()
@require_POST
def password(request: PageRequest) -> HttpResponse:
    """Another password; every other session ends."""
    given = request.POST
    if given.get("new", "") != given.get("again", ""):
        return _page(request, password_problem=_("The two new passwords differ."), status=422)
    try:
        access.change_password(
            account_id=request.account.pk, old=given.get("old", ""), new=given.get("new", "")[:1000],
            session=request.session.session_key,
        )  # fmt: skip
    except LinliError as error:
        return _page(request, password_problem=str(error), status=422)
    request.account.refresh_from_db()
    update_session_auth_hash(request, request.account)
    messages.info(request, _("Your new password holds. Everywhere else you have been signed out."))
    return redirect("access:me")


@never_cache
@require_http_methods(["GET", "POST"])
def second_step(request: PageRequest) -> HttpResponse:
    """Put the secret into an app, and show by a code that it is there; then the recovery codes, once."""
    account_id, problem = request.account.pk, ""
    try:
        if request.method == "POST":
            codes = _confirmed(request)
            return render(request, "access/codes.html", {"codes": codes, "fresh": True})
    except LinliError as error:
        problem = str(error)
    try:
        address, secret = access.begin_second_step(account_id=account_id)
    except LinliError as error:
        messages.warning(request, str(error))
        return redirect("access:me")
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=2)
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    context = {"picture": picture, "secret": spaced, "problem": problem}
    return render(request, "access/second_step.html", context, status=422 if problem else 200)


@require_POST
def removal(request: PageRequest) -> HttpResponse:
    """No second step any more; asks for the password."""
    if not _knows_password(request):
        return _page(request, step_problem=_("The password does not fit."), status=422)
    access.remove_second_step(account_id=request.account.pk)
    messages.info(request, _("The second step is off."))
    return redirect("access:me")


@never_cache
@require_POST
def recovery_codes(request: PageRequest) -> HttpResponse:
    """Ten new ones; asks for the password."""
    if not _knows_password(request):
        return _page(request, step_problem=_("The password does not fit."), status=422)
    codes = access.renew_recovery_codes(account_id=request.account.pk)
    return render(request, "access/codes.html", {"codes": codes, "fresh": False})


@require_POST
def end_sessions(request: PageRequest) -> HttpResponse:
    """Out everywhere but here."""
    n = access.end_sessions(account_id=request.account.pk, keep=request.session.session_key)
    said = ngettext("%(n)d other session has ended.", "%(n)d other sessions have ended.", n)
    messages.info(request, said % {"n": n})
    return redirect("access:me")


def _confirmed(request: PageRequest) -> list[str]:
    limit = access.by_code(request.account.pk)
    access.take_try(limit)
    codes = access.confirm_second_step(account_id=request.account.pk, code=request.POST.get("code", ""))
    access.forgive(limit)
    return codes


def _knows_password(request: PageRequest) -> bool:
    limit = access.by_code(request.account.pk)
    access.take_try(limit)
    if not request.account.check_password(request.POST.get("password", "")):
        return False
    access.forgive(limit)
    return True


def _page(request: PageRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    account_id = request.account.pk
    info = request.account
    context = {
        "must_change": info.initial_until is not None,
        "second_step_since": info.totp_since,
        "codes_left": access.recovery_codes_left(account_id=account_id),
        "sessions": access.sessions(account_id=account_id, current=request.session.session_key),
    }
    return render(request, "access/me.html", context | more, status=status)
