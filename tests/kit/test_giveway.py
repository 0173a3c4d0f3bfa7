"""Who has time gives way, also where the kernel compares sessions instead of processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_ASKED = """
import os
from pathlib import Path
from linli.kit.giveway import give_way
give_way({nice})
print(os.nice(0), *[path.read_text().split()[-1] for path in [Path("/proc/self/autogroup")] if path.exists()])
"""


def niceness(nice: int) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", _ASKED.format(nice=nice)],
        check=True,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    return [int(word) for word in done.stdout.split()]


@pytest.mark.skipif(os.nice(0) > 10, reason="this process gives way already")
def test_a_process_gives_way_and_its_session_with_it():
    expected = [os.nice(0) + 5, *([5] if Path("/proc/self/autogroup").exists() else [])]
    assert niceness(5) == expected


def test_none_gives_way_unasked():
    assert niceness(0)[0] == os.nice(0)
