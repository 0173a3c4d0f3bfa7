"""The only writer of accounts and grants. Whatever takes a right away ends the account's sessions in the same transaction."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.access import second_step, throttle
from linli.access.models import Account, Binding, Grant
from linli.access.roles import ADMINISTRATOR, ROLES, SCOPES
from linli.access.scopes import EVERYTHING, Scope
from linli.access.sessions import end_sessions
from linli.kit.clock import wall
from linli.kit.errors import BadInput, NotFound, Refused

INITIAL_LIFE = timedelta(days=7)


class LastAdministrator(Refused):
    """Somebody must be able to open the house."""

    def __init__(self) -> None:
        super().__init__("last_administrator", _("This is the last administrator. Make another one first."))


@dataclass(frozen=True, kw_only=True)
class AccountInfo:
    """An account as pages show it; `role` is "" where nothing was granted."""

    id: int
    username: str
    name: str
    userid: str | None
    active: bool
    initial: bool
    second_step_since: datetime | None
    signed_in_at: datetime | None
    role: str
    scope: Scope


def accounts(*, corp_id: int) -> list[AccountInfo]:
    """Everybody of a corp, those who may sign in first."""
    rows = list(Account.objects.filter(corp_id=corp_id).order_by("-is_active", "username"))
    grants: dict[int, list[Grant]] = {}
    for grant in Grant.objects.filter(account__corp_id=corp_id).order_by("id"):
        grants.setdefault(grant.account_id, []).append(grant)
    userids = dict(Binding.objects.filter(corp_id=corp_id).values_list("account_id", "userid"))
    return [_info(row, grants.get(row.pk, []), userids.get(row.pk)) for row in rows]


def account(*, corp_id: int, account_id: int) -> AccountInfo:
    """One of them; NotFound."""
    row = _row(corp_id, account_id)
    return _info(row, list(Grant.objects.filter(account=row).order_by("id")), _userid(row))


def account_named(*, username: str) -> tuple[int, int | None] | None:
    """The id and corp of the account that signs in by this name, if there is one."""
    return Account.objects.filter(username=username).values_list("id", "corp_id").first()


def create_administrator(
    *, corp_id: int | None, username: str, password: str, name: str = "", initial: bool = False
) -> int:
    """An account that may do everything in its corp; returns its id. An `initial` password must be changed at once."""
    with transaction.atomic():
        account_id = _create(corp_id, username, name, password, initial=initial)
        _grant(account_id, corp_id, ADMINISTRATOR, EVERYTHING)
    return account_id


def invite(
    *, corp_id: int, username: str, name: str, role: str, scope: Scope, userid: str | None = None
) -> tuple[int, str]:
    """A new account and its initial password, shown once: good for 7 days, to be changed at the first sign-in."""
    password = initial_password()
    _check_grant(role, scope)
    with transaction.atomic():
        account_id = _create(corp_id, username.strip(), name, password, initial=True)
        _bind(corp_id, account_id, userid)
        _grant(account_id, corp_id, role, scope)
    return account_id, password


def regrant(*, corp_id: int, account_id: int, role: str, scope: Scope) -> None:
    """Another role or scope; ends the account's sessions. LastAdministrator, BadInput, NotFound."""
    _check_grant(role, scope)
    with transaction.atomic():
        row = _locked(corp_id, account_id)
        if role != ADMINISTRATOR:
            _keep_one_administrator(corp_id, row)
        Grant.objects.filter(account=row).delete()
        _grant(row.pk, corp_id, role, scope)
        end_sessions(account_id=row.pk)


def bind(*, corp_id: int, account_id: int, userid: str | None, name: str) -> None:
    """Whose account it is: the name, and the WeCom userid that may sign in to it. Ends its sessions when that changes."""
    with transaction.atomic():
        row = _locked(corp_id, account_id)
        Account.objects.filter(id=row.pk).update(name=name)
        if _userid(row) != (userid or None):
            Binding.objects.filter(account=row).delete()
            _bind(corp_id, row.pk, userid)
            end_sessions(account_id=row.pk)


def disable(*, corp_id: int, account_id: int) -> None:
    """Nobody signs in to it from now on, and who is in is out. LastAdministrator, NotFound."""
    with transaction.atomic():
        row = _locked(corp_id, account_id)
        _keep_one_administrator(corp_id, row)
        Account.objects.filter(id=row.pk).update(is_active=False)
        end_sessions(account_id=row.pk)


def enable(*, corp_id: int, account_id: int) -> None:
    """It may be signed in to again."""
    Account.objects.filter(id=_row(corp_id, account_id).pk).update(is_active=True)


def close_for_staff(*, corp_id: int, userids: Iterable[str]) -> None:
    """Their staff member has left or was disabled at WeCom: the accounts are shut, also the last administrator's.

    Called in the transaction that writes the leaving. `linli password --enable` opens a house that nobody can enter.
    """
    shut = Binding.objects.filter(corp_id=corp_id, userid__in=list(userids), account__is_active=True)
    for account_id in list(shut.values_list("account_id", flat=True)):
        Account.objects.filter(id=account_id).update(is_active=False)
        end_sessions(account_id=account_id)


def open_for_staff(*, corp_id: int, userids: Iterable[str]) -> set[str]:
    """Of these members, those whose accounts may sign in."""
    rows = Binding.objects.filter(corp_id=corp_id, userid__in=list(userids), account__is_active=True)
    return set(rows.values_list("userid", flat=True))


def rename_staff(*, corp_id: int, was: str, userid: str) -> None:
    """WeCom's id of a staff member changed: their account goes with them, and whoever gets the old id does not."""
    Binding.objects.filter(corp_id=corp_id, userid=userid).exclude(userid=was).delete()
    Binding.objects.filter(corp_id=corp_id, userid=was).update(userid=userid)


