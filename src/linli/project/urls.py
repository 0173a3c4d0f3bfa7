"""Which front door answers where."""

from importlib.util import find_spec

from django.urls import include, path

from linli.console import session
from linli.console.health import healthz, metrics, readyz

urlpatterns = [
    path("sign-in", session.sign_in, name="sign-in"),
    path("sign-in/code", session.code, name="sign-in-code"),
    path("sign-in/wecom", session.wecom, name="sign-in-wecom"),
    path("sign-in/wecom/back", session.wecom_back, name="sign-in-wecom-back"),
    path("sign-out", session.sign_out, name="sign-out"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
]

for prefix, module in (
    ("", "console.today"),
    ("customers/", "console.customers"),
    ("groups/", "console.groups"),
    ("segments/", "console.segments"),
    ("sends/", "console.messaging"),
    ("orders/", "console.commerce"),
    ("insights/", "console.insights"),
    ("shops/", "console.acquisition"),
    ("connection/", "console.connect"),
    ("running/", "console.ledger"),
    ("audit/", "console.audit"),
    ("accounts/", "console.access"),
    ("settings/", "console.settings"),
    ("privacy/", "console.privacy"),
    ("h/", "h5"),
):
    if find_spec(f"linli.{module}") and find_spec(f"linli.{module}.urls"):
        urlpatterns.append(path(prefix, include(f"linli.{module}.urls")))
if find_spec("linli.api.app"):
    from linli.api.app import api

    urlpatterns.append(path("api/v1/", api.urls))
