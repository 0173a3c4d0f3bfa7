"""Fact → who hears it, in the order of the rooms."""

from linli.acquisition import handlers as acquisition
from linli.customers import handlers as customers
from linli.groups import handlers as groups
from linli.handover import handlers as handover
from linli.ledger.api import Replay, Subscription, each
from linli.messaging import handlers as messaging

# A row of a clerk that is no more is named nowhere after the first time: hearing of it again changes nothing.
_MERGED = ("directory.staff_merged",)
_RENAMED = ("directory.staff_renamed", *_MERGED)

SUBSCRIPTIONS = (
    Subscription(
        name="customers.one_clerk", kinds=_RENAMED, handler=each(customers.on_staff_renamed), replay=Replay.ONCE
    ),
    Subscription(
        name="acquisition.one_clerk", kinds=_MERGED, handler=each(acquisition.on_staff_merged), replay=Replay.ROWS
    ),
    Subscription(name="handover.one_clerk", kinds=_MERGED, handler=each(handover.on_staff_merged), replay=Replay.ROWS),
    Subscription(
        name="groups.name_stays", kinds=("customers.follow_added",), handler=groups.on_follow_added, replay=Replay.ROWS
    ),
    Subscription(
        name="groups.rename_staff",
        kinds=_RENAMED,
        handler=each(groups.on_staff_renamed),
        replay=Replay.ROWS,
    ),
    Subscription(
        name="messaging.rename_staff",
        kinds=_RENAMED,
        handler=each(messaging.on_staff_renamed),
        replay=Replay.ROWS,
    ),
    Subscription(
        name="acquisition.tag_channel",
        kinds=("customers.follow_added", "customers.follow_merged"),
        handler=acquisition.on_follow_added,
        replay=Replay.ONCE,  # tags are marked at WeCom: a tag that somebody took off since must not come back
    ),
    Subscription(
        name="acquisition.group_codes",
        kinds=("groups.opened", "groups.changed"),
        handler=acquisition.on_groups_placed,
        replay=Replay.NEVER,  # what waits now is looked up, and was when each group came
    ),
    Subscription(
        name="handover.leavers",
        kinds=("directory.staff_left",),
        handler=handover.on_staff_left,
        replay=Replay.ONCE,  # a rule may carry a hand-over out: who was kept on purpose since must not be given away
    ),
    Subscription(
        name="handover.back", kinds=("directory.staff_joined",), handler=handover.on_staff_joined, replay=Replay.NEVER
    ),
    Subscription(
        name="handover.results_soon",
        kinds=("customers.follow_added", "customers.follow_lost"),
        handler=handover.on_follow_changed,
        replay=Replay.ROWS,
    ),
)
