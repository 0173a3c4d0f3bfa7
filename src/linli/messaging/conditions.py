"""What this room's own conditions mean in SQL."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from linli.messaging import months

REACHING = ("tasked", "confirmed", "sent", "unknown")


def reached(condition: Mapping[str, object], *, corp_id: int) -> tuple[str, list[object]]:
    """Customers with a message on its way or sent in the last `days`."""
    as_of, days = condition["as_of"], condition["days"]
    assert isinstance(as_of, datetime)
    assert isinstance(days, int)
    sql = (
        "SELECT customer_id FROM messaging_recipient"
        " WHERE corp_id = %s AND planned_at >= %s AND planned_at <= %s AND tasked_at >= %s AND tasked_at <= %s AND state = ANY(%s)"
    )
    since = as_of - timedelta(days=days)
    planned = months.tasked_since(corp_id, since) or as_of
    return sql, [corp_id, planned, as_of + months.GRACE, since, as_of, list(REACHING)]


CONDITIONS = {"reached": reached}
