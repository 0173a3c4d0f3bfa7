"""The address book: an ordinary app gets no callbacks about it, so everything is found by comparing."""

from linli.connect import api as connect
from linli.directory import api as directory
from linli.directory.models import Department, Staff
from tests.connect.dropping import calls, facts, last_fact
from tests.connect.staged import SHOPS, seed
from tests.sandbox.stage import CORP


def test_joiners_movers_and_departments_are_found_with_their_cause(line, stage):
    directory.sync(corp_id=line.id)
    directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS)
    world = seed(shops=4)
    world["users"] = [user for user in world["users"] if user["userid"] != "clerk0-0"]
    next(user for user in world["users"] if user["userid"] == "clerk0-1")["department"] = [102]
    world["departments"] = [one for one in world["departments"] if one["id"] != 100]
    world["departments"][1]["name"] = "总部大楼"
    world["users"] = [user for user in world["users"] if user["department"] != [100]]
    stage.control("seed", {**world, "reset": True})
    before = last_fact()
    found = directory.reconcile(corp_id=line.id)
    assert dict(found.elsewhere) == {
        "directory.department_added": 1, "directory.department_changed": 1, "directory.department_gone": 1,
        "directory.staff_joined": 2, "directory.staff_moved": 1, "directory.staff_out_of_sight": 1,
    }  # fmt: skip
    assert dict(found.missed) == {}
    causes = {cause for kind, cause, _ in facts(line.id, before) if not kind.startswith("directory.shop")}
    assert causes == {connect.ELSEWHERE}
    assert Department.objects.get(wecom_id=100).gone_at is not None
    after = last_fact()
    directory.reconcile(corp_id=line.id)
    assert facts(line.id, after) == []


def test_who_is_outside_the_apps_range_has_not_left(line, stage):
    """The list does not show them, but WeCom knows them by name: that is no leaving."""
    directory.sync(corp_id=line.id)
    stage.sandbox.world.corps[CORP].users["clerk0-0"].department = []
    found = directory.reconcile(corp_id=line.id)
    assert [one["what"] for one in found.unread] == ["clerk0-0"]
    assert found.ended == 0
    assert Staff.objects.get(userid="clerk0-0").status == Staff.Status.ACTIVE


def test_two_calls_show_the_whole_address_book(line, stage):
    directory.sync(corp_id=line.id)
    before = calls(stage)
    assert directory.reconcile(corp_id=line.id).read == 7
    assert calls(stage) - before == 2
