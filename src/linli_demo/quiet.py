"""Waiting until the house has done what it heard of."""

import time

from linli.customers import api as customers
from linli.ledger import api as ledger


def wait_until_quiet(corp_id: int) -> None:
    """Until everything that was heard was applied and handed on, and its tags marked; minutes are far more than it takes."""
    for _ in range(1800):
        health = ledger.health(corp_id=corp_id)
        behind = health.waiting or health.unplaced or any(ledger.lag(names=subscribers()).values())
        if not behind and not customers.marks_waiting(corp_id=corp_id):
            return
        time.sleep(0.1)


def subscribers() -> list[str]:
    """The names of all who hear facts."""
    from linli.project.subscriptions import SUBSCRIPTIONS

    return [one.name for one in SUBSCRIPTIONS]
