"""Memory of each process of a running house: PSS in MB (a page shared by n processes counts 1/n to each)."""

import subprocess
import sys
import time
from pathlib import Path

from bench.ground import house


def pss_mb(pid: int) -> float:
    """Proportional set size of a process and its children, in MB."""
    total = 0.0
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    for one in [pid, *map(int, children)]:
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        total += int(next(line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:"))) / 1024
    return total


def main() -> dict[str, float]:
    """Starts the processes of `linli up`, waits until they idle, prints their memory."""
    with house() as (_, postgres):
        import os

        from linli.kit.settings import read_settings
        from linli.project.supervisor import Supervisor, children

        os.environ["LINLI_CONSOLE_PORT"], os.environ["LINLI_INGRESS_PORT"] = "18600", "18601"
        supervisor = Supervisor(children(read_settings()))
        supervisor.start()
        time.sleep(8)
        figures = {one.name: round(pss_mb(one.process.pid)) for one in supervisor.crew if one.process}
        figures["postgres"] = round(pss_mb(postgres.process.pid))
        supervisor.halt()
    for name, megabytes in figures.items():
        print(f"memory {name:14}{megabytes:8.0f} MB")
    print(f"memory, all           {sum(figures.values()):8.0f} MB")
    return figures


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
