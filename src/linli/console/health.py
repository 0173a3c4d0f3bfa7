"""What supervisors, load balancers and Prometheus ask: alive, ready, figures."""

import hmac
import os
from ipaddress import ip_address

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from linli.console import figures
from linli.kit.sealing import SealBroken, sealer_from_env
from linli.ledger import api as ledger

_STUCK_S = 120


def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the framework's signature
    """200 "ok": the process answers. Whether it can work is /readyz."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the framework's signature
    """Each part "ok" or what is wrong with it in a word; 503 when one is not well."""
    try:
        parts = {"database": "ok", "migrations": _migrations(), "drain": _drain()}
    except Error:
        parts = {"database": "away", "migrations": "unknown", "drain": "unknown"}
    parts["master_key"] = _master_key()
    ready = set(parts.values()) == {"ok"}
    return JsonResponse({"ready": ready, "parts": parts}, status=200 if ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for who asks from this machine itself or with LINLI_METRICS_TOKEN as its bearer token."""
    if not _may_read_figures(request):
        return HttpResponse("figures are for this machine, or for who brings LINLI_METRICS_TOKEN\n", status=403)
    return HttpResponse(figures.text(), content_type=figures.CONTENT_TYPE)


def _may_read_figures(request: HttpRequest) -> bool:
    token = os.environ.get("LINLI_METRICS_TOKEN", "")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    # Behind a proxy everybody comes from this machine: then only the token counts.
    forwarded = {"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"} & set(request.headers)
    try:
        return not forwarded and ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def _master_key() -> str:
    try:
        sealer_from_env(make=False)
    except (OSError, KeyError):
        return "missing"
    except SealBroken:
        return "broken"
    return "ok"


def _drain() -> str:
    return "stuck" if ledger.oldest_waiting_s() > _STUCK_S else "ok"
