"""The rate budget is never exceeded, by however many processes, and keeps room for welcomes."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from linli.connect import budget, lanes
from linli.connect.budget import BudgetSpent, RateBudget
from linli.connect.models import RateWindow
from linli.wecom.transport import Lane

TAKER = """
import sys, django
django.setup()
from linli.connect.budget import RateBudget
from linli.wecom.transport import Lane
corp_id, tries, window = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
import datetime
from linli.connect import budget
budget.wall = lambda: datetime.datetime.fromtimestamp(window, datetime.UTC)
line = RateBudget(corp_id=corp_id, per_minute=1000, per_hour=100000)
print(sum(line.try_take("api/x", Lane.WELCOME) for _ in range(tries)))
"""


LANES = (Lane.BULK, Lane.HUMAN, Lane.WELCOME)


@pytest.fixture
def still_minute(monkeypatch):
    """Hold the real minute still, so that a test does not straddle two windows."""
    moment = budget.wall().replace(second=5, microsecond=0)
    monkeypatch.setattr(budget, "wall", lambda: moment)
    budget.forget_leases()
    return moment


def used(corp_id: int, span: str = "minute") -> int:
    return RateWindow.objects.get(corp_id=corp_id, api="api/x", span=span).used


def test_two_processes_never_take_more_than_the_limit(line, still_minute):
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    env = {
        **os.environ,
        "DATABASE_URL": urlunsplit(url),
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    arguments = [sys.executable, "-c", TAKER, str(line.id), "800", str(int(still_minute.timestamp()))]
    running = [subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    taken = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(taken) == 1000
    assert min(taken) > 0
    assert used(line.id) == 1000


def test_threads_share_a_lease(line, still_minute):
    shared = RateBudget(corp_id=line.id, per_minute=120, per_hour=100_000)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: shared.try_take("api/x", Lane.WELCOME), range(200)))
    assert sum(taken) == 120


def test_bulk_leaves_room_for_people_and_people_for_welcomes(line, still_minute):
    budget_ = RateBudget(corp_id=line.id, per_minute=1000, per_hour=100_000)
    taken = {lane: sum(budget_.try_take("api/x", lane) for _ in range(1100)) for lane in LANES}
    assert taken == {Lane.BULK: 700, Lane.HUMAN: 200, Lane.WELCOME: 100}


def test_hour_is_a_limit_too(line, still_minute):
    budget_ = RateBudget(corp_id=line.id, per_minute=1000, per_hour=130)
    assert sum(budget_.try_take("api/x", Lane.WELCOME) for _ in range(300)) == 130
    assert used(line.id, "hour") == 130


def test_a_rest_of_an_old_window_is_given_up(line, still_minute, monkeypatch):
    budget_ = RateBudget(corp_id=line.id, per_minute=60, per_hour=100_000)
    assert sum(budget_.try_take("api/x", Lane.WELCOME) for _ in range(10)) == 10
    monkeypatch.setattr(budget, "wall", lambda: still_minute + timedelta(minutes=1))
    assert sum(budget_.try_take("api/x", Lane.WELCOME) for _ in range(100)) == 60


def test_impatient_lane_is_told_at_once(line, still_minute, monkeypatch):
    monkeypatch.setitem(lanes.PATIENCE, Lane.HUMAN, 0.0)
    budget_ = RateBudget(corp_id=line.id, per_minute=1, per_hour=100_000, lane=Lane.HUMAN)
    with pytest.raises(BudgetSpent):
        budget_.take("api/x", Lane.BULK)


def test_a_call_with_a_limit_of_its_own_keeps_to_it(line, still_minute):
    budget_ = RateBudget(corp_id=line.id, per_minute=1000, per_hour=100_000)
    taken = [budget_.try_take("externalcontact/add_moment_task", Lane.HUMAN) for _ in range(12)]
    assert sum(taken) == 9  # of 10, one is kept for those who may not wait
    assert budget_.try_take("externalcontact/get_moment_list", Lane.HUMAN)
