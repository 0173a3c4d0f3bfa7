"""One lane of seeds, one after the other, on one PostgreSQL."""

import argparse
import gc
import os
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connections

from linli.project.house import entered, set_up
from linli_chaos import record
from linli_chaos.stage import Stage, free_port


def run(folder: Path, chosen: argparse.Namespace, take: Callable[[], int | None], last: float | None) -> int:
    """In a folder with a made house: make the beginning, then play what `take` gives; returns 1 when a seed failed.

    No seed but the first is begun after `last` (of the monotonic clock; None is never).
    """
    sandbox_port, ingress_port = free_port(), free_port()
    os.environ |= {
        "LINLI_DATA_DIR": str(folder), "LINLI_CLOCK_FILE": str(folder / "clock"), "LINLI_DEMO": "1",
        "LINLI_INGRESS_PORT": str(ingress_port),
    }  # fmt: skip
    with entered(durable=False) as (_, server):
        assert server is not None
        set_up()
        connections.close_all()
        stage = Stage(folder, server, sandbox_port, ingress_port)
        try:
            return _play(stage, chosen, take, last)
        finally:
            stage.stop()


def _play(stage: Stage, chosen: argparse.Namespace, take: Callable[[], int | None], last: float | None) -> int:
    from linli_chaos import beginning
    from linli_chaos.forks import ask
    from linli_chaos.seed import Play

    gc.collect()
    gc.freeze()  # what is here now is shared with every child, and no collection need touch it
    sandbox = stage.start_sandbox(stage.saved)
    begun = ask(lambda: beginning.begin(sandbox), log=stage.log)
    stage.stop_sandbox()
    stage.copy_database("linli", "begun")
    played = failed = 0
    while (last is None or not played or time.monotonic() < last) and (seed := take()) is not None:
        outcome = Play(stage, seed, chosen.events, begun).tell()
        played += 1
        failed += bool(outcome.wrong)
        record.keep(chosen.record, outcome, chosen.events)
        said = (
            "; ".join(outcome.wrong)
            or f"well: {outcome.events} events, {outcome.dropped} dropped, died {outcome.deaths}"
        )
        print(f"seed {seed} ({outcome.seconds} s): {said}", flush=True)
    return int(failed > 0)
