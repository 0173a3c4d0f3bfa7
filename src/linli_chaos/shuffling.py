"""The same events in other orders, with repetitions, end in the same state."""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from random import Random
from typing import Any

from django.db import connection

from linli.groups import reading
from linli_chaos import doors
from linli_chaos.forks import ask
from linli_chaos.stage import Stage

ORDERS = 2
CHUNKS = 4
_COLUMNS = (
    "corp_id, payload_hash, kind, object_key, payload, event_at, received_at, copies, user_id, channel_state, "
    "tries, error, state, welcome_state, welcome_error"
)
_READ = """
SELECT corp_id, payload_hash, kind, object_key, payload, event_at, received_at, 0, user_id, channel_state, 0, '', 0, 0, ''
FROM ledger_inbox
"""


Ending = Callable[[Executor], dict[str, Any]]


def by_events(executor: Executor) -> dict[str, Any]:
    """All that events alone decide."""
    del executor
    return doors.digest()


def differing(stage: Stage, seed: int, ending: Ending = by_events) -> list[str]:
    """Names of the parts of the state that differ between two orders of what the inbox has received; [] is well.

    A third of the events is handled twice. The sandbox stands still and plays no faults. In one order Linli asks again for
    a group's data that do not show an event, as often as it does at work; in the other it takes the first answer: here no
    data are on their way.
    """
    rows = sorted(stage.rows(_READ), key=lambda row: bytes(row[1]))
    digests = []
    for order in range(ORDERS):
        rng = Random(f"order/{seed}/{order}")  # noqa: S311 - repeatable, not secret
        told = rng.sample(rows, len(rows))
        again = rng.sample([bytes(row[1]) for row in rows], len(rows) // 3)
        stage.copy_database(stage.begun, "linli")
        chunks = [told[at::CHUNKS] for at in range(CHUNKS)]
        digests.append(ask(partial(_told, chunks, again, ending, patient=order == 0), log=stage.log))
    first, second = digests
    return [f"{part}: {_some(first[part], second[part])}" for part in first if first[part] != second[part]]


def _told(chunks: list[list[tuple[Any, ...]]], again: list[bytes], ending: Ending, *, patient: bool) -> dict[str, Any]:
    """In a child: Linli hears chunk after chunk, then some once more; the state that this ends in."""
    if not patient:
        reading.PATIENCE = 1
    marks = ", ".join(["%s"] * len(_COLUMNS.split(",")))
    sql = f"INSERT INTO ledger_inbox ({_COLUMNS}) VALUES ({marks})"  # noqa: S608 - our own names
    with ThreadPoolExecutor(4) as executor:
        for rows in chunks:
            with connection.cursor() as cursor:
                cursor.executemany(sql, rows)
            doors.drain(executor)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_inbox SET state = 0, tries = 0 WHERE payload_hash = ANY(%s)", [again])
        doors.drain(executor)
        return ending(executor)


def _some(one: list[Any], other: list[Any]) -> str:
    left, right = {str(row) for row in one}, {str(row) for row in other}
    return f"{sorted(left - right)[:2]} against {sorted(right - left)[:2]}"
