"""Which processes give way to which when processors are few."""

import os
from contextlib import suppress
from pathlib import Path

_AUTOGROUP = Path("/proc/self/autogroup")


def give_way(nice: int) -> None:
    """Run this process `nice` steps (0 to 19) behind the others.

    Linux may schedule each session as a group (sched_autogroup), and then compares only the groups' own niceness.
    """
    if not nice:
        return
    os.nice(nice)
    with suppress(OSError):  # no such kernel, or not ours to change
        _AUTOGROUP.write_text(str(nice), encoding="ascii")
