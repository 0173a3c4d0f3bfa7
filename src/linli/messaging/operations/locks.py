"""One worker at a time at a send: a lock that a dead process cannot keep."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_SPACE = 0x4C4D << 44  # "LM": keeps these keys apart from other advisory locks


@contextmanager
def working_on(send_id: int) -> Iterator[bool]:
    """True when nobody else works on the send. Held by the session, not by a transaction: WeCom is called inside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_SPACE | send_id])
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_SPACE | send_id])
