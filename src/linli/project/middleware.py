"""What every answer of the console and the H5 pages carries."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from linli.kit.errors import LinliError, NotFound, Unavailable

_POLICY = "default-src 'self'; img-src 'self' data: https:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"


def content_security(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Scripts and styles only from our own files; pictures may come from WeCom."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        return response

    return middleware


class ExpectedErrors:
    """An expected error that a view did not answer itself becomes its own sentence: a toast for htmx, a page otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Django calls this with what a view raised."""
        if not isinstance(error, LinliError):
            return None
        request.act.refused(error)  # type: ignore[attr-defined]  # set by linli.project.audit
        status = 404 if isinstance(error, NotFound) else 503 if isinstance(error, Unavailable) else 409
        if request.headers.get("HX-Request"):
            toast = {"toast": {"text": str(error.message), "tone": "alarm"}}
            return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(toast)})
        return render(request, "console/refused.html", {"message": str(error.message)}, status=status)
