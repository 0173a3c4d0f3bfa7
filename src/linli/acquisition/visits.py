"""Landing pages and the looks at them. A visit keeps no name, no cookie and no exact place."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from linli.acquisition.models import Landing, Visit
from linli.kit.clock import now

_ROUND_M = 100
DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class LandingInfo:
    """A landing page; `key` is the last part of its address /h/<key>/."""

    id: int
    corp_id: int
    key: str
    name: str
    headline: str


@dataclass(frozen=True, kw_only=True)
class NewVisit:
    """A look at a landing page: `outcome` is one of Visit.Outcome ("looked", "nearest", "chosen", "none_open")."""

    at: datetime | None = None
    landing_id: int | None = None
    code_id: int | None = None
    shop_id: int | None = None
    place_known: bool = False
    city: str = ""
    distance_m: int | None = None
    passed_over: int = 0
    outcome: str = Visit.Outcome.LOOKED
    simulated: bool = False


@transaction.atomic
def ensure_landing(*, corp_id: int, headline: str = "") -> LandingInfo:
    """The corp's landing page, made at the first call."""
    row, _ = Landing.objects.get_or_create(
        corp_id=corp_id,
        name=DEFAULT,
        defaults={"key": secrets.token_urlsafe(6), "headline": headline, "created_at": now()},
    )
    return _info(row)


def landing_by_key(*, key: str) -> LandingInfo | None:
    """The open landing page at this address."""
    row = Landing.objects.filter(key=key, closed_at=None).first()
    return _info(row) if row else None


def record_visits(*, corp_id: int, visits: Sequence[NewVisit]) -> int:
    """Keep looks at landing pages; distances are rounded to 100 m. Returns how many."""
    at = now()
    rows = [
        Visit(
            corp_id=corp_id, landing_id=one.landing_id, code_id=one.code_id, shop_id=one.shop_id, at=one.at or at,
            place_known=one.place_known, city=one.city, distance_m=_rounded(one.distance_m),
            passed_over=one.passed_over, outcome=one.outcome, simulated=one.simulated,
        )
        for one in visits
    ]  # fmt: skip
    Visit.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _rounded(distance_m: int | None) -> int | None:
    return None if distance_m is None else round(distance_m / _ROUND_M) * _ROUND_M


def _info(row: Landing) -> LandingInfo:
    return LandingInfo(id=row.pk, corp_id=row.corp_id, key=row.key, name=row.name, headline=row.headline)
