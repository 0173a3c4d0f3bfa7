"""Stopping a send: what went out stays told as sent, what waits for a clerk is cancelled at WeCom."""

from django.db import transaction

from linli.connect import api as connect
from linli.kit.clock import now
from linli.messaging import facts, months
from linli.messaging.errors import NoSend, WrongState
from linli.messaging.models import Recipient, Send, StaffTask
from linli.messaging.operations import launch, lookup, outcomes, results
from linli.messaging.operations.drafts import note, say
from linli.messaging.operations.locks import working_on

BY_OPERATOR = "by_operator"
STOPPABLE = (Send.State.APPROVED, Send.State.CREATING, Send.State.TASKED)


def cancel(corp_id: int, send_id: int, *, author: str) -> bool:
    """Decide to stop, then stop at WeCom what can be stopped; False when something is left for the next tick."""
    with transaction.atomic():
        row = Send.objects.select_for_update().filter(corp_id=corp_id, id=send_id).first()
        if row is None:
            raise NoSend
        if row.state not in STOPPABLE:
            raise WrongState
        row.state, row.next_pull_at = Send.State.CANCELLED, None
        row.save(update_fields=["state", "next_pull_at"])
        note(row, row.state, author)
        say(row, facts.SEND_CANCELLED, {"name": row.name, "author": author})
    return finish(corp_id, send_id)


def finish(corp_id: int, send_id: int) -> bool:
    """Bring every task of a cancelled send to its end; safe to call again."""
    with working_on(send_id) as mine:
        row = Send.objects.filter(corp_id=corp_id, id=send_id, state=Send.State.CANCELLED, done_at=None).first()
        if not mine or row is None:
            return False
        tasks = StaffTask.objects.filter(corp_id=corp_id, send_id=send_id)
        for task in tasks.filter(state__in=launch.OPEN_TASKS, called_at=None):
            outcomes.dropped(task)
        client = connect.client(corp_id=corp_id)
        for task in tasks.filter(state__in=launch.OPEN_TASKS):
            if lookup.settle(client, task) is lookup.Verdict.NOT_THERE:
                outcomes.dropped(task)
        for task in tasks.filter(state__in=results.OPEN, settled_at=None):
            results.stop(client, task, reason=BY_OPERATOR)
        return _close(row)


def _close(row: Send) -> bool:
    with transaction.atomic():
        left = StaffTask.objects.filter(corp_id=row.corp_id, send=row, settled_at=None)
        if left.exists():
            return False
        waiting = months.of_send(row).filter(state=Recipient.State.PLANNED)
        waiting.update(state=Recipient.State.CANCELLED, reason=BY_OPERATOR, state_at=now())
        row.done_at = now()
        row.save(update_fields=["done_at"])
    return True
