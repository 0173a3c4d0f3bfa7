"""The first full sync of a large corp: 1,000,000 customers and 5,000 groups out of the sandbox beside it.

`python -m bench.fullsync [customers] [groups]`; about ten minutes for the record, so it is not in `bench.all`. All processes are
real, the worker reads, and meanwhile new people scan a code once a second: their welcome must not wait.
"""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.ground import house
from bench.memory import pss_mb
from linli_demo.sandbox import Sandbox, command, wait

GOAL, WELCOME_MS, CALLS = 3_000, 3_000, 1.05
CORP, AGENT, SECRET = "ww0bench0bench0bench", 1000002, "opens-only-the-sandbox"
PORTS = {"LINLI_CONSOLE_PORT": "18620", "LINLI_INGRESS_PORT": "18621"}
STAFF, STAFF_A_CALL, ROWS_A_PAGE, GROUPS_A_PAGE = 1_000, 100, 100, 1_000


@contextmanager
def large_corp(folder: Path, customers: int, groups: int) -> Iterator[tuple[Sandbox, int]]:
    """A sandbox with so many people, and its process id."""
    process = subprocess.Popen(command(18622, folder, "2026-01-01T00:00:00+08:00"))
    try:
        sandbox = wait("http://127.0.0.1:18622", process)
        sandbox.post("seed", {
            "corp_id": CORP, "corp_name": "邻里", "departments": [{"id": 1, "name": "总部", "parentid": 0, "order": 1}], "users": [],
            "apps": [{"agentid": AGENT, "name": "邻里", "secret": SECRET}],
            "generate": {"customers": customers, "staff": STAFF, "groups": groups, "members": 100, "seed": 1},
        })  # fmt: skip
        sandbox.post("tunables", {"rate_per_minute": 1_000_000})
        yield sandbox, process.pid
    finally:
        process.kill()
        process.wait()
