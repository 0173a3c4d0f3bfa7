"""One access token for each app of a corp, shared by all processes and renewed once.

The row in `connect_apptoken` is the truth. Renewal runs under a session advisory lock on a side connection: whoever
comes second finds the first one's token. No transaction is open while WeCom is asked.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from linli.connect.seals import open_text, seal_text
from linli.connect.side import side_connection
from linli.kit.clock import wall

# Renewed this long before WeCom's own end, so that no call starts with a token about to end.
MARGIN = timedelta(seconds=120)

Fetch = Callable[[], tuple[str, int]]

# One thread of a process waits in PostgreSQL, the others here: waiters must not use up the side connections.
_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


@dataclass(frozen=True, kw_only=True)
class SharedToken:
    """The token of one app; `fetch` asks WeCom for (value, seconds to live)."""

    corp_id: int
    app: str
    fetch: Fetch

    def get(self) -> str:
        """The token in use, fetched when there is none or it is about to end."""
        with side_connection() as conn:
            stored = self._stored(conn)
        if stored is not None and stored[1] > wall() + MARGIN:
            return stored[0]
        return self._replace(stale=stored[0] if stored is not None else None)

    def renew(self, stale: str) -> str:
        """A token other than `stale`, which WeCom refused; asks WeCom only if nobody has renewed it yet."""
        return self._replace(stale=stale)

    def put(self, value: str, expires_in: int) -> None:
        """Store a token just received."""
        with side_connection() as conn:
            self._store(conn, value, wall() + timedelta(seconds=expires_in))

    def _replace(self, stale: str | None) -> str:
        with _turns[self._place()], side_connection() as conn, self._locked(conn):
            stored = self._stored(conn)
            if stored is not None and stored[0] != stale and stored[1] > wall():
                return stored[0]
            value, expires_in = self.fetch()
            # A life shorter than the margin (sandbox switches) must not make every call fetch again.
            self._store(conn, value, wall() + max(timedelta(seconds=expires_in), MARGIN + timedelta(seconds=1)))
            return value

    def _stored(self, conn: Connection[Any]) -> tuple[str, datetime] | None:
        row = conn.execute(
            "SELECT value_sealed, expires_at FROM connect_apptoken WHERE corp_id = %s AND app = %s",
            (self.corp_id, self.app),
        ).fetchone()
        if row is None:
            return None
        return open_text(bytes(row[0]), place=self._place()), row[1]

    def _store(self, conn: Connection[Any], value: str, expires_at: datetime) -> None:
        conn.execute(
            "INSERT INTO connect_apptoken (corp_id, app, value_sealed, expires_at, version) VALUES (%s, %s, %s, %s, 1)"
            " ON CONFLICT (corp_id, app) DO UPDATE SET value_sealed = excluded.value_sealed,"
            " expires_at = excluded.expires_at, version = connect_apptoken.version + 1",
            (self.corp_id, self.app, seal_text(value, place=self._place()), expires_at),
        )

    @contextmanager
    def _locked(self, conn: Connection[Any]) -> Iterator[None]:
        name = self._place()
        conn.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (name,))
        try:
            yield
        finally:
            conn.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (name,))

    def _place(self) -> str:
        return f"connect.apptoken:{self.corp_id}:{self.app}"
