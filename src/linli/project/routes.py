"""Callback → room: which room applies which event."""

from linli.customers import handlers as customers
from linli.directory import handlers as directory
from linli.groups import handlers as groups
from linli.handover import handlers as handover
from linli.ledger.api import Route

ROUTES = (
    Route(kinds=("change_external_contact.transfer_fail",), handler=handover.on_transfer_failed),
    Route(
        kinds=("change_external_contact.",),
        handler=customers.on_external_contact,
        rereads=customers.rereads_contact,
        together=customers.on_external_contacts,
    ),
    Route(kinds=("change_external_chat.",), handler=groups.on_external_chat, rereads=groups.rereads),
    Route(kinds=("change_contact.",), handler=directory.on_contact),
    Route(kinds=("change_external_tag.",), handler=customers.on_external_tag, rereads=customers.rereads_tags),
)
