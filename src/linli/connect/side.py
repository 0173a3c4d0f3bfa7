"""Connections of connect's own, in autocommit.

Tokens and leases must neither wait for nor roll back with the caller's transaction, so they do not use Django's
connection. Each process (and, after a fork, each child) opens a small pool when it first needs one.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg import Connection
from psycopg_pool import ConnectionPool

_pools: dict[tuple[int, str], ConnectionPool[Connection[Any]]] = {}
_making = threading.Lock()


@contextmanager
def side_connection() -> Iterator[Connection[Any]]:
    """An autocommit connection to the same database."""
    with _pool().connection() as conn:
        yield conn


def close() -> None:
    """Give all side connections back (tests, before the database is dropped)."""
    with _making:
        for pool in _pools.values():
            pool.close()
        _pools.clear()


def _pool() -> ConnectionPool[Connection[Any]]:
    kwargs = _arguments()
    key = (os.getpid(), repr(sorted(kwargs.items())))
    with _making:
        pool = _pools.get(key)
        if pool is None:
            pool = ConnectionPool(
                kwargs={**kwargs, "autocommit": True, "application_name": "linli connect"},
                min_size=0,
                max_size=8,
                max_idle=30,
                check=ConnectionPool.check_connection,
                timeout=30,
                open=True,
            )
            _pools[key] = pool
    return pool


def _arguments() -> dict[str, Any]:
    """The arguments of Django's own connection: in tests that is the test database."""
    params = connection.get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname", "service", "sslmode")
    return {name: params[name] for name in wanted if params.get(name) not in (None, "")}
