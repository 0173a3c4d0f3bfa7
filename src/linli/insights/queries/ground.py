"""What every figure stands on (corp, zone, moment, currency, whose figures), and the one way from a named .sql file to its rows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.access.api import EVERYTHING, Scope
from linli.customers import api as customers
from linli.directory import api as directory
from linli.kit.clock import now
from linli.kit.errors import Refused

_SQL = Path(__file__).resolve().parent.parent / "sql"

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Less than the corp: the ids of its customers (as `customers` says whose they are) and of its staff."""

    people: list[int]
    staff: list[int]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """`today` is the corp's; `first_day` is the first day anything is known of (None: nothing is); `part` None is everybody."""

    corp_id: int
    zone: str
    as_of: datetime
    today: date
    currency: str
    first_day: date | None
    last_order_day: date | None
    part: Part | None = None

    def begins(self, day: date) -> datetime:
        """The moment a day of the corp begins."""
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))

    def day(self, moment: datetime) -> date:
        """The corp's day of a moment."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    @property
    def yesterday(self) -> date:
        """The last whole day."""
        return self.today - timedelta(days=1)


def ground(corp_id: int, *, as_of: datetime | None = None, scope: Scope = EVERYTHING) -> Ground:
    """The ground of a corp, or of the part that a scope holds, at a moment (now, unless said otherwise); two queries for the corp."""
    moment = as_of or now()
    zone = access.corp(corp_id=corp_id).zone
    (row,) = _rows("ground", {"corp": corp_id})
    begun = [at for at in (row["first_order"], row["first_added"]) if at is not None]
    here = ZoneInfo(zone)
    return Ground(
        corp_id=corp_id,
        zone=zone,
        as_of=moment,
        today=moment.astimezone(here).date(),
        currency=row["currency"] or "",
        first_day=min(begun).astimezone(here).date() if begun else None,
        last_order_day=row["last_order"].astimezone(here).date() if row["last_order"] else None,
        part=_part(corp_id, scope),
    )


def _part(corp_id: int, scope: Scope) -> Part | None:
    within, reach = customers.within_sql(corp_id=corp_id, scope=scope), directory.reach(corp_id=corp_id, scope=scope)
    if within is None or reach is None:
        return None
    sql, given = within
    with connection.cursor() as cursor:
        cursor.execute(sql, cast("list[Any]", given))
        return Part(people=sorted(row[0] for row in cursor.fetchall()), staff=sorted(reach.staff_ids))


def ask(name: str, on: Ground, **params: object) -> list[Row]:
    """The rows of sql/<name>.sql; `stop` is the ground's moment unless given.

    `people` and `staff` are the part's, NULL for everybody. A file that asks for neither cannot answer for a part.
    """
    given = {"corp": on.corp_id, "zone": on.zone, "currency": on.currency, "stop": on.as_of, "today": on.today}
    given |= {"people": None, "staff": None} if on.part is None else {"people": on.part.people, "staff": on.part.staff}
    if on.part is not None and not ("%(people)s" in _text(name) or "%(staff)s" in _text(name)):
        raise Refused("whole_corp_only", _("This figure has a meaning for the whole firm only."))
    return _rows(name, {**given, **params})


def ask_corp(name: str, corp: int, **params: object) -> list[Row]:
    """The rows of sql/<name>.sql that need no more ground than the corp."""
    return _rows(name, {"corp": corp, **params})


def _rows(name: str, params: dict[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(_text(name), params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@lru_cache(maxsize=64)
def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")
