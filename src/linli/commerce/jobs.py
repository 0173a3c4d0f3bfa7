"""What commerce does in the background."""

from procrastinate.contrib.django import app

from linli.access import api as access
from linli.commerce import imports, rfm
from linli.commerce.importing import run_import


@app.task(name="commerce.import_orders", queue="default")
def import_orders(corp_id: int, run_id: int) -> None:
    """Bring an upload in, then score the customers anew."""
    run_import(corp_id=corp_id, run_id=run_id)
    rfm.recompute(corp_id)


@app.periodic(cron="*/5 * * * *")
@app.task(name="commerce.resume_imports", queue="default", queueing_lock="commerce.resume_imports")
def resume_imports(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives the tick's time
    """Go on with runs whose process died; one that is in hand is left alone by the run's own lock."""
    for corp in access.corps():
        for run_id in imports.open_runs(corp_id=corp.id):
            run_import(corp_id=corp.id, run_id=run_id)


@app.task(name="commerce.recompute_rfm", queue="default")
def recompute_rfm(corp_id: int) -> None:
    """Score one corp's customers as of its today."""
    rfm.recompute(corp_id)


@app.periodic(cron="10 19 * * *")  # 03:10 in Shanghai
@app.task(name="commerce.recompute_rfm_everywhere", queue="default", queueing_lock="commerce.recompute_rfm_everywhere")
def recompute_rfm_everywhere(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives the tick's time
    """A night's RFM for every corp."""
    for corp in access.corps():
        rfm.recompute(corp.id)
