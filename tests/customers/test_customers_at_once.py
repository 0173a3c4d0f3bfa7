"""Two who make the same person at the same moment make one: the later finds them in the index, and does its work again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from linli.customers import api as customers
from linli.customers import operations
from linli.customers.models import Counter, Customer, Follow, Identity
from linli.customers.readings import CustomerRead, FollowRead, next_read_no
from linli.kit.clock import from_unix
from linli.ledger.models import FactRow


def read(userid: str, *names: str) -> list[CustomerRead]:
    """These people as this clerk has them."""
    follow = FollowRead(
        userid=userid, added_at=from_unix(1_700_000_000), state="", add_way=1, remark="", tags=frozenset()
    )
    return [
        CustomerRead(
            external_userid=f"wm-{name}", name=name, avatar="", kind=1, gender=0, unionid=f"union-{name}",
            read_no=next_read_no(), follows=(follow,),
        )
        for name in names
    ]  # fmt: skip


def another_reading(corp_id: int) -> None:
    operations.apply(corp_id=corp_id, reads=read("li", "b", "c"), cause="sync")


def the_mall(corp_id: int) -> None:
    customers.ensure_member(corp_id=corp_id, mall_id="17850", unionid="union-b", name="乙")


@pytest.mark.parametrize("other", [another_reading, the_mall])
def test_who_is_made_meanwhile_is_one_person_with_dense_numbers(line, monkeypatch, other):
    last, turns = operations.write_newcomers, []

    def elsewhere():
        try:
            other(line.id)
        finally:
            connection.close()

    def after_the_other(*args):
        turns.append(args)
        if len(turns) == 1:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(elsewhere).result()
        last(*args)

    monkeypatch.setattr(operations, "write_newcomers", after_the_other)
    done = operations.apply(corp_id=line.id, reads=read("wang", "a", "b"), cause="sync")
    people = dict(Customer.objects.values_list("external_userid", "id"))
    assert set(done.customers) == {"wm-a", "wm-b"}
    assert done.customers.items() <= people.items()
    numbers = sorted(Customer.objects.values_list("no", flat=True))
    assert numbers == list(range(1, len(people) + 1)) == list(range(1, Counter.objects.get().last_no + 1))
    assert Identity.objects.filter(kind="unionid").count() == len(people)
    follows = set(Follow.objects.values_list("customer__external_userid", "staff__userid"))
    assert {("wm-a", "wang"), ("wm-b", "wang")} <= follows
    said = list(FactRow.objects.values_list("kind", "subject", "data__follow", "data__kind"))
    assert len(said) == len(set(said)), "each said once"
    assert sum(kind == "customers.joined" for kind, *_ in said) == len(people)
