"""Customers, shops and tags, written straight into the tables of the rooms that own them: the ground for segments."""

from datetime import UTC, datetime, timedelta

from linli.customers.models import Customer, Follow, FollowTag, Tag, TagGroup
from linli.directory.models import Shop, Staff

NOON = datetime(2026, 7, 16, 4, 0, tzinfo=UTC)


def shop(corp_id: int, number: int, city: str = "上海") -> Shop:
    return Shop.objects.create(corp_id=corp_id, code=f"s{number}", name=f"{number} 号店", city=city)


def clerk(corp_id: int, number: int, at: Shop | None = None, status: int = 1) -> Staff:
    return Staff.objects.create(corp_id=corp_id, userid=f"clerk{number}", name=f"店员{number}", shop=at, status=status)


def customers(corp_id: int, count: int, **more: object) -> list[Customer]:
    """So many customers, the n-th added n hours before noon."""
    return Customer.objects.bulk_create(
        Customer(
            corp_id=corp_id, no=n + 1, external_userid=f"wm{corp_id}-{n}", name=f"顾客{n}", kind=1,
            created_at=NOON, first_added_at=NOON - timedelta(hours=n), **more,
        )
        for n in range(count)
    )  # fmt: skip


def follow(
    corp_id: int, staff: Staff, people: list[Customer], *, live: bool = True, at: datetime = NOON
) -> list[Follow]:
    return Follow.objects.bulk_create(
        Follow(corp_id=corp_id, staff=staff, customer=one, live=live, added_at=at) for one in people
    )


def tags(corp_id: int, *names: str) -> list[Tag]:
    group = TagGroup.objects.create(corp_id=corp_id, name="口味")
    return [Tag.objects.create(corp_id=corp_id, group=group, name=name) for name in names]


def put_tag(corp_id: int, tag: Tag, follows: list[Follow]) -> None:
    FollowTag.objects.bulk_create(FollowTag(corp_id=corp_id, follow=one, tag=tag) for one in follows)
