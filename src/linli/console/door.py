"""The one gate of the console: who is signed in, for which corp, and may they; route and permission stand on one line."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from linli.access import api as access
from linli.access.api import Act, CorpInfo, Scope
from linli.console import shell

READING = frozenset({"GET", "HEAD"})


class PageRequest(HttpRequest):
    """What a console view gets: a request whose account has been let in, its corp, and how far it may see."""

    corp: CorpInfo
    scope: Scope
    account: Any
    nav: str
    htmx: Any
    act: Act  # what the audit trail shall know besides route, ids and outcome (linli.project.audit)


def page(
    view: Callable[..., HttpResponseBase], permission: str, *, nav: str = "", narrows: bool = False
) -> Callable[..., HttpResponseBase]:
    """A view behind the gate. Under ".read" anything but a GET needs ".write" of the same area.

    Only a view that `narrows` what it shows to `request.scope` opens to accounts that reach less than the corp.
    """

    @wraps(view)
    def guarded(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        scope = access.scope_of(request.user, wanted(permission, request.method or "GET"))
        if not scope.whole and not (scope and narrows):
            return _refuse(request)
        request.account, request.scope, request.nav = request.user, scope, nav
        if request.account.initial_until is not None and nav != "me":
            return redirect("access:me")
        corp_id = request.account.corp_id
        if corp_id is not None:
            request.corp = access.corp(corp_id=corp_id)
        elif nav not in {"connection", "me"}:
            return redirect("connect:index")
        response = view(request, *args, **kwargs)
        # Pages of people's data stay in no cache, so that signing out leaves nothing behind.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    guarded.permission, guarded.narrows = permission, narrows  # type: ignore[attr-defined]  # read by shell and tests
    return guarded


def wanted(permission: str, method: str) -> str:
    """The permission that a request with this method needs."""
    area, _dot, verb = permission.rpartition(".")
    return f"{area}.write" if verb == "read" and method not in READING else permission


def _refuse(request: HttpRequest) -> HttpResponse:
    """No; but the first page leads everybody to the first one that is theirs."""
    first = shell.first_page(request.user)
    if request.path == "/" and request.method in READING and first:
        return redirect(first)
    raise PermissionDenied


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response.headers["HX-Redirect"] = "/sign-in"
        return response
    return redirect("/sign-in?" + urlencode({"next": request.get_full_path()}))
