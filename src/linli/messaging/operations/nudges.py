"""Telling clerks of their task, reminding those who have not confirmed, and handing to the operator who stays silent."""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from linli.access import api as access
from linli.connect import api as connect
from linli.kit.clock import now
from linli.kit.errors import LinliError
from linli.ledger import api as ledger
from linli.messaging import facts, months, queries
from linli.messaging.errors import NoTask, RemindedEnough, WrongState
from linli.messaging.models import Recipient, Reminder, Send, StaffTask
from linli.wecom.app_message_calls import Receivers
from linli.wecom.app_messages import AppTextCard
from linli.wecom.catalogue import Retry
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, MessageError, OutcomeUnknown, RemindTooOften, TransportError, WecomError

log = logging.getLogger(__name__)

MOST = 3
SPAN = timedelta(hours=24)
PAUSES = (timedelta(hours=20), timedelta(hours=24))  # after the first and the second automatic reminder
ESCALATE_AFTER = timedelta(hours=24)
SNIPPET = 60
_SOON = 6  # tries whose pauses are over within an hour
_SWALLOWED_S = 14_400  # the longest span in which WeCom swallows an equal message (wire.md D)
TELL_PAUSE, TELL_MOST = timedelta(minutes=1), timedelta(hours=6)


def tell(corp_id: int, send_id: int) -> int:
    """Tell every clerk who has a task, was not told yet and is due; returns how many were told now."""
    rows = untold(corp_id, send_id, now()).select_related("send")
    client = connect.client(corp_id=corp_id)
    told = 0
    for task in rows.order_by("id"):
        try:
            _card(client, task, _title(task, again=False), once=True)
        except OutcomeUnknown as error:
            # It may have arrived, or not: WeCom swallows an equal card that comes soon, and a later one would look like a second task.
            if task.tell_tries < _SOON:
                _not_told(task, error)
                continue
        except (LinliError, WecomError) as error:
            _not_told(task, error)
            continue
        task.told_at, task.next_tell_at, task.told_error = now(), None, ""
        task.save(update_fields=["told_at", "next_tell_at", "told_error"])
        told += 1
    return told


def untold(corp_id: int, send_id: int, at: datetime) -> QuerySet[StaffTask]:
    """The tasks of a send whose clerk is to be told at `at`; not those whose card waits or was given up."""
    rows = StaffTask.objects.filter(corp_id=corp_id, send_id=send_id, state=StaffTask.State.CREATED, told_at=None)
    return rows.filter(Q(tell_tries=0) | Q(next_tell_at__lte=at))


def _not_told(task: StaffTask, error: LinliError | WecomError) -> None:
    """Try again later and later; never what WeCom will refuse each time (the clerk still finds the task in WeCom)."""
    never = isinstance(error, MessageError) or (isinstance(error, ApiError) and error.meaning.retry is Retry.NEVER)
    pause = min(TELL_PAUSE * 2 ** min(task.tell_tries, 10), TELL_MOST)
    task.tell_tries, task.told_error = task.tell_tries + 1, str(error)[:500]
    task.next_tell_at = None if never else now() + pause
    task.save(update_fields=["tell_tries", "told_error", "next_tell_at"])
    log.warning("send %s: the clerk of task %s was not told: %s", task.send_id, task.pk, error)


def remind(corp_id: int, task_id: int, *, author: str) -> None:
    """Remind a clerk by WeCom's own reminder and by a card; RemindedEnough after three within 24 hours."""
    with transaction.atomic():
        task = _locked(corp_id, task_id)
        if queries.reminders_within(corp_id, task_id, now(), SPAN) >= MOST:
            raise RemindedEnough
        row = Reminder.objects.create(corp_id=corp_id, task=task, at=now(), author=author)
        data = {"send_id": task.send_id, "staff_id": task.staff_id, "author": author}
        ledger.publish(corp_id=corp_id, kind=facts.TASK_REMINDED, subject=f"task:{task.pk}", data=data)
    client = connect.client(corp_id=corp_id)
    assert task.msgid is not None
    try:
        client.remind_mass(task.msgid)
    except RemindTooOften:
        _outcome(row, "refused")
        raise RemindedEnough from None
    except OutcomeUnknown:
        _outcome(row, "unknown")
        return
    except Exception:
        _outcome(row, "failed")
        raise
    _outcome(row, "done")
    try:
        _card(client, task, _title(task, again=True))
    except (ApiError, TransportError, connect.BudgetSpent) as error:
        _outcome(row, f"done, but the card was not sent: {error}"[:200])


