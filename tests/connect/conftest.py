"""A corp whose line leads to a real sandbox over HTTP."""

from dataclasses import replace

import pytest

from tests.connect.staged import linked_corp, running_stage

stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)


@pytest.fixture
def demo(settings):
    """A house that is tried with the sandbox: the form takes its address."""
    settings.LINLI = replace(settings.LINLI, demo=True)
