"""The things the sandbox remembers, as plain dataclasses that go to JSON by their fields."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

Json = dict[str, Any]

STAFF, EXTERNAL = 1, 2


@dataclass
class Callback:
    """Where and how an app hears events."""

    url: str
    token: str
    aes_key: str


@dataclass
class App:
    """A self-built app of a corp."""

    agentid: int
    name: str
    secret: str
    callback: Callback | None = None
    visible: list[int] = field(default_factory=lambda: [1])  # with all below; 1 is the whole corp
    archive: bool = False  # its secret is the archive's, for msgaudit/* and nothing else
    home: str = ""  # pages that members open in the client: the app's own, and the one beside a chat (聊天工具栏)
    sidebar: str = ""
    contacts: bool = False  # the contact-sync helper: members, departments and staff tags, and nothing else
    callable: bool = True  # listed under 客户联系→可调用接口的应用
    trusted: list[str] = field(default_factory=list)  # addresses and networks; none listed: any
    stopped: bool = False
    domain: str = ""  # 可信域名, with its port where it has one; none named: a code of signing in is good for any


@dataclass
class Department:
    """A department; the root has id 1."""

    id: int
    name: str
    parentid: int
    order: int


@dataclass
class User:
    """A member of the corp."""

    userid: str
    name: str
    department: list[int]
    position: str = ""
    mobile: str = ""
    customer_cap: int | None = None
    away_since: int = 0  # unix time of the last login of somebody who stays away
    left_at: int = 0  # and of the leaving; 0 is: not so
    banned: bool = False
    verified: bool = True
    serves: bool = True  # in 客户联系→使用范围: may have customers
    email: str = ""
    biz_mail: str = ""
    gender: int = 0
    address: str = ""
    avatar: str = ""
    telephone: str = ""
    alias: str = ""
    english_name: str = ""
    status: int = 1  # 1 active, 2 disabled, 4 not activated; 5 (left) is nobody whom a list shows
    licensed: bool = True  # has the interop licence (互通账号) that a provider's apps need


@dataclass
class OAuthCode:
    """Proof for one question that this member, or customer, signed in; `issued_at` is monotonic real time."""

    corp_id: str
    userid: str
    issued_at: float
    used: bool = False
    external_userid: str = ""
    private: bool = False  # agreed to show more than the userid
    domain: str = ""  # where the answer went


@dataclass
class UserTicket:
    """A member's leave to read what they agreed to show; `issued_at` is monotonic real time."""

    corp_id: str
    userid: str
    issued_at: float


@dataclass
class JsTicket:
    """A ticket for signatures of pages; `issued_at` is monotonic real time."""

    value: str
    issued_at: float


@dataclass(slots=True)  # a corp may have a million
class Customer:
    """An external contact: type 1 uses WeChat, type 2 WeCom."""

    external_userid: str
    name: str
    unionid: str
    type: int = 1
    gender: int = 0
    avatar: str = ""
    corp_name: str = ""
    position: str = ""


@dataclass(slots=True)  # a corp may have a million
class Follow:
    """One member's relation to one customer."""

    seq: int
    userid: str
    external_userid: str
    createtime: int
    state: str
    add_way: int
    oper_userid: str
    remark: str = ""
    description: str = ""
    remark_corp_name: str = ""
    remark_mobiles: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    one_way: bool = False
    channels: Json | None = None  # wechat_channels of who came by 视频号: nickname and source


@dataclass
class TagGroup:
    """A group of corp tags, or of a rule group's (`strategy_id`); `agentid` 0: it was made in the admin console."""

    id: str
    name: str
    order: int
    create_time: int
    agentid: int
    deleted: bool = False
    strategy_id: int = 0


@dataclass
class Tag:
    """A corp tag."""

    id: str
    group_id: str
    name: str
    order: int
    create_time: int
    agentid: int
    deleted: bool = False


@dataclass
class ContactWay:
    """A 联系我 code."""

    seq: int
    config_id: str
    agentid: int
    create_time: int
    type: int
    scene: int
    style: int = 0
    remark: str = ""
    skip_verify: bool = True
    state: str = ""
    user: list[str] = field(default_factory=list)
    party: list[int] = field(default_factory=list)
    is_temp: bool = False
    expires_in: int = 0
    chat_expires_in: int = 0
    unionid: str = ""
    mark_source: bool = False
    conclusions: Json = field(default_factory=dict)


