"""Questions: who, how many, which segments are there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from linli.kit.clock import monotonic, now
from linli.segments.compiler import Sql, compile_sql
from linli.segments.definition import And, Definition, Not
from linli.segments.errors import NoSegment
from linli.segments.models import Segment, SegmentMember, SegmentRun, SuperRun
from linli.segments.saved import expand


@dataclass(frozen=True, kw_only=True)
class Count:
    """An exact count, as of when it was asked and how long it took."""

    count: int
    as_of: datetime
    milliseconds: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the list: a segment and its newest count."""

    id: int
    name: str
    version: int
    author: str
    changed_at: datetime
    definition: dict[str, object]
    count: int | None
    as_of: datetime | None


def select_sql(corp_id: int, definition: Definition, *, as_of: datetime | None = None) -> Sql:
    """SQL of the customer ids, to be put in larger statements."""
    return compile_sql(expand(definition, corp_id=corp_id), corp_id=corp_id, as_of=as_of or now())


def count(corp_id: int, definition: Definition, *, as_of: datetime | None = None) -> Count:
    """How many, exactly."""
    moment = as_of or now()
    started = monotonic()
    sql, params = select_sql(corp_id, definition, as_of=moment)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) AS s", params)  # noqa: S608 - made of providers' text and parameters
        (found,) = cursor.fetchone()
    return Count(count=found, as_of=moment, milliseconds=round((monotonic() - started) * 1000, 1))


def members(corp_id: int, definition: Definition, *, as_of: datetime | None = None) -> list[int]:
    """Customer ids, ascending."""
    sql, params = select_sql(corp_id, definition, as_of=as_of)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY 1", params)
        return [row[0] for row in cursor.fetchall()]


def steps(
    corp_id: int, definition: Definition, *, as_of: datetime | None = None
) -> list[tuple[Definition | None, int]]:
    """A waterfall: everyone, then what is left after each part of an And, wanted parts first; one statement."""
    whole = expand(definition, corp_id=corp_id)
    parts = list(whole.all) if isinstance(whole, And) else [whole]
    named = list(definition.all) if isinstance(definition, And) else [definition]
    order = sorted(range(len(parts)), key=lambda place: isinstance(parts[place], Not))
    moment = as_of or now()
    prefixes = [And(tuple(parts[i] for i in order[:length])) for length in range(len(order) + 1)]
    compiled = [compile_sql(prefix, corp_id=corp_id, as_of=moment) for prefix in prefixes]
    sql = " UNION ALL ".join(f"SELECT {place}, count(*) FROM ({text}) AS s" for place, (text, _) in enumerate(compiled))  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, params in compiled for value in params])
        found = dict(cursor.fetchall())
    return [(None, found[0]), *((named[i], found[place + 1]) for place, i in enumerate(order))]


def segment(corp_id: int, segment_id: int) -> Segment:
    """One live segment."""
    row = Segment.objects.filter(corp_id=corp_id, id=segment_id, deleted_at=None).first()
    if row is None:
        raise NoSegment
    return row


def lines(corp_id: int, *, search: str = "") -> list[Line]:
    """The live segments with their newest counts, last changed first; two queries."""
    rows = Segment.objects.filter(corp_id=corp_id, deleted_at=None).order_by("-changed_at", "-id")
    if search:
        rows = rows.filter(name__icontains=search)
    found = list(rows)
    newest = newest_runs(corp_id, [row.pk for row in found])
    return [_line(row, newest.get(row.pk)) for row in found]


def newest_runs(corp_id: int, segment_ids: Iterable[int]) -> dict[int, SegmentRun]:
    """The newest count of each segment."""
    runs = SegmentRun.objects.filter(corp_id=corp_id, segment_id__in=list(segment_ids))
    return {run.segment_id: run for run in runs.order_by("segment_id", "-as_of", "-id").distinct("segment_id")}


def snapshot(corp_id: int, run_id: int) -> list[int]:
    """Who was in at that run; empty when the run kept no members."""
    rows = SegmentMember.objects.filter(corp_id=corp_id, run_id=run_id)
    return list(rows.order_by("customer_id").values_list("customer_id", flat=True))


def newest_super_run(corp_id: int) -> SuperRun | None:
    """The last computation of the super users."""
    return SuperRun.objects.filter(corp_id=corp_id).order_by("-as_of").first()


def _line(row: Segment, run: SegmentRun | None) -> Line:
    fresh = run if run is not None and run.version == row.version else None
    return Line(
        id=row.pk,
        name=row.name,
        version=row.version,
        author=row.author,
        changed_at=row.changed_at,
        definition=row.definition,
        count=fresh.count if fresh else None,
        as_of=fresh.as_of if fresh else None,
    )
