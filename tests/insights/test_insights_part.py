"""What a shop keeper sees of the insights: their own customers' figures, all of them and nobody else's."""

import pytest
from django.urls import reverse

from linli.access import api as access
from linli.access.api import Scope
from linli.access.models import Account
from linli.directory.models import Shop, Staff
from linli.insights.queries import daily, experiments, joining, purchases, rfm, visitors
from linli.insights.queries.ground import ground
from linli.kit.errors import Refused
from tests.insights.world import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_shops(world):
    """Three customers of the near shop and four of the far; of each kind of figure the far has more."""
    far = Shop.objects.create(corp_id=world.corp_id, code="s2", name="远处店")
    clerk = Staff.objects.create(corp_id=world.corp_id, userid="far", name="远店员", shop=far, status=1)
    near = [world.scanned(at(-1)), world.scanned(at(-1)), world.scanned(at(-1), lost=at(-1, 20))]
    away = []
    for _ in range(4):
        one = world.customer(at(-1))
        one.home_shop_id = far.pk
        one.save()
        world.follow(one, at(-1), staff=clerk)
        away.append(one)
    for one, times in ((near[0], 2), (near[1], 1), (away[0], 5), (away[1], 2)):
        world.joins(one, at(-1))
        for n in range(times):
            world.order(one, at(-1, 13 + n), "10")
    world.order(None, at(-1), "500")
    world.refund(near[0], at(-1), "3")
    world.refund(away[0], at(-1), "4")
    world.score(near[0], 5, 5, "champions")
    world.score(away[0], 5, 5, "champions")
    world.score(away[1], 1, 1, "hibernating")
    for name, clerks, people in (("近的触达", world.staff, near), ("远的触达", clerk, away)):
        send = world.send(name, tasked=at(-20))
        task = world.task(send)
        task.staff = clerks
        task.save()
        for one, state in zip(people, ("sent", "sent", "holdout"), strict=False):
            row = world.recipient(send, one, state)
            row.staff_id = clerks.pk
            row.save()
    return near, away, far


def of(world, shop_id: int):
    return ground(world.corp_id, scope=Scope(frozenset({("shop", shop_id)})))


def keeper(client, world, role: str = "keeper", scope: tuple[str, int] | None = None):
    account, _password = access.invite(
        corp_id=world.corp_id, username=f"{role}-one", name="店长", role=role,
        scope=Scope(frozenset({scope or ("shop", world.shop.pk)})),
    )  # fmt: skip
    Account.objects.filter(id=account).update(initial_until=None)
    client.force_login(Account.objects.get(id=account))
    return client


def test_a_part_has_its_own_figures_and_the_parts_add_up(world, two_shops):
    _near, _away, far = two_shops
    ours, theirs, whole = of(world, world.shop.pk), of(world, far.pk), ground(world.corp_id)

    def day(on):
        found = daily.series(on, on.yesterday, on.yesterday).last
        return [found.added, found.lost, found.joins, found.orders, found.payers, int(found.spend), int(found.refunded)]

    assert day(ours) == [3, 1, 2, 3, 2, 30, 3]
    assert day(theirs) == [4, 0, 2, 7, 2, 70, 4]
    assert day(whole) == [7, 1, 4, 11, 4, 600, 7], "and one sale to nobody known"

    def window(on):
        found = purchases.repurchase(on, on.yesterday, on.yesterday)
        return found.buyers, found.again, found.orders

    assert (window(ours), window(theirs), window(whole)) == ((2, 1, 3), (2, 2, 7), (4, 3, 10))
    assert [sum(one.people for one in purchases.cohorts(on)) for on in (ours, theirs, whole)] == [2, 2, 4]
    assert [rfm.grid(on, "default").people for on in (ours, theirs, whole)] == [1, 2, 3]
    for on, name in ((ours, "近的触达"), (theirs, "远的触达")):
        [found] = experiments.comparisons(on).items
        assert (found.name, found.message.people, found.holdout.people) == (name, 2, 1)
    assert experiments.comparisons(whole).whole == 2


def test_a_figure_that_does_not_narrow_is_refused_to_a_part(world, two_shops):
    on = of(world, world.shop.pk)
    for ask in (
        lambda: visitors.conversion(on, on.yesterday, on.today),
        lambda: joining.before_and_after(on),
        lambda: joining.against_others(on),
    ):
        with pytest.raises(Refused):
            ask()


def test_a_shop_without_customers_has_zeros_and_not_the_firms_figures(world, two_shops):
    empty = Shop.objects.create(corp_id=world.corp_id, code="s3", name="新店")
    on = of(world, empty.pk)
    assert daily.series(on, on.yesterday, on.yesterday).last.orders == 0
    assert rfm.grid(on, "default").people == 0
    assert experiments.comparisons(on).whole == 0


def test_a_keepers_pages_show_their_shop_and_no_other(client, world, two_shops, django_assert_max_num_queries):
    console = keeper(client, world)
    console.get(reverse("insights:index"))
    for name in ("index", "rfm", "repurchase", "sends"):
        with django_assert_max_num_queries(20):
            page = console.get(reverse(f"insights:{name}")).text
        assert "远的触达" not in page
        assert "您的 3 位客户" in page
        assert "/segments/" not in page, "nothing that leads to a refusal"
        assert reverse("insights:visitors") not in page
        assert reverse("insights:working") in page
    assert "12月10日：新增 3 位客户，流失 1 位" in console.get(reverse("insights:index")).text
    assert "私域占比" not in console.get(reverse("insights:index")).text
    assert "2 人下过单，1 人不止一次" in console.get(reverse("insights:repurchase")).text
    sends = console.get(reverse("insights:sends")).text
    assert "近的触达" in sends
    for name in ("visitors", "joining"):
        assert console.get(reverse(f"insights:{name}")).status_code == 403
    assert reverse("insights:index") in console.get(reverse("customers:index")).text


def test_a_keepers_tables_are_their_shops(client, world, two_shops):
    console = keeper(client, world)

    def table(name):
        return console.get(reverse("insights:download", args=[name]), {"days": 14})

    assert table("daily").content.decode("utf-8-sig").splitlines()[1].startswith("2011-12-10,3,")
    assert "远的触达" not in table("sends").content.decode("utf-8-sig")
    for name in ("rfm", "rfm-cells", "cohorts"):
        assert table(name).status_code == 200
    for name in ("visitors", "joining-paired", "joining-matched"):
        answer = table(name)
        assert answer.status_code in {403, 409, 422}
        assert "远处店" not in answer.content.decode(errors="replace")


def test_a_clerk_sees_no_figures_of_buying(client, world, two_shops):
    console = keeper(client, world, "clerk", ("own", world.staff.pk))
    for name in ("index", "rfm", "repurchase", "sends"):
        assert console.get(reverse(f"insights:{name}")).status_code == 403
    assert reverse("insights:working") in console.get(reverse("customers:index")).text
