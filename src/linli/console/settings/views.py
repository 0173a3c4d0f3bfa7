"""The corp, the language, the keys of the JSON API."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from linli.access import api as access
from linli.console.door import PageRequest
from linli.console.settings.forms import SCOPES, KeyForm


@require_GET
def index(request: PageRequest) -> HttpResponse:
    """The page."""
    return _page(request, KeyForm())


@never_cache
@require_POST
def create_key(request: PageRequest) -> HttpResponse:
    """A new key; the answer is the only place where it stands in the clear."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    key = access.create_api_key(corp_id=request.corp.id, name=given["name"], scopes=given["scopes"], days=given["days"])
    made = access.api_keys(corp_id=request.corp.id)[0]
    request.act.subject, request.act.after = f"key:{made.id}", {"scopes": made.scopes}
    return _page(request, KeyForm(), new_key=key, new_name=given["name"])


@require_POST
def revoke_key(request: PageRequest, key_id: int) -> HttpResponse:
    """The key is refused from now on."""
    request.act.before, request.act.after = {"revoked": False}, {"revoked": True}
    access.revoke_api_key(corp_id=request.corp.id, key_id=key_id)
    messages.info(request, _("The key is revoked: whoever still uses it is refused from now on."))
    return redirect("settings:index")


def _page(
    request: PageRequest, form: KeyForm, *, new_key: str = "", new_name: str = "", status: int = 200
) -> HttpResponse:
    words = dict(SCOPES)
    keys = [
        {"key": key, "scopes": [words.get(scope, scope) for scope in sorted(key.scopes)]}
        for key in access.api_keys(corp_id=request.corp.id)
    ]
    context = {
        "keys": keys,
        "form": form,
        "corp": request.corp,
        "new_key": new_key,
        "new_name": new_name,
    }
    return render(request, "settings/index.html", context, status=status)
