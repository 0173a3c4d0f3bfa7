"""Two rows that were one member: whatever named the one names the other, in every table that can name a member."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.apps import apps

from linli.acquisition.models import LiveCode, LiveCodeStaff
from linli.customers.models import Customer, Follow
from linli.directory import api as directory
from linli.directory.models import Staff, StaffDay
from linli.directory.renaming import rename_staff
from linli.groups.models import GroupChat, OwnerDay
from linli.handover.models import Call, CustomerMove, GroupMove, Handover, Unassigned
from linli.kit.clock import now
from linli.ledger.api import Fact
from linli.ledger.models import FactRow
from linli.messaging.models import Moment, MomentCopy, Recipient, Send, StaffTask
from linli.project.subscriptions import SUBSCRIPTIONS
from tests.connect.dropping import hand_on

OLD, NEW = "old.id", "new.id"
DAY = date(2026, 11, 1)


def columns() -> set[tuple[str, str]]:
    """Every column of the house that points at a member."""
    metas = [model._meta for model in apps.get_models() if model is not Staff]
    return {(one.label, field.name) for one in metas for field in one.concrete_fields if field.related_model is Staff}


class Rows:
    """One row of every kind for each of the two, and of some kinds one about the same thing."""

    def __init__(self, corp_id: int) -> None:
        self.corp_id = corp_id
        found = directory.ensure_staff(corp_id=corp_id, userids=[OLD])
        found |= directory.ensure_staff(corp_id=corp_id, userids=[NEW])
        self.old, self.new = found[OLD].id, found[NEW].id
        self.person = self._make(Customer, no=1, external_userid="wm1", created_at=now())
        self.other = self._make(Customer, no=2, external_userid="wm2", created_at=now())
        self.send = self._make(
            Send, name="大家好", state="done", definition={}, content={}, seed="s", created_at=now(), changed_at=now()
        )
        self.code = self._make(
            LiveCode, kind="channel", name="门口", channel="门口", state="s", key="k", created_at=now()
        )
        self.moment = self._make(Moment, moment_id="m", kind=0, created_at=now(), listed_at=now())
        self.group = self._make(GroupChat, chat_id="g", owner_userid=OLD, created_at=now())
        for one in (self.old, self.new):
            self._of(one)

    def _make(self, model, **values):
        return model.objects.create(corp_id=self.corp_id, **values)

    def _of(self, staff_id: int) -> None:
        userid = OLD if staff_id == self.old else NEW
        mine = self.other if userid == NEW else self.person
        self._make(Follow, staff_id=staff_id, customer=mine, live=True)
        self._make(LiveCodeStaff, staff_id=staff_id, code=self.code)
        self._make(MomentCopy, staff_id=staff_id, moment=self.moment, published_by=now() if userid == NEW else None)
        self._make(
            StaffTask, staff_id=staff_id, send=self.send, userid=userid, intent_key=userid, size=1, intent_at=now()
        )
        self._make(
            Recipient, staff_id=staff_id, send=self.send, customer=mine, userid=userid, state="planned", state_at=now()
        )
        for offset, model in product(range(2), (StaffDay, OwnerDay)):
            told = StaffDay.Told.FIGURES if (userid == NEW) == bool(offset) else StaffDay.Told.NOTHING
            self._make(model, staff_id=staff_id, day=DAY + timedelta(days=offset), told=told, read_at=now())
        wish = {"giver_id": staff_id, "taker_ids": [self.new, 999], "tag_ids": [], "groups_taker_id": self.new}
        self._make(Handover, giver_id=staff_id, resigned=True, wish=wish, state="proposed", created_at=now())
        done = self._make(Handover, giver_id=staff_id, resigned=True, wish=wish, state="running", created_at=now())
        call = self._make(Call, handover=done, taker_id=staff_id, what="customers", size=1)
        both = {"handover": done, "call": call, "giver_id": staff_id, "taker_id": staff_id, "state_at": now()}
        self._make(CustomerMove, external_userid="wm9", state="waiting", **both)
        self._make(GroupMove, group=self.group, chat_id="g", state="done", **both)
        self._make(
            Unassigned, staff_id=staff_id, external_userid="wm9", left_at=now(), listed_at=now(), pass_no=1,
            gone_at=now() if userid == OLD else None,
        )  # fmt: skip


@pytest.fixture
def rows(line):
    rows = Rows(line.id)
    rename_staff(corp_id=line.id, was=OLD, userid=NEW, at=now() + timedelta(seconds=1))
    hand_on()
    return rows


def test_every_column_that_can_name_a_member_names_the_one_who_stays(rows):
    assert Staff.every_id.get(userid=OLD).now_id == rows.old
    assert Staff.objects.get(pk=rows.old).userid == NEW
    tried = set()
    for label, name in columns():
        found = set(apps.get_model(label).objects.values_list(name, flat=True)) - {None}
        assert found <= {rows.old}, (label, name)
        tried |= {(label, name)} if found else set()
    assert tried == columns(), "a table that names members: make a row of it here, and let its room hear staff_merged"
    assert set(Recipient.objects.values_list("staff_id", "userid")) == {(rows.old, NEW)}
    assert set(StaffTask.objects.values_list("userid", flat=True)) == {NEW}


def test_of_two_about_one_thing_the_better_stays(rows):
    assert MomentCopy.objects.get().published_by is not None
    assert LiveCodeStaff.objects.count() == 1
    for model in (StaffDay, OwnerDay):
        assert [(one.day, one.told) for one in model.objects.order_by("day")] == [
            (DAY, StaffDay.Told.FIGURES), (DAY + timedelta(days=1), StaffDay.Told.FIGURES),
        ]  # fmt: skip
    assert Unassigned.objects.get().gone_at is None
    proposal = Handover.objects.get(state="proposed")
    assert (proposal.giver_id, proposal.wish["giver_id"]) == (rows.old, rows.old)
    assert (set(proposal.wish["taker_ids"]), proposal.wish["groups_taker_id"]) == ({rows.old, 999}, rows.old)
    assert sorted(CustomerMove.objects.values_list("state", flat=True)) == ["no_result", "waiting"]
    assert set(Follow.objects.values_list("customer_id", "staff_id")) == {
        (rows.person.pk, rows.old),
        (rows.other.pk, rows.old),
    }


def test_told_again_it_changes_nothing(rows):
    before = {(label, name): sorted(apps.get_model(label).objects.values_list("pk", name)) for label, name in columns()}
    fact = Fact.from_row(FactRow.objects.get(kind="directory.staff_merged"))
    for one in SUBSCRIPTIONS:
        if fact.kind in one.kinds:
            one.handler([fact])
    after = {(label, name): sorted(apps.get_model(label).objects.values_list("pk", name)) for label, name in columns()}
    assert after == before
