"""A corp whose line leads to a real sandbox over HTTP."""

import pytest

from tests.connect.staged import linked_corp, running_stage

stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)
