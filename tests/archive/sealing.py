"""Messages encrypted as the archive has them, for tests without the sandbox: real RSA around the key, the test library's XOR within."""

import base64
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@cache
def key(number: int = 1) -> rsa.RSAPrivateKey:
    """A key pair, the same for the same number while the tests run."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(number: int = 1) -> str:
    return key(number).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(number: int = 1) -> str:
    return key(number).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def row(seq: int, message: dict[str, Any], *, version: int = 1, number: int = 1) -> dict[str, Any]:
    """A row of GetChatData for the library of the tests."""
    random_key = f"random-key-{seq}".encode()
    plain = json.dumps(message).encode()
    hidden = bytes(byte ^ random_key[at % len(random_key)] for at, byte in enumerate(plain)).hex()
    wrapped = base64.b64encode(key(number).public_key().encrypt(random_key, padding.PKCS1v15())).decode()
    return {
        "seq": seq, "msgid": message["msgid"], "publickey_ver": version, "encrypt_random_key": wrapped, "encrypt_chat_msg": hidden,
    }  # fmt: skip


def page(*rows: dict[str, Any]) -> str:
    return json.dumps({"errcode": 0, "errmsg": "ok", "chatdata": list(rows)})


def text(msgid: str, content: str = "在吗", at: int = 1_603_875_610_000) -> dict[str, Any]:
    return {
        "msgid": msgid, "action": "send", "from": "kens", "tolist": ["wm1"], "roomid": "", "msgtime": at, "msgtype": "text",
        "text": {"content": content},
    }  # fmt: skip
