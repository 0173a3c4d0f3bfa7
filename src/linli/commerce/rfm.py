"""RFM: how recently, how often, how much; scored in fifths and named by R × F.

`published`: the method printed with UCI Online Retail: F counts order lines, M is the sum of what was paid and must be above
zero, fifths cut at linear quantiles, closed on the right (pandas' qcut). `default`, Linli's own: F counts orders, M is net of
refunds and must be above zero, fifths by mid-rank, so that equal figures always get equal scores.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from linli.access import api as access
from linli.commerce.staging import sql
from linli.commerce.types import RfmCell
from linli.kit import clock

METHODS = ("published", "default")
SEGMENTS = (
    "champions", "loyal_customers", "potential_loyalists", "new_customers", "promising", "need_attention",
    "about_to_sleep", "at_risk", "cant_lose", "hibernating",
)  # fmt: skip


def recompute(corp_id: int, as_of: date | None = None) -> Mapping[str, int]:
    """Replace the stored scores of both methods; one at a time for a corp."""
    scope = _scope(corp_id, as_of)
    people = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('commerce.rfm'), %s)", [corp_id])
        cursor.execute("DELETE FROM commerce_rfmscore WHERE corp_id = %s", [corp_id])
        for method in METHODS:
            cursor.execute(sql("rfm_store").format(scores=_scores(method)), scope | {"method": method})
            people[method] = cursor.rowcount
    return people


def rfm(corp_id: int, today: date, method: str) -> dict[str, int]:
    """Segment → people, computed now from the orders as of `today`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT segment, count(*) FROM ({_scores(method)}) scored GROUP BY segment",  # noqa: S608 - our own files
            _scope(corp_id, today),
        )
        return dict(cursor.fetchall())


def summary(corp_id: int, method: str) -> list[RfmCell]:
    """The stored segments, best first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT segment, count(*), avg(r_days)::float8, avg(f)::float8, avg(m)::float8 FROM commerce_rfmscore "
            "WHERE corp_id = %s AND method = %s GROUP BY segment",
            [corp_id, method],
        )
        cells = [
            RfmCell(segment=segment, people=people, mean_r_days=r, mean_f=f, mean_m=m)
            for segment, people, r, f, m in cursor.fetchall()
        ]
    return sorted(cells, key=lambda cell: SEGMENTS.index(cell.segment))


def grid(corp_id: int, method: str) -> list[dict[str, Any]]:
    """The stored people by R and F score."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r, f_score, count(*), min(segment) FROM commerce_rfmscore WHERE corp_id = %s AND method = %s "
            "GROUP BY r, f_score ORDER BY r DESC, f_score DESC",
            [corp_id, method],
        )
        return [dict(zip(("r", "f", "people", "segment"), row, strict=True)) for row in cursor.fetchall()]


def _scores(method: str) -> str:
    if method not in METHODS:
        raise ValueError(method)
    return sql("rfm_segments").format(scored=sql(f"rfm_{method}"))


def _scope(corp_id: int, as_of: date | None) -> dict[str, Any]:
    zone = access.corp(corp_id=corp_id).zone
    as_of = as_of or clock.today(zone)
    midnight = datetime.combine(as_of, time.min, tzinfo=ZoneInfo(zone))
    return {"corp": corp_id, "as_of": as_of, "midnight": midnight}
