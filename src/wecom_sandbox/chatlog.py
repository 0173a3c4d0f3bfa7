"""What the archive of a corp holds: encrypted rows as the native library gives them, and the files they name (wire.md G.1).

A message is encrypted when it is said, with the public key that is set then: AES-256-GCM under the SHA-256 of a random key (the
nonce before the ciphertext), and the random key under RSA, PKCS#1 v1.5. Nobody here can open it again.
"""

import base64
import hashlib
import json
import secrets
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from wecom_sandbox.records import Json

KEY_BITS = 2048
# So many of the last messages can be taken back, and an id of a file that ended is told from one that never was for so long.
REMEMBERED, REMEMBERED_S = 10_000, 30 * 86_400


@dataclass
class PublicKey:
    """A version of the public key that the administrator set."""

    version: int
    pem: str


@dataclass
class ArchivedItem:
    """A row of GetChatData, and the unix time from which its five days run."""

    seq: int
    at: float
    msgid: str
    publickey_ver: int
    encrypt_random_key: str
    encrypt_chat_msg: str

    def row(self) -> Json:
        """Give the row as the library does."""
        return {name: value for name, value in vars(self).items() if name != "at"}


@dataclass
class ArchivedFile:
    """A file that a message named."""

    sdkfileid: str
    digest: str
    size: int
    at: float


@dataclass
class Said:
    """A message that can be taken back: who said it, where, to whom."""

    msgid: str
    sender: str
    to: list[str]
    roomid: str
    archived: bool


@dataclass
class ChatLog:
    """One corp's archive; items are in the order of their seq, which has no gaps; those up to `lost` are forgotten."""

    seq: int = 0
    lost: int = 0
    count: int = 0
    keys: list[PublicKey] = field(default_factory=list)
    items: list[ArchivedItem] = field(default_factory=list)
    files: dict[str, ArchivedFile] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)

    def add(self, message: Json, at: float) -> bool:
        """Archive a message; without a public key nothing is."""
        if not self.keys:
            return False
        key, random_key, nonce = self.keys[-1], secrets.token_urlsafe(32).encode(), secrets.token_bytes(12)
        public = load_pem_public_key(key.pem.encode())
        assert isinstance(public, rsa.RSAPublicKey)
        plain = json.dumps(message, ensure_ascii=False).encode()
        sealed = nonce + AESGCM(hashlib.sha256(random_key).digest()).encrypt(nonce, plain, None)
        self.seq += 1
        item = ArchivedItem(
            self.seq, at, message["msgid"], key.version, _text(public.encrypt(random_key, padding.PKCS1v15())), _text(sealed)
        )  # fmt: skip
        self.items.append(item)
        return True

    def new_number(self) -> int:
        """Draw the next number of a message or file; one of its own, so that other ids stay the same for the same history."""
        self.count += 1
        return self.count

    def remember(self, said: Said) -> None:
        """Keep a message for somebody who takes it back."""
        self.said[said.msgid] = said
        if len(self.said) > REMEMBERED:
            del self.said[next(iter(self.said))]

    def sweep(self, horizon: float) -> None:
        """Forget what nobody can fetch any more."""
        gone = bisect_left(self.items, horizon, key=lambda item: item.at)
        if gone:
            self.lost = self.items[gone - 1].seq
            del self.items[:gone]
        self.files = {one: file for one, file in self.files.items() if file.at >= horizon - REMEMBERED_S}

    def after(self, seq: int, limit: int, horizon: float) -> list[ArchivedItem]:
        """Give rows behind a seq that are not older than the horizon."""
        start = max(
            bisect_right(self.items, seq, key=lambda item: item.seq),
            bisect_left(self.items, horizon, key=lambda item: item.at),
        )
        return self.items[start : start + limit]

    def has_lost(self, seq: int, horizon: float) -> bool:
        """Tell whether rows behind this seq are older than the horizon."""
        start = bisect_right(self.items, seq, key=lambda item: item.seq)
        return seq < self.lost or (start < len(self.items) and self.items[start].at < horizon)

    def digests(self) -> Iterator[str]:
        """Name the bytes that are still of use."""
        return (file.digest for file in self.files.values())

    def freeze(self) -> Json:
        """Write everything down."""
        rows = {name: list(getattr(self, name).values()) for name in ("files", "said")}
        counts = {name: getattr(self, name) for name in ("seq", "lost", "count")}
        return {**counts, "keys": self.keys, "items": self.items, **rows}

    def thaw(self, saved: Json) -> None:
        """Take everything in again."""
        self.seq, self.lost, self.count = (saved.get(name, 0) for name in ("seq", "lost", "count"))
        self.keys = [PublicKey(**row) for row in saved.get("keys", ())]
        self.items = [ArchivedItem(**row) for row in saved.get("items", ())]
        self.files = {row["sdkfileid"]: ArchivedFile(**row) for row in saved.get("files", ())}
        self.said = {row["msgid"]: Said(**row) for row in saved.get("said", ())}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
