"""The ingress as WeCom meets it: its own process, real HTTP, real PostgreSQL."""

import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from linli.kit.sealing import sealer_from_env
from linli.ledger.models import InboxRow, IngressCount
from linli.wecom.crypto import CallbackCrypto

KEY, TOKEN, AES = "k" * 24, "tokenForTests", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


def event(n: int = 0, extra: str = "") -> bytes:
    return (
        f"<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>{1300000000 + n}</CreateTime>"
        "<MsgType>event</MsgType><Event>change_external_contact</Event><ChangeType>add_external_contact</ChangeType>"
        f"<UserID>zhou</UserID><ExternalUserID>wm{n}</ExternalUserID>{extra}</xml>"
    ).encode()


class Line:
    def __init__(self, base: str, wecom_id: str) -> None:
        self.base, self.crypto = base, CallbackCrypto(token=TOKEN, aes_key=AES, receive_id=wecom_id)
        self.http = httpx.Client(timeout=10)

    def query(self, encrypt: str, signature: str) -> dict[str, str]:
        return {"msg_signature": signature, "timestamp": "1", "nonce": "2"}

    def post(self, plain: bytes, *, key: str = KEY, signature: str | None = None, body: bytes | None = None):
        sealed = self.crypto.encrypt(plain, timestamp="1", nonce="2")
        envelope = body or f"<xml><ToUserName>ww1</ToUserName><Encrypt>{sealed.encrypt}</Encrypt></xml>".encode()
        return self.http.post(
            f"{self.base}/callback/{key}", content=envelope,
            params=self.query(sealed.encrypt, signature or sealed.msg_signature),
        )  # fmt: skip


@pytest.fixture
def line(transactional_db, corp, settings):
    from linli.connect.models import CallbackLine

    seal = sealer_from_env().seal
    CallbackLine.objects.create(
        corp_id=corp.id, key=KEY, wecom_id=corp.wecom_id, agent_id=1,
        token_sealed=seal(TOKEN.encode(), place=f"connect.callback:{KEY}:token"),
        aes_key_sealed=seal(AES.encode(), place=f"connect.callback:{KEY}:aes_key"),
    )  # fmt: skip
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = settings.DATABASES["default"]
    env = os.environ | {
        "DATABASE_URL": os.environ["DATABASE_URL"].replace("/linli?", f"/{database['NAME']}?"),
        "PYTHONPATH": "src",
    }
    command = [sys.executable, "-m", "granian", "--port", str(port), "--interface", "asgi", "--factory", "--no-ws",
               "--log-level", "error", "linli.ingress.app:application"]  # fmt: skip
    process = subprocess.Popen(command, env=env)
    base = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            httpx.get(f"{base}/healthz")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield Line(base, corp.wecom_id)
    process.terminate()
    process.wait(10)


def counted() -> dict[str, int]:
    time.sleep(1.2)  # the ingress writes its counts each second
    return dict(IngressCount.objects.values_list("what", "count"))


def test_the_address_is_verified_within_a_second(line):
    sealed = line.crypto.encrypt(b"1616140317555161061", timestamp="1", nonce="2")
    started = time.monotonic()
    answer = line.http.get(
        f"{line.base}/callback/{KEY}", params={**line.query("", sealed.msg_signature), "echostr": sealed.encrypt}
    )
    assert (answer.status_code, answer.content) == (200, b"1616140317555161061")
    assert time.monotonic() - started < 1


def test_a_callback_is_a_row_before_it_is_answered_and_the_same_bytes_are_one_row(line, corp):
    assert line.post(event(1, "<WelcomeCode>CODE</WelcomeCode><State>shop-1</State>")).status_code == 200
    row = InboxRow.objects.get()
    assert (row.kind, row.object_key) == ("change_external_contact.add_external_contact", "customer:wm1")
    assert (row.welcome_code, row.welcome_state, row.user_id, row.channel_state) == ("CODE", 1, "zhou", "shop-1")
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: line.post(event(1, "<WelcomeCode>CODE</WelcomeCode><State>shop-1</State>")), range(16))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert InboxRow.objects.get().copies == 16


def test_it_says_whether_it_is_ready_and_answers_the_callers_id(line):
    answer = line.http.get(f"{line.base}/readyz", headers={"X-Request-ID": "balancer-1"})
    assert (answer.status_code, answer.json()) == (
        200, {"ready": True, "parts": {"database": "ok", "tables": "ok", "writing": "ok"}},
    )  # fmt: skip
    assert answer.headers["x-request-id"] == "balancer-1"
    assert len(line.post(event(1)).headers["x-request-id"]) == 32


def test_many_at_once_are_all_kept(line):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: line.post(event(n)).status_code, range(200)))
    assert answers == [200] * 200
    assert InboxRow.objects.count() == 200


def test_what_is_wrong_is_refused_counted_and_not_kept(line, corp):
    other = CallbackCrypto(token=TOKEN, aes_key=AES, receive_id="wwOther").encrypt(event(), timestamp="1", nonce="2")
    stranger = f"<xml><Encrypt>{other.encrypt}</Encrypt></xml>".encode()
    bomb = b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]><xml><Encrypt>&z;</Encrypt></xml>'
    outside = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><Encrypt>&x;</Encrypt></xml>'
    assert line.post(event(), signature="0" * 40).status_code == 403
    assert line.post(event(), body=stranger, signature=other.msg_signature).status_code == 403
    assert line.post(event(), body=bomb).status_code == 403
    assert line.post(event(), body=outside).status_code == 403
    assert line.post(event(), body=b"<xml>" + b"x" * 70_000 + b"</xml>").status_code == 413
    assert line.post(event(), key="unknown").status_code == 404
    assert InboxRow.objects.count() == 0
    counts = counted()
    assert {what: counts.get(what) for what in ("bad_signature", "wrong_corp", "bad_xml", "too_large")} == {
        "bad_signature": 1, "wrong_corp": 1, "bad_xml": 2, "too_large": 1,
    }  # fmt: skip
