"""The second step of a sign-in: codes of an authenticator app (RFC 6238), and recovery codes.

The secret is one of access's sealed ones ("totp.<account>", and "totp-new.<account>" until the first code has shown that
the app has it). Codes follow real time, one step either way; a step that was used is used up, also for two at once.
"""

import base64
import hashlib
import os
import secrets
import time

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.access import seals
from linli.access.models import Account, RecoveryCode, Secret
from linli.kit.clock import wall
from linli.kit.errors import BadInput, NotFound

STEP = 30
ISSUER = "Linli"
RECOVERY_CODES = 10


class WrongCode(BadInput):
    """The code is of another time, another secret, or used."""

    def __init__(self) -> None:
        super().__init__(
            "wrong_code", _("This code does not fit, or was used. Wait for the next one in your authenticator.")
        )


def begin(*, account_id: int) -> tuple[str, str]:
    """A secret to be put into an app: (otpauth address for a QR code, the secret in base32). It counts after `confirm`."""
    account = _of_a_corp(account_id)
    try:
        secret = seals.open_secret(corp_id=_corp(account), name=f"totp-new.{account_id}")
    except NotFound:
        secret = os.urandom(20).hex()
        seals.seal_secret(corp_id=_corp(account), name=f"totp-new.{account_id}", value=secret)
    key = bytes.fromhex(secret)
    return _totp(key).get_provisioning_uri(account.username, ISSUER), base64.b32encode(key).decode()


@transaction.atomic
def confirm(*, account_id: int, code: str) -> list[str]:
    """The app shows the right code: from now on it is asked for. Returns recovery codes, shown once; WrongCode."""
    account = _of_a_corp(account_id)
    secret = seals.open_secret(corp_id=_corp(account), name=f"totp-new.{account_id}")
    step = _step_of(bytes.fromhex(secret), code)
    if step is None:
        raise WrongCode
    seals.seal_secret(corp_id=_corp(account), name=f"totp.{account_id}", value=secret)
    Secret.objects.filter(corp_id=_corp(account), name=f"totp-new.{account_id}").delete()
    Account.objects.filter(id=account_id).update(totp_since=wall(), totp_last_step=step)
    return renew_recovery_codes(account_id=account_id)


@transaction.atomic
def renew_recovery_codes(*, account_id: int) -> list[str]:
    """Ten new codes, shown once; the old ones are void."""
    RecoveryCode.objects.filter(account_id=account_id).delete()
    codes = [base64.b32encode(secrets.token_bytes(15)).decode() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(account_id=account_id, digest=_digest(code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


@transaction.atomic
def remove(*, account_id: int) -> None:
    """No second step any more, and no codes."""
    Account.objects.filter(id=account_id).update(totp_since=None)
    RecoveryCode.objects.filter(account_id=account_id).delete()
    Secret.objects.filter(name__in=[f"totp.{account_id}", f"totp-new.{account_id}"]).delete()


def accept(*, account_id: int, code: str) -> bool:
    """Is this a code of now or an unused recovery code? Either is used up by the answer yes."""
    account = Account.objects.get(id=account_id)
    if account.totp_since is None:
        return False
    secret = seals.open_secret(corp_id=_corp(account), name=f"totp.{account_id}")
    step = _step_of(bytes.fromhex(secret), code)
    if step is not None:
        fresh = Account.objects.filter(id=account_id, totp_last_step__lt=step).update(totp_last_step=step)
        return fresh == 1
    unused = RecoveryCode.objects.filter(account_id=account_id, digest=_digest(code), used_at=None)
    return unused.update(used_at=wall()) == 1


def recovery_codes_left(*, account_id: int) -> int:
    """How many recovery codes are unused."""
    return RecoveryCode.objects.filter(account_id=account_id, used_at=None).count()


def _step_of(key: bytes, code: str) -> int | None:
    """The step whose code this is: the present one or a neighbour."""
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    here = int(time.time()) // STEP
    for step in (here, here - 1, here + 1):
        try:
            _totp(key).verify(digits.encode(), step * STEP)
        except InvalidToken:
            continue
        return step
    return None


def _totp(key: bytes) -> TOTP:
    return TOTP(key, 6, SHA1(), STEP)  # noqa: S303 - what every authenticator app speaks; HMAC-SHA1 is sound


def _digest(code: str) -> bytes:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).digest()


def _of_a_corp(account_id: int) -> Account:
    account = Account.objects.get(id=account_id)
    if account.corp_id is None:
        raise BadInput("no_corp_yet", _("Connect WeCom first: the second step is kept with your corp's secrets."))
    return account


def _corp(account: Account) -> int:
    assert account.corp_id is not None
    return account.corp_id
