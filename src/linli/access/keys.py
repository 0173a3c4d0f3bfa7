"""Keys of the JSON API: random, kept as a digest, with scopes, an expiry and the time of their last use."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.access.models import ApiKey
from linli.kit.clock import now, wall
from linli.kit.errors import NotFound, Refused

USE_GRAIN = timedelta(minutes=1)  # a key used a hundred times a second is written once a minute


class KeyExpired(Refused):
    """The key was good until its day."""


@dataclass(frozen=True, kw_only=True)
class ApiKeyInfo:
    """A valid API key: which corp it speaks for and what it may do."""

    id: int
    corp_id: int
    name: str
    scopes: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ApiKeyRow:
    """A key in the list of a corp's keys; the key itself is not kept."""

    id: int
    name: str
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None
    expires_at: datetime | None
    last_used_at: datetime | None
    expired: bool


def create_api_key(*, corp_id: int, name: str, scopes: Sequence[str], days: int | None = None) -> str:
    """A new API key, shown once: only its digest stays here. It is refused after `days` (None: never)."""
    key = "lk_" + secrets.token_urlsafe(32)
    expires_at = None if days is None else wall() + timedelta(days=days)
    ApiKey.objects.create(
        corp_id=corp_id, name=name, digest=_digest(key), scopes=list(scopes), created_at=now(), expires_at=expires_at
    )
    return key


def api_keys(*, corp_id: int) -> list[ApiKeyRow]:
    """Every key of a corp, newest first, revoked and expired ones too."""
    rows = ApiKey.objects.filter(corp_id=corp_id).order_by("-created_at", "-id")
    return [
        ApiKeyRow(
            id=row.pk, name=row.name, scopes=frozenset(row.scopes), created_at=row.created_at,
            revoked_at=row.revoked_at, expires_at=row.expires_at, last_used_at=row.last_used_at, expired=_expired(row),
        )
        for row in rows
    ]  # fmt: skip


def revoke_api_key(*, corp_id: int, key_id: int) -> None:
    """The key is refused from now on; NotFound when the corp has no such key. Twice is once."""
    rows = ApiKey.objects.filter(corp_id=corp_id, id=key_id)
    if not rows.exists():
        raise NotFound("no_api_key", _("This key is not there. Go back to the settings."))
    rows.filter(revoked_at=None).update(revoked_at=now())


def authenticate_api_key(*, key: str) -> ApiKeyInfo | None:
    """Who speaks with this key, or None; KeyExpired after its day."""
    row = ApiKey.objects.filter(digest=_digest(key), revoked_at=None).first()
    if row is None:
        return None
    if _expired(row):
        raise KeyExpired("key_expired", _("This key has expired. Make a new one in the settings."))
    moment = wall()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=moment - USE_GRAIN)
    ApiKey.objects.filter(stale, id=row.pk).update(last_used_at=moment)
    return ApiKeyInfo(id=row.pk, corp_id=row.corp_id, name=row.name, scopes=frozenset(row.scopes))


def _expired(row: ApiKey) -> bool:
    return row.expires_at is not None and row.expires_at <= wall()


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
