"""The baseline: a plain Django view that does the ingress's work, a row each, behind the same server."""

import hashlib
import os
from datetime import UTC, datetime

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.project.settings")
django.setup()

from linli.connect.models import CallbackLine  # noqa: E402
from linli.kit.sealing import sealer_from_env  # noqa: E402
from linli.ledger.models import InboxRow  # noqa: E402
from linli.wecom.crypto import CallbackCrypto  # noqa: E402
from linli.wecom.envelope import parse_envelope  # noqa: E402
from linli.wecom.events import peek  # noqa: E402

_line = CallbackLine.objects.get(key=os.environ["BENCH_KEY"])
_open = sealer_from_env().open
_crypto = CallbackCrypto(
    token=_open(bytes(_line.token_sealed), place=f"connect.callback:{_line.key}:token").decode(),
    aes_key=_open(bytes(_line.aes_key_sealed), place=f"connect.callback:{_line.key}:aes_key").decode(),
    receive_id=_line.wecom_id,
)
connection.close()


def callback(request: HttpRequest, key: str) -> HttpResponse:  # noqa: ARG001
    signed = {name: request.GET.get(name, "") for name in ("msg_signature", "timestamp", "nonce")}
    plain = _crypto.decrypt(encrypt=parse_envelope(request.body).encrypt, **signed)
    seen = peek(plain)
    InboxRow.objects.bulk_create(
        [InboxRow(
            corp_id=_line.corp_id, payload_hash=hashlib.sha256(plain).digest(), kind=seen.kind,
            object_key=seen.object_key, payload=plain, event_at=datetime.fromtimestamp(seen.created_at, UTC),
            received_at=datetime.now(UTC), welcome_code=seen.welcome_code,
            welcome_state=1 if seen.welcome_code else 0, user_id=seen.user_id or "", channel_state=seen.state or "",
        )],
        ignore_conflicts=True,
    )  # fmt: skip
    return HttpResponse(b"")


settings.MIDDLEWARE = []
settings.ROOT_URLCONF = __name__
urlpatterns = [path("callback/<str:key>", callback)]
application = get_wsgi_application()
