"""The daily figures: sums by day and member, gaps shown as gaps, and nobody sees another's shop."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from linli.access import api as access
from linli.access.api import EVERYTHING, Scope
from linli.access.models import Account
from linli.directory.models import Shop, Staff, StaffDay
from linli.groups.models import OwnerDay
from linli.insights.queries.working import working
from linli.kit import clock
from linli.messaging.models import Moment, MomentCopy

NOON = datetime(2026, 7, 16, 4, tzinfo=UTC)
YESTERDAY = date(2026, 7, 15)
ONE = timedelta(days=1)


@pytest.fixture
def town(corp):
    """Two shops with a clerk each; the last two days are told, the one before only of the first clerk, and it is lost."""
    own = {"corp_id": corp.id}
    shops = [Shop.objects.create(**own, code=f"s{n}", name=f"{n} 号店") for n in (1, 2)]
    clerks = [
        Staff.objects.create(**own, userid=f"c{n}", name=f"店员{n}", shop=shop, status=1)
        for n, shop in enumerate(shops, 1)
    ]
    told = {"told": 1, "read_at": NOON}
    for n, clerk in enumerate(clerks, 1):
        for day in (YESTERDAY, YESTERDAY - ONE):
            StaffDay.objects.create(
                **own, staff=clerk, day=day, chats=n, messages=10 * n, new_customers=n, negative_feedbacks=n - 1,
                reply_percentage=100.0 if n == 1 else 50.0, average_reply_minutes=None if n == 1 else 6, **told,
            )  # fmt: skip
            OwnerDay.objects.create(
                **own, staff=clerk, day=day, groups=1, members=20 * n, members_active=n, messages=5 * n, **told
            )
    StaffDay.objects.create(**own, staff=clerks[0], day=YESTERDAY - 2 * ONE, told=2, read_at=NOON)
    moment = Moment.objects.create(**own, moment_id="m", kind=0, created_at=NOON - ONE, listed_at=NOON)
    MomentCopy.objects.create(
        **own, moment=moment, staff=clerks[0], published_by=NOON, chosen=9, seen=7, likes=2, comments=1
    )
    MomentCopy.objects.create(**own, moment=moment, staff=clerks[1], seen=99)  # not published
    with clock.frozen(NOON):
        yield shops, clerks


def ask(corp, scope=EVERYTHING, **more):
    return working(corp_id=corp.id, scope=scope, first=YESTERDAY - 3 * ONE, last=YESTERDAY, **more)


def test_members_are_summed_and_their_shares_weighed(corp, town):
    found = ask(corp)
    unknown, lost, _before, last = found.days
    assert (unknown.told, unknown.added, unknown.messages, unknown.replied) == (0, None, None, None)
    assert (lost.told, lost.lost, lost.added, lost.chats) == (0, 1, None, None)  # not known is not zero
    assert (last.told, last.added, last.chats, last.messages, last.rejected) == (2, 3, 3, 30, 1)
    assert last.replied == pytest.approx((1 * 100 + 2 * 50) / 3 / 100)
    assert last.minutes == 6
    assert (last.groups, last.members, last.spoke, last.group_messages) == (2, 60, 3, 15)
    assert (last.moments, last.seen, last.likes, last.comments) == (1, 7, 2, 1)
    assert [(one.name, one.added, one.group_messages) for one in found.staff] == [("店员2", 4, 20), ("店员1", 2, 10)]


def test_a_shop_a_member_and_a_scope_narrow_it(corp, town):
    shops, clerks = town
    assert [one.name for one in ask(corp, shop_id=shops[0].pk).staff] == ["店员1"]
    assert ask(corp, staff_id=clerks[1].pk).days[-1].added == 2
    keeper = Scope(frozenset({("shop", shops[0].pk)}))
    assert [one.name for one in ask(corp, keeper).staff] == ["店员1"]
    assert ask(corp, keeper, staff_id=clerks[1].pk).days[-1].added is None
    assert ask(corp, keeper).days[-1].seen == 7


def test_the_page_its_csv_and_its_queries(console, corp, town, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        page = console.get(reverse("insights:working"), {"days": 7}).text
    assert "新增 3 位客户" in page
    assert "店员2" in page
    for n in range(40):
        clerk = Staff.objects.create(corp_id=corp.id, userid=f"more{n}", name=f"新人{n}", status=1)
        StaffDay.objects.create(corp_id=corp.id, staff=clerk, day=YESTERDAY, told=1, read_at=NOON)
    with django_assert_max_num_queries(16):
        console.get(reverse("insights:working"))
    table = (
        console.get(reverse("insights:working_csv"), {"days": 7, "table": "days"})
        .content.decode("utf-8-sig")
        .splitlines()
    )
    assert len(table) == 8
    assert table[1].startswith("2026-07-15,3,")
    staff = console.get(reverse("insights:working_csv"), {"days": 7, "table": "staff"}).content.decode("utf-8-sig")
    assert "店员1,1 号店,2," in staff


def test_a_keeper_sees_the_own_shop_and_asks_for_no_other(client, corp, town):
    shops, clerks = town
    account, _password = access.invite(
        corp_id=corp.id, username="keeper", name="店长", role="keeper", scope=Scope(frozenset({("shop", shops[0].pk)}))
    )
    Account.objects.filter(id=account).update(initial_until=None)
    client.force_login(Account.objects.get(id=account))
    page = client.get(reverse("insights:working")).text
    assert "店员1" in page
    assert "店员2" not in page
    assert "新增 1 位客户" in page
    for wrong in ({"shop": shops[1].pk}, {"staff": clerks[1].pk}):
        for name in ("working", "working_csv"):
            assert client.get(reverse(f"insights:{name}"), wrong).status_code == 404
    assert "店员2" not in client.get(reverse("insights:working_csv"), {"table": "staff"}).content.decode()


def test_before_anything_was_told_the_page_says_when_it_will_be(console, corp):
    assert "还没有企业微信的每日数据" in console.get(reverse("insights:working")).text
