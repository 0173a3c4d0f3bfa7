"""Writers of the audit trail: median time of one row with the sealer at work, against the same without it; and how fast it verifies."""

import statistics
import sys
import threading
import time

from bench.ground import house

WRITERS, ROWS, ROUNDS = 8, 200, 5


def main() -> dict[str, float]:
    """Prints medians; the goal is that the sealer costs a writer nothing (ratio of p50s at most 1.1)."""
    with house():
        from linli.access import api as access

        halves: dict[str, list[float]] = {"without": [], "with": []}
        _round(access, sealing=False)  # warm: connections are opened, plans are made
        for turn in range(ROUNDS * 2):
            sealing = turn % 2 == 1
            halves["with" if sealing else "without"].append(_round(access, sealing=sealing))
        access.AuditSealer().seal(patience_s=10, pause=time.sleep)
        started = time.perf_counter()
        verdict = access.verify_audit()
        seconds = time.perf_counter() - started
        if not verdict.sound or verdict.rows != WRITERS * ROWS * (ROUNDS * 2 + 1) or verdict.unsealed:
            raise RuntimeError(f"a row is missing or the chain is broken: {verdict}")
    medians = {name: statistics.median(values) * 1000 for name, values in halves.items()}
    ratio = medians["with"] / medians["without"]
    print(f"audit row, no sealer    {medians['without']:8.2f} ms p50, {WRITERS} writers")
    print(f"audit row, sealer busy  {medians['with']:8.2f} ms p50   ratio {ratio:.2f}")
    print(f"audit verified          {verdict.rows / seconds:8.0f} rows/s, {verdict.seals} links")
    return {"ratio": ratio, "verified_per_s": verdict.rows / seconds, **medians}


def _round(access, *, sealing: bool) -> float:
    """The p50 of one row in seconds."""
    from django.db import connections

    times: list[float] = []
    stop = threading.Event()

    def write(number: int) -> None:
        for turn in range(ROWS):
            started = time.perf_counter()
            access.system_act(corp_id=1, action="bench.done", subject=f"writer:{number}", after={"turn": turn})
            times.append(time.perf_counter() - started)
        connections.close_all()

    def seal() -> None:
        sealer = access.AuditSealer()
        while not stop.wait(1.0):  # 60 times as often as in the house
            sealer.seal(patience_s=1, pause=stop.wait)
        connections.close_all()

    sealer = threading.Thread(target=seal)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in [*writers, *([sealer] if sealing else [])]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    if sealing:
        sealer.join()
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(0 if main()["ratio"] <= 1.1 else 1)
