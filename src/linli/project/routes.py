"""Callback → room: which room applies which event."""

from linli.customers.handlers import on_external_contact, on_external_tag
from linli.groups.handlers import on_external_chat
from linli.ledger.api import Route

ROUTES = (
    Route(kinds=("change_external_contact.",), handler=on_external_contact),
    Route(kinds=("change_external_chat.",), handler=on_external_chat),
    Route(kinds=("change_external_tag.",), handler=on_external_tag),
)
