"""The demo as a newcomer starts it, with its own directory and ports, told for its first days; one for all tests here."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

LAST_DAY = "2010-12-06"


@dataclass
class Stage:
    """A demo that is running: its addresses, its directory, its process."""

    console: str
    sandbox: str
    folder: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def password(self) -> str:
        return (self.folder / "sign-in").read_text()

    def report(self) -> dict:
        """What linli_demo.so_far says of this demo now."""
        command = [sys.executable, "-m", "linli_demo.so_far"]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)


def _ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    base = Path("/var/lib/linli") if os.geteuid() == 0 else Path(tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="story-", dir=base))
    console, ingress, sandbox = _ports(3)
    env = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "LINLI_MASTER_KEY_FILE"}} | {
        "LINLI_DATA_DIR": str(folder), "LINLI_CONSOLE_PORT": str(console), "LINLI_INGRESS_PORT": str(ingress),
        "LINLI_SANDBOX_PORT": str(sandbox), "LINLI_SANDBOX": f"http://127.0.0.1:{sandbox}", "LINLI_STORY_FAULTS": "1",
        "PYTHONPATH": "src", "LINLI_SECRET_KEY": "", "LINLI_LOG": "json",
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "linli_demo.run", "--until", LAST_DAY], env=env, stdout=log, stderr=log
        )
    try:
        _wait_for_story(folder, process)
        yield Stage(f"http://127.0.0.1:{console}", env["LINLI_SANDBOX"], folder, env, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_story(folder: Path, process: subprocess.Popen[bytes], limit_s: float = 240) -> None:
    bookmark, deadline = folder / "story.json", time.monotonic() + limit_s
    while time.monotonic() < deadline and process.poll() is None:
        if bookmark.exists() and json.loads(bookmark.read_text()).get("day") == LAST_DAY:
            return
        time.sleep(0.2)
    raise AssertionError("the story did not reach its day:\n" + (folder / "log").read_text(errors="replace")[-4000:])
