"""A closed code's contact way is deleted at WeCom, however often that has to be asked for."""

import pytest

from linli.acquisition import api as acquisition
from linli.acquisition import operations
from linli.acquisition.jobs import end_closed
from linli.acquisition.models import LiveCode, LiveCodeChange
from linli.wecom.errors import OutcomeUnknown, RateLimited, WecomError
from tests.acquisition.test_codes_unknown import ADD, LIST, _no_waits, faults, made_without_answer, make_card, ways  # noqa: F401

DEL = "externalcontact/del_contact_way"


def close(town, code_id):
    acquisition.close_code(corp_id=town.corp_id, code_id=code_id, by="周岚")


def later(town):
    faults(town)
    end_closed(timestamp=0)


def settled(town):
    """Nothing is at WeCom, nothing waits, and nothing more is asked."""
    row = LiveCode.objects.get()
    before = town.calls("del_contact_way"), town.calls("list_contact_way")
    end_closed(timestamp=0)
    assert (town.calls("del_contact_way"), town.calls("list_contact_way")) == before
    return ways(town) == [] and row.closed_at is not None and (row.config_id, row.problem) == (None, "")


def test_what_wecom_refused_is_asked_for_again_by_the_job(town):
    card = make_card(town)
    faults(town, {"fault": 45009, "paths": [DEL]})
    with pytest.raises(RateLimited):
        close(town, card.id)
    row = LiveCode.objects.get()
    assert row.closed_at is not None
    assert row.problem
    end_closed(timestamp=0)
    assert len(ways(town)) == 1
    later(town)
    assert settled(town)
    assert LiveCodeChange.objects.get(what="deleted").detail == {"config_id": card.config_id}


def test_killed_before_the_call_the_job_makes_it(town):
    card = make_card(town)
    operations.close(corp_id=town.corp_id, code_id=card.id, by="")  # all that a kill leaves
    later(town)
    assert settled(town)


def test_an_answer_that_was_lost_is_settled_by_wecom_saying_that_there_is_no_such_code(town):
    card = make_card(town)
    faults(town, {"fault": "answer_lost", "counts": [1, 1], "paths": [DEL]})
    with pytest.raises(OutcomeUnknown):
        close(town, card.id)
    assert ways(town) == []
    later(town)
    assert settled(town)


def test_the_night_finishes_it_and_names_what_it_could_not(town):
    card = make_card(town)
    operations.close(corp_id=town.corp_id, code_id=card.id, by="")
    faults(town, {"fault": 45009, "paths": [DEL]})
    found = acquisition.reconcile(corp_id=town.corp_id)
    assert [one["key"] for one in found.unread] == [f"code:{card.id}"]
    faults(town)
    assert acquisition.reconcile(corp_id=town.corp_id, only={f"code:{card.id}"}).unread == ()
    assert settled(town)


def test_a_code_of_which_nobody_knows_whether_it_was_made_is_looked_up_and_deleted(town):
    row = made_without_answer(town)
    faults(town, {"fault": 45009, "paths": [LIST]})
    with pytest.raises(RateLimited):
        close(town, row.pk)
    assert ways(town) == [row.state]
    later(town)
    assert settled(town)


def test_a_code_that_wecom_never_took_is_closed_without_a_call(town):
    faults(town, {"fault": 45009, "paths": [ADD]})
    with pytest.raises(WecomError):
        make_card(town)
    faults(town)
    close(town, LiveCode.objects.get().pk)
    assert settled(town)
    assert town.calls("del_contact_way") == 0


def test_closed_while_it_is_made_it_stays_closed_and_is_deleted(town):
    card = make_card(town)
    row = LiveCode.objects.get()
    row.step, row.config_id = LiveCode.Step.CALLING, None  # as its maker holds it while WeCom is asked
    row.save()
    close(town, card.id)
    assert len(ways(town)) == 1  # the maker is left to end its call
    operations.made(row, config_id=card.config_id, qr_code=card.qr_code)
    assert LiveCode.objects.get().closed_at is not None
    later(town)
    assert settled(town)


def test_trying_again_on_the_page_deletes_it(town):
    card = make_card(town)
    faults(town, {"fault": 45009, "paths": [DEL]})
    with pytest.raises(RateLimited):
        close(town, card.id)
    faults(town)
    acquisition.finish_code(corp_id=town.corp_id, code_id=card.id)
    assert settled(town)
    acquisition.repoint(corp_id=town.corp_id, code_id=card.id, staff_ids=card.staff_ids)
