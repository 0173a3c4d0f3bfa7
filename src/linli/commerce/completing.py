"""A file that completes orders which are there: its lines join the stored ones instead of replacing them."""

from collections import Counter
from decimal import Decimal

from django.db import connection

from linli.commerce.staging import copy_text, row_text, sql


def join_stored_lines(*, corp_id: int, source: str) -> None:
    """Stage the stored lines of the orders that the file names; a line both have, as often as both have it, is one."""
    scope: dict[str, int | str] = {"corp": corp_id, "source": source}
    stored: Counter[tuple[str, int, str, str, int, Decimal]] = Counter()
    rows: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute(sql("completing_stored"), scope)
        for seq, number, kind, buyer_ref, at, sku, description, quantity, given, region, currency in cursor:
            price = given.normalize()
            stored[number, kind, sku, description, quantity, price] += 1
            rows.append(
                row_text(-seq, kind, number, buyer_ref, at, sku, description, quantity, price, region, currency)
            )
        cursor.execute(sql("completing_arriving"), scope)
        repeated: list[int] = []
        for seq, number, kind, sku, description, quantity, price in cursor:
            content = (number, kind, sku, description, quantity, price.normalize())
            if stored[content] > 0:
                stored[content] -= 1
                repeated.append(seq)
        cursor.execute("DELETE FROM staged_line WHERE seq = ANY(%s)", [repeated])
    if rows:
        copy_text(rows)
