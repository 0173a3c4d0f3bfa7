"""The one gate of the console: who is signed in, for which corp, and may they; route and permission stand on one line."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from linli.access import api as access
from linli.access.api import CorpInfo


class PageRequest(HttpRequest):
    """What a console view gets: a request whose account has been let in, and its corp."""

    corp: CorpInfo
    account: Any
    nav: str
    htmx: Any


def page(view: Callable[..., HttpResponseBase], permission: str, *, nav: str = "") -> Callable[..., HttpResponseBase]:
    """A view behind the gate. A POST to a page of ".read" needs the ".write" of the same room; other verbs stand as they are."""

    @wraps(view)
    def guarded(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        wanted = permission
        if request.method not in {"GET", "HEAD"} and permission.endswith(".read"):
            wanted = permission.removesuffix(".read") + ".write"
        if not access.may(request.user, wanted):
            raise PermissionDenied
        corp_id = getattr(request.user, "corp_id", None)
        if corp_id is None:
            if nav != "connection":
                return redirect("connect:index")
        else:
            request.corp = access.corp(corp_id=corp_id)
        request.account = request.user
        request.nav = nav
        response = view(request, *args, **kwargs)
        # Pages of people's data stay in no cache, so that signing out leaves nothing behind.
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        response.headers["HX-Redirect"] = "/sign-in"
        return response
    return redirect("/sign-in?" + urlencode({"next": request.get_full_path()}))
