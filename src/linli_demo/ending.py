"""The ending: today is 2011-12-11; everything is compared once more with what WeCom reveals."""

from collections.abc import Callable
from datetime import datetime, time

from linli.commerce import api as commerce
from linli.customers import api as customers
from linli.groups import api as groups
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
    customers.sync(corp_id=corp_id)
    groups.sync(corp_id=corp_id)
    progress("ending", 1, 1)
