"""One turn of work at a hand-over: call what waits, read what is due, say when to look again. Any process may take it."""

from datetime import datetime, timedelta

from django.db import transaction

from linli.connect import api as connect
from linli.handover import calling, results
from linli.handover.models import Handover
from linli.kit.errors import LinliError
from linli.wecom.errors import WecomError

STATES = (Handover.State.RUNNING, Handover.State.DONE)
# A job that was lost is queued again after this time.
_JOB_LIFE = timedelta(minutes=2)


def work(corp_id: int, handover_id: int, *, at_once: bool = False) -> list[WecomError | LinliError]:
    """Do all that is due; `at_once` reads results also before their time. What may pass keeps its place, and is returned."""
    with calling.working_on(handover_id) as mine:
        row = Handover.objects.select_related("giver").filter(corp_id=corp_id, id=handover_id, state__in=STATES).first()
        if not mine or row is None:
            return []
        trouble: list[WecomError | LinliError] = []
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
        try:
            if calling.call_all(client, row):
                trouble += results.read(client, row, at_once=at_once)
                results.carry_remarks(client, row)
        except (WecomError, LinliError) as error:
            results.log_trouble(row, work, error)
            trouble.append(error)
        finally:
            results.plan_next(row)
    return trouble


def tick(corp_id: int, at: datetime) -> int:
    """Queue the work that is due at `at`; returns how many hand-overs."""
    due = Handover.objects.filter(corp_id=corp_id, state__in=STATES, due_at__lte=at).order_by("id")
    ids = list(due.values_list("id", flat=True))
    for handover_id in ids:
        queue(corp_id=corp_id, handover_id=handover_id, at=at)
    return len(ids)


@transaction.atomic
def queue(*, corp_id: int, handover_id: int, at: datetime, at_once: bool = False) -> None:
    """One job; the row is due again only after its time, so that a look a second queues one."""
    from linli.handover.jobs import carry_out

    Handover.objects.filter(id=handover_id).update(due_at=at + _JOB_LIFE)
    carry_out.defer(corp_id=corp_id, handover_id=handover_id, at_once=at_once)


def queue_sync(*, corp_id: int) -> bool:
    """One reading of the unassigned, after whatever else reads the corp; False when one waits already."""
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued

    name = f"handover.sync:{corp_id}"
    job = app.configure_task("handover.sync", queueing_lock=name, lock=f"connect.sync:{corp_id}", queue="default")
    try:
        with transaction.atomic():
            job.defer(corp_id=corp_id)
    except AlreadyEnqueued:
        return False
    return True
