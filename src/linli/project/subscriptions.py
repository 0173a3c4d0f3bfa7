"""Fact → who hears it, in the order of the rooms."""

from linli.acquisition import handlers as acquisition
from linli.groups import handlers as groups
from linli.ledger.api import Replay, Subscription, each
from linli.messaging import handlers as messaging

SUBSCRIPTIONS = (
    Subscription(
        name="groups.name_stays", kinds=("customers.follow_added",), handler=groups.on_follow_added, replay=Replay.ROWS
    ),
    Subscription(
        name="groups.rename_staff",
        kinds=("directory.staff_renamed",),
        handler=each(groups.on_staff_renamed),
        replay=Replay.ROWS,
    ),
    Subscription(
        name="messaging.rename_staff",
        kinds=("directory.staff_renamed",),
        handler=each(messaging.on_staff_renamed),
        replay=Replay.ROWS,
    ),
    Subscription(
        name="acquisition.tag_channel",
        kinds=("customers.follow_added",),
        handler=each(acquisition.on_follow_added),
        replay=Replay.ONCE,  # tags are marked at WeCom: a tag that somebody took off since must not come back
    ),
)
