"""What a process started does not outlive it; what a dead supervisor left all the same is ended by the next."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from linli.kit.heartbeat import beat_file
from linli.kit.kin import end_leftovers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal at a parent's end is Linux's")
_PARENT = """
import subprocess, sys
from linli.kit.kin import tied
print(subprocess.Popen(tied(["sleep", "600"], by=sys.argv[1])).pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("by", ["KILL", "TERM"])  # INT: who starts tests in the background has it ignored
def test_a_tied_child_ends_with_a_parent_that_was_killed(by):
    with subprocess.Popen([sys.executable, "-c", _PARENT, by], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        pid = int(parent.stdout.readline())
        child = os.pidfd_open(pid)
        try:
            deadline = time.monotonic() + 20
            while Path(f"/proc/{pid}/comm").read_text().strip() != "sleep":  # not tied before it is what it is to be
                assert time.monotonic() < deadline
            parent.kill()
            assert select.select([child], [], [], 20)[0], "it lives on"
        finally:
            os.close(child)


def test_a_servers_worker_ends_with_the_server():
    code = (
        "import multiprocessing, os, time\nfrom linli.kit.kin import follow_parent\n"
        "def work():\n follow_parent(); print(os.getpid(), flush=True); time.sleep(600)\n"
        "worker = multiprocessing.get_context('fork').Process(target=work); worker.start(); worker.join()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as server:
        try:
            worker = os.pidfd_open(int(server.stdout.readline()))
        finally:
            server.kill()
        try:
            assert select.select([worker], [], [], 20)[0], "it lives on"
        finally:
            os.close(worker)


def test_what_a_dead_supervisor_left_is_ended_and_nobody_elses(tmp_path):
    houses = [tmp_path / name for name in ("house", "house-2")]
    ours, theirs = (
        subprocess.Popen(["sleep", "600"], env=os.environ | {"LINLI_BEAT_FILE": str(beat_file(house, "drain"))})
        for house in houses
    )
    try:
        assert end_leftovers(houses[0]) == 1
        assert ours.wait(0) == -signal.SIGKILL
        assert theirs.poll() is None
    finally:
        for process in (ours, theirs):
            process.kill()
            process.wait()
