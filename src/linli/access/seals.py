"""Secrets of a corp, sealed at rest."""

import secrets
from functools import lru_cache

from django.db import transaction

from linli.access.models import Secret
from linli.kit.clock import now
from linli.kit.errors import NotFound
from linli.kit.sealing import Sealer, sealer_from_env


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


@lru_cache(maxsize=1)
def _sealer() -> Sealer:
    return sealer_from_env()
