"""Codes: deleted or changed by hand at WeCom, which no callback tells."""

from linli.acquisition import api as acquisition
from linli.connect import api as connect
from tests.connect.dropping import calls, facts, last_fact


def test_what_was_changed_by_hand_is_found_and_holds(town, stage):
    town.make_codes()
    first, second, third = (town.code(shop) for shop in ("SH1", "SH2", "HZ1"))
    stage.contact("del_contact_way", {"config_id": first.config_id})
    stage.contact("update_contact_way", {"config_id": second.config_id, "user": ["clerk2-0"]})
    stage.contact("update_contact_way", {"config_id": third.config_id, "state": "other"})
    before = last_fact()
    used = calls(stage)
    found = acquisition.reconcile(corp_id=town.corp_id)
    assert calls(stage) - used == 3 + 2  # each code by its own id, and the lists of codes and of links
    assert dict(found.elsewhere) == {
        "acquisition.code_gone": 1, "acquisition.code_repointed": 1, "acquisition.code_state_lost": 1,
    }  # fmt: skip
    assert {cause for _, cause, _ in facts(town.corp_id, before)} == {connect.ELSEWHERE}
    assert (town.code("SH1").step, town.code("SH1").usable) == ("wanted", False)
    assert len(town.code("SH2").staff_ids) == 1
    assert town.code("HZ1").problem
    again = acquisition.reconcile(corp_id=town.corp_id)
    assert (again.changed, again.ended, dict(again.elsewhere)) == (0, 0, {})


def test_a_deleted_code_is_made_anew_once(town, stage):
    town.make_codes()
    old = town.code("SH1").config_id
    stage.contact("del_contact_way", {"config_id": old})
    acquisition.reconcile(corp_id=town.corp_id)
    acquisition.ensure_shop_codes(corp_id=town.corp_id)
    anew = town.code("SH1")
    assert (anew.step, anew.problem) == ("made", "")
    assert anew.config_id != old
    assert town.calls("add_contact_way") == 4


def test_another_apps_secret_does_not_lose_a_code(town, stage):
    """41044 may also mean that another app asks: the code is looked up before it is made again, and is found."""
    town.make_codes()
    ways = stage.sandbox.world.corps["ww0123456789abcdef"].contact_ways
    mine = town.code("SH1").config_id
    ways[mine].agentid += 1
    acquisition.reconcile(corp_id=town.corp_id)
    assert town.code("SH1").step == "wanted"
    ways[mine].agentid -= 1
    acquisition.finish_code(corp_id=town.corp_id, code_id=town.code("SH1").id)
    assert town.code("SH1").config_id == mine
