"""The words for a new friend: which ones, how fast, and that nothing is waited for."""

from datetime import UTC, datetime, time

import pytest

from linli.acquisition import api as acquisition
from linli.acquisition.models import Welcome
from linli.kit.errors import BadInput
from linli.wecom.attachments import Link

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2011, 3, 1, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
NIGHT = datetime(2011, 3, 1, 15, 30, tzinfo=UTC)  # 23:30


def words(town, *, at=NOON, shop="SH1", userid="clerk0-0", customer=""):
    return acquisition.welcome_for(
        corp_id=town.corp_id, state=town.code(shop).state, userid=userid, at=at, customer=customer
    )


def test_the_house_speaks_when_nobody_wrote_anything(town):
    town.make_codes()
    said = words(town, customer="阿May")
    assert "静安店" in said.text
    assert "店员00" in said.text
    assert "阿May" in said.text
    assert "{" not in said.text
    (link,) = said.attachments
    assert isinstance(link, Link)
    assert link.url.endswith(f"/h/g/{town.code('SH1').key}/")


def test_the_codes_own_then_the_shops_then_the_corps(town):
    town.make_codes()
    acquisition.save_welcome(corp_id=town.corp_id, name="总", text="全国 {shop}")
    assert words(town).text == "全国 静安店"
    acquisition.save_welcome(corp_id=town.corp_id, name="店", text="本店 {shop}", shop_id=town.shops["SH1"])
    assert words(town).text == "本店 静安店"
    assert words(town, shop="SH2").text == "全国 黄浦店"
    own = acquisition.save_welcome(corp_id=town.corp_id, name="码", text="这张码 {shop}")
    acquisition.describe_code(corp_id=town.corp_id, code_id=town.code("SH1").id, name="静安店", welcome_id=own)
    assert words(town).text == "这张码 静安店"
    assert words(town, shop="SH2").text == "全国 黄浦店", "a code's own welcome is for that code alone"
    acquisition.retire_welcome(corp_id=town.corp_id, welcome_id=own)
    assert words(town).text == "本店 静安店"


def test_by_the_time_of_day_also_over_midnight(town):
    town.make_codes()
    acquisition.save_welcome(
        corp_id=town.corp_id, name="夜", text="夜里好", from_time=time(22), until_time=time(6), with_group=False
    )
    assert words(town, at=NIGHT).text == "夜里好"
    assert words(town, at=NIGHT).attachments == ()
    assert words(town, at=NOON).text != "夜里好"


def test_an_unknown_state_and_an_unread_clerk_still_get_an_answer(town):
    said = acquisition.welcome_for(corp_id=town.corp_id, state="never made", userid="newcomer", at=NOON)
    assert said.text
    assert said.attachments == ()


def test_the_second_time_no_query_is_made(town, django_assert_num_queries):
    town.make_codes()
    state = town.code("SH1").state
    first = acquisition.welcome_for(corp_id=town.corp_id, state=state, userid="clerk0-0", at=NOON)
    with django_assert_num_queries(0):
        assert acquisition.welcome_for(corp_id=town.corp_id, state=state, userid="clerk0-0", at=NOON) == first


def test_what_wecom_would_refuse_is_refused_at_saving(town):
    with pytest.raises(BadInput) as refused:
        acquisition.save_welcome(corp_id=town.corp_id, name="长", text="好" * 1400)
    assert refused.value.code == "too_long"
    assert not Welcome.objects.exists()
