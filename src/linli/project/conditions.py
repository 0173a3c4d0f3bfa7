"""Condition kind → provider: the room that owns the facts says what a condition over them means in SQL."""

from linli.commerce.conditions import CONDITIONS as COMMERCE
from linli.customers.conditions import CONDITIONS as CUSTOMERS
from linli.groups.conditions import CONDITIONS as GROUPS
from linli.messaging.conditions import CONDITIONS as MESSAGING
from linli.segments.conditions import CONDITIONS as SEGMENTS

PROVIDERS = {**CUSTOMERS, **GROUPS, **COMMERCE, **SEGMENTS, **MESSAGING}
