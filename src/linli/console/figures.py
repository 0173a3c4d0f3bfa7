"""/metrics: what processes count (kit/metrics.py), and what the database knows, asked when Prometheus asks."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from linli.kit import metrics
from linli.kit.heartbeat import all_silent_s
from linli.kit.settings import read_settings
from linli.ledger import api as ledger

CONTENT_TYPE = CONTENT_TYPE_LATEST

# Name, help, labels, SQL whose last column is the figure. Only partial indexes and small tables are read.
_INBOX = """SELECT corp_id, 'waiting', count(*) FROM ledger_inbox WHERE state = 0 GROUP BY 1
UNION ALL SELECT corp_id, 'parked', count(*) FROM ledger_inbox WHERE state = 2 GROUP BY 1"""
_LEASED = """SELECT DISTINCT ON (corp_id, api, span) corp_id, api, span, used FROM connect_ratewindow
ORDER BY corp_id, api, span, starts_at DESC"""
_LAG = "SELECT name, (SELECT coalesce(max(position), 0) FROM ledger_sequence) - position FROM ledger_cursor"
_OPEN = "SELECT corp_id, count(*) FROM ledger_inbox WHERE welcome_state IN (1, 2) GROUP BY 1"
_REST = """SELECT 'ledger_inbox', count(*) FROM ledger_inbox_rest UNION ALL
SELECT 'ledger_fact', count(*) FROM ledger_fact_rest UNION ALL
SELECT 'messaging_recipient', count(*) FROM messaging_recipient_rest"""
_ASKED = (
    ("inbox_rows", "Callbacks that wait, or are parked", ("corp", "state"), _INBOX),
    (
        "inbox_turned_away",
        "Callbacks refused, by reason",
        ("corp", "reason"),
        "SELECT corp_id, what, count FROM ledger_ingresscount",
    ),
    ("welcomes_open", "Welcomes that are due or being said", ("corp",), _OPEN),
    ("subscriber_lag", "Positions that a subscriber has before it", ("subscriber",), _LAG),
    (
        "subscriber_failing",
        "1 while a subscriber waits on an error",
        ("subscriber",),
        "SELECT name, (error <> '')::int FROM ledger_cursor",
    ),
    ("facts_placed", "The last position given", (), "SELECT coalesce(max(position), 0) FROM ledger_sequence"),
    ("rate_leased", "Calls leased of WeCom's budget in the newest window", ("corp", "api", "span"), _LEASED),
    ("jobs", "Jobs by state", ("state",), "SELECT status, count(*) FROM procrastinate_jobs GROUP BY 1"),
    ("sends", "Sends by state", ("corp", "state"), "SELECT corp_id, state, count(*) FROM messaging_send GROUP BY 1, 2"),
    ("database_bytes", "Size of the database", (), "SELECT pg_database_size(current_database())"),
    ("rest_rows", "Rows whose month was not made in time (they are moved within seconds)", ("table",), _REST),
)


class _Asked:
    """A collector over the statements above."""

    def collect(self) -> Iterator[Metric]:
        """One family for each statement."""
        oldest = GaugeMetricFamily(
            "linli_inbox_oldest_waiting_seconds", "Since when the oldest callback waits without a pause asked for"
        )
        oldest.add_metric([], ledger.oldest_waiting_s())
        yield oldest
        silent = GaugeMetricFamily(
            "linli_silent_seconds", "Since a process or thread gave a sign of life", labels=["name"]
        )
        for name, seconds in all_silent_s(read_settings().data_dir).items():
            silent.add_metric([name], seconds)
        yield silent
        for name, about, labels, sql in _ASKED:
            family = GaugeMetricFamily(f"linli_{name}", about, labels=labels)
            for *values, figure in _rows(sql):
                family.add_metric([str(value) for value in values], float(figure))
            yield family


def text() -> bytes:
    """Everything, in Prometheus' text format."""
    found = metrics.registry()
    found.register(_Asked())
    return generate_latest(found)


def _rows(sql: str) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
