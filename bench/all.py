"""`make bench`: all benchmarks, each a process of its own; figures are medians, goals stand beside them."""

import subprocess
import sys

PARTS = ("bench.ingress", "bench.inbox", "bench.orders", "bench.audit", "bench.memory", "bench.sandbox_start")


def main() -> int:
    """Runs them one after the other; 1 when one could not be run."""
    return max(subprocess.run([sys.executable, "-m", part], check=False).returncode for part in PARTS)


if __name__ == "__main__":
    sys.exit(main())
