import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.wecom.envelope import Envelope, parse_envelope
from linli.wecom.errors import BadXml, BodyTooLarge, CallbackError

GOOD = (
    b"<xml><ToUserName><![CDATA[ww1]]></ToUserName><AgentID><![CDATA[9]]></AgentID>"
    b"<Encrypt><![CDATA[abc=]]></Encrypt></xml>"
)


def test_elements_are_read_by_name_in_any_order():
    assert parse_envelope(GOOD) == Envelope("ww1", "9", "abc=")
    assert parse_envelope(b"<xml><Encrypt>e</Encrypt><ToUserName>c</ToUserName></xml>") == Envelope("c", "", "e")


def test_64_kib_is_the_limit():
    inside = b"<xml><Encrypt>%s</Encrypt></xml>"
    room = 64 * 1024 - len(inside % b"")
    assert len(parse_envelope(inside % (b"a" * room)).encrypt) == room
    with pytest.raises(BodyTooLarge):
        parse_envelope(inside % (b"a" * (room + 1)))


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
XXE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><xml><Encrypt>&f;</Encrypt></xml>'
OUTER_DTD = b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml><Encrypt>a</Encrypt></xml>'


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\x00", b"not xml", b"<xml>", b"<xml/>", b"<xml><Encrypt></Encrypt></xml>", b"\xff\xfe\xff", GOOD[:-1],
        b'<?xml version="1.0" encoding="no-such"?><xml><Encrypt>a</Encrypt></xml>',
        BOMB, XXE, OUTER_DTD, BOMB.decode().encode("utf-16"), b"<!DOCTYPE xml>" + GOOD,
    ],
)  # fmt: skip
def test_broken_or_dangerous_xml_is_refused(body):
    with pytest.raises(BadXml) as caught:
        parse_envelope(body)
    assert caught.value.code == -40002


@given(st.binary(max_size=300))
def test_any_bytes_raise_only_our_errors(body):
    with pytest.raises(CallbackError):
        parse_envelope(body)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_one_changed_byte_raises_only_our_errors(at, value):
    body = GOOD[:at] + bytes([value]) + GOOD[at + 1 :]
    try:
        assert parse_envelope(body).encrypt
    except CallbackError as error:
        assert error.code in (-40002, -90101)
