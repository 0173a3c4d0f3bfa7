"""What falls due by business time: sends to launch, results to pull, clerks to tell and remind, cancellations to finish."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db.models import Q

from linli.kit.errors import LinliError
from linli.messaging.models import Send
from linli.messaging.operations import cancel, launch, nudges, results
from linli.wecom.errors import WecomError

log = logging.getLogger(__name__)


def tick(corp_id: int, at: datetime) -> int:
    """Do all that is due at `at`; returns how many sends were worked on. Calls WeCom: not inside a transaction.

    One send's trouble is logged and due again at the next tick; it does not hold up the others.
    """
    worked = 0
    for send_id in _ids(corp_id, Q(state=Send.State.CREATING) | Q(state=Send.State.APPROVED, send_at__lte=at)):
        worked += _tried(launch.launch, corp_id, send_id)
    for send_id in _ids(corp_id, Q(state=Send.State.TASKED)):
        if nudges.untold(corp_id, send_id, at).exists():
            _tried(nudges.tell, corp_id, send_id)
    for send_id in _ids(corp_id, Q(state=Send.State.TASKED, next_pull_at__lte=at)):
        worked += _tried(results.pull, corp_id, send_id)
    nudges.remind_due(corp_id, at)
    for send_id in _ids(corp_id, Q(state=Send.State.CANCELLED, done_at=None)):
        worked += _tried(cancel.finish, corp_id, send_id)
    return worked


def _tried(step: Callable[[int, int], object], corp_id: int, send_id: int) -> int:
    try:
        step(corp_id, send_id)
    except (LinliError, WecomError) as error:
        log.warning("send %s: %s failed: %s", send_id, step.__name__, error)
        return 0
    return 1


def _ids(corp_id: int, which: Q) -> list[int]:
    return list(Send.objects.filter(which, corp_id=corp_id).order_by("id").values_list("id", flat=True))
