"""One lane of seeds, one after the other, on one PostgreSQL."""

import argparse
import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connections

from linli.project.house import entered, set_up
from linli_chaos import record
from linli_chaos.stage import Stage, free_port
from linli_demo.sandbox import Sandbox

if TYPE_CHECKING:
    from linli_chaos.lanes import Wanted


Take = Callable[[], "Wanted | None"]


def run(folder: Path, chosen: argparse.Namespace, take: Take, last: float | None) -> int:
    """In a folder with a made house: play what `take` gives; returns 1 when a seed failed.

    After `last` (of the monotonic clock; None is never) only the first seed of each kind is begun.
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
        stage.copy_database("linli", "empty")
        try:
            return _play(stage, chosen, take, last)
        finally:
            stage.stop()


def _play(stage: Stage, chosen: argparse.Namespace, take: Take, last: float | None) -> int:
    from linli_chaos.kinds import PLAYS

    gc.collect()
    gc.freeze()  # what is here now is shared with every child, and no collection need touch it
    begun: dict[str, dict[str, list[str]]] = {}
    failed = 0
    while (wanted := take()) is not None:
        if last is not None and not wanted.always and time.monotonic() >= last:
            break
        begin, play = PLAYS[wanted.kind]
        stage.begun, stage.starts = f"begun_{wanted.kind}", play.starts
        if wanted.kind not in begun:
            begun[wanted.kind] = _begin(stage, begin)
        outcome = play(stage, wanted.seed, chosen.events, begun[wanted.kind]).tell()
        failed += bool(outcome.wrong)
        record.keep(chosen.record, outcome, chosen.events)
        said = (
            "; ".join(outcome.wrong)
            or f"well: {outcome.events} events, {outcome.dropped} dropped, died {outcome.deaths}"
        )
        print(f"{wanted.kind} {wanted.seed} ({outcome.seconds} s): {said}", flush=True)
    return int(failed > 0)


def _begin(stage: Stage, begin: Callable[[Sandbox], dict[str, list[str]]]) -> dict[str, list[str]]:
    """Make the beginning of a kind, and keep it: the sandbox's in a file, Linli's in a database of its own."""
    from linli_chaos.forks import ask

    stage.stop(save=False)
    (stage.folder / "clock").unlink(missing_ok=True)
    stage.copy_database("empty", "linli")
    sandbox = stage.start_sandbox(stage.saved)
    begun: dict[str, list[str]] = ask(lambda: begin(sandbox), log=stage.log)
    stage.stop_sandbox()
    stage.copy_database("linli", stage.begun)
    return begun
