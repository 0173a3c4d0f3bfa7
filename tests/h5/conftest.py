"""The same town as acquisition's tests, with codes made, seen by a customer without any sign-in."""

import pytest

from linli.acquisition import api as acquisition
from tests.acquisition.town import Town
from tests.connect.staged import linked_corp, running_stage

stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)


@pytest.fixture(autouse=True)
def nothing_remembered():
    acquisition.forget()
    yield
    acquisition.forget()


@pytest.fixture
def town(stage, line):
    town = Town(stage, line.id)
    town.make_codes()
    return town


@pytest.fixture
def landing(town):
    return f"/h/{acquisition.ensure_landing(corp_id=town.corp_id).key}/"
