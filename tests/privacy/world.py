"""One made-up person whose every string is unmistakable, wherever Linli keeps something about them, and one neighbour."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from linli.commerce import api as commerce
from linli.commerce.models import ImportProblem, ImportRun
from linli.customers import api as customers
from linli.customers import people
from linli.customers.bulk import put
from linli.customers.models import Customer, CustomerTag, Follow, IdentityConflict, Tag
from linli.customers.operations import apply
from linli.customers.readings import CustomerRead, FollowRead, Note, next_read_no
from linli.directory.models import Shop, Staff
from linli.groups.operations import apply_read
from linli.groups.readings import GroupRead, MemberRead
from linli.ledger import api as ledger
from linli.ledger.models import InboxRow, Parked
from linli.ledger.parked import park_callback
from linli.ledger.trouble import told
from linli.messaging.models import Moment, MomentCopy, MomentReaction, MomentViewer, Recipient, Send, StaffTask
from linli.segments.models import Segment, SegmentMember, SegmentRun, SuperRun, SuperUser

DAY = datetime(2011, 3, 1, 4, tzinfo=UTC)
EXTERNAL = "wmZ9qQUNMISTAKABLE7777"
UNIONID = "oUNIONIDtraceable4242"
OPENID = "oOPENIDtraceable5353"
MALL = "MALLtrace8686"
PHONE = "13866667777"
NAME = "欧阳独一无二"
NICK = "独一无二群昵称"
REMARK = "住在独一无二路的老友"
AVATAR = "https://wx.example/avatar-unmistakable"
STRINGS = (EXTERNAL, UNIONID, OPENID, MALL, PHONE, NAME, NICK, REMARK, AVATAR)
OTHER, OTHER_NAME = "wmNeighbour0000001", "隔壁邻居"


@dataclass
class World:
    """What was made."""

    corp_id: int
    customer: int
    neighbour: int
    group: int
    send: int
    task: int
    run: int
    draft: int
    order: int
    refund: int
    segment: int


def known_by(corp_id: int, kind: str, claims: dict[str, int]) -> list[ledger.NewFact]:
    """Names under which other systems know these customers; returns what is to be said of it."""
    held = people.find(corp_id=corp_id, kind=kind, values=list(claims))
    rows, said = people._link(corp_id, kind, claims, held)
    put(rows)
    return said


def read(
    external: str, name: str, unionid: str | None, remark: str = "", at: datetime = DAY, way: int = 1
) -> CustomerRead:
    follow = FollowRead(userid="keeper", added_at=at, state="SH01", add_way=way, remark=remark, tags=frozenset({"et1"}))
    return CustomerRead(
        external_userid=external, name=name, avatar=AVATAR if external == EXTERNAL else "", kind=1, gender=1,
        unionid=unionid, read_no=next_read_no(), follows=(follow,), tag_names={"et1": ("口味", "手冲")},
    )  # fmt: skip


def inbox(
    corp_id: int,
    change: str,
    external: str,
    at: datetime,
    *,
    key: str = "",
    extra: str = "",
    state: int = 1,
    code: str | None = None,
):
    payload = (
        f"<xml><ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>{int(at.timestamp())}</CreateTime>"
        f"<MsgType>event</MsgType><Event>change_external_contact</Event><ChangeType>{change}</ChangeType>"
        f"<UserID>keeper</UserID><ExternalUserID>{external}</ExternalUserID>{extra}</xml>"
    ).encode()
    return InboxRow.objects.create(
        corp_id=corp_id, payload_hash=hashlib.sha256(payload).digest(), kind=f"change_external_contact.{change}",
        object_key=key or f"customer:{external}", payload=payload, event_at=at, received_at=at, state=state,
        error=f"ApiError: {external}" if state == 2 else "", welcome_code=code, welcome_state=3 if code else 0,
    )  # fmt: skip


def park(row: InboxRow, *, dropped: bool = False) -> None:
    """Set aside as the drain does it, and given up by somebody."""
    park_callback(row.pk, row.corp_id, row.kind, row.object_key, 8, told(RuntimeError(f"refused {EXTERNAL}")))
    if dropped:
        found = Parked.objects.filter(corp_id=row.corp_id, inbox_id=row.pk)
        found.update(state=Parked.State.DROPPED, settled_at=DAY, settled_by="op", reason="of no use")


def member(member_id: str, name: str) -> MemberRead:
    return MemberRead(member_id=member_id, kind=2, joined_at=DAY, join_scene=3, state="g1", invited_by="", name=name)


def group_read(*members: MemberRead, version: str = "v1") -> GroupRead:
    return GroupRead(
        chat_id="wr1",
        name="徐汇福利群",
        notice="",
        owner="keeper",
        created_at=DAY,
        member_version=version,
        members=members,
    )


def order(number: str, buyer: str, kind: str = "order", sku: str = "A1") -> commerce.NewOrder:
    line = commerce.NewLine(sku=sku, quantity=2, unit_price=Decimal("9.50"), description="挂耳")
    return commerce.NewOrder(
        number=number, kind=kind, buyer_ref=buyer, paid_at=DAY + timedelta(days=3), currency="CNY", region="上海", lines=(line,)
    )  # fmt: skip


def build(corp_id: int) -> World:
    shop = Shop.objects.create(corp_id=corp_id, code="SH01", name="徐汇日月光店")
    Staff.objects.create(corp_id=corp_id, userid="keeper", name="林可", shop=shop, status=1)
    apply(corp_id=corp_id, reads=[read(EXTERNAL, NAME, UNIONID, REMARK), read(OTHER, OTHER_NAME, "u-other")])
    me, other = (Customer.objects.get(corp_id=corp_id, external_userid=one).pk for one in (EXTERNAL, OTHER))
    mine = {"mall": MALL, "phone": PHONE, "openid": OPENID}
    with transaction.atomic():
        for kind, value in mine.items():
            ledger.publish_many(corp_id=corp_id, facts=known_by(corp_id, kind, {value: me}))
        ledger.publish_many(corp_id=corp_id, facts=known_by(corp_id, "phone", {PHONE: other}))
    tag = Tag.objects.get(corp_id=corp_id)
    CustomerTag.objects.create(corp_id=corp_id, customer_id=me, tag=tag, source="test", at=DAY)
    customers.set_consent(corp_id=corp_id, customer_id=me, consent=False, reason=REMARK, author="op")
    customers.set_consent(corp_id=corp_id, customer_id=me, consent=True, reason="", author="op")
    apply_read(corp_id=corp_id, read=group_read(member(EXTERNAL, NICK), member(OTHER, OTHER_NAME)), change_no=0)
    done = commerce.record_orders(
        corp_id=corp_id, source="shop",
        orders=[order("N1", MALL), order("N2", MALL), order("N3", ""), order("R1", MALL, "refund")],
    )  # fmt: skip
    commerce.recompute_rfm(corp_id=corp_id)
    run, draft = _imports(corp_id)
    send, task = _send(corp_id, me, other)
    _moment(corp_id, me, other)
    segment = _segment(corp_id, me)
    inbox(corp_id, "add_external_contact", EXTERNAL, DAY, extra="<WelcomeCode>CODE</WelcomeCode>", code="CODE")
    inbox(corp_id, "edit_external_contact", EXTERNAL, DAY, state=0)
    park(inbox(corp_id, "del_follow_user", EXTERNAL, DAY, state=2))
    park(inbox(corp_id, "dropped", EXTERNAL, DAY, state=3), dropped=True)
    inbox(corp_id, "x", EXTERNAL, DAY, key="chat:wr1", extra=f"<MemChangeList><Item>{EXTERNAL}</Item></MemChangeList>")
    inbox(corp_id, "edit_external_contact", OTHER, DAY)
    from linli.groups.models import GroupChat

    return World(
        corp_id=corp_id, customer=me, neighbour=other, group=GroupChat.objects.get(corp_id=corp_id).pk, send=send,
        task=task, run=run, draft=draft, order=done[0].id or 0, refund=done[3].id or 0, segment=segment,
    )  # fmt: skip


def _imports(corp_id: int) -> tuple[int, int]:
    import io

    run = ImportRun.objects.create(
        corp_id=corp_id, source="file", file_name="a.csv", state="done", header=["no", "buyer", "收货人", "电话"],
        mapping={"columns": {"number": "no", "buyer_ref": "buyer"}}, lines_total=2, lines_done=1, problem_count=2,
        created_at=DAY, finished_at=DAY,
    )  # fmt: skip
    for text in (f"1,{MALL},{NAME},{PHONE}", "2,somebody,别人,13900000000"):
        ImportProblem.objects.create(
            corp_id=corp_id, run=run, file_name="a.csv", line_number=2, reason="bad_time", detail="", raw=text
        )
    text = f"Order ID,Member,收货人,电话,Paid at,SKU,Quantity,Price\n1,{MALL},{NAME},{PHONE},2011-03-01 10:00,A,1,2\n"
    draft = commerce.upload(
        corp_id=corp_id, source="file", files=[("b.csv", io.BytesIO(text.encode()))], created_by="op"
    )
    return run.pk, draft


def _send(corp_id: int, me: int, other: int) -> tuple[int, int]:
    staff = Staff.objects.get(corp_id=corp_id)
    send = Send.objects.create(
        corp_id=corp_id,
        name="春天",
        definition={"kind": "everyone"},
        seed="s",
        created_at=DAY,
        changed_at=DAY,
        state="tasked",
    )
    task = StaffTask.objects.create(
        corp_id=corp_id, send=send, staff=staff, userid="keeper", intent_key="1", size=2, state="created", msgid="m1",
        fail_list=[EXTERNAL, OTHER], error_text=f"refused {EXTERNAL}", intent_at=DAY,
    )  # fmt: skip
    for customer, external in ((me, EXTERNAL), (other, OTHER)):
        Recipient.objects.create(
            corp_id=corp_id, send=send, customer_id=customer, staff_id=staff.pk, userid="keeper", state="tasked",
            external_userid=external, task=task, state_at=DAY, tasked_at=DAY,
        )  # fmt: skip
    return send.pk, task.pk


def _moment(corp_id: int, me: int, other: int) -> None:
    """Published to both and liked by both; what the stranger of the same id did is theirs too."""
    moment = Moment.objects.create(
        corp_id=corp_id, moment_id="mom1", kind=0, text="新豆到店", created_at=DAY, listed_at=DAY
    )
    copy = MomentCopy.objects.create(
        corp_id=corp_id,
        moment=moment,
        staff=Staff.objects.get(corp_id=corp_id),
        published_by=DAY,
        chosen=2,
        seen=2,
        likes=2,
    )
    for customer, external in ((me, EXTERNAL), (other, OTHER)):
        who = {"corp_id": corp_id, "copy": copy, "external_userid": external}
        MomentViewer.objects.create(**who, customer_id=customer, sees=True)
        MomentReaction.objects.create(**who, customer_id=customer, kind="like", at=DAY)
        MomentReaction.objects.create(**who, customer_id=None, kind="comment", at=DAY)


def _segment(corp_id: int, me: int) -> int:
    segment = Segment.objects.create(
        corp_id=corp_id, name="a", definition={"kind": "everyone"}, created_at=DAY, changed_at=DAY
    )
    run = SegmentRun.objects.create(corp_id=corp_id, segment=segment, version=1, as_of=DAY, count=1, milliseconds=1)
    SegmentMember.objects.create(corp_id=corp_id, run=run, customer_id=me)
    ranking = SuperRun.objects.create(corp_id=corp_id, as_of=DAY, since=DAY, spenders=1, super_count=1, near_count=0)
    SuperUser.objects.create(corp_id=corp_id, customer_id=me, tier="super", since=DAY, spend=10, run=ranking)
    return segment.pk


def lose(corp_id: int, external: str, at: datetime) -> None:
    note = Note(external_userid=external, userid="keeper", kind="lost", at=at, by="customer")
    apply(corp_id=corp_id, notes=[note])


def live(corp_id: int, customer_id: int) -> int:
    return Follow.objects.filter(corp_id=corp_id, customer_id=customer_id, live=True).count()


__all__ = ["IdentityConflict", "World", "build"]
