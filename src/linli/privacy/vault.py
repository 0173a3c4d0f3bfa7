"""What privacy seals at rest: under a key of its corp, which is itself a sealed secret."""

from linli.access import api as access
from linli.kit.sealing import Sealer

KEY = "privacy.files"


def seal(corp_id: int, value: bytes, *, place: str) -> bytes:
    """Sealed bytes that open only in this place."""
    return Sealer(access.secret_key(corp_id=corp_id, name=KEY)).seal(value, place=place)


def unseal(corp_id: int, sealed: bytes, *, place: str) -> bytes:
    """The bytes again."""
    return Sealer(access.secret_key(corp_id=corp_id, name=KEY)).open(sealed, place=place)
