"""WeCom's callback crypto: a sorted SHA-1 signature around AES-256-CBC with 32-byte padding (wire.md F.2)."""

import binascii
import secrets
import struct
from dataclasses import dataclass
from hashlib import sha1
from hmac import compare_digest

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from linli.wecom.errors import (
    BadAesKey,
    BadBase64,
    BadCipherText,
    BadPadding,
    BadPlainText,
    SignatureMismatch,
    WrongReceiver,
)

_PAD_BLOCK = 32
_AES_BLOCK = 16
_RANDOM = 16
_HEAD = _RANDOM + 4
_KEY_TEXT = 43
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An encrypted message with what its signature covers; `encrypt` is base64, `msg_signature` lower hex."""

    encrypt: str
    msg_signature: str
    timestamp: str
    nonce: str


class CallbackCrypto:
    """Opens and seals the callbacks of one app.

    `receive_id` is the corp ID for a self-built app. Raises BadAesKey for a key that is not WeCom's.
    """

    def __init__(self, *, token: str, aes_key: str, receive_id: str) -> None:
        self._token = token
        self._receive_id = receive_id.encode()
        key = _decode_key(aes_key)
        self._cipher = Cipher(AES(key), CBC(key[:_AES_BLOCK]))

    def verify_url(self, *, msg_signature: str, timestamp: str, nonce: str, echostr: str) -> bytes:
        """Return the bytes to answer to WeCom's URL check, within 1 second and with nothing around them."""
        return self.decrypt(msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, encrypt=echostr)

    def decrypt(self, *, msg_signature: str, timestamp: str, nonce: str, encrypt: str) -> bytes:
        """Return the plain message of an envelope; raises the CryptoError that says what is wrong."""
        expected = self._sign(timestamp, nonce, encrypt)
        if not compare_digest(expected.encode(), msg_signature.encode(errors="replace")):
            raise SignatureMismatch
        return self._open(encrypt)

    def encrypt(self, plain: bytes, *, timestamp: str, nonce: str, random: bytes | None = None) -> Sealed:
        """Seal a message; `random` is 16 bytes, given only by tests that need a fixed cipher text."""
        head = secrets.token_bytes(_RANDOM) if random is None else random
        if len(head) != _RANDOM:
            message = f"random must be {_RANDOM} bytes"
            raise ValueError(message)
        body = head + _LENGTH.pack(len(plain)) + plain + self._receive_id
        pad = _PAD_BLOCK - len(body) % _PAD_BLOCK
        encryptor = self._cipher.encryptor()
        data = encryptor.update(body + bytes((pad,)) * pad) + encryptor.finalize()
        text = binascii.b2a_base64(data, newline=False).decode()
        return Sealed(
            encrypt=text,
            msg_signature=self._sign(timestamp, nonce, text),
            timestamp=timestamp,
            nonce=nonce,
        )

    def passive_reply(self, plain: bytes, *, timestamp: str, nonce: str, random: bytes | None = None) -> bytes:
        """Return the XML body that answers a callback with a message (wire.md F.2)."""
        if not timestamp.isdecimal() or "]]>" in nonce:
            message = "timestamp must be unix seconds and nonce free of ]]>"
            raise ValueError(message)
        sealed = self.encrypt(plain, timestamp=timestamp, nonce=nonce, random=random)
        return (
            f"<xml>\n<Encrypt><![CDATA[{sealed.encrypt}]]></Encrypt>\n"
            f"<MsgSignature><![CDATA[{sealed.msg_signature}]]></MsgSignature>\n"
            f"<TimeStamp>{timestamp}</TimeStamp>\n"
            f"<Nonce><![CDATA[{nonce}]]></Nonce>\n</xml>"
        ).encode()

    def _sign(self, timestamp: str, nonce: str, encrypt: str) -> str:
        joined = "".join(sorted((self._token, timestamp, nonce, encrypt)))
        # WeCom's protocol fixes SHA-1; the secret token inside makes it a keyed check.
        return sha1(joined.encode(errors="replace"), usedforsecurity=False).hexdigest()

    def _open(self, encrypt: str) -> bytes:
        try:
            data = binascii.a2b_base64(encrypt, strict_mode=True)
        except ValueError as error:
            raise BadBase64 from error
        if not data or len(data) % _AES_BLOCK:
            raise BadCipherText
        decryptor = self._cipher.decryptor()
        body = decryptor.update(data) + decryptor.finalize()
        pad = body[-1]
        # Pads of 17 to 32 are legal here, so a stock unpadder for 16-byte blocks would refuse good messages.
        if not 1 <= pad <= min(_PAD_BLOCK, len(body)) or not body.endswith(bytes((pad,)) * pad):
            raise BadPadding
        if len(body) - pad < _HEAD:
            raise BadPlainText
        end = _HEAD + _LENGTH.unpack_from(body, _RANDOM)[0]
        if end > len(body) - pad:
            raise BadPlainText
        if not compare_digest(body[end:-pad], self._receive_id):
            raise WrongReceiver
        return body[_HEAD:end]


def _decode_key(aes_key: str) -> bytes:
    if len(aes_key) != _KEY_TEXT or not aes_key.isascii() or not aes_key.isalnum():
        raise BadAesKey
    # The last character carries spare bits that need not be zero: strict decoders refuse real keys.
    return binascii.a2b_base64(aes_key + "=")
