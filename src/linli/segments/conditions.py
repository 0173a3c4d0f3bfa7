"""What this room's own conditions mean in SQL."""

from collections.abc import Mapping


def super_user(condition: Mapping[str, object], *, corp_id: int) -> tuple[str, list[object]]:
    """Customers with this standing now."""
    sql = "SELECT customer_id FROM segments_superuser WHERE corp_id = %s AND tier = %s"
    return sql, [corp_id, condition["tier"]]


CONDITIONS = {"super_user": super_user}
