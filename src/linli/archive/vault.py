"""What the archive keeps sealed: words and files under a key of their corp (itself a sealed secret), private keys under the master key."""

import json
from functools import lru_cache
from typing import Any

from linli.access import api as access
from linli.kit.sealing import Sealer, sealer_from_env

KEY = "archive.messages"


class Vault:
    """Seals and opens what one corp's people said; each value opens only in its own place."""

    def __init__(self, corp_id: int) -> None:
        self._corp_id = corp_id
        self._sealer = Sealer(access.secret_key(corp_id=corp_id, name=KEY))

    def seal_message(self, msgid: str, content: dict[str, Any]) -> bytes:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return self._sealer.seal(text.encode(), place=self._message(msgid))

    def open_message(self, msgid: str, sealed: bytes) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self._sealer.open(sealed, place=self._message(msgid)))
        return content

    def _message(self, msgid: str) -> str:
        return f"archive.message:{self._corp_id}:{msgid}"

    def seal_piece(self, media_id: int, number: int, data: bytes) -> bytes:
        return self._sealer.seal(data, place=_piece(media_id, number))

    def open_piece(self, media_id: int, number: int, sealed: bytes) -> bytes:
        return self._sealer.open(sealed, place=_piece(media_id, number))


def _piece(media_id: int, number: int) -> str:
    """Under the corp's own key, so no rotation of the master key looks for it (project/sealed.py)."""
    return f"archive.piece:{media_id}:{number}"


def seal_key(corp_id: int, version: int, pem: str) -> bytes:
    """Seal a private key."""
    return _master().seal(pem.encode(), place=f"archive.key:{corp_id}:{version}")


def open_key(corp_id: int, version: int, sealed: bytes) -> str:
    """A private key as PEM, for the moment of its use."""
    return _master().open(sealed, place=f"archive.key:{corp_id}:{version}").decode()


@lru_cache(maxsize=1)
def _master() -> Sealer:
    return sealer_from_env()
