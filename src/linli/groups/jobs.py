"""Slow work of groups."""

from procrastinate.contrib.django import app

from linli.connect import api as connect
from linli.groups import days
from linli.groups.sync import KIND, reconcile


@app.task(name="groups.reconcile", queue="default")
def reconcile_groups(corp_id: int, reconciliation_id: int) -> None:
    """Compare all groups, members and group codes, as a part of a reconciliation."""
    connect.reconcile_room(KIND, reconcile, corp_id=corp_id, reconciliation_id=reconciliation_id)


@app.task(name="group_days.reconcile", queue="default")
def reconcile_days(corp_id: int, reconciliation_id: int) -> None:
    """Keep the days of all owners that are missing, as a part of a reconciliation."""
    connect.reconcile_room(days.KIND, days.reconcile, corp_id=corp_id, reconciliation_id=reconciliation_id)
