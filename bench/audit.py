"""What the audit trail's chain costs a writer: one of its rows against one of a plain table with the same columns and indexes, without the
sealer and with it (a process of its own, as in the house); and how fast the chain verifies."""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from bench.ground import house

WRITERS, ROWS, ROUNDS = 8, 200, 5
PLAIN = """
CREATE TABLE bench_plain (LIKE access_audit);
CREATE SEQUENCE bench_plain_id;
ALTER TABLE bench_plain ALTER id SET DEFAULT nextval('bench_plain_id'), ADD PRIMARY KEY (id, at);
CREATE INDEX ON bench_plain (corp_id, id);
CREATE INDEX ON bench_plain (corp_id, subject, id);
CREATE INDEX ON bench_plain USING brin (at)
"""
SEALER = """
import sys, time, django
django.setup()
from linli.access import api as access
sealer = access.AuditSealer()
print("ready", flush=True)
while True:
    sealer.seal(patience_s=1, pause=time.sleep)
    time.sleep(1.0)  # 60 times as often as in the house
"""


def main() -> dict[str, float]:
    """Prints medians; the goal is that the chain costs a writer nothing (ratios at most 1.1)."""
    with house():
        from django.db import connection

        from linli.access import api as access

        with connection.cursor() as cursor:
            cursor.execute(PLAIN)
        found: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
        _round()  # warm: connections are opened, plans are made
        for turn in range(ROUNDS * 2):
            with _sealing() if turn % 2 else nullcontext():
                found[bool(turn % 2)].append(_round())
        access.AuditSealer().seal(patience_s=10, pause=time.sleep)
        started = time.perf_counter()
        verdict = access.verify_audit()
        seconds = time.perf_counter() - started
        if not verdict.sound or verdict.rows != WRITERS * ROWS * (ROUNDS * 2 + 1) or verdict.unsealed:
            raise RuntimeError(f"a row is missing or the chain is broken: {verdict}")
    figures = {"verified_per_s": verdict.rows / seconds}
    for sealing, name in ((False, "no sealer"), (True, "sealer busy")):
        ratio = statistics.median(audited / plain for audited, plain in found[sealing])
        audited, plain = (statistics.median(one) * 1000 for one in zip(*found[sealing], strict=True))
        figures[name] = ratio
        print(
            f"{name:12} audit row {audited:6.2f} ms p50, plain row {plain:6.2f} ms   ratio {ratio:.2f} (median of {ROUNDS})"
        )
    print(f"audit verified {figures['verified_per_s']:.0f} rows/s, {verdict.seals} links")
    return figures


def _round() -> tuple[float, float]:
    """The p50 of an audit row and of a plain row in seconds: each writer makes one after the other, so the machine is the same."""
    from django.db import connection, connections

    from linli.access import audit
    from linli.kit.clock import wall

    statements = audit._WRITE, audit._WRITE.replace("access_audit", "bench_plain")  # noqa: SLF001
    times: tuple[list[float], list[float]] = [], []

    def write(number: int) -> None:
        for turn in range(ROWS):
            row = audit.NewAudit(action="bench.done", corp_id=1, subject=f"writer:{number}", after={"turn": turn})
            for which in (0, 1) if turn % 2 else (1, 0):
                started = time.perf_counter()
                with connection.cursor() as cursor:
                    cursor.execute(statements[which], audit._values(row, wall()))  # noqa: SLF001
                times[which].append(time.perf_counter() - started)
        connections.close_all()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    return statistics.median(times[0]), statistics.median(times[1])


@contextmanager
def _sealing() -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-c", SEALER], env={**os.environ, "DJANGO_SETTINGS_MODULE": "linli.project.settings"},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    result = main()
    sys.exit(0 if max(result["no sealer"], result["sealer busy"]) <= 1.1 else 1)
