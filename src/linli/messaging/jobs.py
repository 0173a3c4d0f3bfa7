"""Work on sends that should not keep a person waiting; the ticker finds again what a lost job left undone."""

from procrastinate.contrib.django import app

from linli.connect import api as connect
from linli.messaging.errors import RemindedEnough, WrongState
from linli.messaging.moments import reading as moments
from linli.messaging.operations import cancel, launch, nudges, results
from linli.messaging.reconciling import KIND, reconcile


@app.task(name="messaging.launch", queue="default")
def launch_send(corp_id: int, send_id: int) -> None:
    """Make the tasks of an approved send and tell the clerks."""
    launch.launch(corp_id, send_id)
    nudges.tell(corp_id, send_id)


@app.task(name="messaging.remind", queue="default")
def remind_tasks(corp_id: int, task_ids: list[int], author: str) -> None:
    """Remind these clerks; who was reminded enough or has confirmed meanwhile is passed over."""
    for task_id in task_ids:
        try:
            nudges.remind(corp_id, task_id, author=author)
        except (RemindedEnough, WrongState):
            continue


@app.task(name="messaging.pull_results", queue="default")
def pull_results(corp_id: int, send_id: int) -> None:
    """Read what became of a send."""
    results.pull(corp_id, send_id)


@app.task(name="messaging.finish_cancel", queue="default")
def finish_cancel(corp_id: int, send_id: int) -> None:
    """Stop at WeCom what a cancelled send still has there."""
    cancel.finish(corp_id, send_id)


@app.task(name="messaging.reconcile", queue="default")
def reconcile_messaging(corp_id: int, reconciliation_id: int) -> None:
    """Compare all open tasks, as a part of a reconciliation."""
    connect.reconcile_room(KIND, reconcile, corp_id=corp_id, reconciliation_id=reconciliation_id)


@app.task(name="moments.reconcile", queue="default")
def reconcile_moments(corp_id: int, reconciliation_id: int) -> None:
    """Compare all moments, as a part of a reconciliation."""
    connect.reconcile_room(moments.KIND, moments.reconcile, corp_id=corp_id, reconciliation_id=reconciliation_id)
