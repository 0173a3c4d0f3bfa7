"""Which night it is for a corp: by the wall clock in the corp's zone, at LINLI_NIGHTLY_AT, corps spread over half an hour."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from linli.access import api as access
from linli.connect.models import Reconciliation
from linli.kit.clock import wall

_SPREAD = 30  # minutes; neighbours in the table are seven apart
_STEP = 7


def night_of(*, corp_id: int, at: datetime) -> date:
    """The night whose hour has come last: today's after it, yesterday's before."""
    local = at.astimezone(ZoneInfo(access.corp(corp_id=corp_id).zone))
    due = datetime.combine(local.date(), settings.LINLI.nightly_at) + timedelta(minutes=corp_id * _STEP % _SPREAD)
    return local.date() - timedelta(days=local.replace(tzinfo=None) < due)


def skip_this_night(*, corp_id: int) -> None:
    """A line that has just been made needs no comparison before its first night: connecting reads everything."""
    at = wall()
    Reconciliation.objects.get_or_create(
        corp_id=corp_id,
        night=night_of(corp_id=corp_id, at=at),
        defaults={"state": Reconciliation.State.SKIPPED, "asked_at": at, "finished_at": at},
    )
