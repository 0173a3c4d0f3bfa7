"""Super users: the first tenth of customers by spend in the last 90 days, and the fifth after them.

Spend is what was paid less what was refunded in the window (gross orders would keep on top who sends everything back).
Only customers who spent something count; equal spends are ordered by customer id, so the result is always the same.
Sizes are rounded half up: of n, (n + 5) // 10 are super and the first (3 n + 5) // 10 are super or near.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from linli.access import api as access
from linli.commerce import api as commerce
from linli.ledger import api as ledger
from linli.segments import facts
from linli.segments.models import SuperRun, SuperUser

WINDOW = timedelta(days=90)
_BECAME = {"super": facts.BECAME_SUPER, "near": facts.BECAME_NEAR}
_LEFT = {"super": facts.LEFT_SUPER, "near": facts.LEFT_NEAR}
_UPSERT = """
    INSERT INTO segments_superuser (corp_id, customer_id, tier, since, spend, run_id)
    SELECT %s, t.customer_id, t.tier, %s, t.spend, %s
    FROM unnest(%s::bigint[], %s::text[], %s::numeric[]) AS t (customer_id, tier, spend)
    ON CONFLICT (corp_id, customer_id) DO UPDATE SET
        since = CASE WHEN segments_superuser.tier = excluded.tier THEN segments_superuser.since ELSE excluded.since END,
        tier = excluded.tier, spend = excluded.spend, run_id = excluded.run_id
"""


@dataclass(frozen=True)
class Standing:
    """One customer's place in the ranking."""

    customer_id: int
    tier: str
    spend: Decimal


def rank(spends: list[tuple[int, Decimal]]) -> list[Standing]:
    """Who is super and who is near, best first."""
    spent = sorted((row for row in spends if row[1] > 0), key=lambda row: (-row[1], row[0]))
    top, both = (len(spent) + 5) // 10, (3 * len(spent) + 5) // 10
    return [
        Standing(customer_id, "super" if place < top else "near", spend)
        for place, (customer_id, spend) in enumerate(spent[:both])
    ]


def recompute(corp_id: int, as_of: datetime) -> SuperRun:
    """Compute the standings as of a moment, replace the old ones, and say who came and who left; once for each moment."""
    with transaction.atomic():
        done = SuperRun.objects.filter(corp_id=corp_id, as_of=as_of).first()
        if done is not None:
            return done
        spends = commerce.spend_between(corp_id=corp_id, since=as_of - WINDOW, until=as_of)
        standings = rank(spends)
        run = SuperRun.objects.create(
            corp_id=corp_id,
            as_of=as_of,
            since=as_of - WINDOW,
            spenders=sum(1 for _, spend in spends if spend > 0),
            super_count=sum(1 for one in standings if one.tier == "super"),
            near_count=sum(1 for one in standings if one.tier == "near"),
        )
        before = dict(SuperUser.objects.filter(corp_id=corp_id).values_list("customer_id", "tier"))
        _store(run, standings)
        ledger.publish_many(corp_id=corp_id, facts=_news(run, before, standings))
        counts = {"super": run.super_count, "near": run.near_count}
        access.system_act(corp_id=corp_id, action="segments.super_users", subject=f"run:{run.pk}", after=counts)
    return run


def _store(run: SuperRun, standings: list[Standing]) -> None:
    columns: list[Any] = [
        [one.customer_id for one in standings],
        [one.tier for one in standings],
        [one.spend for one in standings],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [run.corp_id, run.as_of, run.pk, *columns])
    SuperUser.objects.filter(corp_id=run.corp_id).exclude(run=run).delete()


def _news(run: SuperRun, before: dict[int, str], standings: list[Standing]) -> list[ledger.NewFact]:
    after = {one.customer_id: one for one in standings}
    news = []
    for customer_id in sorted(before.keys() | after.keys()):
        old, new = before.get(customer_id), after.get(customer_id)
        if new is not None and new.tier == old:
            continue
        if old is not None:
            data: dict[str, object] = {"as_of": run.as_of.isoformat(), "now": new.tier if new else None}
            news.append(_fact(run, _LEFT[old], customer_id, data))
        if new is not None:
            spent = {"spend": str(new.spend), "since": run.since.isoformat(), "as_of": run.as_of.isoformat()}
            news.append(_fact(run, _BECAME[new.tier], customer_id, {**spent, "before": old}))
    return news


def _fact(run: SuperRun, kind: str, customer_id: int, data: dict[str, object]) -> ledger.NewFact:
    return ledger.NewFact(
        kind=kind,
        subject=f"customer:{customer_id}",
        data=data,
        occurred_at=run.as_of,
        customer_id=customer_id,
    )
