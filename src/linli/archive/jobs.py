"""Slow work of the archive: reading on, fetching files, opening what waited for its key."""

from datetime import timedelta

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from linli.archive import fetching, pulling
from linli.archive.line import NONE
from linli.archive.models import ArchiveLine
from linli.kit.clock import wall

EVERY = timedelta(minutes=1)


@app.task(name="archive.pull", queue="default")
def pull_archive(corp_id: int) -> None:
    """Read on to the end, then have the files fetched."""
    pulling.pull(corp_id=corp_id)
    if fetching.due(corp_id=corp_id).exists():
        begin(corp_id=corp_id, name="archive.fetch")


@app.task(name="archive.fetch", queue="default")
def fetch_files(corp_id: int) -> None:
    """Fetch the files that are due."""
    fetching.fetch(corp_id=corp_id)


@app.task(name="archive.open_kept", queue="default")
def open_kept(corp_id: int) -> None:
    """Open what a new key opens."""
    pulling.open_kept(corp_id=corp_id)


def begin(*, corp_id: int, name: str = "archive.pull") -> bool:
    """Queue one of these; False when it waits already. Two of a kind never run side by side for a corp."""
    try:
        with transaction.atomic():
            app.configure_task(name, queueing_lock=f"{name}:{corp_id}", lock=f"{name}:{corp_id}").defer(corp_id=corp_id)
    except AlreadyEnqueued:
        return False
    return True


def tick(*, corp_id: int) -> None:
    """Read on once a minute (of the real clock), where an archive is chosen."""
    due = ArchiveLine.objects.filter(corp_id=corp_id).exclude(back=NONE).exclude(asked_at__gt=wall() - EVERY)
    if due.update(asked_at=wall()):
        begin(corp_id=corp_id)
