"""Shop codes over the real wire: made once, found again after a lost answer, re-pointed, paused, closed."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from linli.acquisition import api as acquisition
from linli.acquisition.handlers import on_follow_added
from linli.acquisition.jobs import open_group_codes
from linli.acquisition.models import LiveCode, LiveCodeChange
from linli.connect import api as connect
from linli.customers import api as customers
from linli.customers.models import Follow, MarkIntent
from linli.directory import api as directory
from linli.groups import api as groups
from linli.kit.errors import BadInput
from linli.ledger.models import FactRow
from linli.ledger.types import Fact
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, OutcomeUnknown
from tests.acquisition.town import Town
from tests.connect.dropping import hand_on
from tests.sandbox.conftest import receiver  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_shop_gets_a_code_and_a_group_code_once(town):
    town.make_codes()
    acquisition.ensure_shop_codes(corp_id=town.corp_id)
    rows = acquisition.shop_rows(corp_id=town.corp_id)
    assert [row.code is not None and row.code.usable for row in rows] == [True] * 3
    assert all(row.join_way is not None and row.join_way.qr_code for row in rows)
    assert town.calls("add_contact_way") == 3
    assert town.calls("groupchat/add_join_way") == 3
    assert town.calls("add_corp_tag") == 1
    states = {run.kind: run.state for run in connect.latest_runs(corp_id=town.corp_id)}
    assert states[acquisition.CODES_RUN] == "done"


def test_a_shop_without_group_or_clerk_is_named_and_the_others_are_served(town):
    town.stage.act("create_group", owner="clerk0-0", name="SH1 福利群1")
    from linli.directory.models import Staff

    groups.sync(corp_id=town.corp_id)
    Staff.objects.filter(shop_id=town.shops["HZ1"]).update(status=2)
    acquisition.ensure_shop_codes(corp_id=town.corp_id)
    run = connect.latest_runs(corp_id=town.corp_id)[0]
    assert run.state == "partial"
    assert len(run.missing) == 3  # 黄浦店 has no group; 西湖店 neither clerk nor group
    assert LiveCode.objects.filter(step="made").count() == 2


def jobs_for_group_codes() -> int:
    return ProcrastinateJob.objects.filter(task_name="acquisition.open_group_codes", status="todo").count()


def first_group(town: Town, shop: int, name: str = "福利群1") -> None:
    town.stage.act("create_group", owner=f"clerk{shop}-0", name=name)
    groups.sync(corp_id=town.corp_id)
    hand_on()


def test_the_group_code_is_made_when_the_shops_first_group_is_there(town):
    first_group(town, 2)
    assert jobs_for_group_codes() == 0, "nobody asked for codes yet"
    acquisition.ensure_shop_codes(corp_id=town.corp_id)
    assert town.calls("groupchat/add_join_way") == 1
    first_group(town, 0)
    assert jobs_for_group_codes() == 1
    open_group_codes(corp_id=town.corp_id)
    made = {
        row.shop.code: bool(row.join_way and row.join_way.qr_code)
        for row in acquisition.shop_rows(corp_id=town.corp_id)
    }
    assert made == {"SH1": True, "SH2": False, "HZ1": True}
    ProcrastinateJob.objects.all().delete()
    first_group(town, 0, name="福利群2")
    open_group_codes(corp_id=town.corp_id)
    assert (jobs_for_group_codes(), town.calls("groupchat/add_join_way")) == (0, 2)


def test_a_group_code_whose_answer_was_lost_is_not_made_again_by_itself(town, monkeypatch):
    acquisition.ensure_shop_codes(corp_id=town.corp_id)
    real = Client.add_join_way

    def lost(self, spec, *, lane=None):
        real(self, spec, lane=lane)
        raise OutcomeUnknown("externalcontact/groupchat/add_join_way", "cut")

    with monkeypatch.context() as patched:
        patched.setattr(Client, "add_join_way", lost)
        first_group(town, 0)
        open_group_codes(corp_id=town.corp_id)
    first_group(town, 0, name="福利群2")
    open_group_codes(corp_id=town.corp_id)
    assert town.calls("groupchat/add_join_way") == 1
    way = next(row.join_way for row in acquisition.shop_rows(corp_id=town.corp_id) if row.shop.code == "SH1")
    assert way is not None
    assert (way.qr_code, bool(way.problem)) == ("", True)


def test_a_lost_answer_is_looked_up_and_not_repeated(town, monkeypatch):
    real = Client.add_contact_way

    def lost(self, spec, *, lane=None):
        real(self, spec, lane=lane)
        raise OutcomeUnknown("externalcontact/add_contact_way", "cut")

    with monkeypatch.context() as patched:
        patched.setattr(Client, "add_contact_way", lost)
        acquisition.ensure_shop_codes(corp_id=town.corp_id)
    assert not LiveCode.objects.filter(step="made").exists()
    assert town.calls("add_contact_way") == 3
    acquisition.ensure_shop_codes(corp_id=town.corp_id)
    assert LiveCode.objects.filter(step="made").count() == 3
    assert town.calls("add_contact_way") == 3


def test_repointing_keeps_the_picture_and_leads_to_the_new_clerk(town):
    town.make_codes()
    before = town.code("SH1")
    other = next(one.id for one in directory.staff(corp_id=town.corp_id) if one.userid == "clerk1-1")
    after = acquisition.repoint(corp_id=town.corp_id, code_id=before.id, staff_ids=[other], by="周岚")
    assert (after.qr_code, after.state) == (before.qr_code, before.state)
    assert town.scan("SH1", 1)["userid"] == "clerk1-1"
    assert LiveCodeChange.objects.get(what="repointed").by == "周岚"


def test_what_wecom_refuses_is_kept_and_told_again(town, monkeypatch):
    town.make_codes()
    code = town.code("SH1")
    other = next(one.id for one in directory.staff(corp_id=town.corp_id) if one.userid == "clerk1-1")

    def refuse(self, config_id, spec, *, lane=None):
        raise ApiError(41054, "user not activated", "externalcontact/update_contact_way")

    with monkeypatch.context() as patched:
        patched.setattr(Client, "update_contact_way", refuse)
        with pytest.raises(ApiError):
            acquisition.repoint(corp_id=town.corp_id, code_id=code.id, staff_ids=[other])
    assert town.code("SH1").staff_pending
    assert town.scan("SH1", 1)["userid"].startswith("clerk0")
    acquisition.finish_code(corp_id=town.corp_id, code_id=code.id)
    assert not town.code("SH1").staff_pending
    assert town.scan("SH1", 2)["userid"] == "clerk1-1"


def test_a_code_without_a_person_is_refused_and_nothing_changes(town):
    town.make_codes()
    code = town.code("SH1")
    with pytest.raises(BadInput) as refused:
        acquisition.repoint(corp_id=town.corp_id, code_id=code.id, staff_ids=[])
    assert refused.value.code == "no_staff"
    assert town.code("SH1").staff_ids == code.staff_ids
    assert town.calls("update_contact_way") == 0


def test_a_closed_code_stops_working(town):
    clerk = directory.staff(corp_id=town.corp_id)[1]
    card = acquisition.make_channel_code(
        corp_id=town.corp_id,
        name="随餐卡",
        channel="随餐卡",
        staff_ids=[clerk.id],
        reason_to_add="送一杯",
        cost_fen=120_000,
    )
    person = {"unionid": "u1", "name": "客"}
    town.stage.act("scan", state=card.state, person=person)
    acquisition.close_code(corp_id=town.corp_id, code_id=card.id)
    town.stage.act("scan", state=card.state, person=person, status=404)


def test_a_new_friend_gets_the_channel_tag(town, receiver):  # noqa: F811
    town.stage.listen(receiver)
    town.make_codes()
    town.scan("SH1", 1)
    town.apply_contacts(receiver)
    fact = Fact.from_row(FactRow.objects.get(kind="customers.follow_added"))
    on_follow_added([fact])
    on_follow_added([fact])
    # Asked twice (the ledger hands a fact on once), it is still one tag on one relation, put on by one call.
    intents = MarkIntent.objects.select_related("tag__group")
    assert {(one.tag.group.name, one.tag.name) for one in intents} == {("渠道", "静安店")}
    assert {one.follow_id for one in intents} == {Follow.objects.get().pk}
    assert dict(customers.channels(corp_id=town.corp_id)) == {town.code("SH1").state: 1}
    won = {row.shop.code: row.won for row in acquisition.shop_rows(corp_id=town.corp_id)}
    assert won == {"SH1": 1, "SH2": 0, "HZ1": 0}
