"""Inbox rows applied a second: the drain on real rows with a handler that writes one row, against doing them one by one."""

import hashlib
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

from bench.ground import house

ROWS, ROUNDS = 2000, 5


def main() -> dict[str, float]:
    """Prints medians; the baseline claims one object at a time, as a job for each event would."""
    with house():
        from linli.access import api as access
        from linli.ledger import api as ledger
        from linli.ledger.models import InboxRow, IngressCount

        corp = access.create_corp(wecom_id="wwbench", name="bench")
        ledger.make_months(ledger.PARTITIONED[0], [date(2011, 3, 1)])

        def handler(event, *, corp_id):
            IngressCount.objects.create(corp_id=corp_id, what=event.external_user_id)

        routes = [ledger.Route(kinds=("change_external_contact.",), handler=handler)]

        def fill(turn: str) -> None:
            IngressCount.objects.all().delete()
            InboxRow.objects.bulk_create(_row(InboxRow, corp.id, f"wm{turn}{n}", n) for n in range(ROWS))

        def drain(objects: int, threads: int) -> float:
            with ThreadPoolExecutor(threads) as executor:
                started = time.perf_counter()
                while ledger.drain_once(routes, executor=executor, objects=objects).claimed:
                    pass
                seconds = time.perf_counter() - started
            if IngressCount.objects.count() != ROWS:
                raise RuntimeError("an effect is missing or doubled")
            return ROWS / seconds

        rates: dict[str, list[float]] = {"batches": [], "single": []}
        for turn in range(ROUNDS):
            for name, objects, threads in (("batches", 64, 8), ("single", 1, 1)):
                fill(f"{name}{turn}-")
                rates[name].append(drain(objects, threads))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    ratio = statistics.median(a / b for a, b in zip(rates["batches"], rates["single"], strict=True))
    print(f"inbox, by batches    {medians['batches']:8.0f} rows applied/s")
    print(f"inbox, one by one    {medians['single']:8.0f} rows applied/s   ratio {ratio:.2f}")
    return {"rows_per_s": medians["batches"], "single_per_s": medians["single"], "ratio": ratio}


def _row(model, corp_id: int, external: str, n: int):
    payload = (
        f"<xml><ToUserName>w</ToUserName><FromUserName>sys</FromUserName><CreateTime>{1300000000 + n}</CreateTime>"
        "<MsgType>event</MsgType><Event>change_external_contact</Event><ChangeType>add_external_contact</ChangeType>"
        f"<UserID>zhou</UserID><ExternalUserID>{external}</ExternalUserID></xml>"
    ).encode()
    at = datetime.fromtimestamp(1300000000 + n, UTC)
    return model(
        corp_id=corp_id, payload_hash=hashlib.sha256(payload).digest(), object_key=f"customer:{external}",
        kind="change_external_contact.add_external_contact", payload=payload, event_at=at, received_at=at,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(0 if main()["ratio"] > 1 else 1)
