"""A thread whose work nobody else would do takes its process along, so that the supervisor starts both again."""

import subprocess
import sys

_DIES = """
import logging
from linli.project.vital import vital
logging.basicConfig()
thread = vital(lambda: 1 / 0, name="ticker")
thread.start()
thread.join()
print("outlived it")
"""
_ENDS = "from linli.project.vital import vital; one = vital(lambda: 1, name='short'); one.start(); one.join(); print('well')"


def test_the_process_ends_with_its_thread():
    done = subprocess.run([sys.executable, "-c", _DIES], capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ticker died, and its process with it" in done.stderr


def test_a_thread_that_is_done_ends_nothing():
    done = subprocess.run([sys.executable, "-c", _ENDS], capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (0, "well\n")
