"""The archive of the sandbox: over HTTP what the vendor's library gives in memory (src/wecom_sandbox/README.md)."""

import base64
import binascii
import hashlib
from typing import Any

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from linli.wecom.archive import EncryptedMessage, MediaChunk, check_page, read_chat_data
from linli.wecom.archive_errors import NotDecrypted, archive_error
from linli.wecom.errors import BadAnswer, NoAnswer, NotSent
from linli.wecom.secrecy import scrub

_NONCE = 12


class SandboxBack:
    """Speaks for one corp with the archive's secret; `http` is the caller's and stays open."""

    def __init__(self, base_url: str, corp_id: str, secret: str, http: httpx.Client) -> None:
        self._base_url = base_url.rstrip("/")
        self._who = {"corpid": corp_id, "secret": secret}
        self._http = http

    def chat_data(self, seq: int, limit: int) -> tuple[EncryptedMessage, ...]:
        """Return rows behind a seq."""
        check_page(seq, limit)
        return read_chat_data(self._ask("archive/chatdata", {"seq": seq, "limit": limit}))

    def decrypt(self, random_key: bytes, message: str) -> bytes:
        """AES-256-GCM under the SHA-256 of the random key; the nonce stands before the ciphertext."""
        try:
            sealed = base64.b64decode(message, validate=True)
            return AESGCM(hashlib.sha256(random_key).digest()).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (InvalidTag, ValueError, binascii.Error):
            raise NotDecrypted(10008, "DecryptData") from None

    def media_chunk(self, sdkfileid: str, index: str) -> MediaChunk:
        """Return one piece of a file."""
        api = "archive/media"
        answer = self._ask(api, {"indexbuf": index, "sdkfileid": sdkfileid})
        if answer.get("errcode") != 0:
            raise archive_error(int(answer.get("errcode") or 10002), str(answer.get("errmsg", "")), api)
        try:
            data = base64.b64decode(answer["data"], validate=True)
            return MediaChunk(data=data, index=str(answer["outindexbuf"]), finished=answer["is_finish"] == 1)
        except (KeyError, TypeError, ValueError):
            raise BadAnswer(api, "a value is missing or of the wrong type") from None

    def close(self) -> None:
        """The connections are the caller's."""

    def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = self._http.post(f"{self._base_url}/{path}", json={**self._who, **body})
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise NotSent(path, scrub(str(error))) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise NoAnswer(path, type(error).__name__) from None
        try:
            answer = response.json()
        except ValueError:
            raise NoAnswer(path, f"HTTP {response.status_code}, not JSON") from None
        if not isinstance(answer, dict):
            raise BadAnswer(path, "an object was expected")
        return answer
