"""Was the task made? add_msg_template has no idempotency key, so a call whose answer is unknown is looked up (wire.md C.7).

WeCom's list tells text and time, not who sends or receives; those are read from the task itself. A task is ours when
nobody else's row has its msgid, its text is equal and it has as many attachments, its only sender is our clerk, and
its receivers are all ours.
Not found once may mean "not yet visible", so it takes two looks a minute apart before the call may be made again.
"""

from datetime import timedelta
from enum import Enum, auto

from linli.connect import api as connect
from linli.kit.clock import from_unix, now
from linli.messaging import content as contents
from linli.messaging.models import StaffTask
from linli.messaging.operations import outcomes
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, TransportError
from linli.wecom.message_calls import ChatType, MassMessage

SLACK = timedelta(minutes=10)
BETWEEN_LOOKS = timedelta(seconds=60)
LOOKS = 2
_LONGEST = timedelta(days=30)


class Verdict(Enum):
    """What the lookup found."""

    THERE = auto()
    NOT_THERE = auto()
    OPEN = auto()


def settle(client: Client, task: StaffTask) -> Verdict:
    """Look the task up and write the outcome; OPEN means: look again later, do not call."""
    # A look "of later" was before the clock went back: nothing to wait for.
    if task.looked_at is not None and task.lookups and timedelta(0) <= now() - task.looked_at < BETWEEN_LOOKS:
        return Verdict.OPEN
    try:
        found = _find(client, task)
    except (TransportError, ApiError, connect.BudgetSpent):
        if task.state != StaffTask.State.UNKNOWN:
            outcomes.unknown(task)
        return Verdict.OPEN
    if found is not None:
        message, reached = found
        missing = tuple(one for one in outcomes.external_userids(task) if one not in reached)
        outcomes.created(task, message.msgid, missing, at=from_unix(message.created_at))
        return Verdict.THERE
    return _not_found(task)


def _not_found(task: StaffTask) -> Verdict:
    task.lookups += 1
    task.looked_at = now()
    task.save(update_fields=["lookups", "looked_at"])
    if task.lookups >= LOOKS:
        outcomes.not_called(task)
        return Verdict.NOT_THERE
    if task.state != StaffTask.State.UNKNOWN:
        outcomes.unknown(task)
    return Verdict.OPEN


def _find(client: Client, task: StaffTask) -> tuple[MassMessage, set[str]] | None:
    since = task.called_at or task.intent_at
    # It was made when it was called for, if at all; WeCom lists a month at once.
    until = min(now() + SLACK, since + _LONGEST)
    start, end = int((since - SLACK).timestamp()), int(until.timestamp())
    listed = [one for one in client.mass_messages(start, end, ChatType.SINGLE) if one.text == task.text]
    attachments = contents.from_wire_json(task.attachments)
    taken = set(
        StaffTask.objects.filter(corp_id=task.corp_id, msgid__in=[one.msgid for one in listed]).values_list(
            "msgid", flat=True
        )
    )
    ours = set(outcomes.external_userids(task))
    for message in listed:
        if message.msgid in taken or len(message.attachments) != len(attachments):
            continue
        if [one.userid for one in client.mass_tasks(message.msgid)] != [task.userid]:
            continue
        reached = {one.external_userid or "" for one in client.mass_results(message.msgid, task.userid)}
        if reached and reached <= ours:
            return message, reached
    return None
