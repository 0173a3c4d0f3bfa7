"""Fact → who hears it, in the order of the rooms."""

from linli.acquisition import handlers as acquisition
from linli.groups import handlers as groups
from linli.ledger.api import Subscription

SUBSCRIPTIONS = (
    Subscription(name="groups.name_stays", kinds=("customers.follow_added",), handler=groups.on_follow_added),
    Subscription(
        name="acquisition.tag_channel", kinds=("customers.follow_added",), handler=acquisition.on_follow_added
    ),
)
