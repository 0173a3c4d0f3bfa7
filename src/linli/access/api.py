"""The door of access: who is there, what may they do, and what must stay secret."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.access.audit import DONE, FAILED, REFUSED, UNKNOWN, Act, NewAudit, Who, fingerprint, system_act
from linli.access.audit import begin as begin_act
from linli.access.audit import finish as finish_act
from linli.access.audit import record as record_act
from linli.access.audit import sweep as sweep_acts
from linli.access.audit_check import AuditProblem, AuditVerdict, verify_audit
from linli.access.audit_seals import AuditSealer, ChainBroken, accept_end
from linli.access.audit_seals import retire as retire_audit
from linli.access.audit_search import AuditEntry, AuditSearch, actors, audit_entry, audit_trail
from linli.access.models import Account, ApiKey, Corp, Secret
from linli.kit.clock import now
from linli.kit.errors import NotFound
from linli.kit.sealing import Sealer, sealer_from_env

__all__ = [
    "DONE", "FAILED", "REFUSED", "UNKNOWN", "AccountInfo", "Act", "ApiKeyInfo", "ApiKeyRow", "AuditEntry",
    "AuditProblem", "AuditSealer", "AuditSearch", "AuditVerdict", "ChainBroken", "CorpInfo", "NewAudit", "Who",
    "accept_end", "account_named", "actors", "api_keys", "assign_corp", "audit_entry", "audit_trail",
    "authenticate_api_key", "begin_act", "corp", "corps", "create_administrator", "create_api_key", "create_corp",
    "fingerprint", "finish_act", "has_accounts", "may", "open_secret", "record_act", "retire_audit",
    "revoke_api_key", "seal_secret", "set_password", "sweep_acts", "system_act", "verify_audit",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CorpInfo:
    """A corp as other rooms see it; `zone` is an IANA time zone name."""

    id: int
    wecom_id: str
    name: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class AccountInfo:
    """An account as other rooms see it; no corp before the first connection."""

    id: int
    corp_id: int | None


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


def corps() -> list[CorpInfo]:
    """Every corp of this installation, oldest first."""
    return [_corp_info(row) for row in Corp.objects.order_by("id")]


def corp(*, corp_id: int) -> CorpInfo:
    """One corp; NotFound when it is not there."""
    row = Corp.objects.filter(id=corp_id).first()
    if row is None:
        raise NotFound("no_corp", f"corp {corp_id} is not there")
    return _corp_info(row)


def create_corp(*, wecom_id: str, name: str, zone: str = "Asia/Shanghai") -> CorpInfo:
    """Register a corp; the same WeCom id twice is the same corp."""
    row, _ = Corp.objects.get_or_create(wecom_id=wecom_id, defaults={"name": name, "zone": zone, "created_at": now()})
    return _corp_info(row)


def create_administrator(*, corp_id: int | None, username: str, password: str, name: str = "") -> int:
    """An account that may do everything in its corp; returns its id."""
    account = Account(corp_id=corp_id, username=username, name=name or username, created_at=now())
    account.set_password(password)
    account.save()
    return account.pk


def has_accounts() -> bool:
    """Has anyone been let in yet?"""
    return Account.objects.exists()


def assign_corp(*, account_id: int, corp_id: int) -> None:
    """The account works in this corp from now on."""
    Account.objects.filter(id=account_id).update(corp_id=corp_id)


def set_password(*, username: str, password: str) -> None:
    """A new password for an account; NotFound when there is none of that name."""
    account = Account.objects.filter(username=username).first()
    if account is None:
        raise NotFound("no_account", f"no account is called {username!r}")
    account.set_password(password)
    account.save(update_fields=["password"])


def account_named(*, username: str) -> AccountInfo | None:
    """The account that signs in by this name, if there is one."""
    row = Account.objects.filter(username=username).first()
    return AccountInfo(id=row.pk, corp_id=row.corp_id) if row else None


def may(account: object, permission: str) -> bool:
    """The one place where rights are decided; denied unless something says yes."""
    return (
        isinstance(account, Account)
        and account.is_active
        and account.role == "administrator"
        and permission.rpartition(".")[2] in {"read", "write", "reveal", "manage"}
    )


def seal_secret(*, corp_id: int, name: str, value: str) -> None:
    """Keep a secret of a corp sealed at rest; replaces the one of the same name."""
    sealed = _sealer().seal(value.encode(), place=f"access.secret:{corp_id}:{name}")
    with transaction.atomic():
        Secret.objects.update_or_create(corp_id=corp_id, name=name, defaults={"sealed": sealed, "changed_at": now()})


def open_secret(*, corp_id: int, name: str) -> str:
    """A secret in the clear, for the moment of its use; NotFound when none was kept."""
    row = Secret.objects.filter(corp_id=corp_id, name=name).first()
    if row is None:
        raise NotFound("no_secret", f"no secret {name!r} is kept for this corp")
    return _sealer().open(bytes(row.sealed), place=f"access.secret:{corp_id}:{name}").decode()


def secret_key(*, corp_id: int, name: str) -> bytes:
    """32 random bytes of this corp, made at first asking and kept like any other secret."""
    while (row := Secret.objects.filter(corp_id=corp_id, name=name).first()) is None:
        sealed = _sealer().seal(secrets.token_hex(32).encode(), place=f"access.secret:{corp_id}:{name}")
        Secret.objects.bulk_create(
            [Secret(corp_id=corp_id, name=name, sealed=sealed, changed_at=now())], ignore_conflicts=True
        )
    return bytes.fromhex(_sealer().open(bytes(row.sealed), place=f"access.secret:{corp_id}:{name}").decode())


def create_api_key(*, corp_id: int, name: str, scopes: list[str]) -> str:
    """A new API key, shown once: only its digest stays here."""
    key = "lk_" + secrets.token_urlsafe(32)
    ApiKey.objects.create(corp_id=corp_id, name=name, digest=_digest(key), scopes=scopes, created_at=now())
    return key


def api_keys(*, corp_id: int) -> list[ApiKeyRow]:
    """Every key of a corp, newest first, revoked ones too."""
    rows = ApiKey.objects.filter(corp_id=corp_id).order_by("-created_at", "-id")
    return [
        ApiKeyRow(
            id=row.pk, name=row.name, scopes=frozenset(row.scopes),
            created_at=row.created_at, revoked_at=row.revoked_at,
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
    """Who speaks with this key, or None."""
    row = ApiKey.objects.filter(digest=_digest(key), revoked_at=None).first()
    if row is None:
        return None
    return ApiKeyInfo(id=row.pk, corp_id=row.corp_id, name=row.name, scopes=frozenset(row.scopes))


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


@lru_cache(maxsize=1)
def _sealer() -> Sealer:
    return sealer_from_env()


def _corp_info(row: Corp) -> CorpInfo:
    return CorpInfo(id=row.pk, wecom_id=row.wecom_id, name=row.name, zone=row.zone)
