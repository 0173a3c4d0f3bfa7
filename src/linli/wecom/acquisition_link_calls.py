"""Customer acquisition links (获客链接): a person opens one and adds a staff member, for a quota (wire.md C.10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from linli.wecom.errors import BadValue
from linli.wecom.fields import Fields
from linli.wecom.limits import at_most, between, need, within_bytes, within_characters
from linli.wecom.transport import Lane, Transport

# The values of a priority's `type`: whom of the corp, or of the list, the visitor already knows comes first.
ANYBODY_KNOWN, LISTED_KNOWN = 1, 2
# The values of `chat_status`.
SILENT, WROTE, CHAT_UNKNOWN = 0, 1, 2

_NAME = 30
_USERS = 500
_PRIORITY = 1000
_CHANNEL = 64
_LINKS_A_PAGE = 100
_CUSTOMERS_A_PAGE = 1000
_SPAN = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRange:
    """Whom a link leads to: staff and departments, together up to 500 people."""

    users: tuple[str, ...] = ()
    departments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPriority:
    """Whom a visitor is led to first, in some industries: `type` ANYBODY_KNOWN or LISTED_KNOWN, up to 1000 staff."""

    type: int
    userids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link to be made: name up to 30 characters."""

    name: str
    range: LinkRange
    skip_verify: bool = True
    priority: LinkPriority | None = None
    mark_source: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChange:
    """What is to change in a link; None leaves it, a range or a priority replaces."""

    name: str | None = None
    range: LinkRange | None = None
    skip_verify: bool | None = None
    priority: LinkPriority | None = None
    mark_source: bool | None = None


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A new link; `created_at` is unix seconds."""

    link_id: str
    name: str
    url: str
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link as WeCom has it."""

    name: str
    url: str
    created_at: int
    skip_verify: bool
    mark_source: bool
    range: LinkRange
    priority: LinkPriority | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCustomer:
    """Somebody who came by a link: `chat_status` SILENT, WROTE or CHAT_UNKNOWN, `state` the link's customer_channel."""

    external_userid: str
    userid: str
    chat_status: int
    state: str


@dataclass(frozen=True, slots=True)
class QuotaLot:
    """Uses that end together, at `expires_at` (unix seconds)."""

    expires_at: int
    balance: int


@dataclass(frozen=True, slots=True)
class LinkQuota:
    """The corp's quota: `used` since ever, `balance` now."""

    used: int
    balance: int
    lots: tuple[QuotaLot, ...]


@dataclass(frozen=True, slots=True)
class LinkStatistic:
    """How many people opened a link, and how many of them came, in whole days."""

    clicked: int
    came: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkChat:
    """Who wrote the message that an AcquisitionMessageReceived told of, and the how-manieth it is."""

    userid: str
    external_userid: str
    received: int
    link_id: str
    state: str


def channel_url(url: str, channel: str) -> str:
    """Return a link's address for a channel (up to 64 bytes), which comes back as State."""
    need("customer_channel", channel)
    within_bytes("customer_channel", channel, _CHANNEL)
    return f"{url}{'&' if '?' in url else '?'}customer_channel={quote(channel, safe='')}"


def scheme_url(url: str) -> str:
    """Return the address by which a mobile web page or another app opens a link's address in WeChat."""
    return f"weixin://biz/ww/profile/{quote(url, safe='')}"


