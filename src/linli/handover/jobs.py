"""Slow work of hand-overs; the ticker finds again what a lost job left undone."""

from procrastinate.contrib.django import app

from linli.connect import api as connect
from linli.handover import working
from linli.handover.unassigned import KIND, reconcile


@app.task(name="handover.carry_out", queue="default")
def carry_out(corp_id: int, handover_id: int, at_once: bool = False) -> None:
    """One turn of work at a hand-over."""
    working.work(corp_id, handover_id, at_once=at_once)


@app.task(name="handover.reconcile", queue="default")
def reconcile_handover(corp_id: int, reconciliation_id: int) -> None:
    """Read the unassigned and all results, as a part of a reconciliation."""
    connect.reconcile_room(KIND, reconcile, corp_id=corp_id, reconciliation_id=reconciliation_id)


@app.task(name="handover.sync", queue="default")
def sync_handover(corp_id: int) -> None:
    """The same, because somebody asked for it."""
    reconcile(corp_id=corp_id)
