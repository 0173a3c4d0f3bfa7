"""Who asked to be forgotten and must not come back by an import, a callback or a sync: only HMACs of identifiers.

The key is random, one for each corp, kept among its secrets (so a new master key changes nothing here).
"""

import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import connection, transaction

from linli.access import api as access
from linli.customers.models import Suppression
from linli.kit.clock import now

KEY = "customers.suppression"
_LOCK = "customers.suppression"

Named = tuple[str, str]


@dataclass(frozen=True)
class Held:
    """An identifier that is held back: whose it was (the number row that stayed), and since when."""

    person: int
    since: datetime


def hold(corp_id: int, *, alone: bool = False) -> None:
    """Until the transaction ends: who brings people in shares this lock, who suppresses them has it alone.

    So a reading that began before a suppression is written before it (and then erased), never after it.
    """
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext(%s), %s::int)", [_LOCK, corp_id])


_hold = hold


def adopt_key(corp_id: int, key: bytes) -> None:
    """The key of the journal, where a restored database is older than the first erasure and has none yet."""
    if not Suppression.objects.filter(corp_id=corp_id).exists():
        access.seal_secret(corp_id=corp_id, name=KEY, value=key.hex())


def tokens(corp_id: int, named: Iterable[Named], *, key: bytes | None = None) -> dict[Named, bytes]:
    """The HMAC-SHA256 that stands for each identifier."""
    key = key or access.secret_key(corp_id=corp_id, name=KEY)
    return {(kind, value): _token(key, kind, value) for kind, value in named if value}


def look(corp_id: int, named: Iterable[Named]) -> dict[Named, Held]:
    """Which of these (kind, value) are held back."""
    rows = Suppression.objects.filter(corp_id=corp_id, lifted_at=None)
    if not rows.exists():
        return {}
    named_by = {one: named_as for named_as, one in tokens(corp_id, named).items()}
    found = rows.filter(token__in=list(named_by)).values_list("token", "person", "since")
    return {named_by[bytes(one)]: Held(person, since) for one, person, since in found}


def suppressed(*, corp_id: int, kind: str, values: Collection[str], hold: bool = False) -> dict[str, int]:
    """Of these values of one kind, those held back, with the id of the number row that stayed.

    `hold`: and no erasure begins before the caller's transaction has ended.
    """
    if hold:
        _hold(corp_id)
    return {value: held.person for (_, value), held in look(corp_id, [(kind, one) for one in values]).items()}


def suppress(corp_id: int, person: int, tokens: Iterable[tuple[str, bytes]], at: datetime) -> int:
    """Hold these identifiers back; the same again changes nothing."""
    rows = [Suppression(corp_id=corp_id, kind=kind, token=one, person=person, since=at) for kind, one in tokens]
    return len(Suppression.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def lift(corp_id: int, persons: Collection[int], why: str) -> int:
    """These people may come in again; returns how many identifiers were freed."""
    rows = Suppression.objects.filter(corp_id=corp_id, person__in=list(persons), lifted_at=None)
    return rows.update(lifted_at=now(), lifted_why=why)


def _token(key: bytes, kind: str, value: str) -> bytes:
    return hmac.digest(key, f"{kind}\0{value}".encode(), sha256)
