"""Subscribers of a test's own in the place of the house's."""

import pytest
from django.db import connection
from django.test import override_settings

from linli.ledger import api as ledger

SUBSCRIPTIONS: list[ledger.Subscription] = []


@pytest.fixture
def wiring(transactional_db):
    """The list of who hears what, empty; what the ears of test_parked wrote down is gone at the end."""
    SUBSCRIPTIONS.clear()
    with override_settings(LINLI_SUBSCRIPTIONS=f"{__name__}.SUBSCRIPTIONS"):
        yield SUBSCRIPTIONS
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS heard")
