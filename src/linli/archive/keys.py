"""The key pairs of the archive: WeCom gets the public one, Linli keeps the private one of every version, sealed."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.archive.models import ArchiveKey
from linli.archive.vault import open_key, seal_key
from linli.connect.api import TwoTongues
from linli.kit.clock import now
from linli.kit.errors import BadInput
from linli.wecom.archive import Keyring, load_key
from linli.wecom.errors import BadValue

_MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class KeyInfo:
    """A version, with the public key that WeCom's console takes; the private one is never shown."""

    version: int
    public_pem: str
    made_at: datetime
    made_by: str


def add(*, corp_id: int, version: int, private_key: str, author: str) -> KeyInfo:
    """Keep the private key (PEM) of a version, or make a pair where none is given; BadInput for a version that is there."""
    if not 0 < version <= _MOST:
        raise BadInput("version", _("The version is the number that WeCom shows beside the public key."))
    try:
        key = load_key(private_key) if private_key.strip() else rsa.generate_private_key(65537, 2048)
    except BadValue as error:
        raise BadInput("private_key", TwoTongues(zh=error.zh, en=error.en)) from error
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    try:
        with transaction.atomic():
            row = ArchiveKey.objects.create(
                corp_id=corp_id, version=version, private_sealed=seal_key(corp_id, version, private), public_pem=public,
                made_at=now(), made_by=author,
            )  # fmt: skip
    except IntegrityError:
        raise BadInput(
            "version", _("This version is here already: a key is never replaced, old messages need it.")
        ) from None
    return _info(row)


def keys(*, corp_id: int) -> list[KeyInfo]:
    """Every version, newest first."""
    return [_info(row) for row in ArchiveKey.objects.filter(corp_id=corp_id).order_by("-version")]


def keyring(corp_id: int) -> Keyring:
    """The private keys by version."""
    rows = ArchiveKey.objects.filter(corp_id=corp_id).values_list("version", "private_sealed")
    return Keyring({version: load_key(open_key(corp_id, version, bytes(sealed))) for version, sealed in rows})


def _info(row: ArchiveKey) -> KeyInfo:
    return KeyInfo(version=row.version, public_pem=row.public_pem, made_at=row.made_at, made_by=row.made_by)
