"""Figures of members' days, kept before WeCom forgets them: it looks back 180 days, 30 in one call."""

from datetime import UTC, datetime, timedelta

import pytest

from linli.directory import days
from linli.directory.models import Staff, StaffDay
from linli.kit.clock import frozen
from linli.wecom.client import Client
from linli.wecom.days import within_reach
from linli.wecom.errors import ApiError
from linli.wecom.statistic_calls import BehaviorDay
from tests.connect.dropping import calls
from tests.connect.staged import befriend

DAY = 86_400
CLERK = "clerk0-0"
EVERYBODY = 7


@pytest.fixture
def clock(stage):
    """Both stand at noon in China; `clock.pass_days(n)` moves both."""
    start = int(stage.control("clock")["now"] + 8 * 3600) // DAY * DAY - 8 * 3600 + DAY + DAY // 2
    stage.control("clock", {"to": start})

    class Both(frozen):
        def pass_days(self, count):
            stage.control("clock", {"advance": count * DAY, "force": True})
            self.forward(days=count)

    with Both(datetime.fromtimestamp(start, UTC)) as both:
        yield both


def told(userid, day=None):
    rows = StaffDay.objects.filter(staff__userid=userid, told=StaffDay.Told.FIGURES)
    return rows.get(day=day) if day else rows.count()


def test_the_first_reading_goes_back_180_days_and_later_ones_read_what_is_missing(line, stage, clock):
    external = befriend(stage, 1, CLERK)
    stage.act("customer_writes", userid=CLERK, external_userid=external)
    stage.control("clock", {"advance": 240, "force": True})
    stage.act("staff_writes", userid=CLERK, external_userid=external, text="好")
    clock.pass_days(1)
    before = calls(stage)
    found = days.reconcile(corp_id=line.id)
    assert (found.unread, found.read) == ((), 180 * EVERYBODY)
    assert calls(stage) - before == 1 + 6 * EVERYBODY  # who may have customers, and 180 days in six calls each
    yesterday = within_reach(days.now()).last
    row = told(CLERK, yesterday)
    assert (row.chats, row.messages, row.new_customers) == (1, 1, 1)
    assert (row.reply_percentage, row.average_reply_minutes) == (100.0, 4)
    clock.pass_days(3)
    before = calls(stage)
    days.reconcile(corp_id=line.id)
    # Three new days and the one that was read on its first night, which WeCom may not have counted wholly: one call.
    assert calls(stage) - before == 1 + EVERYBODY
    assert told(CLERK) == 183
    before = calls(stage)
    days.reconcile(corp_id=line.id)
    assert calls(stage) - before == 1 + EVERYBODY  # yesterday's, once more


def test_days_that_nobody_asked_for_in_time_are_said_to_be_lost_once(line, stage, clock):
    days.reconcile(corp_id=line.id)
    first_gap = within_reach(days.now()).last + timedelta(days=1)
    clock.pass_days(190)
    found = days.reconcile(corp_id=line.id)
    lost = StaffDay.objects.filter(staff__userid=CLERK, told=StaffDay.Told.OUT_OF_REACH)
    first_told = within_reach(days.now()).first
    assert list(lost.order_by("day").values_list("day", flat=True)) == [
        first_gap + timedelta(days=n) for n in range((first_told - first_gap).days)
    ]
    assert found.undetectable["statistic_days"] == lost.count() * EVERYBODY
    assert found.unread == ()
    assert days.reconcile(corp_id=line.id).undetectable.get("statistic_days", 0) == 0


def test_a_member_whom_wecom_refuses_hides_no_other(line, stage, clock, monkeypatch):
    ask = Client.staff_behavior

    def refuses(client, begin, end, *, userids):
        if userids == [CLERK]:
            raise ApiError(60011, "no privilege", "externalcontact/get_user_behavior_data")
        return ask(client, begin, end, userids=userids)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "staff_behavior", refuses)
        found = days.reconcile(corp_id=line.id)
    assert {one["key"] for one in found.unread} == {CLERK}
    assert told(CLERK) == 0
    assert StaffDay.objects.filter(told=StaffDay.Told.FIGURES).count() == 180 * (EVERYBODY - 1)
    again = days.reconcile(corp_id=line.id, only={CLERK})
    assert (again.unread, again.read) == ((), 180)


def test_an_answer_about_other_days_is_not_taken(line, stage, clock, monkeypatch):
    strange = BehaviorDay(
        day=DAY, chats=9, messages=9, reply_percentage=None, average_reply_minutes=None, negative_feedbacks=0,
        applications=0, new_customers=0,
    )  # fmt: skip
    monkeypatch.setattr(Client, "staff_behavior", lambda *_args, **_more: (strange,))
    found = days.reconcile(corp_id=line.id)
    assert {one["key"] for one in found.unread} >= {CLERK}
    assert StaffDay.objects.count() == 0


def test_a_day_that_wecom_shows_nothing_of_is_kept_as_such(line, stage, clock, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Client, "staff_behavior", lambda *_args, **_more: ())
        days.reconcile(corp_id=line.id)
    assert set(StaffDay.objects.values_list("told", flat=True)) == {StaffDay.Told.NOTHING}
    days.reconcile(corp_id=line.id)  # the last two days may have been counted since
    assert told(CLERK) == 1


def test_who_has_left_is_asked_for_no_more(line, stage, clock):
    days.reconcile(corp_id=line.id)
    Staff.objects.filter(userid=CLERK).update(status=Staff.Status.LEFT)
    clock.pass_days(1)
    assert days.reconcile(corp_id=line.id).unread == ()
    assert told(CLERK) == 180
