"""The supervisor clears away what a killed child has left."""

import os
import signal
import time
from pathlib import Path

from linli.project.supervisor import Child, Supervisor


def _alive(pid: int) -> bool:
    """A zombie that waits for its parent does nothing any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _until(holds, within: float = 20.0) -> None:
    limit = time.monotonic() + within
    while not holds():
        assert time.monotonic() < limit, "it never came to hold"
        time.sleep(0.02)


def test_a_killed_childs_own_children_do_not_outlive_it(tmp_path):
    """granian serves in a process of its own, which goes on listening when granian alone is killed."""
    note = tmp_path / "pids"
    child = Child("parent", ["bash", "-c", f"sleep 600 & echo $! >> {note}; wait"])
    supervisor = Supervisor([child])
    child.start()
    try:
        _until(lambda: note.exists() and len(note.read_text().split()) == 1)
        orphan = int(note.read_text())
        os.kill(child.process.pid, signal.SIGKILL)
        child.process.wait()
        assert _alive(orphan)
        supervisor.mend()
        _until(lambda: len(note.read_text().split()) == 2)
        _until(lambda: not _alive(orphan))
        assert child.process.poll() is None
    finally:
        os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
