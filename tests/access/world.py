"""A small corp with one of everything, in two shops; every text carries the corp's mark, so that a leak can be seen."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from linli.access import api as access
from linli.access.api import EVERYTHING, Scope
from linli.access.audit_models import AuditRow
from linli.access.models import Account
from linli.acquisition.models import LiveCode, Welcome
from linli.archive.models import ArchiveLine, Message, Tally
from linli.archive.vault import Vault
from linli.commerce.mapping import UCI
from linli.commerce.models import ImportProblem, ImportRun, Order, OrderLine, Refund
from linli.connect.models import Reconciliation, SyncRun
from linli.customers.models import Counter, Customer, Follow, FollowTag, Identity, IdentityConflict, Tag, TagGroup
from linli.directory.models import Department, Shop, Staff
from linli.groups.models import Community, GroupChat, Member
from linli.handover.models import CustomerMove, GroupMove, Handover, Unassigned
from linli.handover.wishes import Wish
from linli.ledger.models import Cursor, Parked, ReplayRun
from linli.messaging.models import CapPolicy, Recipient, Send, StaffTask
from linli.privacy.models import Erasure, PersonExport
from linli.segments import api as segments

SUBSCRIBER = "groups.name_stays"
NOON = datetime(2026, 7, 16, 4, 0, tzinfo=UTC)
ROLES = {
    "administrator": "corp",
    "operator": "corp",
    "analyst": "corp",
    "keeper": "shop",
    "area": "department",
    "clerk": "own",
}


@dataclass
class Place:
    """A shop with a clerk, a customer, their order, and a group."""

    shop: Shop
    clerk: Staff
    customer: Customer
    group: GroupChat
    order: Order
    refund: Refund
    task: StaffTask
    handover: Handover


class Town:
    """Rows of one corp, written straight into the tables."""

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.corp = access.create_corp(wecom_id=f"ww{mark}", name=f"{mark}公司")
        self.corp_id = self.corp.id
        own: dict[str, Any] = {"corp_id": self.corp_id}
        self.own = own
        for wecom_id, parent in ((1, 0), (10, 1), (101, 10), (102, 1)):
            Department.objects.create(**own, wecom_id=wecom_id, parent_wecom_id=parent, name=f"{mark}部{wecom_id}")
        self.tag = Tag.objects.create(**own, group=TagGroup.objects.create(**own, name=f"{mark}组"), name=f"{mark}标签")
        self.community = Community.objects.create(**own, name=f"{mark}社群", created_at=NOON, changed_at=NOON)
        self.segment = segments.create(
            corp_id=self.corp_id, name=f"{mark}人群", definition=segments.And(()), author=f"{mark}人"
        )
        self.draft = self._send("draft")
        self.send = self._send("tasked")
        Counter.objects.create(**own, last_no=2)
        self.near, self.far = self._place(1, 101), self._place(2, 102)
        self.run = ImportRun.objects.create(
            **own,
            source=f"{mark}源",
            file_name=f"{mark}.csv",
            created_at=NOON,
            state="done",
            mapping=UCI.to_json(),
            header=["InvoiceNo", "who"],
        )
        ImportProblem.objects.create(
            **own, run=self.run, file_name=f"{mark}.csv", line_number=3, reason="bad_date", raw=f"{mark},1"
        )
        self.sync = SyncRun.objects.create(**own, kind="directory", started_at=NOON)
        self.code = LiveCode.objects.create(
            **own, kind="channel", shop=self.near.shop, name=f"{mark}活码", channel=f"{mark}渠道", state=f"{mark}st",
            key=f"{mark}key", created_at=NOON, step="made",
        )  # fmt: skip
        self.welcome = Welcome.objects.create(**own, name=f"{mark}欢迎", text=f"{mark}您好", created_at=NOON)
        self.claim = IdentityConflict.objects.create(
            **own, kind="mall", value=f"{mark}会员", holder=self.near.customer, claimant=self.far.customer, seen_at=NOON
        )
        self._watched()
        self.accounts = {name: self._account(name, kind) for name, kind in ROLES.items()}

    def _watched(self) -> None:
        """What the house keeps about its own work: acts, facts set aside, comparisons, exports and erasures."""
        mark, own = self.mark, self.own
        self.entry = AuditRow.objects.create(
            corp_id=self.corp_id, at=NOON, who_kind="system", action=f"{mark}.done", subject=f"{mark}事", outcome=200
        )
        self.parked = Parked.objects.create(
            corp_id=self.corp_id, subscriber=SUBSCRIBER, fact_id=self.corp_id, position=1, kind="x.y", subject=f"{mark}物",
            state=Parked.State.PARKED, error=f"ValueError: {mark}", noted_at=NOON, parked_at=NOON,
        )  # fmt: skip
        self._archived()
        Cursor.objects.get_or_create(name=SUBSCRIBER)
        failing = {"fact": 1, "corp": self.corp_id, "position": 1, "kind": "x.y", "subject": f"{mark}物", "error": mark}
        self.replay = ReplayRun.objects.create(
            subscriber=SUBSCRIBER, dry=True, from_position=0, to_position=1, position=1, state="done", facts=1,
            failing=[failing], failing_count=1, asked_at=NOON, finished_at=NOON,
        )  # fmt: skip
        self.rule = CapPolicy.objects.create(
            **own, source="own", per="month", limit_count=9, valid_from=NOON.date(), author=f"{mark}人"
        )
        self.comparison = Reconciliation.objects.create(
            **own, by=f"{mark}人", state="done", asked_at=NOON, finished_at=NOON
        )
        gone: dict[str, Any] = {**own, "customer_id": 0, "reason": "asked", "author": f"{mark}人", "asked_at": NOON}
        self.export = PersonExport.objects.create(**gone, state="done", finished_at=NOON)
        self.erasure = Erasure.objects.create(**gone, customer_no=0, state="done", finished_at=NOON)

    def _archived(self) -> None:
        """A message that was said, with its count, and an archive that is read."""
        mark, own = self.mark, self.own
        ArchiveLine.objects.create(**own, back="sandbox", changed_at=NOON, proxy=f"http://{self.corp_id}:1", seq=1)
        Tally.objects.create(**own, kind=f"{mark}种", known=False, count=1)
        Message.objects.create(
            **own, msgid=f"{mark}msg", seq=1, sent_at=NOON, kind="text", known=True, sender=f"{mark}clerk1",
            content_sealed=Vault(self.corp_id).seal_message(f"{mark}msg", {"msgid": f"{mark}msg", "text": {"content": mark}}),
        )  # fmt: skip

    def scope(self, kind: str) -> Scope:
        """What an account of the near shop has."""
        ids = {"shop": self.near.shop.pk, "department": 10, "own": self.near.clerk.pk}
        return EVERYTHING if kind == "corp" else Scope(frozenset({(kind, ids[kind])}))

    def _account(self, name: str, kind: str) -> Account:
        account_id, _password = access.invite(
            corp_id=self.corp_id, username=f"{name}-{self.corp_id}", name=f"{self.mark}{name}",
            role="keeper" if name == "area" else name, scope=self.scope(kind),
        )  # fmt: skip
        Account.objects.filter(id=account_id).update(initial_until=None)
        return Account.objects.get(id=account_id)

    def _send(self, state: str) -> Send:
        return Send.objects.create(
            **self.own, name=f"{self.mark}触达{state}", definition=segments.to_json(segments.And(())), seed=f"{self.mark}",
            state=state, created_at=NOON, changed_at=NOON,
        )  # fmt: skip

    def _place(self, n: int, department: int) -> Place:
        mark, own = self.mark, self.own
        shop = Shop.objects.create(
            **own, code=f"{mark}{n}", name=f"{mark}{n}号店",
            department=Department.objects.get(**own, wecom_id=department),
        )  # fmt: skip
        clerk = Staff.objects.create(
            **own, userid=f"{mark}clerk{n}", name=f"{mark}店员{n}", shop=shop, status=1,
            main_department_wecom_id=department,
        )  # fmt: skip
        customer = Customer.objects.create(
            **own, no=n, external_userid=f"wm{mark}{n}", name=f"{mark}客{n}", created_at=NOON, first_added_at=NOON,
            home_shop_id=shop.pk, channel_state=f"{mark}渠道{n}",
        )  # fmt: skip
        follow = Follow.objects.create(**own, staff=clerk, customer=customer, live=True, added_at=NOON)
        FollowTag.objects.create(**own, follow=follow, tag=self.tag)
        Identity.objects.create(**own, customer=customer, kind="mall", value=f"{mark}会员{n}", since=NOON)
        group = GroupChat.objects.create(
            **own, chat_id=f"{mark}chat{n}", name=f"{mark}群{n}", owner_userid=clerk.userid, shop=shop, created_at=NOON
        )
        Member.objects.create(
            **own,
            group=group,
            member_id=f"wm{mark}{n}",
            kind=2,
            joined_at=NOON,
            customer_id=customer.pk,
            name=f"{mark}员{n}",
        )
        document: dict[str, Any] = {
            **own, "source": f"{mark}源", "amount": 12, "currency": "CNY", "quantity": 1, "line_count": 1,
            "content_hash": uuid.uuid4(), "recorded_at": NOON, "customer_id": customer.pk,
        }  # fmt: skip
        order = Order.objects.create(**document, number=f"{mark}单{n}", paid_at=NOON)
        OrderLine.objects.create(**own, order=order, position=1, sku=f"{mark}货", quantity=1, unit_price=12)
        refund = Refund.objects.create(**document, number=f"{mark}退{n}", refunded_at=NOON + timedelta(days=1))
        task = StaffTask.objects.create(
            **own, send=self.send, staff=clerk, shop_id=shop.pk, userid=clerk.userid, intent_key=f"{mark}{n}", size=1,
            intent_at=NOON, state="created", escalated_at=NOON,
        )  # fmt: skip
        Recipient.objects.create(
            **own, send=self.send, customer=customer, staff_id=clerk.pk, shop_id=shop.pk, userid=clerk.userid, task=task,
            state="tasked", state_at=NOON, tasked_at=NOON,
        )  # fmt: skip
        handover = self._handed(shop, clerk, customer, group)
        return Place(shop, clerk, customer, group, order, refund, task, handover)

    def _handed(self, shop: Shop, clerk: Staff, customer: Customer, group: GroupChat) -> Handover:
        """A hand-over that is through, and one who waits without a clerk."""
        own, wish = self.own, Wish(giver_id=clerk.pk).to_json()
        handover = Handover.objects.create(
            **own, giver=clerk, shop=shop, resigned=False, wish=wish, state="done", author=f"{self.mark}人",
            created_at=NOON, started_at=NOON,
        )  # fmt: skip
        about: dict[str, Any] = {**own, "handover": handover, "giver": clerk, "state": "refused", "state_at": NOON}
        external = str(customer.external_userid)
        CustomerMove.objects.create(**about, customer=customer, external_userid=external)
        GroupMove.objects.create(**about, group=group, chat_id=group.chat_id)
        Unassigned.objects.create(
            **own, staff=clerk, customer=customer, external_userid=external, left_at=NOON, listed_at=NOON, pass_no=1
        )
        return handover
