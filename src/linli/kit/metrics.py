"""Figures that processes keep for Prometheus; knows no Django.

Each process writes its figures into a file of its own below LINLI_DATA_DIR/metrics (prometheus_client's shared-memory way),
named after the process, so that a successor goes on counting where the one before it ended; whoever answers /metrics adds all
files up. Nothing is sent and nothing waits: a figure costs a microsecond. What can be counted in the database is not kept here.
"""

import os
import threading
import time
from pathlib import Path

import prometheus_client.metrics as prometheus
from prometheus_client import CollectorRegistry, values
from prometheus_client.multiprocess import MultiProcessCollector

from linli.kit.settings import default_data_dir

_EVERY_S = 10.0
_own = CollectorRegistry()  # what reads the files must not read these objects as well
values.ValueClass = values.MutexValue  # a tool or a test that is no process of the house counts for itself

CALLBACKS = prometheus.Counter(
    "linli_callbacks_total",
    "Callbacks that came in, by outcome: kept, or the reason of a refusal",
    ["outcome"],
    registry=_own,
)
WELCOMES = prometheus.Counter("linli_welcomes_total", "Welcomes by outcome", ["outcome"], registry=_own)
WELCOME_SECONDS = prometheus.Histogram(
    "linli_welcome_seconds", "From a callback's receipt to WeCom's answer to its welcome", ["outcome"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 12, 20), registry=_own,
)  # fmt: skip
APPLIED = prometheus.Counter(
    "linli_callbacks_applied_total", "Callbacks by how applying them ended", ["outcome"], registry=_own
)
API_CALLS = prometheus.Counter(
    "linli_wecom_calls_total",
    "Calls to WeCom by endpoint and errcode (no_answer where none came)",
    ["api", "errcode"],
    registry=_own,
)
REQUESTS = prometheus.Counter(
    "linli_http_requests_total", "Requests that the console answered", ["method", "status"], registry=_own
)
MEMORY = prometheus.Gauge(
    "linli_process_memory_bytes",
    "Proportional set size of a process",
    ["process"],
    multiprocess_mode="mostrecent",
    registry=_own,
)
SEEN = prometheus.Gauge(
    "linli_process_seen_timestamp_seconds", "When a process last said that it lives", ["process"],
    multiprocess_mode="mostrecent", registry=_own,
)  # fmt: skip
OLDEST_REQUEST = prometheus.Gauge(
    "linli_request_in_hand_seconds", "How long the oldest request that is not answered has been in hand",
    multiprocess_mode="mostrecent", registry=_own,
)  # fmt: skip


def registry() -> CollectorRegistry:
    """All processes' figures added up; read again at each call."""
    found = CollectorRegistry()
    if _folder().exists():
        MultiProcessCollector(found, str(_folder()))  # type: ignore[no-untyped-call]
    return found


def start(process: str) -> None:
    """From here on this process keeps its figures under its name and says every ten seconds that it lives."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # where the package writes
    values.ValueClass = values.MultiProcessValue(lambda: process)  # type: ignore[no-untyped-call]

    def run() -> None:
        while True:
            MEMORY.labels(process).set(memory_bytes())
            SEEN.labels(process).set(time.time())
            time.sleep(_EVERY_S)

    threading.Thread(target=run, name="figures", daemon=True).start()


def _folder() -> Path:
    return Path(os.environ.get("LINLI_DATA_DIR") or default_data_dir(os.environ)) / "metrics"


def memory_bytes() -> int:
    """This process's share of memory (a page shared by n processes counts 1/n); 0 where the system does not tell."""
    try:
        rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)
