"""A storm: 500 callbacks a second, 30 of them new friends with a welcome to say, while the whole order file is imported.

`python -m bench.storm [seconds] [callbacks a second]`; 20 s by default, the record is 600. All processes are real; WeCom is
bench/standin.py.
It is no part of `make bench`: it takes the whole machine.
The rate is kept whatever the answers do, so a slow answer is seen by all that come behind it.
"""

import asyncio
import os
import random
import statistics
import sys
import time
from urllib.parse import urlencode

from bench.ground import house, server
from bench.load import request
from bench.memory import pss_mb

KEY, TOKEN, AES = "s" * 24, "stormToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ADDS, ACK_MS, WELCOME_MS = 0.06, 200, 3000
PORTS = {"LINLI_CONSOLE_PORT": "18610", "LINLI_INGRESS_PORT": "18611"}


class Maker:
    """Signs callbacks: of a hundred 6 adds, 80 edits of known customers, 12 group changes, 2 tags."""

    def __init__(self, crypto) -> None:
        self._crypto, self._random = crypto, random.Random(7)
        self._people: list[str] = []
        self.made = self.adds = 0

    def next(self) -> bytes:
        self.made += 1
        n, now, draw = self.made, int(time.time()), self._random.random()
        if draw < ADDS or not self._people:
            self.adds += 1
            who = f"wm_{now}_{n}"
            self._people.append(who)
            return self._sealed(now, "change_external_contact", "add_external_contact",
                                f"<UserID>zhou</UserID><ExternalUserID>{who}</ExternalUserID><State>storm</State>"
                                f"<WelcomeCode>W{n}</WelcomeCode>")  # fmt: skip
        if draw < 0.86:
            who = self._random.choice(self._people[-2000:])
            return self._sealed(now, "change_external_contact", "edit_external_contact",
                                f"<UserID>zhou</UserID><ExternalUserID>{who}</ExternalUserID><N>{n}</N>")  # fmt: skip
        if draw < 0.98:
            chat = f"wr{self._random.randrange(200)}"
            return self._sealed(now, "change_external_chat", "update",
                                f"<ChatId>{chat}</ChatId><UpdateDetail>change_name</UpdateDetail><N>{n}</N>")  # fmt: skip
        tag = f"et{self._random.randrange(10)}"
        return self._sealed(now, "change_external_tag", "update", f"<Id>{tag}</Id><TagType>tag</TagType><N>{n}</N>")

    def _sealed(self, at: int, event: str, change: str, rest: str) -> bytes:
        plain = (
            f"<xml><ToUserName>wwstorm</ToUserName><FromUserName>sys</FromUserName><CreateTime>{at}</CreateTime>"
            f"<MsgType>event</MsgType><Event>{event}</Event><ChangeType>{change}</ChangeType>{rest}</xml>"
        ).encode()
        sealed = self._crypto.encrypt(plain, timestamp=str(at), nonce="2")
        query = urlencode({"msg_signature": sealed.msg_signature, "timestamp": str(at), "nonce": "2"})
        return request(f"/callback/{KEY}?{query}", f"<xml><Encrypt>{sealed.encrypt}</Encrypt></xml>".encode())


