"""Which front door answers where."""

from django.urls import include, path

from linli.api.app import api
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
    path("", include("linli.console.today.urls")),
    path("customers/", include("linli.console.customers.urls")),
    path("groups/", include("linli.console.groups.urls")),
    path("segments/", include("linli.console.segments.urls")),
    path("sends/", include("linli.console.messaging.urls")),
    path("orders/", include("linli.console.commerce.urls")),
    path("insights/", include("linli.console.insights.urls")),
    path("shops/", include("linli.console.acquisition.urls")),
    path("handovers/", include("linli.console.handover.urls")),
    path("connection/", include("linli.console.connect.urls")),
    path("archive/", include("linli.console.archive.urls")),
    path("running/", include("linli.console.ledger.urls")),
    path("audit/", include("linli.console.audit.urls")),
    path("accounts/", include("linli.console.access.urls")),
    path("settings/", include("linli.console.settings.urls")),
    path("privacy/", include("linli.console.privacy.urls")),
    path("h/", include("linli.h5.urls")),
    path("api/v1/", api.urls),
]