def reset_password(*, corp_id: int, account_id: int) -> str:
    """A new initial password, shown once; ends the account's sessions."""
    password = initial_password()
    with transaction.atomic():
        _write_password(_locked(corp_id, account_id), password, initial=True)
    return password


def reset_second_step(*, corp_id: int, account_id: int) -> None:
    """The authenticator is lost: the password alone signs in until a new one is enrolled. Ends the sessions."""
    with transaction.atomic():
        row = _locked(corp_id, account_id)
        second_step.remove(account_id=row.pk)
        end_sessions(account_id=row.pk)


def change_password(*, account_id: int, old: str, new: str, session: str | None) -> None:
    """One's own: asks for the old one and ends all other sessions. BadInput, TooManyTries."""
    limit = throttle.by_code(account_id)
    throttle.take_try(limit)
    with transaction.atomic():
        row = Account.objects.select_for_update().get(id=account_id)
        if not row.check_password(old):
            raise BadInput("wrong_password", _("The old password does not fit."))
        if old == new:
            raise BadInput("same_password", _("The new password is the old one. Choose another."))
        check_password(new, row)
        _write_password(row, new, initial=False, keep=session)
    throttle.forgive(limit)


def set_password(*, username: str, password: str, enable: bool = False, without_second_step: bool = False) -> None:
    """A new password from the server's own terminal; NotFound, BadInput. Pauses for this name are over."""
    row = Account.objects.filter(username=username).first()
    if row is None:
        raise NotFound("no_account", f"no account is called {username!r}")
    check_password(password, row)
    with transaction.atomic():
        if enable:
            row.is_active = True
        _write_password(row, password, initial=False)
        if without_second_step:
            second_step.remove(account_id=row.pk)
    throttle.forgive(throttle.by_name(username), throttle.by_code(row.pk))


def check_password(password: str, row: Account) -> None:
    """BadInput unless the rules hold (settings.AUTH_PASSWORD_VALIDATORS)."""
    try:
        validate_password(password, row)
    except ValidationError as error:
        raise BadInput("weak_password", " ".join(error.messages)) from error


def assign_corp(*, account_id: int, corp_id: int) -> None:
    """The account works in this corp from now on."""
    with transaction.atomic():
        Account.objects.filter(id=account_id).update(corp_id=corp_id)
        Grant.objects.filter(account_id=account_id).update(corp_id=corp_id)


def initial_password() -> str:
    """80 random bits in groups that can be read aloud."""
    return "-".join(secrets.token_hex(2) for _ in range(5))


def _create(corp_id: int | None, username: str, name: str, password: str, *, initial: bool) -> int:
    row = Account(corp_id=corp_id, username=username, name=name or username, created_at=wall())
    row.set_password(password)
    row.initial_until = wall() + INITIAL_LIFE if initial else None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise BadInput("account_taken", _("This sign-in name is taken. Choose another.")) from error
    return row.pk


def _write_password(row: Account, password: str, *, initial: bool, keep: str | None = None) -> None:
    row.set_password(password)
    row.initial_until = wall() + INITIAL_LIFE if initial else None
    row.save(update_fields=["password", "initial_until", "is_active"])
    end_sessions(account_id=row.pk, keep=keep)


def _bind(corp_id: int, account_id: int, userid: str | None) -> None:
    if not userid:
        return
    try:
        with transaction.atomic():
            Binding.objects.create(corp_id=corp_id, account_id=account_id, userid=userid)
    except IntegrityError as error:
        raise BadInput("userid_taken", _("This WeCom userid has another account already.")) from error


def _userid(row: Account) -> str | None:
    return Binding.objects.filter(account=row).values_list("userid", flat=True).first()


def _grant(account_id: int, corp_id: int | None, role: str, scope: Scope) -> None:
    Grant.objects.bulk_create(
        Grant(corp_id=corp_id, account_id=account_id, role=role, scope_kind=kind, scope_id=key, since=wall())
        for kind, key in sorted(scope.parts)
    )


def _check_grant(role: str, scope: Scope) -> None:
    if role not in ROLES:
        raise BadInput("no_role", _("Choose a role."))
    if not scope or any(kind not in SCOPES[role] for kind, _key in scope.parts):
        raise BadInput("wrong_scope", _("Choose what this role reaches: it cannot be that."))


def _keep_one_administrator(corp_id: int, row: Account) -> None:
    """Raise LastAdministrator if nobody else could administer. Every such change locks all of the corp's accounts first."""
    held = Grant.objects.filter(
        role=ADMINISTRATOR, scope_kind="corp", account__is_active=True, account__corp_id=corp_id
    )
    others = set(held.values_list("account_id", flat=True))
    if row.pk in others and others == {row.pk}:
        raise LastAdministrator


def _locked(corp_id: int, account_id: int) -> Account:
    rows = {row.pk: row for row in Account.objects.select_for_update().filter(corp_id=corp_id).order_by("id")}
    if account_id not in rows:
        raise _not_there()
    return rows[account_id]


def _row(corp_id: int, account_id: int) -> Account:
    row = Account.objects.filter(corp_id=corp_id, id=account_id).first()
    if row is None:
        raise _not_there()
    return row


def _not_there() -> NotFound:
    return NotFound("no_account", _("This account is not there. Go back to the list."))


def _info(row: Account, grants: Sequence[Grant], userid: str | None) -> AccountInfo:
    return AccountInfo(
        id=row.pk, username=row.username, name=row.name, userid=userid, active=row.is_active,
        initial=row.initial_until is not None, second_step_since=row.totp_since, signed_in_at=row.last_login,
        role=grants[0].role if grants else "",
        scope=Scope(frozenset((grant.scope_kind, grant.scope_id) for grant in grants)),
    )  # fmt: skip
