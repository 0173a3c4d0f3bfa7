"""A reconciliation: one job for each room, one after the other, exactly once for a corp and night.

The rooms above compare themselves (`<kind>.reconcile`); connect knows only the names of their jobs. A job that was
killed is taken up again and goes on from its room's cursor; what a room could not read is read at the next
reconciliation, or at once when somebody asks for just that (`try_again`).
"""

import logging
from collections.abc import Callable
from datetime import date, timedelta

from django.db import connection, transaction
from procrastinate.contrib.django import app as procrastinate

from linli.connect.compared import Compared
from linli.connect.kinds import KINDS, kinds_of
from linli.connect.models import CorpLine, Reconciliation, SyncRun
from linli.connect.nights import night_of
from linli.connect.unread import keys_of
from linli.kit.clock import wall
from linli.kit.errors import LinliError
from linli.wecom.errors import WecomError

log = logging.getLogger(__name__)

_GONE_WELL = (SyncRun.State.DONE, SyncRun.State.PARTIAL)
_STATES = Reconciliation.State
_ABANDONED = """
    SELECT id FROM connect_reconciliation r
    WHERE state = 'running' AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs
        WHERE status IN ('todo', 'doing') AND (args ->> 'reconciliation_id')::bigint = r.id
    )
"""


@transaction.atomic
def start_reconciliation(*, corp_id: int, by: str = "", night: date | None = None) -> int | None:
    """Queue the comparison of everything; its id, or None: this night has one already, or one is going on.

    `by` is the name of who asked; `night` is given by the clock alone.
    """
    CorpLine.objects.select_for_update().filter(corp_id=corp_id).first()
    rows = Reconciliation.objects.filter(corp_id=corp_id)
    taken = rows.filter(night=night) if night else rows.filter(state=_STATES.RUNNING)
    if taken.exists():
        return None
    return _begin(Reconciliation(corp_id=corp_id, night=night, by=by))


@transaction.atomic
def try_again(*, corp_id: int, reconciliation_id: int, by: str = "") -> int | None:
    """Queue the reading of what one reconciliation could not read, and of nothing else; None: nothing, or one goes on."""
    CorpLine.objects.select_for_update().filter(corp_id=corp_id).first()
    rows = Reconciliation.objects.filter(corp_id=corp_id)
    if rows.filter(state=_STATES.RUNNING).exists() or not rows.filter(id=reconciliation_id).exists():
        return None
    runs = SyncRun.objects.filter(corp_id=corp_id, reconciliation_id=reconciliation_id).order_by("id")
    latest = {run.kind: run for run in runs}
    left = {kind: run for kind, run in latest.items() if kind in KINDS and (run.missing or run.state not in _GONE_WELL)}
    if not left:
        return None
    only = {kind: keys_of(run.missing) if _named(run) else [] for kind, run in left.items()}
    return _begin(Reconciliation(corp_id=corp_id, by=by, only=only))


def _named(run: SyncRun) -> bool:
    """Can all that was not read be asked for by itself? Else the room reads everything again."""
    return run.state == SyncRun.State.PARTIAL and all(one.get("key") for one in run.missing)


def _begin(row: Reconciliation) -> int:
    row.asked_at = wall()
    row.save()
    for kind in kinds_of(row):
        # One lock for all: two readings of a corp never run side by side, and the rooms keep their order.
        job = procrastinate.configure_task(f"{kind}.reconcile", lock=f"connect.sync:{row.corp_id}", queue="default")
        job.defer(corp_id=row.corp_id, reconciliation_id=row.pk)
    return row.pk


def reconcile_if_due(*, corp_id: int) -> int | None:
    """Start the night's reconciliation when its hour has come; in all processes together it is started once."""
    night = night_of(corp_id=corp_id, at=wall())
    # Also the next one: a clock that went back over the hour does not begin the night before again.
    if Reconciliation.objects.filter(corp_id=corp_id, night__in=(night, night + timedelta(days=1))).exists():
        return None
    return start_reconciliation(corp_id=corp_id, night=night)


def cancel_reconciliation(*, corp_id: int, reconciliation_id: int) -> None:
    """Stop at the next step; what was compared so far stays."""
    rows = Reconciliation.objects.filter(corp_id=corp_id, id=reconciliation_id, state=_STATES.RUNNING)
    if rows.update(cancel_asked=True):
        SyncRun.objects.filter(
            corp_id=corp_id, reconciliation_id=reconciliation_id, state=SyncRun.State.RUNNING
        ).update(cancel_asked=True)


def reconcile_room(kind: str, work: Callable[..., Compared], *, corp_id: int, reconciliation_id: int) -> None:
    """One room's job: compare it unless that is done or somebody said stop; an expected error ends only this room.

    `work` is given `only`, the keys of things to be read again, where the reconciliation is a second try of them.
    """
    row = Reconciliation.objects.filter(corp_id=corp_id, id=reconciliation_id, state=_STATES.RUNNING).first()
    if row is None:
        return
    done = SyncRun.objects.filter(reconciliation=row, kind=kind, state__in=_GONE_WELL).exists()
    if not done and not row.cancel_asked:
        try:
            some = {"only": frozenset(row.only[kind])} if row.only.get(kind) else {}
            work(corp_id=corp_id, reconciliation_id=reconciliation_id, **some)
        except (LinliError, WecomError) as error:
            log.warning("reconciliation %s of corp %s: %s was not compared: %s", row.pk, corp_id, kind, error)
    _close(row.pk, last=kind == kinds_of(row)[-1])


def close_abandoned() -> None:
    """End the reconciliations that no job works on any more."""
    with connection.cursor() as cursor:
        cursor.execute(_ABANDONED)
        found = [row[0] for row in cursor.fetchall()]
    for reconciliation_id in found:
        _close(reconciliation_id, last=True)


@transaction.atomic
def _close(reconciliation_id: int, *, last: bool) -> None:
    row = Reconciliation.objects.select_for_update().get(id=reconciliation_id)
    if row.state != _STATES.RUNNING or not (last or row.cancel_asked):
        return
    latest = {run.kind: run.state for run in SyncRun.objects.filter(reconciliation=row).order_by("id")}
    went_well = [latest.get(kind) == SyncRun.State.DONE for kind in kinds_of(row)]
    read = [latest.get(kind) in _GONE_WELL for kind in kinds_of(row)]
    if row.cancel_asked:
        row.state = _STATES.CANCELLED
    elif all(went_well):
        row.state = _STATES.DONE
    else:
        row.state = _STATES.PARTIAL if any(read) else _STATES.FAILED
    row.finished_at = wall()
    row.save(update_fields=["state", "finished_at"])
