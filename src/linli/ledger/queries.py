"""Questions to the ledger: how far behind, what failed, how fast were welcomes."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from linli.ledger.models import Cursor, IngressCount
from linli.ledger.models import Sequence as SequenceRow


@dataclass(frozen=True, kw_only=True)
class Health:
    """Rows by state, what the ingress counted, and subscribers that wait on an error."""

    received: int
    waiting: int
    applied: int
    parked: int
    counted: dict[str, int]
    stuck: dict[str, str]
    facts: int
    unplaced: int


@dataclass(frozen=True, kw_only=True)
class WelcomeFigures:
    """Welcomes: due, in time, and the 50th / 99th percentile from receipt to WeCom's answer, in milliseconds."""

    due: int
    in_time: int
    too_late: int
    refused: int
    open: int
    p50_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, kw_only=True)
class LineState:
    """What every page shows of the line: rows not yet applied, rows parked, and subscribers that wait on an error."""

    waiting: int
    parked: int  # callbacks and deliveries that wait for a person
    stuck: int


def line_state(*, corp_id: int) -> LineState:
    """Cheap at any size: only partial indexes are read."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT count(*) FROM ledger_inbox WHERE corp_id = %s AND state = 0),
                      (SELECT count(*) FROM ledger_parked WHERE corp_id = %s AND state = 2),
                      (SELECT count(*) FROM ledger_cursor WHERE error <> '')""",
            [corp_id, corp_id],
        )
        waiting, parked, stuck = cursor.fetchone()
    return LineState(waiting=waiting, parked=parked, stuck=stuck)


def waiting(*, corp_id: int, objects: Iterable[str]) -> frozenset[str]:
    """Which of these objects ("customer:wm…", "chat:wr…", "tags") have callbacks here that are not yet applied."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT object_key FROM ledger_inbox
               WHERE corp_id = %s AND state = 0 AND object_key = ANY(%s)""",
            [corp_id, list(objects)],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def health(*, corp_id: int) -> Health:
    """The state of the line from WeCom into the house."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(*) FILTER (WHERE state = 0), count(*) FILTER (WHERE state = 1),
                      (SELECT count(*) FROM ledger_parked WHERE corp_id = %s AND state = 2)
               FROM ledger_inbox WHERE corp_id = %s""",
            [corp_id, corp_id],
        )
        received, waiting, applied, parked = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE position IS NULL) FROM ledger_fact WHERE corp_id = %s", [corp_id]
        )
        facts, unplaced = cursor.fetchone()
    return Health(
        received=received, waiting=waiting, applied=applied, parked=parked, facts=facts, unplaced=unplaced,
        counted=dict(IngressCount.objects.filter(corp_id__in=(corp_id, 0)).values_list("what", "count")),
        stuck=dict(Cursor.objects.exclude(error="").values_list("name", "error")),
    )  # fmt: skip


def oldest_waiting_s() -> float:
    """Seconds since the receipt of the oldest callback that waits and was not tried yet; 0 when none does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(received_at)), 0) FROM ledger_inbox"
            " WHERE state = 0 AND tries = 0"
        )
        return max(0.0, float(cursor.fetchone()[0]))


def lag(*, names: list[str]) -> dict[str, int]:
    """How many positions each subscriber still has before it."""
    top = SequenceRow.objects.filter(id=1).values_list("position", flat=True).first() or 0
    reached = dict(Cursor.objects.filter(name__in=names).values_list("name", "position"))
    return {name: top - reached.get(name, 0) for name in names}


def copies(*, corp_id: int) -> int:
    """How many callbacks came again with the same bytes, and had no effect."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(copies), 0) FROM ledger_inbox WHERE corp_id = %s AND copies > 0", [corp_id])
        return int(cursor.fetchone()[0])


def welcome_notes(*, corp_id: int) -> dict[str, int]:
    """Why welcomes were not said in time, and how many for each reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT welcome_state || ' ' || welcome_error, count(*) FROM ledger_inbox
               WHERE corp_id = %s AND welcome_state NOT IN (0, 3) GROUP BY 1""",
            [corp_id],
        )
        return dict(cursor.fetchall())


def welcome_figures(*, corp_id: int) -> WelcomeFigures:
    """How the welcomes went, all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), count(*) FILTER (WHERE welcome_state = 3), count(*) FILTER (WHERE welcome_state = 4),
                   count(*) FILTER (WHERE welcome_state = 5), count(*) FILTER (WHERE welcome_state IN (1, 2)),
                   percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (
                       ORDER BY extract(epoch FROM welcome_called_at - received_at) * 1000
                   ) FILTER (WHERE welcome_state = 3)
            FROM ledger_inbox WHERE corp_id = %s AND welcome_state > 0
            """,
            [corp_id],
        )
        due, sent, late, refused, waiting, centiles = cursor.fetchone()
    p50, p99 = centiles or (None, None)
    return WelcomeFigures(
        due=due, in_time=sent, too_late=late, refused=refused, open=waiting,
        p50_ms=None if p50 is None else round(p50, 1), p99_ms=None if p99 is None else round(p99, 1),
    )  # fmt: skip
