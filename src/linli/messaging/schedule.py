"""What falls due by business time: sends to launch, results to pull, clerks to tell and remind, cancellations to finish."""

from datetime import datetime

from django.db.models import Q

from linli.messaging.models import Send, StaffTask
from linli.messaging.operations import cancel, launch, nudges, results


def tick(corp_id: int, at: datetime) -> int:
    """Do all that is due at `at`; returns how many sends were worked on. Calls WeCom: not inside a transaction."""
    worked = 0
    for send_id in _ids(corp_id, Q(state=Send.State.CREATING) | Q(state=Send.State.APPROVED, send_at__lte=at)):
        launch.launch(corp_id, send_id)
        worked += 1
    for send_id in _ids(corp_id, Q(state=Send.State.TASKED)):
        if _untold(corp_id, send_id):
            nudges.tell(corp_id, send_id)
    for send_id in _ids(corp_id, Q(state=Send.State.TASKED, next_pull_at__lte=at)):
        results.pull(corp_id, send_id)
        worked += 1
    nudges.remind_due(corp_id, at)
    for send_id in _ids(corp_id, Q(state=Send.State.CANCELLED, done_at=None)):
        cancel.finish(corp_id, send_id)
        worked += 1
    return worked


def _ids(corp_id: int, which: Q) -> list[int]:
    return list(Send.objects.filter(which, corp_id=corp_id).order_by("id").values_list("id", flat=True))


def _untold(corp_id: int, send_id: int) -> bool:
    rows = StaffTask.objects.filter(corp_id=corp_id, send_id=send_id, told_at=None)
    return rows.filter(state=StaffTask.State.CREATED).exists()
