"""Facts read without a look into every month: first the months about now, then, if something is missing there, all of them.

With five years of months, the planner alone takes 10 ms for a question that does not say when; most questions are about now.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from linli.kit.clock import now
from linli.ledger.models import FactRow

_NEAR = timedelta(days=45)
_WINDOW = 5_000
_YEAR = timedelta(days=366)


def near() -> tuple[datetime, datetime]:
    """The span of time in which nearly all new facts happened."""
    return now() - _NEAR, now() + _NEAR


def facts_after(position: int, *, top: int, kinds: Sequence[str], limit: int) -> tuple[list[FactRow], int]:
    """The next facts of these kinds behind a position, and the position up to which nothing is left out.

    Positions have no gaps, so a count tells whether all of a window lies in the months about now.
    """
    rows: list[FactRow] = []
    while not rows and position < top:
        reach = min(top, position + _WINDOW)
        rows = _window(position, reach, kinds, limit)
        position = rows[-1].position or reach if len(rows) == limit else reach
    return rows, position


def _window(position: int, reach: int, kinds: Sequence[str], limit: int) -> list[FactRow]:
    window = FactRow.objects.filter(position__gt=position, position__lte=reach)
    close = window.filter(occurred_at__range=near())
    if close.count() == reach - position:
        window = close
    return list(window.filter(kind__in=kinds).order_by("position")[:limit])


def timeline(corp_id: int, customer_id: int, *, limit: int, before: datetime | None) -> list[FactRow]:
    """A customer's facts, newest first; the last year is asked alone while it holds enough."""
    rows = FactRow.objects.filter(corp_id=corp_id, customer_id=customer_id)
    if before is not None:
        rows = rows.filter(occurred_at__lt=before)
    ordered = rows.order_by("-occurred_at", "-id")
    recent = list(ordered.filter(occurred_at__gte=(before or now()) - _YEAR)[:limit])
    return recent if len(recent) == limit else list(ordered[:limit])
