"""What became of a task's call: each a short transaction of its own, task and recipients together."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from linli.kit.clock import now
from linli.ledger import api as ledger
from linli.messaging import facts, months
from linli.messaging.models import Recipient, StaffTask

REFUSED = "refused_by_wecom"
FIRST_REMINDER = timedelta(hours=4)
State = StaffTask.State


def recipients(task: StaffTask) -> QuerySet[Recipient]:
    """The customers of a task."""
    return months.of_task(task)


def external_userids(task: StaffTask) -> tuple[str, ...]:
    """The task's customers, as WeCom knows them, always in the same order."""
    return tuple(recipients(task).order_by("id").values_list("external_userid", flat=True))


def calling(task: StaffTask) -> None:
    """The call is about to be made: from here on it is looked up before it is made again."""
    task.called_at = now()
    task.save(update_fields=["called_at"])


def not_called(task: StaffTask) -> None:
    """The call certainly had no effect: it may be made again."""
    task.called_at, task.lookups, task.state = None, 0, State.INTENT
    with transaction.atomic():
        task.save(update_fields=["called_at", "lookups", "state"])
        recipients(task).filter(state=Recipient.State.UNKNOWN).update(state=Recipient.State.PLANNED, state_at=now())


def unknown(task: StaffTask) -> None:
    """Nobody can tell yet whether WeCom made the task."""
    task.state = State.UNKNOWN
    with transaction.atomic():
        task.save(update_fields=["state"])
        recipients(task).filter(state=Recipient.State.PLANNED).update(state=Recipient.State.UNKNOWN, state_at=now())


def created(task: StaffTask, msgid: str, fail_list: tuple[str, ...], *, at: datetime | None = None) -> None:
    """WeCom made the task; the ones it cannot reach are failed, the others wait for the clerk."""
    moment = at or now()
    task.state, task.msgid, task.fail_list, task.created_at = State.CREATED, msgid, list(fail_list), moment
    task.next_remind_at = moment + FIRST_REMINDER
    waiting = (Recipient.State.PLANNED, Recipient.State.UNKNOWN)
    with transaction.atomic():
        task.save(update_fields=["state", "msgid", "fail_list", "created_at", "next_remind_at"])
        rows = recipients(task).filter(state__in=waiting)
        rows.filter(external_userid__in=fail_list).update(state=Recipient.State.FAILED, reason=REFUSED, state_at=moment)
        rows.update(state=Recipient.State.TASKED, state_at=moment, tasked_at=moment)
        _say(task, facts.TASK_CREATED, {"size": task.size, "refused": len(fail_list)})


def failed(task: StaffTask, code: int, text: str) -> None:
    """WeCom refused the task for good."""
    task.state, task.error_code, task.error_text, task.settled_at = State.FAILED, code, text[:500], now()
    waiting = (Recipient.State.PLANNED, Recipient.State.UNKNOWN)
    with transaction.atomic():
        task.save(update_fields=["state", "error_code", "error_text", "settled_at"])
        rows = recipients(task).filter(state__in=waiting)
        rows.update(state=Recipient.State.FAILED, reason=f"wecom_{code}", state_at=now())
        _say(task, facts.TASK_FAILED, {"code": code})


def dropped(task: StaffTask) -> None:
    """The send was cancelled before WeCom heard of this task."""
    task.state, task.settled_at = State.CANCELLED, now()
    waiting = (Recipient.State.PLANNED, Recipient.State.UNKNOWN)
    with transaction.atomic():
        task.save(update_fields=["state", "settled_at"])
        rows = recipients(task).filter(state__in=waiting)
        rows.update(state=Recipient.State.CANCELLED, reason="by_operator", state_at=now())


def _say(task: StaffTask, kind: str, data: dict[str, object]) -> None:
    about = {"send_id": task.send_id, "staff_id": task.staff_id, "userid": task.userid, **data}
    ledger.publish(corp_id=task.corp_id, kind=kind, subject=f"task:{task.pk}", data=about)
