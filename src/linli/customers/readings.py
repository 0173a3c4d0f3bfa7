"""What was read from WeCom or told by a callback, in one form for all ways in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from linli.kit.clock import from_unix
from linli.wecom.client import Client
from linli.wecom.customer_calls import Customer, CustomerDetail, CustomerFollow, Follow
from linli.wecom.errors import BadAnswer


@dataclass(frozen=True, kw_only=True)
class FollowRead:
    """A relation as WeCom shows it; `tags` holds WeCom's tag ids."""

    userid: str
    added_at: datetime
    state: str
    add_way: int
    remark: str
    tags: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class CustomerRead:
    """A customer as WeCom shows them.

    `read_no` was drawn before the call: of two readings the one with the larger number is the fresher, whatever the
    order in which they are written.
    """

    external_userid: str
    name: str
    avatar: str
    kind: int
    gender: int
    unionid: str | None
    read_no: int
    follows: tuple[FollowRead, ...]
    tag_names: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something that happened to a relation: kind added, half, lost or restored; `by` says who ended it.

    A loss that is only concluded names in `held` what it rests on, (read_no, added_at) of the live relation: if that has
    changed meanwhile, nothing happened.
    """

    external_userid: str
    userid: str
    kind: str
    at: datetime
    by: str = ""
    state: str = ""
    cause: str = "event"
    incomplete: str = ""
    held: tuple[int, datetime | None] | None = None


def next_read_no() -> int:
    """A number larger than all drawn before, in all processes; draw it before the call."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('customers_read_no')")
        return int(cursor.fetchone()[0])


def asked(client: Client, external_userid: str) -> CustomerDetail:
    """What WeCom shows of this customer; an answer about somebody else proves nothing of either: BadAnswer."""
    detail = client.customer(external_userid)
    if detail.customer.external_userid != external_userid:
        raise BadAnswer("externalcontact/get", "it is about another customer")
    return detail


def from_detail(detail: CustomerDetail, read_no: int) -> CustomerRead:
    """The form of externalcontact/get."""
    names = {
        tag.tag_id: (tag.group_name, tag.tag_name) for one in detail.follows for tag in one.tags or () if tag.tag_id
    }
    return _read(detail.customer, detail.follows, read_no, names)


def from_rows(rows: Iterable[CustomerFollow], read_no: int) -> list[CustomerRead]:
    """The form of batch/get_by_user: relations one by one, gathered by customer."""
    customers: dict[str, Customer] = {}
    follows: dict[str, list[Follow]] = {}
    for row in rows:
        customers[row.customer.external_userid] = row.customer
        follows.setdefault(row.customer.external_userid, []).append(row.follow)
    return [_read(customer, follows[key], read_no, {}) for key, customer in customers.items()]


def _read(
    customer: Customer, follows: Iterable[Follow], read_no: int, tag_names: dict[str, tuple[str, str]]
) -> CustomerRead:
    return CustomerRead(
        external_userid=customer.external_userid,
        name=customer.name,
        avatar=customer.avatar,
        kind=customer.type,
        gender=customer.gender,
        unionid=customer.unionid,
        read_no=read_no,
        follows=tuple(_follow(one) for one in follows),
        tag_names=tag_names,
    )


def _follow(one: Follow) -> FollowRead:
    return FollowRead(
        userid=one.userid,
        added_at=from_unix(one.created_at),
        state=one.state,
        add_way=one.add_way,
        remark=one.remark,
        tags=frozenset(one.tag_ids),
    )
