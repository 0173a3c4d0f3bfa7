"""Slow work of directory."""

from procrastinate.contrib.django import app

from linli.connect import api as connect
from linli.directory import days
from linli.directory.sync import KIND, reconcile


@app.task(name="directory.reconcile", queue="default")
def reconcile_directory(corp_id: int, reconciliation_id: int) -> None:
    """Compare the whole address book, as a part of a reconciliation."""
    connect.reconcile_room(KIND, reconcile, corp_id=corp_id, reconciliation_id=reconciliation_id)


@app.task(name="staff_days.reconcile", queue="default")
def reconcile_days(corp_id: int, reconciliation_id: int) -> None:
    """Keep the days of all members that are missing, as a part of a reconciliation."""
    connect.reconcile_room(days.KIND, days.reconcile, corp_id=corp_id, reconciliation_id=reconciliation_id)