async def storm(port: int, maker: Maker, seconds: float, rate: float) -> list[float]:
    """Sends on schedule over 64 connections; milliseconds from when each was due to its 200."""
    due: asyncio.Queue[float | None] = asyncio.Queue()
    took: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (at := await due.get()) is not None:
            writer.write(maker.next())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"not answered 200: {head[:60]!r}")
            if b"chunked" in head.lower():
                await reader.readuntil(b"0\r\n\r\n")
            took.append((time.perf_counter() - at) * 1000)
        writer.close()

    workers = [asyncio.create_task(one()) for _ in range(64)]
    started = time.perf_counter()
    for n in range(int(seconds * rate)):
        at = started + n / rate
        if (wait := at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        due.put_nowait(at)
    for _ in workers:
        due.put_nowait(None)
    await asyncio.gather(*workers)
    return took


def main(seconds: float = 20, rate: float = 500) -> bool:
    """Prints the figures with their goals; True when all hold."""
    with house() as (folder, postgres), server(["--interface", "asgi", "bench.standin:application"]) as (wecom, _):
        os.environ |= PORTS | {"LINLI_LOG": "text"}
        from linli.kit.settings import read_settings
        from linli.project.supervisor import Supervisor, children

        corp_id, maker = _prepare(f"http://127.0.0.1:{wecom}")
        supervisor = Supervisor(children(read_settings()))
        supervisor.start()
        try:
            _wait_ready()
            run_id = _start_import(corp_id, folder)
            took = asyncio.run(storm(int(PORTS["LINLI_INGRESS_PORT"]), maker, seconds, rate))
            behind = _drained(corp_id)
            _await_import(corp_id, run_id)
            memory = {one.name: pss_mb(one.process.pid) for one in supervisor.crew if one.process}
            memory["postgres"] = pss_mb(postgres.process.pid)
            return _told(corp_id, maker, took, behind, memory)
        finally:
            supervisor.halt()


def _prepare(wecom: str):
    from linli.access import api as access
    from linli.connect import api as connect
    from linli.connect.models import CallbackLine
    from linli.directory.sync import sync
    from linli.kit.sealing import sealer_from_env
    from linli.wecom.crypto import CallbackCrypto

    corp = access.create_corp(wecom_id="wwstorm", name="storm")
    connect.connect_corp(corp_id=corp.id, base_url=wecom, agent_id=1, secret="storm")
    sync(corp_id=corp.id)
    seal = sealer_from_env().seal
    CallbackLine.objects.create(
        corp_id=corp.id, key=KEY, wecom_id="wwstorm", agent_id=2,
        token_sealed=seal(TOKEN.encode(), place=f"connect.callback:{KEY}:token"),
        aes_key_sealed=seal(AES.encode(), place=f"connect.callback:{KEY}:aes_key"),
    )  # fmt: skip
    return corp.id, Maker(CallbackCrypto(token=TOKEN, aes_key=AES, receive_id="wwstorm"))


def _wait_ready() -> None:
    import httpx

    for port in PORTS.values():
        for _ in range(300):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == httpx.codes.OK:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.2)


def _start_import(corp_id: int, folder) -> int:
    """Upload the whole file and let the worker bring it in, as a person would; the run's id."""
    from linli.commerce import api as commerce
    from linli.commerce.imports import preview
    from linli_demo import retail

    path = folder / "online_retail.csv.gz"
    retail.write_csv(path, retail.lines())
    with path.open("rb") as stream:
        run_id = commerce.upload(corp_id=corp_id, source="uci", files=[(path.name, stream)])
    mapping = preview(corp_id=corp_id, run_id=run_id).mapping
    commerce.start_import(corp_id=corp_id, run_id=run_id, source="uci", mapping=mapping)
    return run_id


def _await_import(corp_id: int, run_id: int) -> None:
    from linli.commerce import api as commerce

    deadline = time.monotonic() + 600
    while (done := commerce.import_info(corp_id=corp_id, run_id=run_id)).finished_at is None:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the import stands at {done.lines_done} lines")
        time.sleep(0.5)
    print(
        f"import               {done.lines_done:8d} lines in {(done.finished_at - done.started_at).total_seconds():.0f} s, meanwhile"
    )


def _drained(corp_id: int, limit_s: float = 600) -> float:
    """Seconds until nothing waits any more."""
    from linli.ledger import api as ledger

    started = time.perf_counter()
    while time.perf_counter() - started < limit_s:
        state = ledger.line_state(corp_id=corp_id)
        if not state.waiting and not ledger.welcome_figures(corp_id=corp_id).open:
            break
        time.sleep(0.5)
    return time.perf_counter() - started


def _told(corp_id: int, maker: Maker, took: list[float], behind: float, memory: dict[str, float]) -> bool:
    from linli.ledger import api as ledger

    health, welcomes = ledger.health(corp_id=corp_id), ledger.welcome_figures(corp_id=corp_id)
    p50, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
    lost = maker.made - health.received + health.parked + health.waiting
    print(f"acknowledged         {len(took):8d} callbacks; p50 {p50:.1f} ms, p99 {p99:.1f} ms (goal ≤ {ACK_MS})")
    print(
        f"applied              {health.applied:8d}; nothing waited {behind:.1f} s after the last; lost {lost} (goal 0)"
    )
    print(
        f"welcomes             {welcomes.in_time:8d} of {maker.adds} said; p50 {welcomes.p50_ms} ms, p99 {welcomes.p99_ms} ms "
        f"(goal ≤ {WELCOME_MS})"
    )
    for name, megabytes in memory.items():
        print(f"memory {name:14}{megabytes:8.0f} MB")
    said = welcomes.in_time == maker.adds and (welcomes.p99_ms or 0) <= WELCOME_MS
    return p99 <= ACK_MS and lost == 0 and said


if __name__ == "__main__":
    sys.exit(0 if main(*map(float, sys.argv[1:])) else 1)
