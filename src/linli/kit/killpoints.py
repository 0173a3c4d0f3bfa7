"""Named moments at which a process can be told to die, for tests that kill Linli where it hurts most.

`LINLI_KILL_AT=<point>[:n]`, several with commas: the process kills itself (SIGKILL, so nothing is tidied up) at its n-th
pass (1 when left out) of the point. It is read once, when this module is imported; without it `passing` does nothing at all.
Each word works once a house: a death is noted in `<LINLI_DATA_DIR>/killed`, a line each, just before it happens, so the process
that is started again lives, and a test can read which points were reached.

The points:

ingress.kept          the callbacks' rows are durable, WeCom has not heard 200 yet
drain.claimed         an object's rows are claimed, none is applied
drain.handled         a handler's effects are committed, its row is not marked applied
welcome.claimed       a welcome is claimed, WeCom has not been called
welcome.said          WeCom has answered the welcome, its outcome is not kept
sequencer.placed      facts have positions, the sequence does not know yet (one transaction, not committed)
sequencer.committed   positions are committed, no subscriber has heard of them
delivery.handled      a subscriber's effects are written, neither they nor its cursor are committed
delivery.committed    effects and cursor are committed, the subscriber's next facts are not begun
replay.committed      a chunk of a replay is committed, the next is not begun
messaging.intent      a task is noted as being called, WeCom has not been called
messaging.called      WeCom has made the task (add_msg_template), its msgid is not kept
commerce.chunk        a chunk of an import is written, not committed
commerce.chunk_kept   a chunk of an import is committed, the next is not begun
worker.fetched        a job is fetched, nothing of it is done
worker.done           a job has done its work, procrastinate does not know yet
audit.answered        a request's work is committed, its note has not become a row of the audit trail
handover.intent       a hand-over is noted as being called, WeCom has not been called
handover.called       WeCom has begun to hand over, the outcome is not kept
archive.fetched       a page of archived messages is fetched and opened, nothing of it is written
archive.kept          a page of archived messages is committed, the next is not begun
archive.piece_kept    a piece of an archived file is committed with the place of the next, which is not begun
customers.known_kept  of waiting callbacks those about known customers are committed, those about newcomers are not begun
customers.page_kept   a page of customers is written with the place behind it, the next is not begun
marking.called        WeCom has marked tags on some relations, the outcome is not kept
"""

import os
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path

POINTS: tuple[str, ...] = tuple(re.findall(r"^([a-z]+\.[a-z_]+) ", __doc__ or "", re.MULTILINE))


def _armed(words: str, noted: Path) -> dict[str, set[int]]:
    """Point → the passes at which to die, without what this house has died of already."""
    died = set(noted.read_text(encoding="ascii").split()) if words and noted.exists() else set()
    found: dict[str, set[int]] = {}
    for word in filter(None, words.split(",")):
        point, _, count = word.partition(":")
        if point not in POINTS or not (count or "1").isdigit():
            raise ValueError(
                f"LINLI_KILL_AT={words!r}: {word!r} is not <point>[:n] with a point of linli.kit.killpoints"
            )
        if f"{point}:{count or 1}" not in died:
            found.setdefault(point, set()).add(int(count or 1))
    return found


def _killer(armed: dict[str, set[int]], noted: Path) -> Callable[[str], None]:
    passed = dict.fromkeys(armed, 0)
    lock = threading.Lock()

    def check(point: str) -> None:
        if point not in armed:
            return
        with lock:
            passed[point] += 1
            if passed[point] not in armed[point]:
                return
            with noted.open("a", encoding="ascii") as file:
                file.write(f"{point}:{passed[point]}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    return check


def _nothing(point: str) -> None:
    """No death is asked for."""


def prepared() -> Callable[[str], None]:
    """What `passing` is in this process, by its environment."""
    noted = Path(os.environ.get("LINLI_DATA_DIR", ".")) / "killed"
    armed = _armed(os.environ.get("LINLI_KILL_AT", ""), noted)
    return _killer(armed, noted) if armed else _nothing


passing = prepared()
