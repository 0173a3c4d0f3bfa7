"""Signing and encrypting callbacks with wechatpy, so that a misread of the crypto cannot cancel out."""

import base64
import secrets
from dataclasses import dataclass

from wechatpy.utils import WeChatSigner

from wecom_sandbox.records import Callback

try:
    from wechatpy.work.crypto import PrpCrypto, WeChatCrypto
except ImportError:  # before wechatpy 2
    from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto

__all__ = ["PrpCrypto", "Sealed", "WeChatCrypto", "envelope", "seal"]


@dataclass(frozen=True)
class Sealed:
    """A ciphertext with the query parameters that vouch for it."""

    encrypt: str
    query: dict[str, str]


def seal(text: str, *, callback: Callback, corp_id: str, at: int) -> Sealed:
    """Encrypt a text to the app; timestamp, nonce and random bytes are new for every attempt."""
    key = base64.b64decode(callback.aes_key + "=")
    encrypt: str = PrpCrypto(key).encrypt(text, corp_id).decode()
    timestamp, nonce = str(at), str(secrets.randbelow(10**10))
    signer = WeChatSigner()
    signer.add_data(callback.token, timestamp, nonce, encrypt)
    return Sealed(encrypt, {"msg_signature": str(signer.signature), "timestamp": timestamp, "nonce": nonce})


def envelope(sealed: Sealed, *, corp_id: str, agentid: int) -> str:
    """Wrap a ciphertext into the body of the POST."""
    return (
        f"<xml><ToUserName><![CDATA[{corp_id}]]></ToUserName>"
        f"<Encrypt><![CDATA[{sealed.encrypt}]]></Encrypt>"
        f"<AgentID><![CDATA[{agentid}]]></AgentID></xml>"
    )
