"""Slow work of privacy."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from linli.access import api as access
from linli.kit.errors import Unavailable
from linli.privacy import erasures, exports, retention


@app.task(
    name="privacy.erase", queue="default", retry=RetryStrategy(max_attempts=30, wait=60, retry_exceptions=[Unavailable])
)
def erase(corp_id: int, erasure_id: int) -> None:
    """Erase one person. (When its time has not come by this clock, `resume` finds it.)"""
    erasures.run(corp_id=corp_id, erasure_id=erasure_id)


@app.task(name="privacy.export_person", queue="default")
def export_person(corp_id: int, export_id: int) -> None:
    """Gather one person's data."""
    exports.run(corp_id=corp_id, export_id=export_id)


@app.periodic(cron="*/5 * * * *")
@app.task(name="privacy.resume", queue="default", queueing_lock="privacy.resume")
def resume(timestamp: int) -> None:
    """Go on with what a dead process left; what another has in hand is left alone."""
    del timestamp
    for corp in access.corps():
        for export_id in exports.open_exports(corp_id=corp.id):
            exports.run(corp_id=corp.id, export_id=export_id)
        for erasure_id in erasures.open_erasures(corp_id=corp.id):
            try:
                erasures.run(corp_id=corp.id, erasure_id=erasure_id)
            except Unavailable:  # it waits for somebody else's work; the next look may find it done
                continue


@app.periodic(cron="25 * * * *")
@app.task(name="privacy.sweep", queue="default", queueing_lock="privacy.sweep")
def sweep(timestamp: int) -> None:
    """Once a night for each corp, by its own zone's real clock."""
    del timestamp
    for corp in access.corps():
        retention.sweep_if_due(corp_id=corp.id)
