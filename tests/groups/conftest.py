"""A corp whose line leads to a real sandbox over HTTP, with shops and clerks read from it."""

import pytest

from tests.connect.staged import linked_corp, running_stage
from tests.groups.playing import Playing

stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)


@pytest.fixture
def playing(stage, line):
    return Playing(stage, line.id)
