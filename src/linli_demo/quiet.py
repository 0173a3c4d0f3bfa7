"""Waiting until the house has done what it heard of."""

import time

from linli.ledger import api as ledger


def wait_until_quiet(corp_id: int) -> None:
    """Until everything that was heard was applied and handed on; a minute is far more than it takes."""
    for _ in range(600):
        health = ledger.health(corp_id=corp_id)
        if not health.waiting and not health.unplaced and not any(ledger.lag(names=subscribers()).values()):
            return
        time.sleep(0.1)


def subscribers() -> list[str]:
    """The names of all who hear facts."""
    from linli.project.subscriptions import SUBSCRIPTIONS

    return [one.name for one in SUBSCRIPTIONS]
