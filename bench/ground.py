"""What benchmarks stand on: a house of their own, with durable commits, that is gone afterwards."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from linli.kit.settings import default_data_dir
from linli.project.postgres import Postgres


@contextmanager
def house() -> Iterator[tuple[Path, Postgres]]:
    """A fresh house with its database up; commits are as durable as in production."""
    base = default_data_dir(os.environ).parent
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=base))
    os.environ["LINLI_DATA_DIR"] = str(folder)
    os.environ.pop("DATABASE_URL", None)  # never a given server
    os.environ["LINLI_PRIVATE_NETWORKS"] = "127.0.0.0/8"  # stand-ins for WeCom
    from linli.project.house import opened

    try:
        with opened() as (_, postgres):
            yield folder, postgres
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server(arguments: list[str], **env: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """granian with one worker on a free port, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", "--port", str(port), "--no-ws", "--log-level", "error", *arguments],
        env=os.environ | env,
    )
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield port, process
    finally:
        process.terminate()
        process.wait(10)
