"""Whether Linli has anything left to do, by one question to its database; and the pauses that a seed does not sit out.

A pause is shortened by moving its end to now, nothing else: who waits tries again as it would later.
"""

from linli_chaos.stage import Stage

# Each column names what is still to be done.
_LEFT = """
SELECT (SELECT count(*) FROM ledger_inbox WHERE state = 0) AS callbacks,
       (SELECT count(*) FROM ledger_fact WHERE position IS NULL) AS unplaced,
       (SELECT coalesce(sum(top.position - coalesce(reached.position, 0)), 0)
          FROM unnest(%s::text[]) AS heard(name) LEFT JOIN ledger_cursor reached USING (name),
               (SELECT coalesce(max(position), 0) AS position FROM ledger_sequence) top)::bigint AS behind,
       (SELECT count(*) FROM ledger_parked WHERE state = 0) AS aside,
       (SELECT count(*) FROM customers_markintent WHERE state = 'waiting') AS marks,
       (SELECT count(*) FROM messaging_send WHERE state IN ('approved', 'creating')) AS sends,
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'
            OR status = 'todo' AND coalesce(scheduled_at, now()) < now() + interval '10 minutes') AS jobs
"""
_PAUSES = {
    "callbacks": "UPDATE ledger_inbox SET next_try_at = clock_timestamp() WHERE state = 0 AND next_try_at > clock_timestamp()",
    "aside": "UPDATE ledger_parked SET next_try_at = clock_timestamp() WHERE state = 0 AND next_try_at > clock_timestamp()",
    "behind": "UPDATE ledger_cursor SET next_try_at = clock_timestamp() WHERE next_try_at > clock_timestamp()",
    # A job tried again "in 8 s" or a relation's lock that has just come free; the worker looks once a second unless it is told.
    "jobs": "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"
    " AND scheduled_at BETWEEN now() AND now() + interval '10 minutes'",
}
_NUDGE = """SELECT pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')"""


def left(stage: Stage, subscribers: list[str]) -> dict[str, int]:
    """What is still to be done, by name, without what is not; {} when Linli rests."""
    names = ("callbacks", "unplaced", "behind", "aside", "marks", "sends", "jobs")
    return {name: count for name, count in zip(names, stage.rows(_LEFT, subscribers)[0], strict=True) if count}


def hasten(stage: Stage, waits: dict[str, int]) -> None:
    """End the pauses of what waits."""
    for name, sql in _PAUSES.items():
        if name in waits:
            stage.rows(sql)
    if "jobs" in waits:
        nudge(stage)


def nudge(stage: Stage) -> None:
    """Have the worker look for its next job now."""
    stage.rows(_NUDGE)
