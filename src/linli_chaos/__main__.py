"""`python -m linli_chaos --seeds 20`: plays seeds that were not played yet and writes docs/chaos.md."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from linli.kit.settings import default_data_dir
from linli_chaos import lanes
from linli_chaos.outcome import KINDS

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Exit codes: 0 all seeds well, 1 a seed failed."""
    parser = argparse.ArgumentParser(prog="linli_chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument(
        "--kind", choices=KINDS, action="append", dest="kinds", help="which kind of story; both if none"
    )
    parser.add_argument("--events", type=int, default=200, help="events a story")
    parser.add_argument("--lanes", type=int, default=min(2, os.cpu_count() or 1), help="seeds played side by side")
    parser.add_argument(
        "--within", type=float, default=0, help="seconds after which no seed is begun any more; 0: never"
    )
    parser.add_argument("--again", action="store_true", help="play also what was played before")
    parser.add_argument("--record", type=Path, default=ROOT / "docs" / "chaos.jsonl")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "chaos.md")
    parser.add_argument("--keep", action="store_true", help="keep the directory with its log")
    chosen = parser.parse_args()
    chosen.kinds = chosen.kinds or list(KINDS)
    base = default_data_dir(os.environ).parent
    signal.signal(signal.SIGTERM, _leave)
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir=base))
    try:
        return lanes.run(folder, chosen)
    finally:
        if chosen.keep:
            print(f"linli_chaos: {folder} is kept")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _leave(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what follows must not be cut off by being asked twice
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
