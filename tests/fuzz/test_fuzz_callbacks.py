"""Whatever is posted to the callback address ends in a typed error or in values, never in anything else."""

import base64
import contextlib

from hypothesis import example, given, settings
from hypothesis import strategies as st

from linli.wecom.crypto import CallbackCrypto
from linli.wecom.envelope import Envelope, parse_envelope
from linli.wecom.errors import CallbackError, CryptoError
from linli.wecom.events import Peek, known_kinds, parse_event, peek

FUZZ = settings(max_examples=300, derandomize=True, deadline=None, database=None)
CRYPTO = CallbackCrypto(token="t", aes_key="abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", receive_id="ww1")
KINDS = sorted(known_kinds())
TAGS = ("ToUserName", "CreateTime", "MsgType", "Event", "ChangeType", "UserID", "ExternalUserID", "ChatId", "State",
        "WelcomeCode", "UpdateDetail", "JoinScene", "MemChangeList", "Item", "Encrypt", "AgentID", "TagType", "Id", "StrategyId")  # fmt: skip
WORDS = st.one_of(
    st.text(max_size=30), st.integers().map(str), st.sampled_from([word for kind in KINDS for word in kind.split(".")])
)
HOSTILE = st.sampled_from([
    b"", b"<", b"<xml>", b"<xml/>", b"\x00", b"\xff\xfe<\x00x\x00", b"<xml>" * 500, b'<!DOCTYPE a [<!ENTITY x "y">]><xml>&x;</xml>',
    b'<?xml version="1.0" encoding="utf-16"?><xml/>', b'<?xml version="1.0" encoding="nonsense"?><xml/>', b"<xml><![CDATA[", b"<xml>&#0;</xml>",
    b'<xml xmlns:a="b" a:a="c"/>', b"<xml>" + b"x" * 70_000 + b"</xml>",
])  # fmt: skip


@st.composite
def documents(draw):
    """XML that looks like a callback, more or less."""
    parts = draw(st.lists(st.tuples(st.sampled_from(TAGS), WORDS, st.booleans()), max_size=12))
    inner = "".join(
        f"<{tag}><![CDATA[{text.replace(']]>', '')}]]></{tag}>" if cdata else f"<{tag}><Item>{tag}</Item></{tag}>"
        for tag, text, cdata in parts
    )
    body = f"<xml>{inner}</xml>".encode(errors="replace")
    cut = draw(st.integers(0, len(body))) if draw(st.booleans()) else len(body)
    return body[:cut]


BODIES = st.one_of(st.binary(max_size=400), HOSTILE, documents())


@FUZZ
@given(BODIES)
def test_an_envelope_is_read_or_refused(body):
    with contextlib.suppress(CallbackError):
        assert isinstance(parse_envelope(body), Envelope)


@FUZZ
@given(BODIES)
def test_an_event_is_read_or_refused(body):
    for read in (peek, parse_event):
        try:
            found = read(body)
        except CallbackError:
            continue
        assert isinstance(found, Peek) or found is not None


@FUZZ
@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_a_strangers_signature_is_refused(signature, timestamp, nonce, encrypt):
    try:
        CRYPTO.decrypt(msg_signature=signature, timestamp=timestamp, nonce=nonce, encrypt=encrypt)
    except CryptoError:
        return
    raise AssertionError("nobody can sign without the token")


@FUZZ
@given(
    st.one_of(st.binary(max_size=120).map(base64.b64encode), st.binary(max_size=120)).map(lambda b: b.decode("latin-1"))
)
@example(base64.b64encode(bytes(16)).decode())
@example(base64.b64encode(bytes(32)).decode())
def test_rightly_signed_rubbish_is_refused(encrypt):
    """Who knows the token but not the key: the signature holds, what is inside does not."""
    signed = CRYPTO._sign("1", "2", encrypt)
    try:
        CRYPTO.decrypt(msg_signature=signed, timestamp="1", nonce="2", encrypt=encrypt)
    except CryptoError:
        return
    raise AssertionError("rubbish was opened")


@FUZZ
@given(st.binary(max_size=300), st.integers(0, 200), st.integers(0, 255))
def test_a_flipped_byte_is_refused_or_opens_to_other_bytes(plain, place, value):
    """What was sealed opens; a changed byte under a valid signature never ends in an unexpected error."""
    sealed = CRYPTO.encrypt(plain, timestamp="1", nonce="2")
    raw = bytearray(base64.b64decode(sealed.encrypt))
    raw[place % len(raw)] ^= value
    changed = base64.b64encode(bytes(raw)).decode()
    try:
        opened = CRYPTO.decrypt(
            msg_signature=CRYPTO._sign("1", "2", changed), timestamp="1", nonce="2", encrypt=changed
        )
    except CryptoError:
        assert value
    else:
        assert opened == plain or value
