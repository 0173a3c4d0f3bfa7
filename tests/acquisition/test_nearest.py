"""Which shop takes a customer, and what is said of those passed over."""

import pytest

from linli.acquisition import api as acquisition
from linli.acquisition.geo import Place, bd09_to_gcj02, gcj02_to_wgs84
from linli.directory.models import Shop
from tests.sandbox.conftest import receiver  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def browser(lat, lng):
    """What a phone tells when it stands at a place of Baidu's map."""
    place = gcj02_to_wgs84(bd09_to_gcj02(Place(lat, lng)))
    return {"lat": place.lat, "lng": place.lng}


def at(town, lat, lng):
    return acquisition.nearest_shop(corp_id=town.corp_id, **browser(lat, lng))


def test_the_nearest_shop_with_its_distance(town):
    town.make_codes()
    offer = at(town, 31.2350, 121.4605)
    assert offer.shop.code == "SH1"
    assert 40 <= offer.distance_m <= 55
    assert offer.passed == ()


def test_without_conversion_the_other_shop_would_be_taken(town):
    """The offset (about 1 km here) is larger than the way between two shops."""
    town.make_codes()
    midway = browser(31.2350, 121.4667)
    assert acquisition.nearest_shop(corp_id=town.corp_id, **midway).shop.code == "SH2"
    acquisition.set_rule(corp_id=town.corp_id, shop_places="wgs84")
    assert acquisition.nearest_shop(corp_id=town.corp_id, **midway).shop.code == "SH1"


def test_closed_full_or_paused_leads_to_the_next_and_says_why(town, receiver):  # noqa: F811
    town.stage.listen(receiver)
    town.make_codes()
    acquisition.set_shop_open(corp_id=town.corp_id, shop_id=town.shops["SH1"], is_open=False)
    offer = at(town, 31.2350, 121.4605)
    assert (offer.shop.code, [(one.shop.code, one.why) for one in offer.passed]) == ("SH2", [("SH1", "closed")])
    acquisition.set_shop_open(corp_id=town.corp_id, shop_id=town.shops["SH1"], is_open=True)
    acquisition.set_rule(corp_id=town.corp_id, staff_cap=1)
    town.scan("SH1", 1)
    town.apply_contacts(receiver)
    acquisition.forget()
    assert at(town, 31.2350, 121.4605).shop.code == "SH1", "the second clerk is still free"
    town.scan("SH1", 2)
    town.apply_contacts(receiver)
    acquisition.forget()
    assert [one.why for one in at(town, 31.2350, 121.4605).passed] == ["full"]
    acquisition.pause_code(corp_id=town.corp_id, code_id=town.code("SH2").id, paused=True)
    assert at(town, 31.2350, 121.4605).shop.code == "HZ1"
    acquisition.pause_code(corp_id=town.corp_id, code_id=town.code("HZ1").id, paused=True)
    assert at(town, 31.2350, 121.4605) is None


def test_equally_near_shops_are_taken_by_id(town):
    town.make_codes()
    Shop.objects.filter(code="SH2").update(lat=31.2350, lng=121.4600)
    acquisition.forget()
    assert at(town, 31.2350, 121.4605).shop.id == min(town.shops["SH1"], town.shops["SH2"])


def test_a_chosen_shop_that_cannot_take_anybody_gives_its_neighbour(town):
    town.make_codes()
    chosen = acquisition.shop_or_next(corp_id=town.corp_id, shop_id=town.shops["SH2"])
    assert (chosen.shop.code, chosen.distance_m, chosen.passed) == ("SH2", None, ())
    acquisition.set_shop_open(corp_id=town.corp_id, shop_id=town.shops["SH2"], is_open=False)
    neighbour = acquisition.shop_or_next(corp_id=town.corp_id, shop_id=town.shops["SH2"])
    assert neighbour.shop.code == "SH1"
    assert 1050 <= neighbour.distance_m <= 1150
    assert [one.why for one in neighbour.passed] == ["closed"]
