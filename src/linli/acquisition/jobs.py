"""Slow work of acquisition."""

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from linli.acquisition import codes
from linli.acquisition.models import LiveCode
from linli.acquisition.operations import UNENDED
from linli.acquisition.reconciling import KIND, reconcile
from linli.connect import api as connect
from linli.connect.api import RunCancelled
from linli.customers import api as customers


@app.task(name="acquisition.ensure_shop_codes", queue="default")
def ensure_shop_codes(corp_id: int) -> None:
    """A code and a group code for every shop; stopping it is no failure."""
    try:
        codes.ensure_shop_codes(corp_id=corp_id)
    except RunCancelled:
        return


@app.task(name="acquisition.open_group_codes", queue="default")
def open_group_codes(corp_id: int) -> None:
    """The group codes that waited for their shops' first groups."""
    codes.open_group_codes(corp_id=corp_id)


@app.task(name="acquisition.tag_follow", queue="default", retry=RetryStrategy(max_attempts=10, exponential_wait=2))
def tag_follow(corp_id: int, code_id: int, follow_id: int) -> None:
    """Make a code's tags at WeCom, then give them to a relation."""
    tag_ids = codes.ensure_tags_of(corp_id=corp_id, code_id=code_id)
    customers.tag_follow(corp_id=corp_id, follow_id=follow_id, tag_ids=tag_ids)


@app.task(name="acquisition.reconcile", queue="default")
def reconcile_codes(corp_id: int, reconciliation_id: int) -> None:
    """Compare all codes, as a part of a reconciliation."""
    connect.reconcile_room(KIND, reconcile, corp_id=corp_id, reconciliation_id=reconciliation_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="acquisition.end_closed", queue="default", queueing_lock="acquisition.end_closed")
def end_closed(timestamp: int) -> None:
    """Delete at WeCom what was closed here and is not known to be gone there."""
    del timestamp
    for corp_id in LiveCode.objects.filter(UNENDED).order_by("corp_id").values_list("corp_id", flat=True).distinct():
        codes.end_closed(corp_id=corp_id)


def start_shop_codes(*, corp_id: int) -> bool:
    """Queue the making of all shops' codes; False when it waits already."""
    return _queue("acquisition.ensure_shop_codes", corp_id)


def start_group_codes(*, corp_id: int) -> bool:
    """Queue the making of group codes that wait for a group; False when it waits already."""
    return _queue("acquisition.open_group_codes", corp_id)


def _queue(name: str, corp_id: int) -> bool:
    try:
        with transaction.atomic():
            app.configure_task(name, queueing_lock=f"{name}:{corp_id}", lock=f"{name}:{corp_id}").defer(corp_id=corp_id)
    except AlreadyEnqueued:
        return False
    return True
