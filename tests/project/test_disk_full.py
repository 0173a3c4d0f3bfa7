"""The disk fills while callbacks come: what was acknowledged is there, nothing else was, and the house recovers by itself."""

import contextlib
import hashlib
import os
import subprocess
from pathlib import Path

import httpx
import psycopg
import pytest

from linli.kit.sealing import KeyRing
from linli.wecom.crypto import CallbackCrypto
from tests.project.house import House, a_house, soon

KEY, TOKEN, AES = "k" * 24, "tokenForTests", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.fixture
def small(seed):
    """A running house on a disk of 250 MB."""
    with a_house() as house:
        disk = house.folder / "disk"
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=250m,mode=0755", "tmpfs", str(disk)], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("a small disk cannot be mounted here (root only): what happens on a full disk was NOT tried")
        try:
            house.env["LINLI_DATA_DIR"] = str(disk / "data")
            subprocess.run(["cp", "-a", str(seed), str(house.data)], check=True)
            house.up()
            yield house
            house.kill_all()
        finally:
            subprocess.run(["umount", "-l", str(disk)], check=True)


class Wecom:
    """Sends callbacks, remembers which were acknowledged."""

    def __init__(self, house: House) -> None:
        self.base = f"http://127.0.0.1:{house.env['LINLI_INGRESS_PORT']}/callback/{KEY}"
        self.crypto = CallbackCrypto(token=TOKEN, aes_key=AES, receive_id="ww1")
        self.kept: set[bytes] = set()
        self.count = 0

    def send(self, weight: int) -> int:
        """Its status, 0 without an answer; `weight` bytes that do not compress."""
        self.count += 1
        plain = (
            f"<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>{1300000000 + self.count}</CreateTime>"
            "<MsgType>event</MsgType><Event>change_external_contact</Event><ChangeType>edit_external_contact</ChangeType>"
            f"<UserID>zhou</UserID><ExternalUserID>wm{self.count}</ExternalUserID><Note>{os.urandom(weight // 2).hex()}</Note></xml>"
        ).encode()
        sealed = self.crypto.encrypt(plain, timestamp="1", nonce="2")
        body = f"<xml><ToUserName>ww1</ToUserName><Encrypt>{sealed.encrypt}</Encrypt></xml>"
        query = {"msg_signature": sealed.msg_signature, "timestamp": "1", "nonce": "2"}
        try:
            status = httpx.post(self.base, content=body, params=query, timeout=15).status_code
        except httpx.TransportError:
            return 0
        if status == 200:
            self.kept.add(hashlib.sha256(plain).digest())
        return status


def connected(house: House) -> Wecom:
    seal = KeyRing(house.data / "master.key").seal
    with house.database() as connection:
        connection.execute(
            "INSERT INTO access_corp (id, wecom_id, name, zone, created_at) VALUES (1, 'ww1', 'n', 'UTC', now())"
        )
        connection.execute(
            "INSERT INTO connect_callbackline (corp_id, key, wecom_id, agent_id, token_sealed, aes_key_sealed)"
            " VALUES (1, %s, 'ww1', 1, %s, %s)",
            [
                KEY,
                seal(TOKEN.encode(), place=f"connect.callback:{KEY}:token"),
                seal(AES.encode(), place=f"connect.callback:{KEY}:aes_key"),
            ],
        )
    return Wecom(house)


def fill(house: House) -> Path:
    """The last byte of the disk is taken."""
    filler = house.data.parent / "filler"
    with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size):
                    pass
    return filler


def missing(house: House, wecom: Wecom) -> int:
    with house.database() as connection:
        rows = connection.execute("SELECT payload_hash FROM ledger_inbox").fetchall()
    return len(wecom.kept - {bytes(row[0]) for row in rows})


def force_new_segment(house: House) -> None:
    """Let PostgreSQL need a new piece of its log, which a full disk has no room for: then it ends."""
    with contextlib.suppress(psycopg.Error), house.database() as connection:
        for _ in range(40):
            connection.execute("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000)), pg_switch_wal()")


def test_on_a_full_disk_nothing_acknowledged_is_lost_and_the_house_recovers(small):
    wecom = connected(small)
    assert [wecom.send(100) for _ in range(20)] == [200] * 20
    filler = fill(small)
    refused = []
    soon(lambda: bool(refused.append(wecom.send(40_000)) or refused[-1] != 200), lambda: str(refused), 120)
    assert refused[-1] in {0, 503}, "what cannot be kept is not acknowledged"
    force_new_segment(small)
    soon(lambda: "is full" in small.log() and "PostgreSQL ended" in small.log(), small.told)
    assert small.running[-1].poll() is None, "linli up stays"
    said = small.run("doctor", "--lang", "en").stdout
    assert "✗ Room on the disk" in said
    filler.unlink()
    soon(lambda: wecom.send(100) == 200, small.told, 120)
    soon(lambda: "there is room on the disk again" in small.log(), small.told)
    assert missing(small, wecom) == 0
    assert len(wecom.kept) >= 21
    small.down()
