"""Departments, staff and shops, read from the sandbox."""

from dataclasses import replace

import pytest

from linli.connect import api as connect
from linli.directory import api as directory
from linli.directory.models import Department, Shop, Staff
from linli.kit.errors import BadInput
from linli.ledger.models import FactRow
from linli.wecom.client import Client
from linli.wecom.errors import api_error
from tests.connect.staged import SHOPS, seed


def facts(corp_id: int) -> dict[str, int]:
    kinds = FactRow.objects.filter(corp_id=corp_id, kind__startswith="directory.").values_list("kind", flat=True)
    return {kind: list(kinds).count(kind) for kind in kinds}


def test_sync_makes_departments_staff_and_shops(line, stage):
    directory.sync(corp_id=line.id)
    assert directory.shops(corp_id=line.id) == []
    assert directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS) == 3
    assert [(shop.code, shop.name, shop.department_wecom_id) for shop in directory.shops(corp_id=line.id)] == [
        ("100", "0 号店", 100),
        ("101", "1 号店", 101),
        ("102", "2 号店", 102),
    ]
    shop = directory.shops(corp_id=line.id)[1]
    assert [one.userid for one in directory.staff(corp_id=line.id, shop_id=shop.id)] == ["clerk1-0", "clerk1-1"]
    assert len(directory.staff(corp_id=line.id)) == 7
    assert facts(line.id) == {
        "directory.department_added": 6,
        "directory.staff_joined": 7,
        "directory.shop_added": 3,
    }
    assert connect.latest_runs(corp_id=line.id)[0].state == "done"


def test_second_sync_changes_nothing_and_says_nothing(line, stage):
    directory.sync(corp_id=line.id)
    directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS)
    said = facts(line.id)
    directory.sync(corp_id=line.id)
    assert facts(line.id) == said


def test_movers_new_shops_and_who_is_out_of_sight_are_found(line, stage):
    directory.sync(corp_id=line.id)
    directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS)
    world = seed(shops=4)
    world["users"] = [user for user in world["users"] if user["userid"] != "clerk0-0"]
    next(user for user in world["users"] if user["userid"] == "clerk0-1")["department"] = [102]
    stage.control("seed", {**world, "reset": True})
    directory.sync(corp_id=line.id)
    absent = Staff.objects.get(corp_id=line.id, userid="clerk0-0")
    assert (absent.status, absent.left_at) == (Staff.Status.ACTIVE, None), "not found is not gone"
    assert absent.out_of_sight_at is not None
    assert Staff.objects.get(corp_id=line.id, userid="clerk0-1").shop.code == "102"
    assert len(directory.shops(corp_id=line.id)) == 4
    assert facts(line.id) == {
        "directory.department_added": 7,
        "directory.staff_joined": 9,
        "directory.shop_added": 4,
        "directory.staff_out_of_sight": 1,
        "directory.staff_moved": 1,
    }
    stage.control("seed", {**seed(shops=4), "reset": True})
    directory.sync(corp_id=line.id)
    absent.refresh_from_db()
    assert absent.out_of_sight_at is None
    assert facts(line.id)["directory.staff_in_sight"] == 1
    assert facts(line.id)["directory.staff_joined"] == 9


@pytest.mark.parametrize("listed", [True, False])
def test_who_is_shown_with_status_5_has_left(line, stage, monkeypatch, listed):
    """In the list, or asked for by name because the list does not show them."""
    directory.sync(corp_id=line.id)
    real_list, real_get = Client.user_list, Client.user_get

    def gone(one):
        return replace(one, status=5) if one.userid == "clerk0-0" else one

    def shown(self, *args, **more):
        rows = map(gone, real_list(self, *args, **more))
        return tuple(one for one in rows if listed or one.status != 5)

    monkeypatch.setattr(Client, "user_list", shown)
    monkeypatch.setattr(Client, "user_get", lambda self, userid: gone(real_get(self, userid)))
    directory.sync(corp_id=line.id)
    assert Staff.objects.get(userid="clerk0-0").left_at is not None
    assert facts(line.id)["directory.staff_left"] == 1


