"""The night's reconciliation as the product runs it: a job of the worker for each room in the order of `connect.KINDS`."""

import time

from linli.connect import api as connect

LIMIT_S = 900.0
TRIES = 3


def reconciled(corp_id: int, *, limit_s: float = LIMIT_S) -> list[connect.ReconciliationInfo]:
    """Ask for a reconciliation until one has compared every room wholly, three times at most; all that ended, in order.

    RuntimeError when one does not end within `limit_s` seconds: there is no worker then.
    """
    ended: list[connect.ReconciliationInfo] = []
    while len(ended) < TRIES and not (ended and ended[-1].state == "done"):
        ended.append(_ended(corp_id, limit_s))
    return ended


def _ended(corp_id: int, limit_s: float) -> connect.ReconciliationInfo:
    deadline, asked = time.monotonic() + limit_s, None
    while time.monotonic() < deadline:
        # None while one goes on that the clock has started: that one is waited for first.
        asked = asked or connect.start_reconciliation(corp_id=corp_id, by="linli_demo")
        for one in connect.latest_reconciliations(corp_id=corp_id):
            if one.id == asked and one.finished_at is not None:
                return one
        time.sleep(0.2)
    raise RuntimeError(f"the reconciliation did not end within {limit_s:.0f} s")
