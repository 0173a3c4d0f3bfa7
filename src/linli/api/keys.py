"""Who speaks to the API, and may they."""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer

from linli.access import api as access
from linli.access.api import Act, ApiKeyInfo
from linli.kit.errors import Refused


class Key(HttpBearer):
    """`Authorization: Bearer <key>`: the key decides the corp."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKeyInfo | None:
        del request
        return access.authenticate_api_key(key=token)


class ScopeMissing(Refused):
    """The key is good, but not for this."""


def act_of(request: HttpRequest) -> Act:
    """What the audit trail shall know of this call besides key, route and outcome."""
    act: Act = request.act  # type: ignore[attr-defined]  # set by linli.project.audit
    return act


def sees_people(request: HttpRequest) -> bool:
    """Does the request's key get personal data in the clear?"""
    key: ApiKeyInfo = request.auth  # type: ignore[attr-defined]  # set by ninja from Key.authenticate
    return "customers.reveal" in key.scopes


def corp_of(request: HttpRequest, scope: str) -> int:
    """The corp of the request's key; ScopeMissing unless the key may do this."""
    key: ApiKeyInfo = request.auth  # type: ignore[attr-defined]  # set by ninja from Key.authenticate
    if scope not in key.scopes:
        raise ScopeMissing(
            "scope_missing",
            _("This key may not do that: give it the scope “%(scope)s” in the settings.") % {"scope": scope},
        )
    return key.corp_id
