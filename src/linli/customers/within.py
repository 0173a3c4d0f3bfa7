"""Which customers a scope holds, as SQL that rooms above may put into theirs: the one place that says it."""

from linli.access.api import Scope
from linli.directory import api as directory

_WITHIN = """
SELECT id FROM customers_customer WHERE corp_id = %s AND home_shop_id = ANY(%s)
UNION SELECT customer_id FROM customers_follow WHERE corp_id = %s AND live AND staff_id = ANY(%s)
"""


def within_sql(*, corp_id: int, scope: Scope) -> tuple[str, list[object]] | None:
    """A SELECT of customer ids, with its parameters; None is everybody.

    A shop has the customers who first came through it and those whom its staff follow now; a clerk, those they follow now.
    """
    reach = directory.reach(corp_id=corp_id, scope=scope)
    if reach is None:
        return None
    return _WITHIN, [corp_id, sorted(reach.shop_ids), corp_id, sorted(reach.staff_ids)]
