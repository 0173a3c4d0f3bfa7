"""What every answer of the console and the H5 pages carries."""

import json
import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled

from linli.kit import logs
from linli.kit.clock import monotonic
from linli.kit.errors import LinliError, NotFound, Unavailable
from linli.kit.metrics import REQUESTS
from linli.project.answering import in_hand

_POLICY = "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"


log = logging.getLogger("linli.request")
_UNTOLD = {"healthz", "readyz", "metrics"}  # asked every few seconds


def request_line(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Each request has an id (the caller's X-Request-ID if it is one), answered back and on every line logged meanwhile.

    Its own line names the route, never the address: addresses hold codes, and their queries what somebody searched for.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        started = monotonic()
        ident = logs.request_id(request.headers.get("X-Request-ID"))
        request.request_id = ident  # type: ignore[attr-defined]  # the audit trail names the request by it too
        with logs.bound(request_id=ident), in_hand(request, ident):
            response = get_response(request)
            response.headers["X-Request-ID"] = ident
            REQUESTS.labels(request.method or "", str(response.status_code)).inc()
            match = request.resolver_match
            if match is None or match.url_name not in _UNTOLD:
                corp = getattr(request, "corp", None)
                about = {
                    "method": request.method, "route": match.route if match else None, "status": response.status_code,
                    "ms": round((monotonic() - started) * 1000, 1), "corp_id": getattr(corp, "id", None),
                }  # fmt: skip
                log.info("answered", extra=about)
        return response

    return middleware


def content_security(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Scripts and styles only from our own files; pictures may come from WeCom."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        if settings.LINLI.stand_in and request.path.startswith("/h/"):
            _let_phones_frame(response, settings.LINLI.stand_in)
        return response

    return middleware


def _let_phones_frame(response: HttpResponse, stand_in: str) -> None:
    """In the demo a customer's page opens inside the sandbox's phones; it has no session that a frame could abuse."""
    ancestors = f"frame-ancestors {stand_in} {stand_in.replace('127.0.0.1', 'localhost')}"
    policy = response.headers["Content-Security-Policy"]
    response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", ancestors)
    del response.headers["X-Frame-Options"]


class ExpectedErrors:
    """An expected error that a view did not answer itself becomes its own sentence: a toast for htmx, a page otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this with what a view raised."""
        if isinstance(error.__cause__, QueryCanceled):  # no statement of a page runs for ever (project/answering.py)
            error = Unavailable("too_long", _("This took too long and was stopped. Try again later, or ask for less."))
        if not isinstance(error, LinliError):
            return None
        request.act.refused(error)  # type: ignore[attr-defined]  # set by linli.project.audit
        status = 404 if isinstance(error, NotFound) else 503 if isinstance(error, Unavailable) else 409
        if request.headers.get("HX-Request"):
            toast = {"toast": {"text": str(error.message), "tone": "alarm"}}
            return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(toast)})
        return render(request, "console/refused.html", {"message": str(error.message)}, status=status)
