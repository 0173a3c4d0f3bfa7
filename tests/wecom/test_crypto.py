import base64
import json
import struct
from hashlib import sha1

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from linli.wecom import errors
from linli.wecom.crypto import CallbackCrypto
from linli.wecom.envelope import parse_envelope
from tests.wecom.support import fixture, json_fixture, sample

TOKEN, KEY, CORP = "sampleToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "ww00corp"
CRYPTO = CallbackCrypto(token=TOKEN, aes_key=KEY, receive_id=CORP)


def _vectors(raw: list[dict]) -> None:
    assert len(raw) >= 4
    for v in raw:
        crypto = CallbackCrypto(token=v["token"], aes_key=v["encoding_aes_key"], receive_id=v["receive_id"])
        signed = {key: v[key] for key in ("msg_signature", "timestamp", "nonce")}
        plain = crypto.decrypt(**signed, encrypt=v["encrypt"])
        assert plain.decode() == v["msg"], v["name"]
        assert crypto.verify_url(**signed, echostr=v["encrypt"]) == plain
        random = bytes.fromhex(v["random_hex"]) if "random_hex" in v else v["random16"].encode("latin-1")
        sealed = crypto.encrypt(plain, timestamp=v["timestamp"], nonce=v["nonce"], random=random)
        assert (sealed.encrypt, sealed.msg_signature) == (v["encrypt"], v["msg_signature"]), v["name"]


def test_official_vectors_both_directions():
    _vectors(json_fixture("crypto_vectors.json"))


def test_own_vectors_both_directions_with_pads_above_16():
    raw = json.loads(sample("crypto.json"))
    assert max(v["pad_byte"] for v in raw) > 16
    _vectors(raw)


def test_passive_reply_reproduces_the_fixture():
    v = next(v for v in json_fixture("crypto_vectors.json") if v["name"] == "wechatpy-reply-fixed-random")
    crypto = CallbackCrypto(token=v["token"], aes_key=v["encoding_aes_key"], receive_id=v["receive_id"])
    reply = crypto.passive_reply(
        v["msg"].encode(), timestamp=v["timestamp"], nonce=v["nonce"], random=v["random16"].encode("latin-1")
    )
    assert reply.strip() == fixture("callback.envelope.passive_reply.xml").strip()


def test_passive_reply_can_be_opened_again():
    xml = {x.tag: x.text for x in fromstring(CRYPTO.passive_reply("好".encode(), timestamp="7", nonce="n"))}
    assert (xml["TimeStamp"], xml["Nonce"]) == ("7", "n")
    plain = CRYPTO.decrypt(msg_signature=xml["MsgSignature"], timestamp="7", nonce="n", encrypt=xml["Encrypt"])
    assert plain.decode() == "好"


@pytest.mark.parametrize(("timestamp", "nonce"), [("x", "n"), ("", "n"), ("1", "]]>")])
def test_passive_reply_refuses_what_would_break_the_xml(timestamp, nonce):
    with pytest.raises(ValueError, match="timestamp"):
        CRYPTO.passive_reply(b"", timestamp=timestamp, nonce=nonce)


def _open(encrypt: str, crypto: CallbackCrypto = CRYPTO) -> bytes:
    signature = sha1("".join(sorted([TOKEN, "1", "2", encrypt])).encode()).hexdigest()
    return crypto.decrypt(msg_signature=signature, timestamp="1", nonce="2", encrypt=encrypt)