def remind_due(corp_id: int, at: datetime) -> int:
    """Remind whoever is due by the clock, by day only; after the last reminder the operator takes over."""
    zone = ZoneInfo(access.corp(corp_id=corp_id).zone)
    quiet = queries.quiet_rule(corp_id, at.astimezone(zone).date())
    if quiet.holds(at, zone):
        return 0
    due = StaffTask.objects.filter(
        corp_id=corp_id, state=StaffTask.State.CREATED, send__state=Send.State.TASKED, next_remind_at__lte=at
    )
    reminded = 0
    for task_id in due.order_by("next_remind_at", "id").values_list("id", flat=True):
        number = Reminder.objects.filter(corp_id=corp_id, task_id=task_id, author="").count()
        if number >= MOST:
            _escalate(corp_id, task_id)
            continue
        try:
            remind(corp_id, task_id, author="")
        except (TransportError, connect.BudgetSpent):
            return reminded
        except (LinliError, WecomError) as error:
            # the count goes on: silence must end at the operator's desk, whatever WeCom says
            log.warning("task %s was not reminded: %s", task_id, error)
        else:
            reminded += 1
        pause = PAUSES[number] if number < len(PAUSES) else ESCALATE_AFTER
        StaffTask.objects.filter(corp_id=corp_id, id=task_id).update(next_remind_at=at + pause)
    return reminded


def _escalate(corp_id: int, task_id: int) -> None:
    with transaction.atomic():
        task = StaffTask.objects.select_for_update().get(corp_id=corp_id, id=task_id)
        if task.escalated_at is not None:
            return
        task.escalated_at, task.next_remind_at = now(), None
        task.save(update_fields=["escalated_at", "next_remind_at"])
        data = {"send_id": task.send_id, "staff_id": task.staff_id, "userid": task.userid, "size": task.size}
        ledger.publish(corp_id=corp_id, kind=facts.TASK_ESCALATED, subject=f"task:{task.pk}", data=data)


def _locked(corp_id: int, task_id: int) -> StaffTask:
    task = StaffTask.objects.select_for_update().filter(corp_id=corp_id, id=task_id).first()
    if task is None:
        raise NoTask
    if task.state != StaffTask.State.CREATED:
        raise WrongState
    return task


def _outcome(row: Reminder, outcome: str) -> None:
    row.outcome = outcome
    row.save(update_fields=["outcome"])


def _title(task: StaffTask, *, again: bool) -> str:
    waiting = months.of_task(task).filter(state=Recipient.State.TASKED).count()
    with override(settings.LANGUAGE_CODE):
        if again:
            return _("%(n)d customers still wait for your message") % {"n": waiting}
        return _("%(n)d customers wait for your message") % {"n": waiting}


def _card(client: Client, task: StaffTask, title: str, *, once: bool = False) -> None:
    """Send the card; `once` lets WeCom swallow it where it was sent already by a process that died before it said so."""
    line = connect.line(corp_id=task.corp_id)
    if line is None:
        return
    with override(settings.LANGUAGE_CODE):
        how = _("Open Customer contact, Mass messages in WeCom and confirm. It goes out in your name.")
        text = task.text if len(task.text) <= SNIPPET else task.text[:SNIPPET] + "…"
        card = AppTextCard(
            title=title,
            description=f"{text}\n{how}",
            url=f"{settings.LINLI.public_url.rstrip('/')}/sends/{task.send_id}/",
            button=_("View"),
        )
    seconds = _SWALLOWED_S if once else 0
    client.send_app_message(line.agent_id, Receivers(users=(task.userid,)), card, duplicate_check_seconds=seconds)
