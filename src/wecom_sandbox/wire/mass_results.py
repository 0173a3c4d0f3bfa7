"""Looking mass messages up: lists, tasks and results (wire.md C.7)."""

import time

from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json, MassItem, MassSender, MassTask
from wecom_sandbox.wire.call import Call, cursor_at
from wecom_sandbox.wire.mass import find_task

BY_CORP, BY_MEMBER, BY_ALL = 0, 1, 2
SENT = 1


def get_list(call: Call) -> Json:
    """Answer get_groupmsg_list_v2; tasks made by API carry no creator."""
    chat_type = call.text("chat_type", missing=40058)
    start, end = call.integer("start_time"), call.integer("end_time")
    if chat_type not in ("single", "group") or not 0 <= end - start <= call.world.tunables.mass_list_days * 86_400:
        raise WireError(40058)
    filter_type = call.integer("filter_type", BY_ALL)
    if filter_type not in (BY_CORP, BY_MEMBER, BY_ALL):
        raise WireError(40058)
    limit = call.limit(50, 100)
    place, _ = call.cursor("mass")
    page: list[MassTask] = []
    # Members send nothing on their own here: every task is the corp's and none has a creator.
    nobody = filter_type == BY_MEMBER or bool(call.text("creator"))
    while len(page) <= limit and not nobody:
        chunk = call.corp.mass_task_list.after(place, limit + 1)
        if not chunk:
            break
        place = chunk[-1].seq
        page.extend(task for task in chunk if task.chat_type == chat_type and start <= task.create_time <= end)
    more = len(page) > limit
    page = page[:limit]
    return {
        "group_msg_list": [_describe(task) for task in page],
        "next_cursor": cursor_at("mass", page[-1].seq) if more else "",
    }


def get_task(call: Call) -> Json:
    """Answer get_groupmsg_task: who has confirmed."""
    task = _dispatched(call)
    rows = [_sender(sender) for sender in task.senders.values()]
    return _paged(call, "task_list", rows)


def get_send_result(call: Call) -> Json:
    """Answer get_groupmsg_send_result; of groups only the sent ones have a row."""
    task = _dispatched(call)
    sender = task.senders.get(call.text("userid", missing=40058))
    if sender is None:
        raise WireError(60111)
    grouped = task.chat_type == "group"
    items = [item for item in sender.items if item.status == SENT or not grouped]
    return _paged(call, "send_list", [_item(item, sender.userid, grouped=grouped) for item in items])


def get_result(call: Call) -> Json:
    """Answer get_group_msg_result, which came before the pages: every receiver of every sender at once."""
    task = _dispatched(call)
    grouped = task.chat_type == "group"
    rows = [
        _item(item, sender.userid, grouped=grouped)
        for sender in task.senders.values()
        for item in sender.items
        if item.status == SENT or not grouped
    ]
    return {"check_status": 1, "detail_list": rows}


def _dispatched(call: Call) -> MassTask:
    task = find_task(call)
    until = call.world.dispatching.get(task.msgid, 0.0)
    if time.monotonic() < until:
        raise WireError(41063)
    return task


def _paged(call: Call, name: str, rows: list[Json]) -> Json:
    limit = call.limit(500, 1000)
    start, _ = call.cursor(name)
    end = start + limit
    return {name: rows[start:end], "next_cursor": cursor_at(name, end) if end < len(rows) else ""}


def _describe(task: MassTask) -> Json:
    return {
        "msgid": task.msgid,
        "create_time": task.create_time,
        "create_type": BY_CORP,
        "text": task.text,
        "attachments": task.attachments,
    }


def _sender(sender: MassSender) -> Json:
    answer: Json = {"userid": sender.userid, "status": sender.status}
    return {**answer, "send_time": sender.send_time} if sender.send_time else answer


def _item(item: MassItem, userid: str, *, grouped: bool) -> Json:
    answer: Json = {"chat_id" if grouped else "external_userid": item.target, "userid": userid, "status": item.status}
    return {**answer, "send_time": item.send_time} if item.send_time else answer
