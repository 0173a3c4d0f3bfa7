"""A code whose making got no answer, or one that nobody understands: one contact way of its state, whatever comes between."""

import pytest

from linli.acquisition import api as acquisition
from linli.acquisition import codes
from linli.acquisition.models import LiveCode
from linli.connect.models import CorpLine
from linli.directory import api as directory
from linli.kit.errors import Refused
from linli.wecom.errors import ApiError, BadAnswer, OutcomeUnknown, RateLimited
from tests.connect.spoiling import SPOILS, Spoiler, _changed
from tests.sandbox.stage import CORP

ADD = "externalcontact/add_contact_way"
GET = "externalcontact/get_contact_way"
LIST = "externalcontact/list_contact_way"


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch):
    monkeypatch.setattr("linli.wecom.transport._FIRST_WAIT", 0.0)


def faults(town, *rules):
    town.stage.control("faults", {"seed": 1, "rules": list(rules)})


def make_card(town):
    clerk = directory.staff(corp_id=town.corp_id)[1]
    return acquisition.make_channel_code(corp_id=town.corp_id, name="随餐卡", channel="随餐卡", staff_ids=[clerk.id])


def ways(town):
    """The states of all contact ways that WeCom has."""
    return [one.state for one in town.stage.sandbox.world.corps[CORP].contact_ways.values()]


def made_without_answer(town):
    faults(town, {"fault": "answer_lost", "counts": [1, 1], "paths": [ADD]})
    with pytest.raises(OutcomeUnknown):
        make_card(town)
    return LiveCode.objects.get()


@pytest.mark.parametrize("path", [LIST, GET])
def test_a_look_up_that_is_refused_does_not_forget_the_call(town, path):
    row = made_without_answer(town)
    faults(town, {"fault": 45009, "paths": [path]})
    with pytest.raises(RateLimited):
        acquisition.finish_code(corp_id=town.corp_id, code_id=row.pk)
    assert LiveCode.objects.get().called_at is not None
    faults(town)
    assert acquisition.finish_code(corp_id=town.corp_id, code_id=row.pk).usable
    assert ways(town) == [row.state]


def test_a_code_that_is_deleted_while_ours_is_looked_up_does_not_hinder(town):
    config_id = town.stage.way("another", ("clerk0-0",))
    world = town.stage.sandbox.world.corps[CORP]
    row = made_without_answer(town)
    faults(town)
    # The list shows it, and asked for by its id WeCom knows nothing of it (41044).
    world.contact_ways[config_id].agentid += 1
    assert acquisition.finish_code(corp_id=town.corp_id, code_id=row.pk).usable
    assert sorted(ways(town)) == sorted(["another", row.state])


def test_a_refusal_after_the_look_up_does_not_forget_the_first_call(town):
    """What WeCom was late to do may show after the look-up."""
    row = made_without_answer(town)
    world = town.stage.sandbox.world.corps[CORP]
    late = next(iter(world.contact_ways.values()))
    late.create_time -= 86_400  # no list of this hour shows it yet
    faults(town, {"fault": 45009, "paths": [ADD]})
    with pytest.raises(RateLimited):
        acquisition.finish_code(corp_id=town.corp_id, code_id=row.pk)
    late.create_time += 86_400
    faults(town)
    assert acquisition.finish_code(corp_id=town.corp_id, code_id=row.pk).usable
    assert ways(town) == [row.state]


@pytest.mark.parametrize("spoil", ["no config_id", "HTTP 302"])
def test_an_answer_that_nobody_understands_is_looked_up(town, spoil, monkeypatch):
    monkeypatch.setitem(SPOILS, "no config_id", _changed(lambda data: data.pop("config_id")))
    spoiler = Spoiler(town.stage.hosted.url)
    CorpLine.objects.filter(corp_id=town.corp_id).update(base_url=spoiler.hosted.url)
    try:
        spoiler.api, spoiler.spoil = ADD, spoil
        with pytest.raises(BadAnswer):
            make_card(town)
        spoiler.spoil = ""
        row = LiveCode.objects.get()
        assert acquisition.finish_code(corp_id=town.corp_id, code_id=row.pk).usable
    finally:
        spoiler.stop()
    assert ways(town) == [row.state]


def test_a_plain_refusal_needs_no_look_up(town):
    faults(town, {"fault": 45009, "paths": [ADD]})
    with pytest.raises(ApiError):
        make_card(town)
    row = LiveCode.objects.get()
    assert (row.step, row.called_at) == ("refused", None)
    faults(town)
    assert acquisition.finish_code(corp_id=town.corp_id, code_id=row.pk).usable
    assert town.calls("list_contact_way") == 0


def test_who_saw_the_code_before_anothers_call_does_not_make_it_blindly(town):
    faults(town, {"fault": "answer_lost", "counts": [1, 1], "paths": [ADD]})
    clerk = directory.staff(corp_id=town.corp_id)[1]
    row = codes.operations.want_channel_code(
        corp_id=town.corp_id, name="桌卡", channel="桌卡", staff_ids=[clerk.id], reason_to_add="", shop_id=None,
        cost_fen=None, by="",
    )  # fmt: skip
    early = LiveCode.objects.get()
    with pytest.raises(OutcomeUnknown):
        codes.carry_out(row)
    with pytest.raises(Refused):
        codes.carry_out(early)
    assert ways(town) == [row.state]
