"""Secrets at rest: AES-256-GCM under a master key file, bound to the place where the secret is kept.

A sealed value names its key, so that two keys can be in use while one takes the other's place (project/rotation.py):

    master.key          seals, and opens what it sealed
    master.key.new      will seal soon; opens
    master.key.old      sealed until a moment ago; opens
"""

import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from linli.kit.errors import LinliError

_NAMELESS, _NAMED = b"\x01", b"\x02"
_NONCE = 12
_ID = 4


class SealBroken(LinliError):
    """The sealed value was made under another master key or for another place."""


class Sealer:
    """Seals under its first key, opens under all. `place` (for example "access.secret:1:app") is authenticated, so that a
    row cannot be moved."""

    def __init__(self, *keys: bytes) -> None:
        self._ciphers = {key_id(key): AESGCM(key) for key in reversed(keys)}
        self._first = key_id(keys[0])

    def seal(self, value: bytes, *, place: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return _NAMED + self._first + nonce + self._ciphers[self._first].encrypt(nonce, value, place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        match sealed[:1]:
            case b"\x02":
                cipher = self._ciphers.get(sealed[1 : 1 + _ID])
                ciphers, body = [cipher] if cipher else [], sealed[1 + _ID :]
            case b"\x01":  # from before keys had names
                ciphers, body = list(self._ciphers.values()), sealed[1:]
            case _:
                raise SealBroken("seal_version", "unknown seal version")
        for cipher in ciphers:
            try:
                return cipher.decrypt(body[:_NONCE], body[_NONCE:], place.encode())
            except InvalidTag:
                continue
        raise SealBroken("seal_broken", "the master key file does not fit this database")

    def is_current(self, sealed: bytes) -> bool:
        """Was it sealed under the first key?"""
        return sealed[: 1 + _ID] == _NAMED + self._first


class KeyRing(Sealer):
    """The keys of a master key file and its neighbours; a process that runs follows when they change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = _stamp(path)
        super().__init__(*_keys(path))

    def seal(self, value: bytes, *, place: str) -> bytes:
        self._follow()
        return super().seal(value, place=place)

    def open(self, sealed: bytes, *, place: str) -> bytes:
        self._follow()
        try:
            return super().open(sealed, place=place)
        except SealBroken:
            if not self._follow():
                raise
            return super().open(sealed, place=place)  # the keys changed while we read them

    def _follow(self) -> bool:
        stamp = _stamp(self._path)
        if stamp == self._stamp or stamp[0] is None:
            return False
        super().__init__(*_keys(self._path))
        self._stamp = stamp
        return True


def key_id(key: bytes) -> bytes:
    """Four bytes that name a key and tell nothing of it."""
    return hashlib.sha256(b"linli master key\0" + key).digest()[:_ID]


def neighbours(path: Path) -> tuple[Path, Path, Path]:
    """The key that seals, the one that will, the one that did."""
    return path, path.with_name(f"{path.name}.new"), path.with_name(f"{path.name}.old")


def read_key(path: Path) -> bytes:
    """The 32 bytes of a key file; SealBroken names the file when it holds anything else."""
    key = path.read_bytes()
    if len(key) != 32:
        raise SealBroken("master_key", f"{path} must hold exactly 32 bytes")
    return key


def load_master_key(path: Path) -> bytes:
    """32 bytes from the master key file; made (mode 0600) when the directory is there and the file is not."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(32))
            file.flush()
            os.fsync(file.fileno())
    return read_key(path)


def sealer_from_env(*, make: bool = True) -> Sealer:
    """The sealer of this installation: LINLI_MASTER_KEY_FILE names the key file. Without `make`, FileNotFoundError for a missing one."""
    path = Path(os.environ["LINLI_MASTER_KEY_FILE"])
    if not make and not path.exists():
        raise FileNotFoundError(path)
    load_master_key(path)
    return KeyRing(path)


def derived_key(purpose: str) -> bytes:
    """32 bytes for one purpose (for example "access.audit"), made from the master key of this installation; it tells nothing of it."""
    master = load_master_key(Path(os.environ["LINLI_MASTER_KEY_FILE"]))
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"linli:{purpose}".encode()).derive(master)


def _keys(path: Path) -> list[bytes]:
    first, *others = neighbours(path)
    return [read_key(first), *(read_key(one) for one in others if one.exists())]


def _stamp(path: Path) -> tuple[tuple[int, int] | None, ...]:
    return tuple(_look(one) for one in neighbours(path))


def _look(path: Path) -> tuple[int, int] | None:
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return seen.st_ino, seen.st_mtime_ns
