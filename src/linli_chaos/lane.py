"""One lane of seeds, one after the other, on one PostgreSQL."""

import argparse
import os
from pathlib import Path

from django.db import connections

from linli.project.house import opened
from linli_chaos import record
from linli_chaos.stage import Stage, free_port


def run(folder: Path, chosen: argparse.Namespace) -> int:
    """Make the beginning, then play what is asked for and was not played; returns 1 when a seed failed."""
    sandbox_port, ingress_port = free_port(), free_port()
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {
        "LINLI_DATA_DIR": str(folder), "LINLI_CLOCK_FILE": str(folder / "clock"), "LINLI_DEMO": "1",
        "LINLI_INGRESS_PORT": str(ingress_port),
    }  # fmt: skip
    with opened(durable=False) as (_, server):
        assert server is not None
        connections.close_all()
        # What is committed must outlive a killed server; that the machine itself dies is not played here.
        with_commit = "ALTER ROLE linli SET synchronous_commit = on"
        stage = Stage(folder, server, sandbox_port, ingress_port)
        stage.rows(with_commit)
        try:
            return _play(stage, chosen)
        finally:
            stage.stop()


def _play(stage: Stage, chosen: argparse.Namespace) -> int:
    from linli_chaos import beginning
    from linli_chaos.forks import ask
    from linli_chaos.seed import Play

    sandbox = stage.start_sandbox(stage.saved)
    begun = ask(lambda: beginning.begin(sandbox), log=stage.log)
    stage.stop_sandbox()
    stage.copy_database("linli", "begun")
    done = (
        set()
        if chosen.again
        else {(row["size"], row["seed"]) for row in record.read(chosen.record) if not row["wrong"]}
    )
    failed = 0
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        if (chosen.events, seed) in done:
            continue
        outcome = Play(stage, seed, chosen.events, begun).tell()
        failed += bool(outcome.wrong)
        record.keep(chosen.record, outcome, chosen.events)
        said = (
            "; ".join(outcome.wrong)
            or f"well: {outcome.events} events, {outcome.dropped} dropped, died {outcome.deaths}"
        )
        print(f"seed {seed} ({outcome.seconds} s): {said}", flush=True)
    record.write_page(chosen.page, record.read(chosen.record))
    print(f"linli_chaos: {failed} failed; {chosen.page} is written")
    return int(failed > 0)
