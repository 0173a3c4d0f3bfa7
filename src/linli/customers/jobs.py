"""Slow work of customers."""

from procrastinate.contrib.django import app

from linli.connect import api as connect
from linli.customers import marking
from linli.customers.sync import KIND, reconcile


@app.task(name="customers.reconcile", queue="default")
def reconcile_customers(corp_id: int, reconciliation_id: int) -> None:
    """Compare all tags, customers and relations, as a part of a reconciliation."""
    connect.reconcile_room(KIND, reconcile, corp_id=corp_id, reconciliation_id=reconciliation_id)


@app.task(name="customers.mark_tags", queue="default")
def mark_tags(corp_id: int) -> None:
    """Put the waiting tags on their relations; where that fails, the sweep starts it again within a minute.

    No retry of procrastinate's: another such job may wait already, two may not, and the one that may neither end nor wait
    would hold the corp's lock as long as its worker lives.
    """
    marking.mark_waiting(corp_id=corp_id)


@app.periodic(cron="* * * * *")
@app.task(name="customers.sweep_marks", queue="default", pass_context=False)
def sweep_marks(timestamp: int) -> None:
    """Start the marking job where something waits and nobody started it."""
    del timestamp
    for corp_id in marking.corps_with_waiting_marks():
        marking.start_marking(corp_id=corp_id)
