"""The keys of a house in one file of their own, sealed by a passphrase: so that a backup alone opens no secret."""

import base64
import getpass
import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from linli.kit.errors import BadInput
from linli.project.backup import write_durably

_PLACE = b"linli keys 1"
_COST = 2**15


def passphrase(*, twice: bool) -> str:
    """From LINLI_KEYS_PASSPHRASE, else asked at the terminal."""
    words = os.environ.get("LINLI_KEYS_PASSPHRASE") or getpass.getpass("passphrase of the keys: ")
    if twice and "LINLI_KEYS_PASSPHRASE" not in os.environ and getpass.getpass("once more: ") != words:
        raise BadInput("passphrase", "the two passphrases differ")
    if len(words) < 12:
        raise BadInput("passphrase", "a passphrase of the keys has at least 12 characters")
    return words


def keep_keys(data_dir: Path, file: Path, words: str) -> None:
    """Write the house's key files into one sealed file (mode 0600)."""
    keys = {path.name: base64.b64encode(path.read_bytes()).decode() for path in sorted(data_dir.glob("*.key*"))}
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = AESGCM(_stretched(words, salt)).encrypt(nonce, json.dumps(keys).encode(), _PLACE)
    write_durably(file, _PLACE + b"\n" + base64.b64encode(salt + nonce + sealed) + b"\n")


def open_keys(file: Path, words: str) -> dict[str, bytes]:
    """Name → bytes of the kept key files; BadInput when the passphrase or the file is wrong."""
    try:
        head, body = file.read_bytes().splitlines()[:2]
        raw = base64.b64decode(body)
        opened = AESGCM(_stretched(words, raw[:16])).decrypt(raw[16:28], raw[28:], head)
    except (OSError, ValueError, InvalidTag) as error:
        raise BadInput("keys", f"{file} does not open with this passphrase") from error
    return {name: base64.b64decode(text) for name, text in json.loads(opened).items()}


def give_keys(keys: dict[str, bytes], data_dir: Path) -> None:
    """Put the key files into a data directory."""
    for name, content in keys.items():
        write_durably(data_dir / Path(name).name, content)


def _stretched(words: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=_COST, r=8, p=1).derive(words.encode())
