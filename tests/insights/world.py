"""A small world of rows for the insights: written straight into the tables, because the figures are read from there."""

import itertools
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from linli.acquisition.models import LiveCode, Visit
from linli.commerce.models import Order, Refund, RfmScore
from linli.customers.models import Customer, Follow
from linli.directory.models import Shop, Staff
from linli.groups.models import GroupChat, Member
from linli.messaging.models import Recipient, Send, StaffTask

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = datetime(2011, 12, 11, 9, 30, tzinfo=SHANGHAI)


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    """A moment `day` days from today (0: today, -1: yesterday), Shanghai time."""
    return TODAY.replace(hour=hour, minute=minute, second=0) + timedelta(days=day)


class World:
    """Rows of one corp."""

    def __init__(self, corp_id: int) -> None:
        self.corp_id = corp_id
        self.count = itertools.count(1)
        self.shop = Shop.objects.create(corp_id=corp_id, code="s1", name="徐汇日月光店", city="上海")
        self.staff = Staff.objects.create(corp_id=corp_id, userid="lin", name="小林", shop=self.shop, status=1)
        self.code = LiveCode.objects.create(
            corp_id=corp_id, kind="shop", shop=self.shop, name="收银台", channel="收银台", state="s1-till",
            key=uuid.uuid4().hex, created_at=at(-400), step="made",
        )  # fmt: skip
        self.group = self.new_group("徐汇日月光店福利群")

    def new_group(self, name, **more):
        return GroupChat.objects.create(
            corp_id=self.corp_id,
            chat_id=f"chat{next(self.count)}",
            name=name,
            shop=self.shop,
            created_at=at(-400),
            **more,
        )

    def customer(self, added=None, **more):
        no = next(self.count)
        return Customer.objects.create(
            corp_id=self.corp_id, no=no, external_userid=f"wm{no}", name=f"客{no}", created_at=added or at(-300),
            first_added_at=added, home_shop_id=self.shop.pk, **more,
        )  # fmt: skip

    def follow(self, customer, added, *, lost=None, state=None, staff=None):
        return Follow.objects.create(
            corp_id=self.corp_id, staff=staff or self.staff, customer=customer, live=lost is None, added_at=added,
            lost_at=lost, state_text=self.code.state if state is None else state,
        )  # fmt: skip

    def scanned(self, added, **more):
        one = self.customer(added)
        self.follow(one, added, **more)
        return one

    def joins(self, customer, joined, *, left=None, group=None, kind=2):
        return Member.objects.create(
            corp_id=self.corp_id, group=group or self.group, member_id=customer.external_userid, kind=kind,
            customer_id=customer.pk, joined_at=joined, left_at=left,
        )  # fmt: skip

    def order(self, customer, paid, amount="100", *, currency="GBP", kind="order", lines=1):
        return Order.objects.create(
            corp_id=self.corp_id, source="mall", number=str(next(self.count)), kind=kind,
            customer_id=customer.pk if customer else None, buyer_ref=str(customer.pk) if customer else "",
            paid_at=paid, amount=Decimal(amount), currency=currency, quantity=lines, line_count=lines,
            content_hash=uuid.uuid4(), recorded_at=paid,
        )  # fmt: skip

    def refund(self, customer, refunded, amount="10", *, lines=1):
        return Refund.objects.create(
            corp_id=self.corp_id, source="mall", number=f"C{next(self.count)}",
            customer_id=customer.pk if customer else None, refunded_at=refunded, amount=Decimal(amount), currency="GBP",
            quantity=1, line_count=lines, content_hash=uuid.uuid4(), recorded_at=refunded,
        )  # fmt: skip

    def visit(self, when, *, simulated=False, shop=True):
        return Visit.objects.create(
            corp_id=self.corp_id, at=when, simulated=simulated, outcome="nearest" if shop else "looked",
            shop=self.shop if shop else None,
        )  # fmt: skip

    def score(self, customer, r, f, segment, *, m="100", method="default"):
        return RfmScore.objects.create(
            corp_id=self.corp_id, customer_id=customer.pk, method=method, as_of=TODAY.date(), r_days=10, f=f, m=Decimal(m),
            r=r, f_score=f, m_score=3, segment=segment,
        )  # fmt: skip

    def send(self, name="唤醒沉睡客", *, tasked=None, state="tasked", holdout=10):
        made = (tasked or at(0)) - timedelta(hours=1)
        return Send.objects.create(
            corp_id=self.corp_id, name=name, state=state, definition={"kind": "everyone"}, holdout_percent=holdout, seed="x",
            created_at=made, changed_at=made, tasked_at=tasked, planned_at=made,
        )  # fmt: skip

    def recipient(self, send, customer, state, *, reason=""):
        tasked = state in {"tasked", "confirmed", "sent"}
        return Recipient.objects.create(
            corp_id=self.corp_id, send=send, customer=customer, state=state, reason=reason, state_at=send.changed_at,
            planned_at=send.planned_at or send.created_at,
            tasked_at=send.tasked_at if tasked else None,
        )  # fmt: skip

    def task(self, send, *, state="created", size=5):
        return StaffTask.objects.create(
            corp_id=self.corp_id, send=send, staff=self.staff, userid="lin", intent_key=uuid.uuid4().hex, state=state,
            size=size, intent_at=send.changed_at, created_at=send.changed_at,
        )  # fmt: skip


def two_cohorts(world: World) -> None:
    """40 members and 40 others of one month: members buy again on day 3, of the others every second on day 20."""
    for n in range(40):
        member, other = world.scanned(at(-200)), world.customer()
        world.joins(member, at(-200))
        world.order(member, at(-200, 13), str(10 + n))
        world.order(member, at(-197, 13), "50")
        world.order(other, at(-200, 13), str(10 + n))
        if n % 2:
            world.order(other, at(-180), "50")
