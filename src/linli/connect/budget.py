"""One rate budget for a corp and call, shared by all processes: leases of 50 calls, kept in PostgreSQL.

Real time only: WeCom counts real minutes, whatever the business clock shows.
"""

import random
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from psycopg import Connection

from linli.connect.lanes import PATIENCE, SHARE
from linli.connect.side import side_connection
from linli.kit.clock import monotonic, wall
from linli.kit.errors import Unavailable
from linli.wecom.limits import CALLS_A_MINUTE
from linli.wecom.transport import Lane

LEASE = 50
_SPANS = {"minute": 60, "hour": 3600}


class BudgetSpent(Unavailable):
    """The corp's calls for this window are used up and the lane's patience is over."""


@dataclass
class _Lease:
    window: int
    left: int


_lock = threading.Lock()
_leases: dict[tuple[int, str, Lane], _Lease] = {}


@dataclass(frozen=True, kw_only=True)
class RateBudget:
    """Asks for room before each call; `per_minute` and `per_hour` are the corp's limits for one API, unless it has less.

    `lane` puts every call of a client into one lane; None leaves each call in its own.
    """

    corp_id: int
    per_minute: int
    per_hour: int
    lane: Lane | None = None

    def take(self, api: str, lane: Lane) -> None:
        """Take one call of `api`; waits for the next window, and raises BudgetSpent when that takes too long."""
        lane = self.lane or lane
        deadline = monotonic() + PATIENCE[lane]
        while not self.try_take(api, lane):
            now = wall().timestamp()
            wait = 60 - now % 60 + random.uniform(0.05, 0.5)  # noqa: S311 - jitter
            if monotonic() + wait > deadline:
                raise BudgetSpent("rate_budget", _("WeCom's calls for this minute are used up. Try again in a minute."))
            time.sleep(wait)

    def try_take(self, api: str, lane: Lane) -> bool:
        """Take one call if there is room now."""
        minute = int(wall().timestamp()) // 60
        key = (self.corp_id, api, lane)
        with _lock:
            lease = _leases.get(key)
            if lease is None or lease.window != minute or lease.left == 0:
                # A rest of an older window is given up: used later it would count twice at WeCom.
                lease = _Lease(window=minute, left=self._lease(api, lane, minute))
                _leases[key] = lease
            if lease.left == 0:
                return False
            lease.left -= 1
            return True

    def _lease(self, api: str, lane: Lane, minute: int) -> int:
        share = SHARE[lane]
        a_minute = min(self.per_minute, CALLS_A_MINUTE.get(api, self.per_minute))
        limits = {"minute": int(a_minute * share), "hour": int(self.per_hour * share)}
        starts = {"minute": minute * 60, "hour": minute // 60 * 3600}
        with side_connection() as conn, conn.transaction():
            room = min(LEASE, *(limits[span] - self._used(conn, api, span, starts[span]) for span in _SPANS))
            if room <= 0:
                return 0
            for span in _SPANS:
                conn.execute(
                    "UPDATE connect_ratewindow SET used = used + %s"
                    " WHERE corp_id = %s AND api = %s AND span = %s AND starts_at = %s",
                    (room, self.corp_id, api, span, starts[span]),
                )
            return room

    def _used(self, conn: Connection[Any], api: str, span: str, starts_at: int) -> int:
        """Calls leased in the window so far; its row stays locked until the lease is written."""
        made = conn.execute(
            "INSERT INTO connect_ratewindow (corp_id, api, span, starts_at, used) VALUES (%s, %s, %s, %s, 0)"
            " ON CONFLICT DO NOTHING",
            (self.corp_id, api, span, starts_at),
        ).rowcount
        if made:
            conn.execute(
                "DELETE FROM connect_ratewindow WHERE corp_id = %s AND api = %s AND span = %s AND starts_at < %s",
                (self.corp_id, api, span, starts_at - 2 * _SPANS[span]),
            )
        row = conn.execute(
            "SELECT used FROM connect_ratewindow"
            " WHERE corp_id = %s AND api = %s AND span = %s AND starts_at = %s FOR UPDATE",
            (self.corp_id, api, span, starts_at),
        ).fetchone()
        assert row is not None
        return int(row[0])


def forget_leases() -> None:
    """Drop this process's leases (tests)."""
    with _lock:
        _leases.clear()
