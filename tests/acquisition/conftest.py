"""A connected corp with three shops in Shanghai and Hangzhou, their clerks and their first groups."""

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
    return Town(stage, line.id)
