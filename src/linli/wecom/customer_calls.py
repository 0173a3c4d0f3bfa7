"""Staff with the customer-contact right, and their customers (wire.md C.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, between, need, within_characters
from linli.wecom.transport import Lane, Transport, cursor_pages

_OWNERS = 100
_PAGE = 100
_REMARK = 20
_DESCRIPTION = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer; `type` 1 WeChat, 2 WeCom; `gender` 0 unknown, 1 male, 2 female.

    `unionid` is None without a bound developer account; position and corp names come for type 2 only.
    """

    external_userid: str
    name: str
    avatar: str
    type: int
    gender: int
    unionid: str | None
    position: str
    corp_name: str
    corp_full_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowTag:
    """A tag on a follow; `type` 1 corp, 2 personal (no `tag_id`), 3 strategy."""

    group_name: str
    tag_name: str
    tag_id: str | None
    type: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """The video channel a customer came from; `source` 0 to 3."""

    nickname: str
    source: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """What one staff member has on one customer; `created_at` is unix seconds, `add_way` WeCom's number.

    `tag_ids` holds corp and strategy tags. `tags` also holds names and personal tags, and is None where the
    endpoint does not tell them (`customers_of`).
    """

    userid: str
    remark: str
    description: str
    created_at: int
    tag_ids: tuple[str, ...]
    tags: tuple[FollowTag, ...] | None
    remark_corp_name: str
    remark_mobiles: tuple[str, ...]
    add_way: int
    oper_userid: str
    state: str
    wechat_channels: Channels | None


@dataclass(frozen=True, slots=True)
class CustomerDetail:
    """A customer with all staff who follow them."""

    customer: Customer
    follows: tuple[Follow, ...]


@dataclass(frozen=True, slots=True)
class CustomerFollow:
    """One relation: a customer as one staff member has them."""

    customer: Customer
    follow: Follow


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A page of relations; `next_cursor` is "" on the last one and lets a sync run go on from here.

    `unlicensed_userids` were not fetched at all: their customers are unknown, not gone.
    """

    rows: tuple[CustomerFollow, ...]
    next_cursor: str
    unlicensed_userids: tuple[str, ...]


class CustomerCalls(Transport):
    """Calls about customers."""

    def follow_users(self, *, lane: Lane | None = None) -> tuple[str, ...]:
        """Return the UserIDs with the customer-contact right inside the app's visible range."""
        page = self._get("externalcontact/get_follow_user_list", lane=lane)
        return page.listed("follow_user").texts("follow_user")

    def customer_ids(self, userid: str, *, lane: Lane | None = None) -> tuple[str, ...]:
        """Return a staff member's customers; raises NoCustomers where there are none (84061)."""
        page = self._get("externalcontact/list", {"userid": userid}, lane=lane)
        return page.listed("external_userid").texts("external_userid")

    def customer(self, external_userid: str, *, lane: Lane | None = None) -> CustomerDetail:
        """Return a customer and all follows, over all pages of 500; raises NoCustomers where nobody follows."""
        api = "externalcontact/get"

        def fetch(cursor: str) -> Fields:
            params = {"external_userid": external_userid, **({"cursor": cursor} if cursor else {})}
            return self._get(api, params, lane=lane).listed("follow_user")

        pages = list(cursor_pages(api, fetch))
        return CustomerDetail(
            _customer(pages[0].child("external_contact")),
            tuple(x for page in pages for x in page.children("follow_user", _full_follow)),
        )

    def customers_of(
        self,
        userids: Sequence[str],
        *,
        cursor: str = "",
        limit: int = _PAGE,
        lane: Lane | None = None,
    ) -> Iterator[CustomerPage]:
        """Yield the relations of up to 100 staff members page by page (1 to 100 rows), from `cursor` on."""
        need("userid_list", userids)
        at_most("userid_list", userids, _OWNERS)
        between("limit", limit, 1, _PAGE)
        body = {"userid_list": list(userids), "limit": limit}
        pages = self._pages(
            "externalcontact/batch/get_by_user",
            body,
            rows="external_contact_list",
            lane=lane,
            cursor=cursor,
        )
        for page in pages:
            failed = page.maybe_child("fail_info")
            yield CustomerPage(
                page.children("external_contact_list", _relation),
                page.text("next_cursor"),
                failed.texts("unlicensed_userid_list") if failed else (),
            )

    def set_remark(
        self,
        userid: str,
        external_userid: str,
        *,
        remark: str | None = None,
        description: str | None = None,
        company: str | None = None,
        mobiles: Sequence[str] | None = None,
        picture_media_id: str | None = None,
        lane: Lane | None = None,
    ) -> None:
        """Set what is given on a relation: remark and company up to 20 characters, description 150.

        `mobiles` replaces all numbers; an empty sequence clears them.
        """
        within_characters("remark", remark or "", _REMARK)
        within_characters("remark_company", company or "", _REMARK)
        within_characters("description", description or "", _DESCRIPTION)
        values = {
            "remark": remark,
            "description": description,
            "remark_company": company,
            # WeCom clears the numbers by one empty entry (wire.md C.1, uncertain).
            "remark_mobiles": None if mobiles is None else list(mobiles) or [""],
            "remark_pic_mediaid": picture_media_id,
        }
        given = {name: value for name, value in values.items() if value is not None}
        need("remark", given)
        body = {"userid": userid, "external_userid": external_userid, **given}
        self._write("externalcontact/remark", body, lane=lane)


def _relation(x: Fields) -> CustomerFollow:
    return CustomerFollow(_customer(x.child("external_contact")), _brief_follow(x.child("follow_info")))


def _customer(x: Fields) -> Customer:
    return Customer(
        external_userid=x.must("external_userid"),
        name=x.text("name"),
        avatar=x.text("avatar"),
        type=x.number("type"),
        gender=x.number("gender"),
        unionid=x.maybe("unionid"),
        position=x.text("position"),
        corp_name=x.text("corp_name"),
        corp_full_name=x.text("corp_full_name"),
    )


def _full_follow(x: Fields) -> Follow:
    tags = x.children("tags", _tag)
    return _follow(x, tuple(tag.tag_id for tag in tags if tag.tag_id), tags)


def _brief_follow(x: Fields) -> Follow:
    return _follow(x, x.texts("tag_id"), None)


def _follow(x: Fields, tag_ids: tuple[str, ...], tags: tuple[FollowTag, ...] | None) -> Follow:
    channels = x.maybe_child("wechat_channels")
    return Follow(
        userid=x.must("userid"),
        remark=x.text("remark"),
        description=x.text("description"),
        created_at=x.number("createtime"),
        tag_ids=tag_ids,
        tags=tags,
        remark_corp_name=x.text("remark_corp_name"),
        remark_mobiles=x.texts("remark_mobiles"),
        add_way=x.number("add_way"),
        oper_userid=x.text("oper_userid"),
        state=x.text("state"),
        wechat_channels=_channels(channels) if channels else None,
    )


def _channels(x: Fields) -> Channels:
    return Channels(nickname=x.text("nickname"), source=x.number("source"))


def _tag(x: Fields) -> FollowTag:
    return FollowTag(
        group_name=x.text("group_name"),
        tag_name=x.text("tag_name"),
        tag_id=x.maybe("tag_id"),
        type=x.number("type"),
    )
