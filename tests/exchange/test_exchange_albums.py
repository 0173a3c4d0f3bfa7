"""Product albums (wire.md C.10)."""

from dataclasses import replace

import pytest

from linli.wecom.album_calls import NewProduct, ProductChange
from linli.wecom.errors import BadValue, MessageTooLong, MissingArgument, TooMany
from linli.wecom.media_calls import MediaKind, Use
from tests.exchange.asking import refused
from tests.exchange.samples import file, picture, png
from tests.sandbox.test_sandbox_samples import fill

WIRE = {
    "description": "三人沙发",
    "price": 399_900,
    "attachments": [{"type": "image", "image": {"media_id": "$picture"}}],
}


@pytest.fixture
def pictures(client):
    return tuple(picture(client, use=Use.ALBUM) for _ in range(3))


@pytest.fixture
def sofa(pictures):
    return NewProduct(description="三人沙发", price=399_900, images=pictures[:2], sn="SF01")


def test_a_product_is_made_read_changed_and_deleted(client, sofa, pictures):
    made = client.add_product(sofa)
    read = client.product(made)
    assert (read.description, read.price, read.sn, read.images) == ("三人沙发", 399_900, "SF01", pictures[:2])
    client.update_product(made, ProductChange(price=299_900, images=pictures[2:]))
    read = client.product(made)
    assert (read.description, read.price, read.sn, read.images) == ("三人沙发", 299_900, "SF01", pictures[2:])
    assert list(client.products()) == [read]
    client.delete_product(made)
    assert list(client.products()) == []
    for call in (
        lambda: client.product(made),
        lambda: client.update_product(made, ProductChange(price=1)),
        lambda: client.delete_product(made),
    ):
        with refused(41074):
            call()


def test_the_album_pages_while_products_go(client, stage, sofa):
    made = [client.add_product(sofa) for _ in range(5)]
    pages = client.products(limit=2)
    assert [next(pages).product_id, next(pages).product_id] == made[:2]
    client.delete_product(made[2])
    assert [one.product_id for one in pages] == made[3:]
    # Above the maximum WeCom falls back to its default.
    for _ in range(47):
        client.add_product(sofa)
    assert len(stage.contact("get_product_album_list", {"limit": 101})["product_list"]) == 50
    assert len(list(client.products())) == 51


def test_what_another_app_made_is_not_ours_to_change(client, rival, sofa):
    made = client.add_product(sofa)
    assert rival.product(made).price == 399_900
    for change in (lambda: rival.update_product(made, ProductChange(price=1)), lambda: rival.delete_product(made)):
        with refused(60011):
            change()
    assert client.product(made).price == 399_900


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"description": ""}, 41087),
        ({"description": "长" * 301}, 41087),
        ({"price": None}, 41086),
        ({"price": -1}, 41086),
        ({"price": 5_000_001}, 41086),
        ({"product_sn": "a-1"}, 41085),
        ({"product_sn": "a" * 129}, 41085),
        ({"attachments": []}, 41088),
        ({"attachments": WIRE["attachments"] * 10}, 41064),
        ({"attachments": [{"msgtype": "image", "image": {"media_id": "m"}}]}, 41065),
        ({"attachments": [{"type": "image", "image": {"media_id": ""}}]}, 40007),
        ({"attachments": [{"type": "image", "image": {"media_id": "no"}}]}, 40007),
    ],
)
def test_what_wecom_refuses(client, stage, sofa, change, code):
    names = {"picture": sofa.images[0]}
    stage.contact("add_product_album", fill({**WIRE, **change}, names), code=code)
    assert list(client.products()) == []
    made = client.add_product(sofa)
    before = client.product(made)
    stage.contact("update_product_album", fill({"product_id": made, **change}, names), code=code)
    assert client.product(made) == before


def test_pictures_are_uploaded_for_products_and_for_three_days(client, stage, sofa):
    made = client.add_product(sofa)
    for other in (picture(client), client.upload_media(MediaKind.IMAGE, file(png())).media_id):
        with refused(40007):
            client.add_product(replace(sofa, images=(other,)))
    stage.control("clock", {"advance": 3 * 86_400})
    with refused(40145):
        client.add_product(sofa)
    assert client.product(made).images == sofa.images


def test_an_unknown_product_and_a_full_album(client, stage, sofa):
    for call in (
        lambda: client.product("no"),
        lambda: client.product(""),
        lambda: client.update_product("no", ProductChange(price=1)),
        lambda: client.delete_product("no"),
    ):
        with refused(41075):
            call()
    stage.control("tunables", {"products_most": 1})
    client.add_product(sofa)
    with refused(41202):
        client.add_product(sofa)
    stage.contact("get_product_album_list", {"cursor": "x"}, code=50100)


@pytest.mark.parametrize(
    ("wrong", "change"),
    [
        (MessageTooLong, ProductChange(description="长" * 301)),
        (MissingArgument, ProductChange(description="")),
        (BadValue, ProductChange(price=5_000_001)),
        (BadValue, ProductChange(price=-1)),
        (BadValue, ProductChange(sn="a-1")),
        (MessageTooLong, ProductChange(sn="a" * 129)),
        (MissingArgument, ProductChange(images=())),
        (MissingArgument, ProductChange(images=("",))),
        (TooMany, ProductChange(images=("m",) * 10)),
    ],
)
def test_the_client_refuses_first(client, stage, wrong, change):
    with pytest.raises(wrong):
        client.update_product("p", change)
    assert "externalcontact/update_product_album" not in stage.control("counters")["api_calls"]
