"""How long the sandbox takes from the command to its first answer: alone, and with the small world to play with."""

import re
import statistics
import subprocess
import sys
import time

import httpx

GOAL_S, TIMES = 2.0, 5


def once(*options: str) -> float:
    """Seconds until it answers."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "wecom_sandbox", "--port", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        found = re.search(r"http://\S+(?=,)", process.stderr.readline())
        httpx.get(f"{found[0]}/control/clock", timeout=10).raise_for_status()
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.communicate()


def main() -> bool:
    """Prints the medians; True when they keep the goal."""
    good = True
    for name, options in (("alone", ()), ("--play", ("--play",))):
        took = statistics.median(once(*options) for _ in range(TIMES))
        good &= took <= GOAL_S
        print(f"wecom-sandbox {name:8} {took:6.2f} s to its first answer (goal ≤ {GOAL_S:.0f} s)")
    return good


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
