"""Recipients of a send or a task, asked for by the months in which they can be, so that no other partition is visited.

A send's rows are planned between its making and its tasks. A day on either side forgives a clock that was put right.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from linli.kit.clock import now
from linli.messaging.models import Recipient, Send, StaffTask

GRACE = timedelta(days=1)
Span = tuple[datetime, datetime]


def span(send: Send) -> Span:
    """The first and the last moment at which rows of this send can have been planned."""
    return send.created_at - GRACE, (send.tasked_at or now()) + GRACE


def of_send(send: Send) -> QuerySet[Recipient]:
    """All rows of a send."""
    return Recipient.objects.filter(corp_id=send.corp_id, send_id=send.pk, planned_at__range=span(send))


def of_task(task: StaffTask) -> QuerySet[Recipient]:
    """All rows of a task."""
    return of_send(task.send).filter(task_id=task.pk)


def of_sends(corp_id: int, send_ids: Iterable[int]) -> QuerySet[Recipient]:
    """All rows of these sends, of the months from the oldest of them to the newest."""
    ids = list(send_ids)
    ends = Send.objects.filter(corp_id=corp_id, id__in=ids).aggregate(
        first=Min("created_at"), last=Max(Coalesce(F("tasked_at"), now()))
    )
    rows = Recipient.objects.filter(corp_id=corp_id, send_id__in=ids)
    return (
        rows.filter(planned_at__range=(ends["first"] - GRACE, ends["last"] + GRACE)) if ends["first"] else rows.none()
    )


def tasked_since(corp_id: int, since: datetime) -> datetime | None:
    """No row that was tasked at `since` or later can have been planned before this; None when there can be no such row.

    Caps are counted by this: a send that is still open counts from its making, however long ago that was.
    """
    sends = Send.objects.filter(corp_id=corp_id)
    first: datetime | None = sends.filter(
        Q(tasked_at__gte=since) | Q(tasked_at=None, done_at=None) | Q(tasked_at=None, done_at__gte=since)
    ).aggregate(first=Min("created_at"))["first"]
    return first - GRACE if first is not None else None
