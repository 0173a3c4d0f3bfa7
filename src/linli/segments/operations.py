"""The only writers of saved segments and their counts."""

from datetime import datetime

from django.db import IntegrityError, connection, transaction

from linli.kit.clock import now
from linli.ledger import api as ledger
from linli.segments import facts, queries
from linli.segments.definition import Definition, parse, to_json
from linli.segments.errors import InUse, NameTaken, NoSegment
from linli.segments.models import Segment, SegmentRun, SegmentVersion
from linli.segments.saved import expand, users_of


def create(corp_id: int, *, name: str, definition: Definition, author: str) -> Segment:
    """Save a new segment."""
    expand(definition, corp_id=corp_id)
    moment = now()
    try:
        with transaction.atomic():
            row = Segment.objects.create(
                corp_id=corp_id,
                name=name,
                definition=to_json(definition),
                author=author,
                created_at=moment,
                changed_at=moment,
            )
            _write_down(row, moment)
    except IntegrityError:
        raise NameTaken(name) from None
    return row


def change(corp_id: int, segment_id: int, *, name: str, definition: Definition, author: str) -> Segment:
    """Save a changed segment; the same content again changes nothing."""
    expand(definition, corp_id=corp_id, inside=segment_id)
    moment = now()
    try:
        with transaction.atomic():
            row = _locked(corp_id, segment_id)
            if (row.name, row.definition) == (name, to_json(definition)):
                return row
            row.name, row.definition, row.author = name, to_json(definition), author
            row.version += 1
            row.changed_at = moment
            row.save()
            _write_down(row, moment)
    except IntegrityError:
        raise NameTaken(name) from None
    return row


def duplicate(corp_id: int, segment_id: int, *, author: str, suffix: str) -> Segment:
    """Save a copy under a free name."""
    row = queries.segment(corp_id, segment_id)
    taken = set(Segment.objects.filter(corp_id=corp_id, deleted_at=None).values_list("name", flat=True))
    name = f"{row.name} {suffix}"
    number = 2
    while name in taken:
        name = f"{row.name} {suffix} {number}"
        number += 1
    return create(corp_id, name=name, definition=parse(row.definition), author=author)


def delete(corp_id: int, segment_id: int, *, author: str) -> None:
    """Take a segment off the list; refused while another asks for it."""
    with transaction.atomic():
        row = _locked(corp_id, segment_id)
        users = users_of(segment_id, corp_id=corp_id)
        if users:
            raise InUse(", ".join(users))
        row.deleted_at = now()
        row.save(update_fields=["deleted_at"])
        _say(row, facts.SEGMENT_DELETED, author)


def restore(corp_id: int, segment_id: int, *, author: str) -> None:
    """Undo a deletion."""
    name = ""
    try:
        with transaction.atomic():
            row = Segment.objects.select_for_update().filter(corp_id=corp_id, id=segment_id).first()
            if row is None:
                raise NoSegment
            if row.deleted_at is None:
                return
            name, row.deleted_at = row.name, None
            row.save(update_fields=["deleted_at"])
            _say(row, facts.SEGMENT_RESTORED, author)
    except IntegrityError:
        raise NameTaken(name) from None


def recount(corp_id: int, segment_id: int, *, as_of: datetime | None = None, keep_members: bool = False) -> SegmentRun:
    """Count a saved segment and keep the figure; with `keep_members`, also who they were."""
    row = queries.segment(corp_id, segment_id)
    definition = parse(row.definition)
    found = queries.count(corp_id, definition, as_of=as_of)
    with transaction.atomic():
        run = SegmentRun.objects.create(
            corp_id=corp_id,
            segment_id=segment_id,
            version=row.version,
            as_of=found.as_of,
            count=found.count,
            milliseconds=found.milliseconds,
        )
        if keep_members:
            _keep_members(run, definition)
    return run


def _keep_members(run: SegmentRun, definition: Definition) -> None:
    sql, params = queries.select_sql(run.corp_id, definition, as_of=run.as_of)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO segments_segmentmember (corp_id, run_id, customer_id) SELECT %s, %s, s.id FROM ({sql}) AS s",  # noqa: S608 - providers' text and parameters
            [run.corp_id, run.pk, *params],
        )
        run.count = cursor.rowcount
    run.save(update_fields=["count"])


def _locked(corp_id: int, segment_id: int) -> Segment:
    row = Segment.objects.select_for_update().filter(corp_id=corp_id, id=segment_id, deleted_at=None).first()
    if row is None:
        raise NoSegment
    return row


def _write_down(row: Segment, moment: datetime) -> None:
    SegmentVersion.objects.create(
        corp_id=row.corp_id,
        segment=row,
        version=row.version,
        name=row.name,
        definition=row.definition,
        author=row.author,
        at=moment,
    )
    _say(row, facts.SEGMENT_SAVED, row.author)


def _say(row: Segment, kind: str, author: str) -> None:
    data = {"name": row.name, "version": row.version, "author": author}
    ledger.publish(corp_id=row.corp_id, kind=kind, subject=f"segment:{row.pk}", data=data)
