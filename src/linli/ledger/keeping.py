"""What of a callback need not be kept as long as the callback."""

from datetime import datetime, timedelta

from django.db import connection

from linli.kit.clock import wall
from linli.ledger.models import InboxRow

_CODES = """
UPDATE ledger_inbox SET welcome_code = NULL, payload = decode(regexp_replace(
    encode(payload, 'escape'), '<WelcomeCode>.*?</WelcomeCode>', '<WelcomeCode></WelcomeCode>', 'g'), 'escape')
WHERE corp_id = %s AND received_at < %s AND welcome_code IS NOT NULL AND welcome_state NOT IN (1, 2)
"""


def forget_welcome_codes(*, corp_id: int, before: datetime) -> int:
    """Take the codes of welcomes that have ended out of callbacks received before this real moment; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_CODES, [corp_id, before])
        return int(cursor.rowcount)


def recent_customers(*, corp_id: int, days: int) -> list[str]:
    """The external_userids of which callbacks of the last days told, each once."""
    rows = InboxRow.objects.filter(
        corp_id=corp_id, received_at__gte=wall() - timedelta(days=days), object_key__startswith="customer:"
    )
    return [key.removeprefix("customer:") for key in rows.values_list("object_key", flat=True).distinct()]


def first_recent(*, corp_id: int, days: int) -> int:
    """The id of the first callback received in the last days, 1 when there is none."""
    rows = InboxRow.objects.filter(corp_id=corp_id, received_at__gte=wall() - timedelta(days=days))
    return rows.order_by("id").values_list("id", flat=True).first() or 1
