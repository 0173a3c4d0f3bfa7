"""Slow work of groups."""

from procrastinate.contrib.django import app

from linli.groups.sync import sync


@app.task(name="groups.sync", queue="default")
def sync_groups(corp_id: int) -> None:
    """Read all groups, members and group codes."""
    sync(corp_id=corp_id)
