"""A corp of any size out of one seed, for benchmarks: members, tags, customers, relations and groups; no event is sent."""

import asyncio
import gc
import random
from collections.abc import Iterator
from dataclasses import dataclass, fields

from wecom_sandbox import grouping
from wecom_sandbox.annals import DAY
from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import ControlError
from wecom_sandbox.records import (
    EXTERNAL,
    JOIN_BY_INVITE,
    JOIN_BY_QR,
    STAFF,
    Customer,
    Department,
    Follow,
    Group,
    Member,
    Tag,
    TagGroup,
    User,
)
from wecom_sandbox.world import World

FAMILIES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文慧晓红梅春雪松云帆雨晨佳怡子轩"
STAFF_A_SHOP, TAGS_A_GROUP, CHANNELS = 20, 5, 8
ROOT, BY_QR, BY_SEARCH = 1, 1, 2
# Others get their turn after this many things were made.
BREATH = 2000


@dataclass(frozen=True)
class Wish:
    """How many of everything; `members` is the average of a group, `second_share` the part of customers with two clerks."""

    customers: int
    staff: int = 0
    groups: int = 0
    members: int = 50
    tags: int = 20
    days: int = 365
    seed: int = 1
    second_share: float = 0.0


def read_wish(wishes: object) -> Wish:
    """Check a wish; `staff` left out is one for a thousand customers."""
    if not isinstance(wishes, dict):
        raise ControlError(400, "generate is an object")
    known = {field.name: field.type for field in fields(Wish)}
    for name, value in wishes.items():
        if name not in known:
            raise ControlError(400, f"generate: unknown key {name!r}; known: {', '.join(known)}")
        whole = known[name] is int
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value < 0:
            raise ControlError(400, f"generate: {name} is a {'whole ' if whole else ''}number from 0")
    if "customers" not in wishes:
        raise ControlError(400, "generate: customers is needed")
    wish = Wish(**wishes)
    if wish.second_share > 1:
        raise ControlError(400, "generate: second_share is at most 1")
    if wish.staff == 0:
        wish = Wish(**{**wishes, "staff": max(1, -(-wish.customers // 1000))})
    return wish


async def generate(world: World, corp: Corp, wish: Wish) -> None:
    """Fill a corp that nobody sees yet. Equal wishes at an equal time make equal corps."""
    if wish.groups and wish.members >= world.tunables.room_member_limit:
        raise ControlError(400, f"generate: a group has fewer than {world.tunables.room_member_limit} members")
    made = _Maker(world, corp, wish)
    # The collector would walk millions of things that all live on.
    gc.disable()
    try:
        for number, _ in enumerate(made.everything()):
            if number % BREATH == 0:
                await asyncio.sleep(0)
    finally:
        gc.enable()
        gc.freeze()


class _Maker:
    def __init__(self, world: World, corp: Corp, wish: Wish) -> None:
        self._world, self._corp, self._wish = world, corp, wish
        self._random = random.Random(f"{corp.corp_id}/{wish.seed}")  # noqa: S311 – repeatable on purpose
        self._now = world.now()
        self.staff: list[str] = []
        self.tags: list[str] = []
        self.customers: list[str] = []

    def everything(self) -> Iterator[None]:
        """Make one thing after the other."""
        self._make_staff()
        self._make_tags()
        span = self._wish.days * DAY
        for number in range(self._wish.customers):
            # The oldest first, as pages are cut along the order of arrival.
            self._make_customer(number, self._now - span + span * number // self._wish.customers)
            yield
        for number in range(self._wish.groups):
            self._make_group(number)
            for _ in range(self._wish.members):
                yield

    def _make_staff(self) -> None:
        corp = self._corp
        shop = max(corp.departments, default=ROOT)
        for number in range(self._wish.staff):
            if number % STAFF_A_SHOP == 0:
                shop += 1
                corp.departments[shop] = Department(shop, f"门店{number // STAFF_A_SHOP + 1:03}", ROOT, shop)
            userid = f"clerk{self._wish.seed}_{number + 1:05}"
            if userid in corp.users:
                raise ControlError(409, f"generate: {userid} exists; take another seed")
            corp.add_user(User(userid, self._name(), [shop], position="导购" if number % STAFF_A_SHOP else "店长"))
            self.staff.append(userid)

    def _make_tags(self) -> None:
        corp = self._corp
        for number in range(self._wish.tags):
            if number % TAGS_A_GROUP == 0:
                group = TagGroup(corp.new_id("et"), f"标签组{number // TAGS_A_GROUP + 1}", 0, self._now, 0)
                corp.add_tag_group(group)
            tag = Tag(corp.new_id("et"), group.id, f"标签{number + 1}", number, self._now, 0)
            corp.add_tag(tag)
            self.tags.append(tag.id)

    def _make_customer(self, number: int, at: int) -> None:
        corp, draw = self._corp, self._random.random
        unionid = f"o{self._wish.seed}g{number}"
        external_userid = "wm" + corp.digest("customer/" + unionid)[:30]
        corp.add_customer(Customer(external_userid, self._name(), unionid, gender=int(draw() * 3)))
        self.customers.append(external_userid)
        clerk = number % len(self.staff)
        self._befriend(clerk, external_userid, at)
        if draw() < self._wish.second_share and len(self.staff) > 1:
            self._befriend((clerk + 1) % len(self.staff), external_userid, at)

    def _befriend(self, clerk: int, external_userid: str, at: int) -> None:
        drawn = self._random.random()
        by_code = drawn < 0.8
        channel = f"channel{int(drawn * 10)}" if by_code else ""
        follow = Follow(
            self._corp.next_seq(), self.staff[clerk], external_userid, at, channel, BY_QR if by_code else BY_SEARCH,
            external_userid,
        )  # fmt: skip
        if self.tags and drawn < 0.6:
            follow.tags = self._random.sample(self.tags, min(int(drawn * 5) + 1, len(self.tags)))
        if drawn > 0.7:
            follow.remark = f"熟客{int(drawn * 1000)}"
        self._corp.add_follow(follow)

    def _make_group(self, number: int) -> None:
        corp, wish = self._corp, self._wish
        owner = self.staff[number % len(self.staff)]
        begun = self._now - int(self._random.random() * wish.days * DAY)
        group = Group(corp.next_seq(), corp.new_id("wr"), f"邻里福利群{number + 1}", owner, begun, "")
        group.members[owner] = Member(owner, STAFF, begun, JOIN_BY_INVITE)
        most = min(self._world.tunables.room_member_limit - 1, len(self.customers))
        size = min(most, int(wish.members * (0.5 + self._random.random())))
        for one in self._random.sample(range(len(self.customers)), size):
            guest, by_code = self.customers[one], one % 2 == 0
            group.members[guest] = Member(
                guest, EXTERNAL, begun, JOIN_BY_QR if by_code else JOIN_BY_INVITE,
                state=f"channel{one % CHANNELS}" if by_code else "", invitor="" if by_code else owner,
            )  # fmt: skip
        group.member_version = grouping.version(group)
        corp.add_group(group)

    def _name(self) -> str:
        draw = self._random.random
        return FAMILIES[int(draw() * len(FAMILIES))] + GIVEN[int(draw() * len(GIVEN))] + GIVEN[int(draw() * len(GIVEN))]
