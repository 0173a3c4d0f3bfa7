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
from psycopg_pool import ConnectionPool, PoolTimeout

from linli.kit.clock import monotonic

_PATIENCE_S = 30.0
_TRY_S = 0.5

_pools: dict[tuple[int, str], ConnectionPool[Connection[Any]]] = {}
_making = threading.Lock()


@contextmanager
def side_connection() -> Iterator[Connection[Any]]:
    """An autocommit connection to the same database; PoolTimeout when none comes within 30 s."""
    pool = _pool()
    conn = _taken(pool)
    try:
        yield conn
    finally:
        pool.putconn(conn)


def _taken(pool: ConnectionPool[Connection[Any]]) -> Connection[Any]:
    """Each try asks the database anew: left to itself, the pool waits longer and longer, and a welcome has 20 seconds."""
    deadline = monotonic() + _PATIENCE_S
    while True:
        try:
            return pool.getconn(timeout=_TRY_S)
        except PoolTimeout:
            if monotonic() > deadline:
                raise


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
                timeout=_PATIENCE_S,
                reconnect_timeout=0,  # one attempt each: the next try makes the next
                open=True,
            )
            _pools[key] = pool
    return pool


def _arguments() -> dict[str, Any]:
    """The arguments of Django's own connection: in tests that is the test database."""
    params = connection.get_connection_params()
    wanted = ("host", "port", "user", "password", "dbname", "service", "sslmode")
    return {name: params[name] for name in wanted if params.get(name) not in (None, "")}
