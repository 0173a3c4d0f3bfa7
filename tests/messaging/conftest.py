"""A chain of three shops with two clerks each and twelve customers, at the sandbox and, synced, at Linli."""

from datetime import date, time

import pytest

from tests.connect.staged import SHOPS, befriend, linked_corp, running_stage
from tests.messaging.acting import Chain

stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)


@pytest.fixture
def chain(line, stage):
    from linli.customers import api as customers
    from linli.directory import api as directory
    from linli.messaging import api

    directory.sync(corp_id=line.id)
    directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS)
    people = [befriend(stage, n, f"clerk{n % 3}-{n % 2}") for n in range(12)]
    customers.sync(corp_id=line.id)
    api.set_quiet_hours(
        corp_id=line.id, starts=time(0), ends=time(0), move=True, valid_from=date(2000, 1, 1), author="test"
    )
    return Chain(line.id, stage, people)
