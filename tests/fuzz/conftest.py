"""A caller with a key, as a till has one."""

import pytest

from tests.api.tills import Caller


@pytest.fixture
def till(corp):
    return Caller(corp, ["orders.write", "orders.read", "members.write"])
