"""Secrets at rest: AES-256-GCM under a master key file, bound to the place where the secret is kept."""

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from linli.kit.errors import LinliError

_VERSION = b"\x01"
_NONCE = 12


class SealBroken(LinliError):
    """The sealed value was made under another master key or for another place."""


class Sealer:
    """Seals and opens bytes. `place` (for example "access.secret:1:app") is authenticated, so that a row cannot be moved."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, value: bytes, *, place: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, value, place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        if sealed[:1] != _VERSION:
            raise SealBroken("seal_version", "unknown seal version")
        try:
            return self._cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place.encode())
        except InvalidTag as error:
            raise SealBroken("seal_broken", "the master key file does not fit this database") from error


def load_master_key(path: Path) -> bytes:
    """32 bytes from the master key file; made (mode 0600) when the directory is there and the file is not."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(32))
            file.flush()
            os.fsync(file.fileno())
    key = path.read_bytes()
    if len(key) != 32:
        raise SealBroken("master_key", f"{path} must hold exactly 32 bytes")
    return key


def sealer_from_env(*, make: bool = True) -> Sealer:
    """The sealer of this installation: LINLI_MASTER_KEY_FILE names the key file. Without `make`, FileNotFoundError for a missing one."""
    path = Path(os.environ["LINLI_MASTER_KEY_FILE"])
    if not make and not path.exists():
        raise FileNotFoundError(path)
    return Sealer(load_master_key(path))
