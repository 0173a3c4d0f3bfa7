"""Sign in (password, then the second step; or by WeCom), sign out."""

import secrets
import time
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.access import api as access
from linli.connect import api as connect
from linli.console.address import address_of
from linli.console.door import PageRequest
from linli.kit.errors import LinliError

PENDING, STATE = "pending", "wecom_state"
PATIENCE = 600  # seconds between a password and its code, and for a scan


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: PageRequest) -> HttpResponse:
    """The door. A wrong name, a wrong password and a disabled account answer alike, and are counted alike."""
    target = _target(request)
    if request.method != "POST":
        return _door(request, target)
    username = request.POST.get("username", "").strip()[:150]
    by_name, by_address = access.by_name(username), access.by_address(address_of(request))
    try:
        access.take_try(by_address, by_name)
    except access.TooManyTries as wait:
        return _door(request, target, error=str(wait), status=429)
    account = authenticate(request, username=username, password=request.POST.get("password", "")[:1000])
    if account is None:
        _note_refusal(request)
        return _door(request, target, error=_("Name or password do not fit. Try again."), status=403)
    access.forgive(by_name)
    access.give_back(by_address)
    if getattr(account, "totp_since", None) is None:
        return _let_in(request, account, target)
    request.session[PENDING] = {"account": account.pk, "at": time.time(), "next": target}
    request.session.set_expiry(PATIENCE)
    return redirect("sign-in-code")


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: PageRequest) -> HttpResponse:
    """The second step: a code of the authenticator, or a recovery code."""
    pending = request.session.get(PENDING)
    if not pending or time.time() - pending["at"] > PATIENCE:
        request.session.pop(PENDING, None)
        return redirect("sign-in")
    error, status = "", 200
    if request.method == "POST":
        limit = access.by_code(pending["account"])
        try:
            access.take_try(access.by_address(address_of(request)), limit)
        except access.TooManyTries as wait:
            return render(request, "access/code.html", {"error": str(wait)}, status=429)
        given = request.POST.get("code", "")[:60]
        account = authenticate(request, pending_account=pending["account"], code=given)
        if account is not None:
            access.forgive(limit)
            access.give_back(access.by_address(address_of(request)))
            return _let_in(request, account, pending["next"])
        request.act.refused("wrong_code")
        request.act.subject = f"account:{pending['account']}"
        error, status = _("This code does not fit, or was used. Wait for the next one in your authenticator."), 403
    return render(request, "access/code.html", {"error": error}, status=status)


@never_cache
@require_GET
def wecom(request: HttpRequest) -> HttpResponse:
    """Off to WeCom, which sends the browser back with a code; the state ties the answer to this browser."""
    corp_id = _corp_of(request)
    if corp_id is None:
        return redirect("sign-in")
    state = secrets.token_hex(16)
    request.session[STATE] = {"state": state, "corp": corp_id, "at": time.time(), "next": _target(request)}
    request.session.set_expiry(PATIENCE)
    back = settings.LINLI.public_url.rstrip("/") + reverse("sign-in-wecom-back")
    inside = "wxwork" in request.headers.get("User-Agent", "").lower()
    return redirect(connect.sign_in_address(corp_id=corp_id, back=back, state=state, inside=inside))


@never_cache
@require_GET
def wecom_back(request: HttpRequest) -> HttpResponse:
    """WeCom's answer. Lets in only who has an account bound to this userid; nobody is given one here."""
    kept = request.session.pop(STATE, None)
    given = request.GET.get("state", "")
    if not kept or not constant_time_compare(kept["state"], given) or time.time() - kept["at"] > PATIENCE:
        return _door(
            request, "/", error=_("This sign-in was not begun here, or too long ago. Begin again."), status=403
        )
    try:
        access.take_try(access.by_address(address_of(request)))
        userid = connect.who_signed_in(corp_id=kept["corp"], code=request.GET.get("code", "")[:512])
    except LinliError as error:
        return _door(request, kept["next"], error=str(error), status=403)
    account = authenticate(request, corp_id=kept["corp"], userid=userid) if userid else None
    if account is None:
        error_text = _("Nobody here is bound to this WeCom account. Ask your administrator for an account.")
        return _door(request, kept["next"], error=error_text, status=403)
    access.give_back(access.by_address(address_of(request)))
    return _let_in(request, account, kept["next"])


def _note_refusal(request: PageRequest) -> None:
    """The audit trail names the account that was tried, never what was typed: that may be a password in the wrong field."""
    known = access.account_named(username=request.POST.get("username", "").strip())
    request.act.refused("wrong_name_or_password")
    if known is not None:
        account_id, request.act.corp_id = known
        request.act.subject = f"account:{account_id}"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave; the session ends on the server too."""
    logout(request)
    response = redirect("/sign-in")
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


def _let_in(request: HttpRequest, account: object, target: str) -> HttpResponse:
    request.session.flush()  # nothing that was known before the sign-in outlives it
    login(request, account)  # type: ignore[arg-type]  # an Account, named by Django's own type only as its base
    request.session["place"] = access.session_place(
        address=address_of(request), agent=request.headers.get("User-Agent", "")
    )
    return redirect(target)


def _door(request: HttpRequest, target: str, *, error: str = "", status: int = 200) -> HttpResponse:
    corp_id = _corp_of(request)
    context = {
        "error": error,
        "next": target,
        "username": request.POST.get("username", ""),
        "wecom": reverse("sign-in-wecom") + f"?corp={corp_id}&next={quote(target)}" if corp_id else "",
    }
    return render(request, "console/sign_in.html", context, status=status)


def _corp_of(request: HttpRequest) -> int | None:
    """The corp named in the address, or else the first that is connected."""
    connected = connect.connected_corps()
    asked = request.GET.get("corp", "")
    if asked.isdecimal() and int(asked) in connected:
        return int(asked)
    return connected[0] if connected else None


def _target(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    return target if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}) else "/"
