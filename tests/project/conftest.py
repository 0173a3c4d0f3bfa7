"""What the tests that break houses share: tables that were made once."""

import pytest

from tests.project.house import a_database, a_house


@pytest.fixture(scope="session")
def seed():
    """The data directory of a house with its tables and nothing in them; to be copied."""
    with a_house() as house:
        house.well("migrate")
        yield house.data


@pytest.fixture
def given(seed_database):
    """A database on a given server, with its tables."""
    with a_database(template=seed_database[1]) as url:
        yield url


@pytest.fixture(scope="session")
def seed_database():
    """(url, name) of a database that is only copied."""
    with a_house() as house, a_database() as url:
        house.well("migrate", DATABASE_URL=url)
        yield url, url.split("?")[0].rsplit("/", 1)[1]
