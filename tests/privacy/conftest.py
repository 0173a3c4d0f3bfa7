"""A corp with one unmistakable person in every room."""

import pytest

from tests.privacy.world import World, build


@pytest.fixture
def world(corp) -> World:
    return build(corp.id)


@pytest.fixture
def lasting(transactional_db, corp) -> World:
    """The same, committed: other connections and pg_dump see it."""
    return build(corp.id)
