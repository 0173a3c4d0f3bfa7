"""Pauses between tries that grow, as rows that all processes share.

A try is counted before the password is looked at and given back when it was right, so a hundred tries at once are a
hundred tries. Names that do not exist are counted alike: who is paused learns nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.translation import ngettext

from linli.access.models import Throttle
from linli.kit.clock import wall
from linli.kit.errors import Refused

LONGEST = 300  # seconds: an account can be slowed down by a stranger, but not shut for long
QUIET = timedelta(hours=1)  # after which tries are forgotten
_SKEW = timedelta(minutes=1)  # a try that is further ahead than this was counted before the clock went back


@dataclass(frozen=True)
class Limit:
    """After `free` tries the pause begins with a second and doubles."""

    key: str
    free: int


class TooManyTries(Refused):
    """Wait; `seconds` says how long."""

    def __init__(self, seconds: int) -> None:
        words = ngettext(
            "Too many tries. Wait %(n)d second, then try again.",
            "Too many tries. Wait %(n)d seconds, then try again.",
            seconds,
        )
        super().__init__("too_many_tries", words % {"n": seconds})
        self.seconds = seconds


def by_name(username: str) -> Limit:
    """Tries at one sign-in name, there or not."""
    return Limit("name:" + hashlib.sha256(username.strip().casefold().encode()).hexdigest(), 5)


def by_address(address: str) -> Limit:
    """Tries from one network address; a whole shop may sit behind it."""
    return Limit(f"address:{address}", 20)


def by_code(account_id: int) -> Limit:
    """Tries at one account's second step, or at its old password."""
    return Limit(f"code:{account_id}", 5)


_TRY = """
INSERT INTO access_throttle AS kept (key, tries, last_at, free_at) VALUES (%(key)s, 1, %(now)s, %(now)s)
ON CONFLICT (key) DO UPDATE SET
  tries = CASE WHEN kept.last_at < %(forget)s THEN 1 ELSE kept.tries + 1 END,
  last_at = %(now)s,
  free_at = %(now)s::timestamptz + make_interval(secs => CASE
    WHEN kept.last_at < %(forget)s OR kept.tries + 1 < %(free)s THEN 0
    ELSE least(%(longest)s, power(2, least(kept.tries + 1 - %(free)s, 20))) END)
WHERE kept.free_at <= %(now)s OR kept.last_at > %(ahead)s
RETURNING tries
"""


def take_try(*limits: Limit) -> None:
    """Count a try at each; TooManyTries while one of them pauses."""
    now = wall()
    for limit in limits:
        values: dict[str, Any] = {
            "key": limit.key,
            "now": now,
            "forget": now - QUIET,
            "ahead": now + _SKEW,
            "free": limit.free,
            "longest": LONGEST,
        }
        with connection.cursor() as cursor:
            cursor.execute(_TRY, values)
            taken = cursor.fetchone() is not None
        if not taken:
            free_at = Throttle.objects.values_list("free_at", flat=True).get(key=limit.key)
            raise TooManyTries(max(1, round((free_at - now).total_seconds())))


def forgive(*limits: Limit) -> None:
    """The try was right: its name starts anew."""
    Throttle.objects.filter(key__in=[limit.key for limit in limits]).delete()
    Throttle.objects.filter(last_at__lt=wall() - QUIET).delete()


def give_back(limit: Limit) -> None:
    """The try was right, but wrong ones before it still count: one good account must not shield guesses at others."""
    Throttle.objects.filter(key=limit.key, tries__gt=0).update(tries=F("tries") - 1)
