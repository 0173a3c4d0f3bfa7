"""kill -9 of the first reading, by a real process that kills itself: each death costs at most one page asked for again."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.db import connection

from linli.connect.models import SyncRun
from linli.customers.models import Follow
from linli.customers.queries import checksums
from linli.directory import api as directory
from linli.ledger.models import FactRow
from tests.connect.staged import befriend
from tests.customers.acting import ours, theirs

PAGES, A_PAGE = 4, 100
PEOPLE = (PAGES - 1) * A_PAGE + 30
READ = "import django, sys; django.setup(); from linli.customers import api; api.sync(corp_id=int(sys.argv[1]))"


@pytest.fixture
def crowd(line, stage):
    """All with one clerk, whose customers come in four pages."""
    befriend(stage, 0, "clerk0-0", "crowd")
    people = [{"unionid": f"union{n}", "name": f"顾客{n}"} for n in range(1, PEOPLE)]
    acts = [{"kind": "scan", "state": "crowd", "person": one} for one in people]
    assert all(one["ok"] for one in stage.control("acts", {"acts": acts})["results"])
    directory.sync(corp_id=line.id)
    return stage


def asked(stage) -> int:
    """Calls of batch/get_by_user that the sandbox answered."""
    return stage.control("counters")["api_calls"].get("externalcontact/batch/get_by_user", 0)


def read(corp_id: int, folder, kill_at: str = "", script: str = READ) -> int:
    """One reading (or another script) in a process of its own; returns how it ended."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    folder.mkdir()
    env = {
        **os.environ, "DATABASE_URL": database, "LINLI_KILL_AT": kill_at, "LINLI_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "linli.project.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", script, str(corp_id)], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, -9}, done.stderr[-2000:]
    return done.returncode


@pytest.mark.parametrize("passes", [(1, 1, 1, 1), (2, 1, 1), (1, 2), (3,), (4,)])
def test_each_kill_of_the_first_reading_asks_for_at_most_one_page_again(line, crowd, tmp_path, passes):
    for turn, n in enumerate(passes):
        before = asked(crowd)
        assert read(line.id, tmp_path / str(turn), f"customers.page_kept:{n}") == -9
        assert asked(crowd) - before <= n + 1, "the page that was on its way when it died"
    assert read(line.id, tmp_path / "last") == 0
    assert asked(crowd) <= PAGES + len(passes)
    assert Follow.objects.filter(live=True).count() == PEOPLE
    assert checksums(ours(line.id)) == checksums(theirs(crowd))
    added = FactRow.objects.filter(kind="customers.follow_added")
    assert added.count() == added.values("subject", "data__follow").distinct().count() == PEOPLE, "each said once"
    runs = list(SyncRun.objects.filter(kind="customers").order_by("id"))
    assert [one.state for one in runs] == ["failed"] * len(passes) + ["done"]


def test_killed_while_it_writes_its_first_page_it_keeps_the_place_that_it_went_on_from(
    line, crowd, tmp_path, monkeypatch
):
    from linli.customers import api as customers
    from linli.customers import sync

    assert read(line.id, tmp_path / "first", "customers.page_kept:2") == -9
    place = SyncRun.objects.get(kind="customers").cursor
    assert place["reading"]

    def dies(**_page):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(sync, "apply", dies)
        customers.sync(corp_id=line.id)
    assert SyncRun.objects.filter(kind="customers").latest("id").cursor == place


def test_members_who_are_read_alone_are_not_all_read_again(line, crowd, monkeypatch):
    from linli.customers import api as customers
    from linli.wecom.client import Client
    from linli.wecom.errors import ApiError

    ask, alone = Client.customers_of, []

    def refuse(client, userids, **more):
        if len(userids) > 1:
            raise ApiError(60111, "userid not found", "externalcontact/batch/get_by_user")
        if "clerk1-0" in userids and userids[0] not in alone:
            alone.extend(userids)
            raise KeyboardInterrupt
        alone.extend(userids)
        return ask(client, userids, **more)

    monkeypatch.setattr(Client, "customers_of", refuse)
    befriend(crowd, 1000, "clerk1-0")
    with pytest.raises(KeyboardInterrupt):
        customers.sync(corp_id=line.id)
    customers.sync(corp_id=line.id)
    assert [one for one in alone if one == "clerk0-0"] == ["clerk0-0"], "whom it had read before it died"
    assert alone.count("clerk1-0") == 2
    assert Follow.objects.filter(live=True).count() == PEOPLE + 1
