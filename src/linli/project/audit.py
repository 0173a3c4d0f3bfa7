"""Every request that may change something leaves one row in the audit trail, whatever became of it.

A middleware and not a decorator, so that nobody can forget it: pages, the JSON API, signing in and customers' pages pass
here, also when they are refused or fail. A view adds what it knows by `request.act`; a reading that says something there
(an export, a look at hidden data) leaves a row too.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast
from uuid import UUID

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch

from linli.access import api as access
from linli.access.api import Act, ApiKeyInfo, NewAudit, Who
from linli.kit.addresses import client_address
from linli.kit.killpoints import passing
from linli.kit.redaction import redact

log = logging.getLogger(__name__)
_READING = {"GET", "HEAD", "OPTIONS"}


@dataclass
class _Held:
    """What is known of a request before its answer is there."""

    note: UUID | None = None
    who: Who = field(default_factory=Who)
    corp_id: int | None = None


class _Audited(Protocol):
    """What this adds to a request."""

    act: Act
    audit: _Held
    request_id: str


class AuditTrail:
    """Stands outside of everything that may refuse, so that it sees the answer that is really given."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        audited = cast("_Audited", request)
        audited.act, audited.audit = Act(), _Held()
        audited.request_id = getattr(request, "request_id", "") or secrets.token_hex(8)
        try:
            response = self._get_response(request)
        except BaseException:
            _end(request, access.FAILED)
            raise
        if response.headers.get("Location", "").startswith("/sign-in?"):
            audited.act.refused("not_signed_in")
        _end(request, response.status_code)
        response.headers.setdefault("X-Request-Id", audited.request_id)
        return response

    def process_view(
        self, request: HttpRequest, _view: object, _args: tuple[Any, ...], _kwargs: Mapping[str, Any]
    ) -> None:
        """Django calls this when it knows who answers: before anything is done, a note is left."""
        held = cast("_Audited", request).audit
        held.who, held.corp_id = _signed_in(request)
        if request.method not in _READING:
            held.note = access.begin_act(_row(request, access.UNKNOWN))


def _end(request: HttpRequest, status: int) -> None:
    held, act = cast("_Audited", request).audit, cast("_Audited", request).act
    if held.note is None and not act.told:
        return
    if held.who.kind == "nobody":  # somebody who signed in just now
        held.who, held.corp_id = _signed_in(request)
    row = _row(request, status)
    if held.note is None:
        access.record_act(row)
        return
    passing("audit.answered")
    try:
        access.finish_act(held.note, row)
    except DatabaseError:  # the note stands, and becomes a row with an unknown outcome
        log.exception("the outcome of %s could not be written to the audit trail", row.action)


def _row(request: HttpRequest, status: int) -> NewAudit:
    audited, match = cast("_Audited", request), request.resolver_match
    act, who, corp_id = audited.act, audited.audit.who, audited.audit.corp_id
    key = getattr(request, "auth", None)
    if isinstance(key, ApiKeyInfo):
        who, corp_id = Who(kind="api_key", id=key.id), key.corp_id
    elif who.kind == "nobody" and match is not None and match.namespace == "h5":
        who = Who(kind="customer")
    return NewAudit(
        action=_action(request, match), who=who, corp_id=act.corp_id or corp_id,
        ip=client_address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", "")),
        request_id=audited.request_id, subject=act.subject or _subject(match), before=act.before, after=act.after,
        outcome=status, error=act.error,
    )  # fmt: skip


def _action(request: HttpRequest, match: ResolverMatch | None) -> str:
    """ "sends:approval"; what is not a POST carries its method."""
    name = (match.view_name if match is not None else "") or "unknown"
    return name if request.method == "POST" else f"{name} {request.method}"


def _subject(match: ResolverMatch | None) -> str:
    """ "send:12" from `send_id=12`, the innermost of the address; what a stranger typed there may be somebody's number."""
    ids = [(name, value) for name, value in (match.kwargs if match else {}).items() if isinstance(value, int)]
    return redact(f"{ids[-1][0].removesuffix('_id')}:{ids[-1][1]}") if ids else ""


def _signed_in(request: HttpRequest) -> tuple[Who, int | None]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Who(), None
    return Who(kind="account", id=user.pk), getattr(user, "corp_id", None)
