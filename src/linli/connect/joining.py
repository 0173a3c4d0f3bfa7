"""Rows of two who turned out to be one."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef


def hand_on(rows: models.QuerySet[Any], column: str, was: int, to: int, *, once: tuple[str, ...] = ()) -> None:
    """Of `rows`, those that name `was` in `column` name `to`; where `to` has one with the same `once`, that one stays alone.

    Needs the caller's transaction. Again changes nothing.
    """
    mine = rows.filter(**{column: was})
    if once:
        theirs = rows.filter(**{column: to}, **{name: OuterRef(name) for name in once})
        mine.filter(Exists(theirs)).delete()
    mine.update(**{column: to})
