"""The walk over WeCom's days that rooms with figures share: which are missing of whom, which are lost, what is kept.

WeCom forgets after 180 days. A day is a row for each member, also where WeCom showed nothing or was asked too late.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef

from linli.connect.joining import hand_on
from linli.kit.clock import now
from linli.wecom.days import Span

# A day is read again until it has been read two days later: whether WeCom has counted it by the next night, nobody says.
_MISSING = """
    SELECT s.id, d.day::date
    FROM unnest(%(staff)s::bigint[]) AS s(id)
    CROSS JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d(day)
    LEFT JOIN {table} k ON k.corp_id = %(corp)s AND k.staff_id = s.id AND k.day = d.day::date
        AND k.read_at >= (k.day + 2)::timestamp AT TIME ZONE 'Asia/Shanghai'
    WHERE k.id IS NULL
    ORDER BY s.id, d.day
"""
_LAST_BEFORE = """
    SELECT staff_id, max(day) FROM {table} WHERE corp_id = %(corp)s AND day < %(first)s
    GROUP BY 1 HAVING max(day) < %(first)s::date - 1
"""
_BATCH = 5000


class Told(models.IntegerChoices):
    """What is known of a day. NOTHING: WeCom was asked and showed no figures; OUT_OF_REACH: it was asked too late."""

    NOTHING = 0
    FIGURES = 1
    OUT_OF_REACH = 2


@dataclass(frozen=True, kw_only=True)
class Day:
    """One member's day as WeCom told it; `figures` has the diary's columns as attributes, None: it showed nothing."""

    staff_id: int
    day: date
    figures: object | None


@dataclass(frozen=True, kw_only=True)
class Diary:
    """A table of days: corp, staff, day (unique together), told, read_at, and its columns of `figures`."""

    rows: models.Manager[Any]
    figures: tuple[str, ...]

    def missing(self, *, corp_id: int, staff_ids: Collection[int], reach: Span) -> list[tuple[int, date]]:
        """(staff id, day) of all that is to be read, by member and day."""
        asked = {"corp": corp_id, "staff": list(staff_ids), "first": reach.first, "last": reach.last}
        return self._select(_MISSING, asked)

    @transaction.atomic
    def keep(self, *, corp_id: int, days: Iterable[Day]) -> None:
        """Write these days. Figures that are held stay where WeCom shows none any more: silence is no figure."""
        of_kind: dict[bool, list[Any]] = {True: [], False: []}
        for one in days:
            told = one.figures is not None
            values = {name: getattr(one.figures, name) for name in self.figures} if told else {}
            row = self._row(corp_id, one.staff_id, one.day, Told.FIGURES if told else Told.NOTHING, **values)
            of_kind[told].append(row)
        for told, rows in of_kind.items():
            self.rows.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["corp", "staff", "day"],
                update_fields=["read_at", *(("told", *self.figures) if told else ())],
                batch_size=_BATCH,
            )

    @transaction.atomic
    def note_out_of_reach(self, *, corp_id: int, first: date) -> int:
        """The days between what was read last and the first that WeCom still tells are lost: say so, once. How many."""
        one = timedelta(days=1)
        gaps = self._select(_LAST_BEFORE, {"corp": corp_id, "first": first})
        rows = [
            self._row(corp_id, staff_id, day, Told.OUT_OF_REACH)
            for staff_id, last in gaps
            for day in Span(last + one, first - one)
        ]
        self.rows.bulk_create(rows, ignore_conflicts=True, batch_size=_BATCH)
        return len(rows)

    def take_over(self, *, corp_id: int, was: int, staff_id: int) -> None:
        """The days of one who is somebody else are theirs now; where both have a day, the one with figures stays."""
        days = self.rows.filter(corp_id=corp_id)
        better = days.filter(staff_id=was, told=Told.FIGURES, day=OuterRef("day"))
        days.filter(Exists(better), staff_id=staff_id).exclude(told=Told.FIGURES).delete()
        hand_on(days, "staff_id", was, staff_id, once=("day",))

    def _row(self, corp_id: int, staff_id: int, day: date, told: Told, **figures: object) -> object:
        return self.rows.model(corp_id=corp_id, staff_id=staff_id, day=day, told=told, read_at=now(), **figures)

    def _select(self, query: str, values: dict[str, Any]) -> list[tuple[int, date]]:
        table = connection.ops.quote_name(self.rows.model._meta.db_table)  # noqa: SLF001 - Django's own way to the name
        with connection.cursor() as cursor:
            cursor.execute(query.format(table=table), values)
            return [(staff_id, day) for staff_id, day in cursor.fetchall()]
