"""The ending: today is 2011-12-11. No reading of everything: what Linli knows by now, callbacks have told it."""

from collections.abc import Callable
from datetime import datetime, time

from linli.commerce import api as commerce
from linli.messaging import api as messaging
from linli_demo.cast import TODAY
from linli_demo.sandbox import Sandbox
from linli_demo.year import ZONE


def tell(sandbox: Sandbox, corp_id: int, progress: Callable[..., None]) -> None:
    """The last morning."""
    progress("ending", 0, 1)
    sandbox.go_to(datetime.combine(TODAY, time(8, 30), ZONE))
    sandbox.settle()
    commerce.recompute_rfm(corp_id=corp_id, as_of=TODAY)
    for send in messaging.sends(corp_id=corp_id):
        if send.state == "tasked":
            messaging.pull_results(corp_id=corp_id, send_id=send.id)
    progress("ending", 1, 1)
