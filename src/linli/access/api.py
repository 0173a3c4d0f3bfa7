"""The door of access: who is there, what may they do, and what must stay secret."""

from dataclasses import dataclass

from linli.access.accounts import (
    AccountInfo,
    LastAdministrator,
    account,
    account_named,
    accounts,
    assign_corp,
    bind,
    change_password,
    close_for_staff,
    create_administrator,
    disable,
    enable,
    invite,
    open_for_staff,
    regrant,
    rename_staff,
    reset_password,
    reset_second_step,
    set_password,
)
from linli.access.audit import DONE, FAILED, REFUSED, UNKNOWN, Act, NewAudit, Who, fingerprint, system_act
from linli.access.audit import begin as begin_act
from linli.access.audit import finish as finish_act
from linli.access.audit import record as record_act
from linli.access.audit import sweep as sweep_acts
from linli.access.audit_check import AuditProblem, AuditVerdict, verify_audit
from linli.access.audit_seals import AuditSealer, ChainBroken, accept_end
from linli.access.audit_seals import retire as retire_audit
from linli.access.audit_search import AuditEntry, AuditSearch, actors, audit_entry, audit_trail
from linli.access.keys import (
    ApiKeyInfo,
    ApiKeyRow,
    KeyExpired,
    api_keys,
    authenticate_api_key,
    create_api_key,
    revoke_api_key,
)
from linli.access.models import Account, Corp, Grant
from linli.access.partitions import PARTITIONED
from linli.access.roles import DUTIES, HOUSE, NAMES, NARROW, ROLES, SCOPES
from linli.access.scopes import EVERYTHING, NOTHING, Scope
from linli.access.seals import open_secret, seal_secret, secret_key
from linli.access.second_step import WrongCode, recovery_codes_left, renew_recovery_codes
from linli.access.second_step import begin as begin_second_step
from linli.access.second_step import confirm as confirm_second_step
from linli.access.second_step import remove as remove_second_step
from linli.access.sessions import SessionInfo, end_sessions, sessions
from linli.access.sessions import place as session_place
from linli.access.throttle import TooManyTries, by_address, by_code, by_name, forgive, give_back, take_try
from linli.kit.clock import now
from linli.kit.errors import NotFound

__all__ = [
    "DONE",
    "DUTIES",
    "EVERYTHING",
    "FAILED",
    "HOUSE",
    "NAMES",
    "NARROW",
    "NOTHING",
    "PARTITIONED",
    "REFUSED",
    "ROLES",
    "SCOPES",
    "UNKNOWN",
    "AccountInfo",
    "Act",
    "ApiKeyInfo",
    "ApiKeyRow",
    "AuditEntry",
    "AuditProblem",
    "AuditSealer",
    "AuditSearch",
    "AuditVerdict",
    "ChainBroken",
    "CorpInfo",
    "KeyExpired",
    "LastAdministrator",
    "NewAudit",
    "Scope",
    "SessionInfo",
    "TooManyTries",
    "Who",
    "WrongCode",
    "accept_end",
    "account",
    "account_named",
    "accounts",
    "actors",
    "api_keys",
    "assign_corp",
    "audit_entry",
    "audit_trail",
    "authenticate_api_key",
    "begin_act",
    "begin_second_step",
    "bind",
    "by_address",
    "by_code",
    "by_name",
    "change_password",
    "close_for_staff",
    "confirm_second_step",
    "corp",
    "corps",
    "create_administrator",
    "create_api_key",
    "create_corp",
    "disable",
    "enable",
    "end_sessions",
    "fingerprint",
    "finish_act",
    "forgive",
    "give_back",
    "has_accounts",
    "invite",
    "may",
    "open_for_staff",
    "open_secret",
    "record_act",
    "recovery_codes_left",
    "regrant",
    "remove_second_step",
    "rename_staff",
    "renew_recovery_codes",
    "reset_password",
    "reset_second_step",
    "retire_audit",
    "revoke_api_key",
    "scope_of",
    "seal_secret",
    "secret_key",
    "session_place",
    "sessions",
    "set_password",
    "sweep_acts",
    "system_act",
    "take_try",
    "verify_audit",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CorpInfo:
    """A corp as other rooms see it; `zone` is an IANA time zone name."""

    id: int
    wecom_id: str
    name: str
    zone: str


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


def has_accounts() -> bool:
    """Has anyone been let in yet?"""
    return Account.objects.exists()


def may(who: object, permission: str) -> bool:
    """The one place where rights are decided; denied unless something says yes."""
    return bool(scope_of(who, permission))


def scope_of(who: object, permission: str) -> Scope:
    """How far this account may do this; NOTHING is no.

    A grant over less than the corp gives only what NARROW names: everything else has no meaning for a part. What HOUSE
    names reaches beyond the corp: nobody has it by an account where the house holds several.
    """
    if not isinstance(who, Account) or not who.is_active:
        return NOTHING
    if permission in HOUSE and len(Corp.objects.values_list("id")[:2]) > 1:
        return NOTHING
    parts = {
        (kind, key)
        for role, kind, key in _grants(who)
        if permission in ROLES.get(role, frozenset()) and (kind == "corp" or permission in NARROW)
    }
    return EVERYTHING if ("corp", 0) in parts else Scope(frozenset(parts))


def _grants(who: Account) -> list[tuple[str, str, int]]:
    """Read once for each request's account: Django loads that row anew every time."""
    known: list[tuple[str, str, int]] | None = who.__dict__.get("_granted")
    if known is None:
        known = list(Grant.objects.filter(account_id=who.pk).values_list("role", "scope_kind", "scope_id"))
        who.__dict__["_granted"] = known
    return known


def _corp_info(row: Corp) -> CorpInfo:
    return CorpInfo(id=row.pk, wecom_id=row.wecom_id, name=row.name, zone=row.zone)
