"""Two shops with clerks and their customers, at the sandbox and, synced, at Linli."""

import pytest

from tests.connect.staged import linked_corp, running_stage
from tests.handover.passing_on import Firm

stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)


@pytest.fixture
def firm(line, stage):
    firm = Firm(line.id, stage)
    firm.open()
    yield firm
    firm.close()