@dataclass
class JoinWay:
    """A 加入群聊 code; `chat_id_list` grows by the rooms it opened."""

    config_id: str
    agentid: int
    scene: int
    remark: str
    auto_create_room: int
    room_base_name: str
    room_base_id: int
    chat_id_list: list[str]
    state: str
    mark_source: bool


@dataclass(slots=True)  # a corp may have a million
class Member:
    """Someone in a customer group; join_scene is groupchat/get's 1, 2 or 3."""

    userid: str
    type: int
    join_time: int
    join_scene: int
    state: str = ""
    invitor: str = ""


@dataclass
class Group:
    """A customer group."""

    seq: int
    chat_id: str
    name: str
    owner: str
    create_time: int
    member_version: str
    notice: str = ""
    welcome_template: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    inherited: bool = False

    def qr_members(self) -> int:
        """Count those who came by a code."""
        return sum(member.join_scene == JOIN_BY_QR for member in self.members.values())


JOIN_BY_INVITE, JOIN_BY_QR = 1, 3


@dataclass
class MassItem:
    """One receiver of a mass message: a customer, or a group when the task is for groups."""

    target: str
    status: int = 0
    send_time: int = 0


@dataclass
class MassSender:
    """What one member has to confirm: status 0 unsent, 2 sent (there is no 1)."""

    userid: str
    items: list[MassItem]
    status: int = 0
    send_time: int = 0


@dataclass
class MassTask:
    """A mass message; nothing goes out before its senders confirm."""

    seq: int
    msgid: str
    agentid: int
    chat_type: str
    create_time: int
    text: Json
    attachments: list[Json]
    senders: dict[str, MassSender]
    cancelled: bool = False
    reminders: list[int] = field(default_factory=list)


@dataclass
class Welcome:
    """A welcome code; `sent_by` is 0 until an app has used it, `unheard` that no app will ever hear of it."""

    code: str
    userid: str
    external_userid: str
    issued_at: float
    sent_at: float = 0.0
    sent_by: int = 0
    heard_at: float = 0.0
    unheard: bool = False


@dataclass
class GroupWelcome:
    """What a group may say to newcomers: text, and one part by its kind (an image by the key of a picture)."""

    template_id: str
    agentid: int
    create_time: int
    text: Json
    parts: Json


@dataclass
class Message:
    """Something a customer saw: a welcome, a mass message, a group's welcome or a moment."""

    kind: str
    userid: str
    time: int
    text: Json
    attachments: list[Json]
    msgid: str = ""
    chat_id: str = ""


@dataclass
class Notice:
    """An application message to a member, or to an app chat that the member is in."""

    msgid: str
    agentid: int
    time: int
    msgtype: str
    content: Json
    safe: int = 0
    chat_id: str = ""
    recalled: bool = False


WAITING, DONE, REFUSED, FULL = 2, 1, 3, 4


@dataclass
class Transfer:
    """A customer on the way from one member to another; `status` is transfer_result's, and so is `took_at`."""

    seq: int
    external_userid: str
    handover: str
    takeover: str
    resigned: bool
    started_at: int
    due_at: int
    words: str = ""
    status: int = WAITING
    took_at: int = 0


@dataclass
class RoomTransfer:
    """A group on the way to another owner, or there."""

    seq: int
    chat_id: str
    handover: str
    takeover: str
    resigned: bool
    started_at: int
    due_at: int
    status: int = WAITING


@dataclass
class TempChat:
    """A chat that began by a temporary 联系我 code."""

    seq: int
    userid: str
    external_userid: str
    due_at: int
    conclusions: Json
    closed: bool = False


@dataclass
class Acquaintance:
    """Somebody whom a member added without marking them as a customer: only contact_list shows them."""

    userid: str
    name: str
    unionid: str
    added_at: int


@dataclass
class TempId:
    """A temporary id that a meeting or a form showed, and whom it means."""

    value: str
    business_type: int
    user_type: int
    meaning: Json


class Fact(NamedTuple):
    """Something that statistics count: when, what, which member (or owner), the other side, in which group."""

    at: int
    kind: str
    userid: str = ""
    other: str = ""
    chat_id: str = ""
