"""Slow work of directory."""

from procrastinate.contrib.django import app

from linli.directory.sync import sync


@app.task(name="directory.sync", queue="default")
def sync_directory(corp_id: int) -> None:
    """Read the whole address book."""
    sync(corp_id=corp_id)
