"""What a killed process left in hand: its jobs hold their locks until somebody takes them up again."""

import logging

from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status

from linli.access import api as access
from linli.connect import api as connect

log = logging.getLogger(__name__)
# A heartbeat "of later" was before the clock went back: who lives beats again within seconds, who is dead goes silent.
_HEARD_NOW = "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE last_heartbeat > now() + interval '5 s'"
_MOST_ATTEMPTS = 10  # a job that ends its worker each time must not do so for ever


def take_up_all() -> int:
    """At the start of the one worker process: whatever is in hand was its predecessor's. Returns how many jobs."""
    return take_up_stalled(silent_s=0)


def take_up_stalled(*, silent_s: float = 30) -> int:
    """Give back the jobs of workers silent for so long and fail their runs; returns how many. All jobs may be repeated."""
    with connection.cursor() as cursor:
        cursor.execute(_HEARD_NOW)
    jobs = list(async_to_sync(app.job_manager.get_stalled_jobs)(seconds_since_heartbeat=silent_s))
    for job in jobs:
        _take_up(job)
    for run_id in connect.fail_dead_runs():
        log.warning("sync run %s ended with its process", run_id)
    return len(jobs)


def _take_up(job: Job) -> None:
    assert job.id is not None
    access.system_act(
        corp_id=None,
        action="jobs.taken_up",
        subject=f"job:{job.id}",
        after={"task": job.task_name, "tries": job.attempts},
    )
    log.warning("job %d (%s) was left in hand by a worker that died", job.id, job.task_name)
    if job.attempts < _MOST_ATTEMPTS:
        try:
            async_to_sync(app.job_manager.retry_job)(job)
        except UniqueViolation:
            pass  # the same job waits already: it does the work once this one no longer holds the lock
        else:
            return
    async_to_sync(app.job_manager.finish_job_by_id_async)(job.id, status=Status.FAILED, delete_job=False)