def _raw(body: bytes) -> str:
    key = base64.b64decode(KEY + "=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(body) + encryptor.finalize()).decode()


def _plain(message: bytes, receiver: bytes = CORP.encode(), length: int | None = None) -> bytes:
    body = b"r" * 16 + struct.pack(">I", len(message) if length is None else length) + message + receiver
    pad = 32 - len(body) % 32
    return body + bytes([pad]) * pad


def test_signature_is_checked_before_anything_is_opened():
    sealed = CRYPTO.encrypt(b"hi", timestamp="1", nonce="2")
    good = sealed.msg_signature
    for bad in ("", good[:-1], good.upper(), "é" * 40, "\ud800"):
        with pytest.raises(errors.SignatureMismatch):
            CRYPTO.decrypt(msg_signature=bad, timestamp="1", nonce="2", encrypt=sealed.encrypt)
    for part in ("timestamp", "nonce", "encrypt"):
        arguments = {"timestamp": "1", "nonce": "2", "encrypt": sealed.encrypt, part: "!"}
        with pytest.raises(errors.SignatureMismatch):
            CRYPTO.decrypt(msg_signature=good, **arguments)


def test_receiver_must_be_ours():
    for receiver in (b"ww00other", b"", CORP.encode() + b"x"):
        with pytest.raises(errors.WrongReceiver):
            _open(_raw(_plain(b"hi", receiver)))


@pytest.mark.parametrize("pad", [0, 33, 255])
def test_padding_outside_1_to_32_is_refused(pad):
    with pytest.raises(errors.BadPadding):
        _open(_raw(_plain(b"hi")[:-1] + bytes([pad])))


def test_padding_bytes_must_agree():
    body = bytearray(_plain(b"hi"))
    assert body[-1] > 1
    body[-2] ^= 1
    with pytest.raises(errors.BadPadding):
        _open(_raw(bytes(body)))


@pytest.mark.parametrize("length", [2 + len(CORP) + 1, 2**32 - 1])
def test_a_length_beyond_the_text_is_refused(length):
    with pytest.raises(errors.BadPlainText):
        _open(_raw(_plain(b"hi", length=length)))


def test_a_text_without_head_is_refused():
    with pytest.raises(errors.BadPlainText):
        _open(_raw(b"\x10" * 16))


@pytest.mark.parametrize("text", ["*", "abc", "YWJj!", "中文"])
def test_broken_base64(text):
    with pytest.raises(errors.BadBase64):
        _open(text)


@pytest.mark.parametrize("text", ["", "YWJj"])
def test_cipher_text_must_be_whole_blocks(text):
    with pytest.raises(errors.BadCipherText):
        _open(text)


@pytest.mark.parametrize("key", ["", "a" * 42, "a" * 44, "a" * 42 + "-", "密" * 43])
def test_bad_keys(key):
    with pytest.raises(errors.BadAesKey):
        CallbackCrypto(token="t", aes_key=key, receive_id="c")


def test_a_key_with_spare_bits_is_taken():
    CallbackCrypto(token="t", aes_key="a" * 42 + "9", receive_id="c").encrypt(b"x", timestamp="1", nonce="2")


def test_random_must_be_16_bytes():
    with pytest.raises(ValueError, match="16"):
        CRYPTO.encrypt(b"x", timestamp="1", nonce="2", random=b"short")


@given(st.binary(max_size=2000), st.text(max_size=20), st.text(max_size=20))
def test_round_trip(plain, timestamp, nonce):
    sealed = CRYPTO.encrypt(plain, timestamp=timestamp, nonce=nonce)
    opened = CRYPTO.decrypt(
        msg_signature=sealed.msg_signature, timestamp=timestamp, nonce=nonce, encrypt=sealed.encrypt
    )
    assert opened == plain


@given(st.binary(min_size=16, max_size=200))
def test_any_signed_bytes_raise_only_our_errors(body):
    try:
        _open(base64.b64encode(body).decode())
    except errors.CryptoError as error:
        assert error.code < 0
        assert error.zh


def test_envelope_opens_end_to_end():
    v = next(v for v in json_fixture("crypto_vectors.json") if v["name"] == "official-receive-text")
    envelope = parse_envelope(fixture("callback.envelope.request.xml"))
    assert (envelope.to_user_name, envelope.agent_id) == (v["receive_id"], "218")
    crypto = CallbackCrypto(token=v["token"], aes_key=v["encoding_aes_key"], receive_id=v["receive_id"])
    signed = {key: v[key] for key in ("msg_signature", "timestamp", "nonce")}
    assert crypto.decrypt(**signed, encrypt=envelope.encrypt).decode() == v["msg"]
