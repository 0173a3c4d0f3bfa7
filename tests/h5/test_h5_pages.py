"""The landing page's flow as a customer walks it, and what the pages must never do."""

from dataclasses import replace

import pytest
from django.utils import translation

from linli.acquisition import api as acquisition
from linli.acquisition.geo import Place, bd09_to_gcj02, gcj02_to_wgs84
from linli.acquisition.models import LiveCode, Visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    yield
    translation.activate("zh-hans")


def phone(lat, lng):
    place = gcj02_to_wgs84(bd09_to_gcj02(Place(lat, lng)))
    return {"lat": f"{place.lat:.4f}", "lng": f"{place.lng:.4f}"}


def text(response):
    return response.content.decode()


def test_place_given_shows_the_nearest_shop_and_its_code(client, town, landing):
    asked = client.get(landing)
    assert "data-place" in text(asked)
    shown = client.post(landing, phone(31.2350, 121.4605))
    code = town.code("SH1")
    assert "静安店" in text(shown)
    assert f"/h/q/{code.key}/code.png" in text(shown)
    assert "Nearest to you: 50 m" in text(shown)
    assert f"/h/g/{code.key}/" in text(shown)
    looked, nearest = Visit.objects.order_by("id")
    assert (looked.outcome, nearest.outcome, nearest.shop_id) == ("looked", "nearest", town.shops["SH1"])
    assert (nearest.distance_m, nearest.city, nearest.simulated) == (100, "上海", False)


def test_place_refused_leads_to_the_choice_by_hand(client, town, landing):
    refused = client.post(landing, {"lat": "", "lng": ""})
    assert "We do not know your place" in text(refused)
    assert "?city=%E4%B8%8A%E6%B5%B7" in text(refused)
    listed = client.get(landing, {"city": "上海"})
    assert "静安店" in text(listed)
    assert "西湖店" not in text(listed)
    found = client.get(landing, {"q": "西湖"})
    assert f"{landing}s/{town.shops['HZ1']}/" in text(found)
    chosen = client.get(f"{landing}s/{town.shops['HZ1']}/")
    assert f"/h/q/{town.code('HZ1').key}/code.png" in text(chosen)
    assert Visit.objects.get(outcome="chosen").place_known is False


def test_a_closed_shop_says_so_and_leads_on(client, town, landing):
    acquisition.set_shop_open(corp_id=town.corp_id, shop_id=town.shops["SH1"], is_open=False)
    shown = text(client.post(landing, phone(31.2350, 121.4605)))
    assert "静安店 is closed for now." in shown
    assert "黄浦店 takes care of you instead." in shown
    assert f"/h/q/{town.code('SH2').key}/code.png" in shown
    assert Visit.objects.get(outcome="nearest").passed_over == 1
    printed = text(client.get(f"/h/c/{town.code('SH1').key}/"))
    assert f"/h/q/{town.code('SH2').key}/code.png" in printed


def test_nobody_can_take_them_is_said_truthfully(client, town, landing):
    LiveCode.objects.update(paused_at=town.code("SH1").made_at)
    acquisition.forget()
    assert "No shop can take you right now" in text(client.post(landing, phone(31.2350, 121.4605)))
    assert Visit.objects.get().outcome == "none_open"


def test_friend_first_group_second(client, town):
    page = text(client.get(f"/h/g/{town.code('SH1').key}/"))
    assert f"/h/q/{town.code('SH1').key}/group.png" in page
    assert f"/h/c/{town.code('SH1').key}/" in page
    assert "The group of 静安店" in page


def test_pictures_are_qr_codes_of_what_a_scan_opens(client, town):
    code = town.code("SH1")
    for address in (f"/h/q/{code.key}/code.png", f"/h/q/{code.key}/group.png"):
        answer = client.get(address)
        assert answer["Content-Type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
    assert client.get("/h/q/nothing/code.png").status_code == 404


def test_wecoms_own_picture_is_shown_as_it_is(client, town):
    LiveCode.objects.filter(state=town.code("SH1").state).update(qr_code="http://p.qpic.cn/wwhead/abc/0")
    acquisition.forget()
    page = text(client.get(f"/h/c/{town.code('SH1').key}/"))
    assert 'src="https://p.qpic.cn/wwhead/abc/0"' in page


@pytest.mark.parametrize("given", [{"lat": "nan", "lng": "1"}, {"lat": "91", "lng": "1"}, {"lat": "x"}, {}])
def test_a_senseless_place_is_no_place(client, landing, given):
    assert "We do not know your place" in text(client.post(landing, given))
    assert not Visit.objects.filter(outcome="nearest").exists()


def test_pages_set_no_cookie_and_run_no_inline_script(client, town, landing):
    code = town.code("SH1")
    for answer in (
        client.get(landing), client.post(landing, phone(31.2350, 121.4605)), client.get(f"/h/g/{code.key}/"),
        client.get(f"/h/c/{code.key}/"), client.get("/h/unknown-key/"),
    ):  # fmt: skip
        assert not answer.cookies
        assert "style=" not in text(answer)
        assert "<script>" not in text(answer)
        assert answer["Cache-Control"] == "no-store"
    assert client.get("/h/unknown-key/").status_code == 404


def test_a_page_costs_the_same_whatever_the_number_of_shops(client, town, landing, django_assert_max_num_queries):
    with django_assert_max_num_queries(15):  # two of them for the audit trail: the note before, the row after
        client.post(landing, phone(31.2350, 121.4605))


def test_only_the_demos_sandbox_may_frame_them(client, town, landing, settings):
    """The phones of the sandbox open these pages in a frame; they have no session that a frame could abuse."""
    answer = client.get(landing)
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    settings.LINLI = replace(settings.LINLI, stand_in="http://127.0.0.1:8700")
    answer = client.get(landing)
    assert "frame-ancestors http://127.0.0.1:8700 http://localhost:8700" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    console = client.get("/sign-in")
    assert "frame-ancestors 'none'" in console["Content-Security-Policy"]
    assert console["X-Frame-Options"] == "DENY"
