"""Builds the client through which every room speaks with WeCom."""

import os
from functools import lru_cache

import httpx
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.connect.budget import RateBudget
from linli.connect.models import CorpLine
from linli.connect.tokens import SharedToken
from linli.kit import outgoing
from linli.kit.errors import NotFound
from linli.wecom.client import Client
from linli.wecom.exchange import TIMEOUT
from linli.wecom.tokens import fetch_token
from linli.wecom.transport import Lane

APP = "app"
CONTACTS = "contacts"


def secret_name(app: str) -> str:
    """The name under which access keeps the secret of an app."""
    return f"connect.{app}"


def line_of(corp_id: int) -> CorpLine:
    """The corp's line; NotFound before it was connected."""
    row = CorpLine.objects.filter(corp_id=corp_id).first()
    if row is None:
        raise NotFound(
            "not_connected", _("This company is not connected to WeCom yet: open “Connection” and do step 1.")
        )
    return row


def build_client(*, corp_id: int, lane: Lane | None, app: str = APP) -> Client:
    """A client with the shared token and budget; it refuses to call inside an open transaction."""
    line = line_of(corp_id)
    wecom_id = access.corp(corp_id=corp_id).wecom_id

    def fetch() -> tuple[str, int]:
        secret = access.open_secret(corp_id=corp_id, name=secret_name(app))
        token = fetch_token(line.base_url, wecom_id, secret, shared_http())
        return token.value, token.expires_in

    return Client(
        base_url=line.base_url,
        tokens=SharedToken(corp_id=corp_id, app=app, fetch=fetch),
        budget=RateBudget(corp_id=corp_id, per_minute=line.per_minute, per_hour=line.per_hour, lane=lane),
        guard=no_open_transaction,
        http=shared_http(),
    )


def no_open_transaction() -> None:
    """Raise where a transaction is open: a call could take seconds, and its effect would not roll back."""
    if connection.in_atomic_block:
        raise RuntimeError("WeCom was called inside an open transaction: call first, then write")


def shared_http() -> httpx.Client:
    """This process's connections to WeCom."""
    return _http(os.getpid())


@lru_cache(maxsize=1)
def _http(pid: int) -> httpx.Client:
    del pid  # a child after a fork must not share its parent's sockets
    return outgoing.client(
        private=settings.LINLI.private_networks,
        timeout=TIMEOUT,
        limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
    )
