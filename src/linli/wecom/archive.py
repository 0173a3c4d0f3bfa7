"""The message archive behind one interface (wire.md G.1), whatever stands at its back: the vendor's library, the sandbox, nothing.

A pull asks for encrypted rows behind a seq, unwraps each row's random key with the private key of its version (RSA, PKCS#1
v1.5, done here), and lets the back decrypt the message with it. Rows and files can be fetched for five days.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from linli.wecom.archive_errors import ArchiveOff, KeyMissing, NotDecrypted, archive_error
from linli.wecom.archive_messages import ArchivedMessage, parse_message
from linli.wecom.errors import BadAnswer, BadValue

WINDOW = timedelta(days=5)
PAGE = 1000
PIECE = 512 * 1024
_KEY_BITS = 2048
_MOST = 2**63  # a seq is an unsigned 64-bit number of which half can be kept
_DECRYPT = "DecryptData"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptedMessage:
    """One row of GetChatData; both encrypted parts are base64."""

    seq: int
    msgid: str
    key_version: int
    random_key: str = field(repr=False)
    message: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaChunk:
    """A piece of a file, at most 512 KB, and the index buffer with which the next one is asked for."""

    data: bytes = field(repr=False)
    index: str
    finished: bool


class ArchiveBack(Protocol):
    """Where archived messages come from. Calls raise ArchiveError, ApiError or TransportError; none changes anything."""

    def chat_data(self, seq: int, limit: int) -> tuple[EncryptedMessage, ...]:
        """Return up to `limit` (at most 1000) rows behind `seq`; none means that there is nothing more now."""

    def decrypt(self, random_key: bytes, message: str) -> bytes:
        """Return the JSON of a message, opened with its unwrapped key; NotDecrypted when it does not open."""

    def media_chunk(self, sdkfileid: str, index: str) -> MediaChunk:
        """Return the piece of a file at an index buffer, "" for the first."""

    def close(self) -> None:
        """Let go of what is held."""


class NoBack:
    """No archive: every call says so, so that nothing reads as "no messages"."""

    def chat_data(self, seq: int, limit: int) -> tuple[EncryptedMessage, ...]:  # noqa: ARG002 - as the protocol has it
        """Raise ArchiveOff."""
        raise ArchiveOff

    def decrypt(self, random_key: bytes, message: str) -> bytes:  # noqa: ARG002 - as the protocol has it
        """Raise ArchiveOff."""
        raise ArchiveOff

    def media_chunk(self, sdkfileid: str, index: str) -> MediaChunk:  # noqa: ARG002 - as the protocol has it
        """Raise ArchiveOff."""
        raise ArchiveOff

    def close(self) -> None:
        """Nothing is held."""


class Keyring:
    """The private keys by version of their public keys; all versions are kept, because old messages need theirs."""

    def __init__(self, keys: Mapping[int, rsa.RSAPrivateKey]) -> None:
        self._keys = dict(keys)

    def unwrap(self, row: EncryptedMessage) -> bytes:
        """Return a row's random key; KeyMissing when its version is not here or cannot have wrapped it.

        OpenSSL answers a wrong key with random bytes instead of an error: then the message does not open.
        """
        key = self._keys.get(row.key_version)
        if key is None:
            raise KeyMissing(row.key_version)
        try:
            return key.decrypt(base64.b64decode(row.random_key, validate=True), padding.PKCS1v15())
        except (ValueError, binascii.Error):
            raise KeyMissing(row.key_version) from None


def load_key(pem: str) -> rsa.RSAPrivateKey:
    """Read a private key as WeCom's archive needs it: RSA with 2048 bits, PEM, no password; BadValue otherwise."""
    field_ = "private_key"
    try:
        key = load_pem_private_key(pem.strip().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadValue(
            field_, "这不是 PEM 格式、没有密码的私钥", "This is no private key in PEM without a password"
        ) from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != _KEY_BITS:
        raise BadValue(field_, "要 2048 位的 RSA 私钥", "An RSA key with 2048 bits is needed")
    return key


def check_page(seq: int, limit: int) -> None:
    """Raise BadValue for what the library refuses with 10000."""
    if seq < 0 or not 0 < limit <= PAGE:
        raise BadValue("limit", f"seq 不小于 0，limit 为 1 到 {PAGE}", f"seq is 0 or more, limit 1 to {PAGE}")


def read_chat_data(answer: bytes | Mapping[str, Any]) -> tuple[EncryptedMessage, ...]:
    """Read GetChatData's answer; raises what its errcode means, BadAnswer where the list or a needed value is missing."""
    api = "GetChatData"
    try:
        data = json.loads(answer) if isinstance(answer, bytes) else answer
    except ValueError:
        raise BadAnswer(api, "the answer is not JSON") from None
    if not isinstance(data, Mapping) or not isinstance(code := data.get("errcode"), int):
        raise BadAnswer(api, "the answer has no errcode")
    if code:
        raise archive_error(code, str(data.get("errmsg", "")), api)
    rows = data.get("chatdata")
    if not isinstance(rows, list):
        raise BadAnswer(api, "chatdata is missing")
    return tuple(_row(one, api) for one in rows)


def chat_data_row(row: EncryptedMessage) -> dict[str, Any]:
    """Return a row as GetChatData has it."""
    return {
        "seq": row.seq, "msgid": row.msgid, "publickey_ver": row.key_version, "encrypt_random_key": row.random_key,
        "encrypt_chat_msg": row.message,
    }  # fmt: skip


def open_message(back: ArchiveBack, keys: Keyring, row: EncryptedMessage) -> ArchivedMessage:
    """Decrypt one row; raises KeyMissing or NotDecrypted, and what the back raises."""
    plain = back.decrypt(keys.unwrap(row), row.message)
    try:
        data = json.loads(plain)
    except ValueError:
        raise NotDecrypted(10008, _DECRYPT) from None
    return parse_message({"msgid": row.msgid, **data} if isinstance(data, dict) else data)


def media_chunks(back: ArchiveBack, sdkfileid: str, index: str = "") -> Iterator[MediaChunk]:
    """Fetch a file piece by piece, from an index buffer on; ends with the piece that is `finished`.

    Raises BadAnswer when an index buffer repeats: the file would never end.
    """
    seen = {index}
    while True:
        chunk = back.media_chunk(sdkfileid, index)
        yield chunk
        if chunk.finished:
            return
        index = chunk.index
        if index in seen:
            raise BadAnswer("GetMediaData", "the index buffer repeats")
        seen.add(index)


def _row(data: object, api: str) -> EncryptedMessage:
    texts = ("msgid", "encrypt_random_key", "encrypt_chat_msg")
    if not isinstance(data, dict) or not all(isinstance(data.get(name), str) for name in texts):
        raise BadAnswer(api, "a row lacks a text")
    if not all(type(data.get(name)) is int and 0 <= data[name] < _MOST for name in ("seq", "publickey_ver")):
        raise BadAnswer(api, "a row lacks a number, or has one beyond all measure")
    return EncryptedMessage(
        seq=data["seq"], msgid=data["msgid"], key_version=data["publickey_ver"],
        random_key=data["encrypt_random_key"], message=data["encrypt_chat_msg"],
    )  # fmt: skip
