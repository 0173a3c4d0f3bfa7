"""Figures of owners' groups, day by day: a call for a hundred owners and one day."""

from datetime import UTC, datetime

import pytest

from linli.groups import days
from linli.groups import sync as groups
from linli.groups.models import OwnerDay
from linli.kit.clock import frozen
from linli.wecom.client import Client
from linli.wecom.days import within_reach
from linli.wecom.errors import ApiError
from tests.connect.dropping import calls
from tests.connect.staged import befriend, linked_corp, running_stage

DAY = 86_400
stage = pytest.fixture(running_stage)
line = pytest.fixture(linked_corp)


@pytest.fixture
def clock(stage):
    start = int(stage.control("clock")["now"] + 8 * 3600) // DAY * DAY - 8 * 3600 + DAY + DAY // 2
    stage.control("clock", {"to": start})

    class Both(frozen):
        def pass_days(self, count):
            stage.control("clock", {"advance": count * DAY, "force": True})
            self.forward(days=count)

    with Both(datetime.fromtimestamp(start, UTC)) as both:
        yield both


@pytest.fixture
def rooms(line, stage, clock):
    """A group of each of two owners; in the first one somebody spoke yesterday."""
    external = befriend(stage, 1, "clerk0-0")
    chat = stage.act("create_group", owner="clerk0-0", name="一群", members=[external])["chat_id"]
    stage.act("create_group", owner="clerk1-0", name="二群", members=[])
    stage.act("customer_writes", chat_id=chat, external_userid=external)
    clock.pass_days(1)
    groups.reconcile(corp_id=line.id)


def test_every_owner_has_every_day_and_a_night_reads_what_is_missing(line, stage, clock, rooms):
    before = calls(stage)
    found = days.reconcile(corp_id=line.id)
    assert found.unread == ()
    assert calls(stage) - before == 180  # a day is one call for all owners
    assert OwnerDay.objects.count() == 180 * 2
    row = OwnerDay.objects.get(staff__userid="clerk0-0", day=within_reach(days.now()).last)
    assert (row.new_groups, row.groups, row.groups_active, row.members, row.messages) == (1, 1, 1, 2, 1)
    clock.pass_days(1)
    before = calls(stage)
    days.reconcile(corp_id=line.id)
    assert calls(stage) - before == 2  # yesterday, and the day before once more
    assert OwnerDay.objects.count() == 181 * 2


def test_an_owner_whom_wecom_refuses_hides_no_other_and_is_asked_for_once(line, stage, clock, rooms, monkeypatch):
    ask = Client.group_statistics
    alone = []

    def refuses(client, owners, begin, end=None, **more):
        if "clerk0-0" in owners:
            alone.append(len(owners) == 1)
            raise ApiError(60111, "userid not found", "externalcontact/groupchat/statistic")
        return ask(client, owners, begin, end, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "group_statistics", refuses)
        found = days.reconcile(corp_id=line.id)
    assert [one["key"] for one in found.unread] == ["clerk0-0"]
    assert sum(alone) <= 4  # as many as were under way
    assert OwnerDay.objects.filter(staff__userid="clerk1-0").count() == 180
    assert days.reconcile(corp_id=line.id, only={"clerk0-0"}).unread == ()
    assert OwnerDay.objects.filter(staff__userid="clerk0-0").count() == 180
