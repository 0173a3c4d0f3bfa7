"""The pages about segments, by the front door."""

import html
import json
import re

import pytest

from linli.kit.clock import frozen
from linli.segments import api
from linli.segments.definition import And, Everyone, LastPurchase, Not, Or, Shop, to_json
from tests.segments import people


@pytest.fixture
def shop(corp):
    found = people.shop(corp.id, 1)
    crowd = people.customers(corp.id, 5)
    for one in crowd[:3]:
        one.home_shop_id = found.id
        one.save()
    with frozen(people.NOON):
        yield found


def definition_in(page) -> object:
    found = re.search(r'id="definition"[^>]*value="([^"]*)"', page.content.decode())
    return json.loads(html.unescape(found[1]))


def test_an_empty_list_leads_on_to_ready_made_segments(console):
    page = console.get("/segments/").content.decode()
    for key in ("at_risk", "super_users", "new_30", "quiet_60"):
        assert f"/segments/new/?ready={key}" in page
        assert console.get(f"/segments/new/?ready={key}").status_code == 200


def test_a_condition_is_added_excluded_turned_and_removed(console, shop):
    start = json.dumps(to_json(And(())))
    form = console.post("/segments/condition/", {"definition": start, "kind": "shop", "path": ""})
    assert "1 号店" in form.content.decode()
    added = console.post(
        "/segments/builder/", {"definition": start, "kind": "shop", "path": "", "c-shop_ids": [shop.id]}
    )
    here = Shop((shop.id,))
    assert definition_in(added) == to_json(And((here,)))
    now = json.dumps(definition_in(added))
    second = console.post(
        "/segments/builder/",
        {"definition": now, "kind": "last_purchase", "path": "", "c-op": "before", "c-days": "60", "exclude": "1"},
    )
    both = And((here, Not(LastPurchase("before", 60))))
    assert definition_in(second) == to_json(both)
    now = json.dumps(to_json(both))

    def click(action: str, path: str) -> object:
        return definition_in(console.post("/segments/builder/", {"definition": now, "action": action, "path": path}))

    assert click("negate", "1") == to_json(And((here, LastPurchase("before", 60))))
    assert click("flip", "") == to_json(Or((here, Not(LastPurchase("before", 60)))))
    assert click("wrap", "0") == to_json(And((Or((here,)), Not(LastPurchase("before", 60)))))
    assert click("remove", "0") == to_json(And((Not(LastPurchase("before", 60)),)))
    assert click("remove", "7") == to_json(both)


def test_a_condition_that_does_not_fit_says_so_and_changes_nothing(console, shop):
    start = json.dumps(to_json(And(())))
    page = console.post(
        "/segments/builder/", {"definition": start, "kind": "last_purchase", "path": "", "c-op": "before", "c-days": ""}
    )
    assert page.headers["HX-Retarget"] == "#condition"
    assert "field-error" in page.content.decode()


def test_saving_counting_copying_deleting_and_undoing(console, corp, shop):
    definition = json.dumps(to_json(And((Shop((shop.id,)),))))
    assert console.post("/segments/new/", {"name": "", "definition": definition}).status_code == 422
    assert api.segments(corp_id=corp.id) == []
    assert console.post("/segments/new/", {"name": "一号店", "definition": definition}).status_code == 302
    (saved,) = api.segments(corp_id=corp.id)
    listed = console.get("/segments/").content.decode()
    assert "一号店" in listed
    assert re.search(r'class="num"[^>]*>3<', listed)
    console.post(f"/segments/{saved.id}/copies/")
    assert len(api.segments(corp_id=corp.id)) == 2
    gone = console.post(f"/segments/{saved.id}/deletion/", follow=True)
    assert f"/segments/{saved.id}/restoration/" in gone.content.decode()
    assert len(api.segments(corp_id=corp.id)) == 1
    console.post(f"/segments/{saved.id}/restoration/")
    assert len(api.segments(corp_id=corp.id)) == 2


def test_another_corps_segment_is_not_there(console, corp):
    from linli.access import api as access

    other = access.create_corp(wecom_id="wwother", name="别家")
    theirs = api.create(corp_id=other.id, name="别家的", definition=Everyone(), author="")
    for path in ("", "copies/", "counts/"):
        answer = console.post(f"/segments/{theirs.id}/{path}", {"name": "x", "definition": "{}"}, HTTP_HX_REQUEST="")
        assert answer.status_code in {302, 404, 409, 422}
    assert api.segment(corp_id=other.id, segment_id=theirs.id).name == "别家的"
    assert api.segments(corp_id=corp.id) == []


def test_the_list_takes_the_same_queries_however_long_it_is(console, corp, shop, django_assert_max_num_queries):
    for n in range(30):
        api.create(corp_id=corp.id, name=f"第 {n} 个", definition=Shop((shop.id,)), author="")
    with django_assert_max_num_queries(20):
        console.get("/segments/")
