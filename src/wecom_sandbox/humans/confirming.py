"""A clerk confirms a mass message: only now it goes out, as far as friendship and caps allow."""

import calendar
from datetime import datetime

from wecom_sandbox import annals
from wecom_sandbox.clock import CHINA
from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.script import Script
from wecom_sandbox.records import EXTERNAL, Json, MassItem, MassSender, MassTask, Message

SENT, NOT_FRIEND, OVER_CAP = 1, 2, 3
CONFIRMED = 2
# Receipts older than the longest period are of no use.
RECEIPTS_KEPT = 40 * 86_400


def confirm(script: Script) -> Json:
    """Send what this member has to send; each receiver gets status 1, 2 or 3 (wire.md C.7)."""
    task = script.corp.mass_tasks.get(script.text("msgid"))
    sender = task.senders.get(script.staff()) if task else None
    if task is None or sender is None:
        raise ControlError(404, "no such task for this member")
    if task.cancelled:
        raise ControlError(409, "the task was cancelled")
    if sender.status == CONFIRMED:
        raise ControlError(409, "already confirmed")
    now = script.world.now()
    counts = {SENT: 0, NOT_FRIEND: 0, OVER_CAP: 0}
    for item in sender.items:
        item.status = _outcome(script, task, sender, item, now)
        item.send_time = now
        counts[item.status] += 1
    sender.status, sender.send_time = CONFIRMED, now
    return {"sent": counts[SENT], "not_friend": counts[NOT_FRIEND], "over_cap": counts[OVER_CAP]}


def _outcome(script: Script, task: MassTask, sender: MassSender, item: MassItem, now: int) -> int:
    corp = script.corp
    if task.chat_type == "group":
        group = corp.groups.get(item.target)
        if group is None or group.owner != sender.userid:
            return NOT_FRIEND
        readers = [member.userid for member in group.members.values() if member.type == EXTERNAL]
    else:
        follow = corp.follows.get((sender.userid, item.target))
        if follow is None or follow.one_way:
            return NOT_FRIEND
        readers = [item.target]
    if _received(corp, item.target, since=_period_start(script.world.tunables.mass_period, now)) >= _cap(script, now):
        return OVER_CAP
    corp.mass_receipts[item.target].append(now)
    chat_id = item.target if task.chat_type == "group" else ""
    message = Message("mass", sender.userid, now, task.text, task.attachments, task.msgid, chat_id)
    corp.show(message, readers)
    if chat_id:
        # In a group it is a message like any other; one to one it is no chat (wire.md C.10 counts chats).
        annals.note(script.world, corp, annals.MASS_SAID, userid=sender.userid, chat_id=chat_id)
    return SENT


def _received(corp: Corp, target: str, *, since: int) -> int:
    receipts = corp.mass_receipts[target]
    if receipts and receipts[0] < since - RECEIPTS_KEPT:
        receipts[:] = [at for at in receipts if at >= since]
    return sum(at >= since for at in receipts)


def _period_start(period: str, now: int) -> int:
    today = datetime.fromtimestamp(now, CHINA).replace(hour=0, minute=0, second=0)
    if period == "month":
        return int(today.replace(day=1).timestamp())
    if period == "week":
        return int(today.timestamp()) - today.weekday() * 86_400
    return int(today.timestamp())


def _cap(script: Script, now: int) -> int:
    """As many as the month has days (unless a number is set), or 7 a week, or 1 a day, as the admin chose (wire.md I.1)."""
    tunables = script.world.tunables
    moment = datetime.fromtimestamp(now, CHINA)
    days = calendar.monthrange(moment.year, moment.month)[1]
    month = tunables.mass_per_month or days
    return {"month": month, "week": tunables.mass_per_week, "day": tunables.mass_per_day}[tunables.mass_period]
