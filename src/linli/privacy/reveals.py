"""Seeing in the clear: for some minutes, and noted."""

from datetime import timedelta

from django.db.models import Q

from linli.kit.clock import wall
from linli.privacy.models import Reveal

MINUTES = 10


def reveal(*, corp_id: int, account_id: int, author: str, customer_id: int | None) -> None:
    """This account sees this customer (None: whoever its pages show) in the clear for some minutes."""
    at = wall()
    Reveal.objects.create(
        corp_id=corp_id, account_id=account_id, author=author, customer_id=customer_id, at=at,
        until=at + timedelta(minutes=MINUTES),
    )  # fmt: skip


def hide(*, corp_id: int, account_id: int) -> None:
    """Masked again from now on; that somebody looked stays noted."""
    Reveal.objects.filter(corp_id=corp_id, account_id=account_id, until__gt=wall()).update(until=wall())


def seen_by(*, corp_id: int, account_id: int) -> tuple[bool, frozenset[int]]:
    """Does this account see everybody in the clear now, and whom besides."""
    rows = Reveal.objects.filter(Q(until__gt=wall()), corp_id=corp_id, account_id=account_id)
    ids = set(rows.values_list("customer_id", flat=True))
    return None in ids, frozenset(one for one in ids if one is not None)