def test_what_was_not_fetched_is_not_gone(line, stage, monkeypatch):
    """An error instead of the list leaves everybody where they were, and the run says so."""
    directory.sync(corp_id=line.id)

    def refuse(self, department_id, **_):
        raise api_error(60011, "no privilege", "user/list")

    monkeypatch.setattr(Client, "user_list", refuse)
    directory.sync(corp_id=line.id)
    assert Staff.objects.filter(corp_id=line.id, status=Staff.Status.LEFT).count() == 0
    run = connect.latest_runs(corp_id=line.id)[0]
    assert run.state == "partial"
    assert "60011" in run.missing[0]["why"]


def test_large_corp_is_read_department_by_department(line, stage, monkeypatch):

    real = Client.user_list

    def too_large(self, department_id, *, fetch_child=False, **more):
        if fetch_child:
            raise api_error(45029, "response too large", "user/list")
        return real(self, department_id, **more)

    monkeypatch.setattr(Client, "user_list", too_large)
    directory.sync(corp_id=line.id)
    assert Staff.objects.filter(corp_id=line.id, status=1).count() == 7


def test_import_describes_adds_and_lists_bad_rows(line, stage):
    directory.sync(corp_id=line.id)
    directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS)
    content = (
        "department,code,name,city,district,lat,lng,is_open\n"
        "100,SH001,徐汇日月光店,上海,徐汇,31.2,121.4,1\n"
        "101,SH002,,上海,静安,131.2,121.4,1\n"
        ",SH009,新店,苏州,姑苏,31.3,120.6,0\n"
        "999,SH010,无部门店,苏州,,,,\n"
    ).encode("gb18030")
    done = directory.import_shops_csv(corp_id=line.id, content=content)
    assert (done.added, done.changed) == (1, 1)
    assert [number for number, _ in done.bad] == [3, 5]
    shops = {shop.code: shop for shop in directory.shops(corp_id=line.id)}
    assert shops["SH001"].name == "徐汇日月光店"
    assert shops["SH001"].department_wecom_id == 100
    assert shops["SH001"].lat == 31.2
    assert not shops["SH009"].is_open
    assert shops["101"].lat is None
    again = directory.import_shops_csv(corp_id=line.id, content=content)
    assert (again.added, again.changed) == (0, 2)


def test_opening_a_shop_is_said_once(line, stage):
    shop = Shop.objects.create(corp_id=line.id, code="a", name="a")
    for _ in range(2):
        directory.set_open(corp_id=line.id, shop_id=shop.pk, is_open=False)
    assert facts(line.id) == {"directory.shop_closed": 1}


def test_rule_needs_a_department_that_is_there(line, stage):
    with pytest.raises(BadInput):
        directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=10)
    assert not Shop.objects.exists()
    assert not Department.objects.exists()


def test_staff_of_sub_departments_belong_to_the_shop(line, stage):
    world = seed()
    world["departments"].append({"id": 500, "name": "咖啡吧", "parentid": 100, "order": 1})
    world["users"].append({"userid": "barista", "name": "何苗", "department": [500]})
    stage.control("seed", {**world, "reset": True})
    directory.sync(corp_id=line.id)
    directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS)
    assert Staff.objects.get(corp_id=line.id, userid="barista").shop.code == "100"


def test_corps_do_not_see_each_other(line, stage):
    from linli.access import api as access

    directory.sync(corp_id=line.id)
    directory.choose_shop_parent(corp_id=line.id, parent_wecom_id=SHOPS)
    other = access.create_corp(wecom_id="ww-other", name="other")
    assert directory.shops(corp_id=other.id) == []
    assert directory.staff(corp_id=other.id) == []
    assert directory.departments(corp_id=other.id) == []
    ids = list(Staff.objects.values_list("id", flat=True))
    assert directory.staff_by_ids(corp_id=other.id, staff_ids=ids) == {}
