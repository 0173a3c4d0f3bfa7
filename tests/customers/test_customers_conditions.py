"""What conditions mean in SQL, over a small known population."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from linli.customers.conditions import CONDITIONS
from linli.customers.models import CustomerTag, Tag, TagGroup
from linli.customers.operations import apply
from linli.customers.readings import CustomerRead, FollowRead, Note, next_read_no
from linli.directory import api as directory
from linli.directory.models import Shop, Staff
from linli.kit.clock import now

DAY = datetime(2011, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def people(corp):
    """Anna (tags a, b; shop 1), Bo (tag a on a lost relation; shop 2), Cy (Linli's own tag b; no relation left)."""
    shops = [Shop.objects.create(corp_id=corp.id, code=str(n), name=str(n)) for n in (1, 2)]
    directory.ensure_staff(corp_id=corp.id, userids=["k1", "k2"])
    for number, shop in enumerate(shops, start=1):
        Staff.objects.filter(corp_id=corp.id, userid=f"k{number}").update(shop=shop)
    reads = [
        read("anna", "k1", "s1", DAY, "ta", "tb"),
        read("bo", "k2", "s2", DAY + timedelta(days=1), "ta"),
        read("cy", "k2", "s1", DAY + timedelta(days=40)),
    ]
    lost = [
        Note(external_userid=name, userid="k2", kind="lost", at=DAY + timedelta(days=50), by="customer")
        for name in ("bo", "cy")
    ]
    ids = apply(corp_id=corp.id, reads=reads, notes=lost).customers
    own = Tag.objects.get(wecom_id="tb")
    CustomerTag.objects.create(corp_id=corp.id, customer_id=ids["cy"], tag=own, at=now())
    return {
        "corp": corp.id,
        "ids": ids,
        "shops": [shop.pk for shop in shops],
        "a": Tag.objects.get(wecom_id="ta").pk,
        "b": own.pk,
    }


def read(name, clerk, state, at, *tags):
    follow = FollowRead(userid=clerk, added_at=at, state=state, add_way=1, remark="", tags=frozenset(tags))
    names = {tag: ("口味", tag) for tag in tags}
    return CustomerRead(
        external_userid=name, name=name, avatar="", kind=1, gender=0, unionid=None, read_no=next_read_no(),
        follows=(follow,), tag_names=names,
    )  # fmt: skip


def who(people, condition) -> set[str]:
    sql, values = CONDITIONS[condition["kind"]](condition, corp_id=people["corp"])
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = {row[0] for row in cursor.fetchall()}
    return {name for name, customer_id in people["ids"].items() if customer_id in found}


def test_tags_count_on_live_relations_and_as_linlis_own(people):
    assert who(people, {"kind": "tag", "tag_ids": [people["a"]], "match": "any"}) == {"anna"}
    assert who(people, {"kind": "tag", "tag_ids": [people["b"]]}) == {"anna", "cy"}
    assert who(people, {"kind": "tag", "tag_ids": [people["a"], people["b"]], "match": "all"}) == {"anna"}


def test_channel_is_the_first_for_life(people):
    assert who(people, {"kind": "channel", "states": ["s1"]}) == {"anna", "cy"}


def test_shop_is_home_or_live(people):
    first, second = people["shops"]
    assert who(people, {"kind": "shop", "shop_ids": [second]}) == {"bo", "cy"}
    assert who(people, {"kind": "shop", "shop_ids": [second], "relation": "live"}) == set()
    assert who(people, {"kind": "shop", "shop_ids": [first], "relation": "live"}) == {"anna"}


def test_following_and_consent(people):
    from linli.customers import api as customers

    assert who(people, {"kind": "following"}) == {"anna"}
    customers.set_consent(corp_id=people["corp"], customer_id=people["ids"]["bo"], consent=False)
    assert who(people, {"kind": "consent", "consent": True}) == {"anna", "cy"}


def test_added_by_calendar_days_of_the_corp_and_by_age(people):
    assert who(people, {"kind": "added", "since": "2011-03-01", "until": "2011-03-01"}) == {"anna"}
    assert who(people, {"kind": "added", "since": "2011-03-02"}) == {"bo", "cy"}
    as_of = DAY + timedelta(days=41)
    assert who(people, {"kind": "added", "days": 7, "as_of": as_of}) == {"cy"}
    assert who(people, {"kind": "added", "days": 7, "as_of": DAY + timedelta(days=2)}) == {"anna", "bo"}


def test_corp_is_part_of_every_condition(people):
    conditions = [
        {"kind": "tag", "tag_ids": [people["a"]]}, {"kind": "channel", "states": ["s1"]},
        {"kind": "shop", "shop_ids": people["shops"]}, {"kind": "following"}, {"kind": "consent", "consent": True},
    ]  # fmt: skip
    for condition in conditions:
        sql, values = CONDITIONS[condition["kind"]](condition, corp_id=people["corp"] + 1)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            assert cursor.fetchall() == []
    assert TagGroup.objects.count() == 1