class AcquisitionLinkCalls(Transport):
    """Calls about acquisition links; an app knows only its own. The system secret may not make them."""

    def acquisition_links(self, *, limit: int = _LINKS_A_PAGE, lane: Lane | None = None) -> Iterator[str]:
        """Yield the ids of the links that work, up to 100 a call."""
        between("limit", limit, 1, _LINKS_A_PAGE)
        api = "externalcontact/customer_acquisition/list_link"
        for page in self._pages(api, {"limit": limit}, rows="link_id_list", lane=lane):
            yield from page.texts("link_id_list")

    def acquisition_link(self, link_id: str, *, lane: Lane | None = None) -> Link:
        """Return a link."""
        return _link(self._query("externalcontact/customer_acquisition/get", {"link_id": link_id}, lane=lane))

    def create_acquisition_link(self, new: NewLink, *, lane: Lane | None = None) -> MadeLink:
        """Make a link. After OutcomeUnknown `acquisition_links` tells. Raises ApiError 41095 above the cap."""
        need("link_name", new.name)
        need("range", new.range.users or new.range.departments)
        change = LinkChange(
            name=new.name,
            range=new.range,
            skip_verify=new.skip_verify,
            priority=new.priority,
            mark_source=new.mark_source,
        )
        link = self._write("externalcontact/customer_acquisition/create_link", _body(change), lane=lane).child("link")
        return MadeLink(link.must("link_id"), link.text("link_name"), link.must("url"), link.number("create_time"))

    def update_acquisition_link(self, link_id: str, change: LinkChange, *, lane: Lane | None = None) -> None:
        """Change what is named; after OutcomeUnknown `acquisition_link` tells."""
        if change.name is not None:
            need("link_name", change.name)
        body = {"link_id": link_id, **_body(change)}
        self._write("externalcontact/customer_acquisition/update_link", body, lane=lane)

    def delete_acquisition_link(self, link_id: str, *, lane: Lane | None = None) -> None:
        """Delete a link, which fires no event; after OutcomeUnknown `acquisition_links` tells."""
        self._write("externalcontact/customer_acquisition/delete_link", {"link_id": link_id}, lane=lane)

    def link_customers(
        self, link_id: str, *, limit: int = _CUSTOMERS_A_PAGE, lane: Lane | None = None
    ) -> Iterator[LinkCustomer]:
        """Yield who came by a link, up to 1000 a call."""
        between("limit", limit, 1, _CUSTOMERS_A_PAGE)
        api, body = "externalcontact/customer_acquisition/customer", {"link_id": link_id, "limit": limit}
        for page in self._pages(api, body, rows="customer_list", lane=lane):
            yield from page.children("customer_list", _customer)

    def link_quota(self, *, lane: Lane | None = None) -> LinkQuota:
        """Return what is left of the corp's quota; links stop working where nothing is."""
        x = self._get("externalcontact/customer_acquisition_quota", lane=lane).listed("quota_list")
        lots = x.children("quota_list", lambda y: QuotaLot(y.number("expire_date"), y.number("balance")))
        return LinkQuota(x.number("total"), x.number("balance"), lots)

    def link_statistic(self, link_id: str, start: int, end: int, *, lane: Lane | None = None) -> LinkStatistic:
        """Count between two unix times, in whole days, 180 days back at most and 30 at once."""
        if not 0 <= end - start <= _SPAN:
            raise BadValue("end_time", "一次最多查询 30 天", "one call covers 30 days at most")
        body = {"link_id": link_id, "start_time": start, "end_time": end}
        x = self._query("externalcontact/customer_acquisition/statistic", body, lane=lane)
        return LinkStatistic(x.number("click_link_customer_cnt"), x.number("new_customer_cnt"))

    def link_chat(self, chat_key: str, *, lane: Lane | None = None) -> LinkChat:
        """Tell who wrote; raises ApiError 41201 for a chat_key older than 30 minutes."""
        x = self._query("externalcontact/customer_acquisition/get_chat_info", {"chat_key": chat_key}, lane=lane)
        chat = x.child("chat_info")
        return LinkChat(
            userid=x.must("userid"),
            external_userid=x.must("external_userid"),
            received=chat.number("recv_msg_cnt"),
            link_id=chat.text("link_id"),
            state=chat.text("state"),
        )


def _body(change: LinkChange) -> dict[str, object]:
    within_characters("link_name", change.name or "", _NAME)
    values = {
        "link_name": change.name,
        "range": change.range and _range_body(change.range),
        "skip_verify": change.skip_verify,
        "priority_option": change.priority and _priority_body(change.priority),
        "mark_source": change.mark_source,
    }
    return {name: value for name, value in values.items() if value is not None}


def _range_body(span: LinkRange) -> dict[str, object]:
    need("range", span.users or span.departments)
    at_most("range.user_list", span.users, _USERS)
    lists: dict[str, list[object]] = {"user_list": [*span.users], "department_list": [*span.departments]}
    return {name: value for name, value in lists.items() if value}


def _priority_body(priority: LinkPriority) -> dict[str, object]:
    if priority.type not in (ANYBODY_KNOWN, LISTED_KNOWN):
        raise BadValue("priority_type", "优先分配类型只能是 1 或 2", "a priority type is 1 or 2")
    if priority.type == LISTED_KNOWN:
        need("priority_userid_list", priority.userids)
    at_most("priority_userid_list", priority.userids, _PRIORITY)
    listed = {"priority_userid_list": list(priority.userids)} if priority.userids else {}
    return {"priority_type": priority.type, **listed}


def _link(x: Fields) -> Link:
    link, span, priority = x.child("link"), x.child("range"), x.maybe_child("priority_option")
    return Link(
        name=link.text("link_name"),
        url=link.text("url"),
        created_at=link.number("create_time"),
        skip_verify=link.flag("skip_verify"),
        mark_source=link.flag("mark_source"),
        range=LinkRange(users=span.texts("user_list"), departments=span.numbers("department_list")),
        priority=LinkPriority(type=priority.number("priority_type"), userids=priority.texts("priority_userid_list"))
        if priority and priority.number("priority_type")
        else None,
    )


def _customer(x: Fields) -> LinkCustomer:
    return LinkCustomer(
        external_userid=x.must("external_userid"),
        userid=x.must("userid"),
        chat_status=x.number("chat_status"),
        state=x.text("state"),
    )
