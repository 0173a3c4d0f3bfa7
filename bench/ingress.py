"""Callbacks a second: the ingress against a plain Django view that does the same work, in turns, one server worker each."""

import statistics
import sys
from urllib.parse import urlencode

from bench.ground import house, server
from bench.load import fire, request

KEY, TOKEN, AES = "b" * 24, "benchToken", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
GOAL = 3
ROUNDS, EACH, CONNECTIONS = 5, 3000, 64
INGRESS = ["--interface", "asgi", "--factory", "linli.ingress.app:application"]
PLAIN = ["--interface", "wsgi", "--blocking-threads", "8", "bench.plain:application"]


def bodies(crypto, start: int) -> list[bytes]:
    made = []
    for n in range(start, start + EACH):
        plain = (
            f"<xml><ToUserName>wwbench</ToUserName><FromUserName>sys</FromUserName><CreateTime>{1300000000 + n}</CreateTime>"
            "<MsgType>event</MsgType><Event>change_external_contact</Event><ChangeType>edit_external_contact</ChangeType>"
            f"<UserID>zhou</UserID><ExternalUserID>wm{n}</ExternalUserID></xml>"
        ).encode()
        sealed = crypto.encrypt(plain, timestamp="1", nonce="2")
        query = urlencode({"msg_signature": sealed.msg_signature, "timestamp": "1", "nonce": "2"})
        made.append(request(f"/callback/{KEY}?{query}", f"<xml><Encrypt>{sealed.encrypt}</Encrypt></xml>".encode()))
    return made


def main() -> dict[str, float]:
    """Prints medians and the ratio; goal ≥ 3."""
    with house():
        from linli.access import api as access
        from linli.connect.models import CallbackLine
        from linli.kit.sealing import sealer_from_env
        from linli.ledger.models import InboxRow
        from linli.wecom.crypto import CallbackCrypto

        corp = access.create_corp(wecom_id="wwbench", name="bench")
        seal = sealer_from_env().seal
        CallbackLine.objects.create(
            corp_id=corp.id, key=KEY, wecom_id="wwbench", agent_id=1,
            token_sealed=seal(TOKEN.encode(), place=f"connect.callback:{KEY}:token"),
            aes_key_sealed=seal(AES.encode(), place=f"connect.callback:{KEY}:aes_key"),
        )  # fmt: skip
        crypto = CallbackCrypto(token=TOKEN, aes_key=AES, receive_id="wwbench")
        rates: dict[str, list[float]] = {"ingress": [], "plain": []}
        with server(INGRESS) as (ingress, _), server(PLAIN, BENCH_KEY=KEY) as (plain, _):
            for turn in range(ROUNDS + 1):
                for name, port, start in (("ingress", ingress, 0), ("plain", plain, 1_000_000)):
                    rate = fire(port, bodies(crypto, start + turn * EACH), CONNECTIONS)
                    if turn:  # the first round warms up
                        rates[name].append(rate)
        kept = InboxRow.objects.count()
        if kept != 2 * (ROUNDS + 1) * EACH:
            raise RuntimeError(f"{kept} rows kept")
    medians = {name: statistics.median(values) for name, values in rates.items()}
    ratio = statistics.median(a / b for a, b in zip(rates["ingress"], rates["plain"], strict=True))
    print(f"ingress              {medians['ingress']:8.0f} callbacks/s")
    print(f"plain Django view    {medians['plain']:8.0f} callbacks/s   ratio {ratio:.2f} (goal ≥ {GOAL})")
    return {"ingress_per_s": medians["ingress"], "plain_per_s": medians["plain"], "ratio": ratio}


if __name__ == "__main__":
    sys.exit(0 if main()["ratio"] >= GOAL else 1)
