"""Compares open sends with WeCom: tasks whose answer was lost are looked up, results are read. No callback tells of either."""

from collections import Counter
from collections.abc import Collection

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from linli.connect import api as connect
from linli.connect.api import Compared
from linli.kit.errors import LinliError
from linli.messaging import facts
from linli.messaging.models import Send, StaffTask
from linli.messaging.operations import launch, results

KIND = "messaging"
_STATE = StaffTask.State
# What a task has come to, and the fact that said so.
_FACTS = {
    _STATE.CREATED: facts.TASK_CREATED,
    _STATE.CONFIRMED: facts.TASK_CONFIRMED,
    _STATE.FAILED: facts.TASK_FAILED,
}


def reconcile(*, corp_id: int, reconciliation_id: int | None = None, only: Collection[str] = frozenset()) -> Compared:
    """Look up what has no outcome, and read the results of every open task; a task WeCom cannot show keeps its place.

    `only`: of these sends ("send:7").
    """
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        rows = Send.objects.filter(corp_id=corp_id, state__in=(Send.State.CREATING, Send.State.TASKED)).order_by("id")
        after = run.cursor.get("after", 0)  # a run that follows one that died goes on behind its last send
        rows = rows.filter(id__gt=after)
        open_sends = [row for row in rows.values_list("id", "state") if not only or f"send:{row[0]}" in only]
        for send_id, state in open_sends:
            before = _open(send_id)
            _compare(run, corp_id, send_id, creating=state == Send.State.CREATING)
            after = dict(StaffTask.objects.filter(id__in=before).values_list("id", "state"))
            moved = Counter(after[task] for task, was in before.items() if after[task] != was)
            for reached, fact in _FACTS.items():
                run.finds.elsewhere[fact] += moved[reached]
            run.finds.effects["changed"] += moved.total()
            run.done += len(before)
            run.reached({"after": send_id})
    return run.compared()


def _compare(run: connect.Run, corp_id: int, send_id: int, *, creating: bool) -> None:
    def unread(task: StaffTask, error: Exception) -> None:
        run.could_not(f"{task.userid} · {task.msgid}", error, key=f"send:{send_id}")

    try:
        if creating:
            launch.launch(corp_id, send_id)
        results.pull(corp_id, send_id, unread)
    except LinliError as error:
        run.could_not(format_lazy(_("send {no}"), no=send_id), error, key=f"send:{send_id}")
    for task in StaffTask.objects.filter(corp_id=corp_id, send_id=send_id, state=_STATE.UNKNOWN):
        why = _("not found at WeCom yet; looked up again before any second call")
        run.could_not(format_lazy(_("{who}, send {no}"), who=task.userid, no=send_id), why, key=f"send:{send_id}")


def _open(send_id: int) -> dict[int, str]:
    return dict(StaffTask.objects.filter(send_id=send_id, settled_at=None).values_list("id", "state"))
