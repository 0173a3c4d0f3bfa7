"""The same events in other orders, with repetitions, end in the same state."""

from random import Random
from typing import Any

import psycopg

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


def differing(stage: Stage, seed: int) -> list[str]:
    """Names of the parts of the state that differ between two orders of what the inbox has received; [] is well.

    A third of the events is handled twice. The sandbox stands still and plays no faults.
    """
    rows = sorted(stage.rows(_READ), key=lambda row: bytes(row[1]))
    digests = []
    for order in range(ORDERS):
        rng = Random(f"order/{seed}/{order}")  # noqa: S311 - repeatable, not secret
        told = rng.sample(rows, len(rows))
        stage.copy_database("begun", "linli")
        for at in range(CHUNKS):
            _insert(stage, told[at::CHUNKS])
            ask(doors.drained, log=stage.log)
        again = rng.sample([bytes(row[1]) for row in rows], len(rows) // 3)
        stage.rows("UPDATE ledger_inbox SET state = 0, tries = 0 WHERE payload_hash = ANY(%s)", again)
        ask(doors.drained, log=stage.log)
        digests.append(ask(doors.digest, log=stage.log))
    first, second = digests
    return [f"{part}: {_some(first[part], second[part])}" for part in first if first[part] != second[part]]


def _insert(stage: Stage, rows: list[tuple[Any, ...]]) -> None:
    with psycopg.connect(stage.server.url(), autocommit=True) as connection, connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(_COLUMNS.split(",")))
        sql = f"INSERT INTO ledger_inbox ({_COLUMNS}) VALUES ({marks})"  # noqa: S608 - our own names
        cursor.executemany(sql.encode(), rows)


def _some(one: list[Any], other: list[Any]) -> str:
    left, right = {str(row) for row in one}, {str(row) for row in other}
    return f"{sorted(left - right)[:2]} against {sorted(right - left)[:2]}"
