"""Several lanes side by side, each with a PostgreSQL, a sandbox and a Linli of its own, on one list of seeds."""

import argparse
import contextlib
import ctypes
import os
import shutil
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from django.db import connections

from linli.project.house import opened
from linli.project.postgres import own
from linli_chaos import lane, record
from linli_chaos.forks import PR_SET_PDEATHSIG, fork
from linli_chaos.outcome import KINDS

_SEED_BYTES, _WORD = 8, 10


@dataclass(frozen=True)
class Wanted:
    """A seed of a kind to be played; `always`, also when the time is up."""

    kind: str
    seed: int
    always: bool


def run(folder: Path, chosen: argparse.Namespace) -> int:
    """Make an empty house once, then let each lane play from a copy of it; returns 1 when a seed failed or a lane fell."""
    began = time.monotonic()
    os.environ.pop("DATABASE_URL", None)
    folder.chmod(folder.stat().st_mode | 0o011)
    seeds = open_list(chosen)
    made = folder / "made"
    log = folder / "log"
    pid = fork(_make, log=log, env={"LINLI_DATA_DIR": str(made), "LINLI_DEMO": "1"})
    if _wait([pid]) != [0]:
        print(
            f"linli_chaos: the house could not be made; the end of its log:\n{log.read_text()[-3000:]}", file=sys.stderr
        )
        return 1
    last = began + chosen.within if chosen.within else None
    pids = [_lane(folder / f"lane-{n}", made, seeds, last, chosen) for n in range(chosen.lanes)]
    os.close(seeds)
    codes = _wait(pids)
    rows = record.read(chosen.record)
    record.write_page(chosen.page, rows)
    print(
        f"linli_chaos: {sum(bool(row['wrong']) for row in rows)} of {len(rows)} on record failed; {chosen.page} is written"
    )
    return int(any(codes))


def _wait(pids: list[int]) -> list[int]:
    """The exit codes of children; when we are asked to leave, they are, and each stops its server first."""
    left, codes = list(pids), []
    try:
        while left:
            codes.append(os.waitstatus_to_exitcode(os.waitpid(left[0], 0)[1]))
            left.pop(0)
    except BaseException:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        for pid in left:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        raise
    return codes


def open_list(chosen: argparse.Namespace) -> int:
    """A pipe from which each lane takes what it plays next: what is asked for and was not played well before.

    The kinds come in turn, so that time that is up has served both; the first of each kind is always played.
    """
    rows = [] if chosen.again else record.read(chosen.record)
    done = {(row["kind"], row["seed"]) for row in rows if row["size"] == chosen.events and not row["wrong"]}
    reader, writer = os.pipe()
    words, begun = b"", set[str]()
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        for kind in chosen.kinds:
            if (kind, seed) not in done:
                always = kind not in begun
                words += bytes([KINDS.index(kind), always]) + seed.to_bytes(_SEED_BYTES, "big")
                begun.add(kind)
    os.set_blocking(writer, False)
    if os.write(writer, words) < len(words):
        raise SystemExit(f"linli_chaos: --seeds {chosen.seeds} are too many at once")
    os.close(writer)
    return reader


def _make() -> None:
    """An empty house with all its tables; its server is stopped at the end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with opened(durable=False) as (_, server):
        assert server is not None
        with connections["default"].cursor() as cursor:
            # What is committed must outlive a killed server; that the machine itself dies is not played here.
            cursor.execute("ALTER ROLE linli SET synchronous_commit = on")
        connections.close_all()


def _lane(folder: Path, made: Path, seeds: int, last: float | None, chosen: argparse.Namespace) -> int:
    """Start a lane's process; returns its id. It ends with this one, and ends its own."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        shutil.copytree(made, folder)
        own(folder / "postgres")
        code = lane.run(folder, chosen, lambda: take(seeds), last)
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int) else 1
    except BaseException:  # noqa: BLE001 - whatever it was, the lane ends here and says why
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def take(seeds: int) -> Wanted | None:
    """The next seed that nobody has taken; None when there is none."""
    word = os.read(seeds, _WORD)
    return Wanted(KINDS[word[0]], int.from_bytes(word[2:], "big"), always=bool(word[1])) if word else None
