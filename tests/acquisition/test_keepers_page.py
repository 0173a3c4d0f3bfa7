"""What a shop keeper and a reader see of shops and codes."""

import pytest

from linli.access.models import Account
from tests.access.world import Town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return Town("甲甲")


def main_of(answer):
    """The page without the frame, which has the form to sign out."""
    return answer.text.partition("<main")[2].partition("</main>")[0]


def signed_in(client, town, role):
    client.force_login(Account.objects.get(id=town.accounts[role].pk))
    return client


def test_a_keeper_has_their_own_shop_and_no_other(client, town):
    keeper = signed_in(client, town, "keeper")
    landed = keeper.get("/shops/")
    assert landed.url == f"/shops/{town.near.shop.pk}/"
    page = keeper.get(landed.url).text
    assert town.near.shop.name in page
    assert town.far.shop.name not in page
    assert 'method="post"' not in main_of(keeper.get(landed.url))
    assert keeper.get(f"/shops/{town.far.shop.pk}/").status_code == 404


def test_a_reader_sees_shops_codes_welcomes_and_segments_without_their_buttons(client, town):
    reader = signed_in(client, town, "analyst")
    for address in (
        "/shops/", f"/shops/{town.near.shop.pk}/", f"/shops/codes/{town.code.pk}/", "/shops/channels/", "/shops/welcomes/",
        f"/shops/welcomes/{town.welcome.pk}/", "/segments/", f"/segments/{town.segment.id}/", "/segments/new/",
    ):  # fmt: skip
        answer = reader.get(address)
        assert answer.status_code == 200, address
        body = main_of(answer)
        assert 'method="post"' not in body, address
        assert "hx-post" not in body, address
    operator = signed_in(client, town, "operator")
    assert 'method="post"' in main_of(operator.get("/segments/"))
