"""What a corp holds beside its customers: contact tags, app chats, cards, consent to the archive, kf accounts."""

from collections import defaultdict
from dataclasses import dataclass, field

from wecom_sandbox.chatlog import ChatLog
from wecom_sandbox.errors import WireError
from wecom_sandbox.records import Json
from wecom_sandbox.seqindex import SeqIndex


@dataclass
class ContactTag:
    """A tag on members and departments, made by an app."""

    tagid: int
    name: str
    agentid: int
    users: list[str] = field(default_factory=list)
    parties: list[int] = field(default_factory=list)


@dataclass
class AppChat:
    """A chat of members that an app made."""

    chatid: str
    agentid: int
    name: str
    owner: str
    members: list[str]


@dataclass
class SentNotice:
    """An app message as it went out, so that it can be taken back."""

    msgid: str
    agentid: int
    time: int
    receivers: list[str]


@dataclass
class CardCode:
    """A response_code: it updates one card for these members, once."""

    code: str
    agentid: int
    msgid: str
    issued_at: float
    receivers: list[str]
    used: bool = False


@dataclass
class Consent:
    """What a customer answered when asked to let a chat with a member, or a group, be archived."""

    external_userid: str
    userid: str
    chat_id: str
    agreed: bool
    at: int


@dataclass
class Robot:
    """A robot in a group."""

    robot_id: str
    name: str
    creator_userid: str


@dataclass
class InnerGroup:
    """A group without customers; `members` tells when each came."""

    roomid: str
    name: str
    creator: str
    create_time: int
    members: dict[str, int]
    notice: str = ""


@dataclass
class KfAccount:
    """A kf account and who serves it; `agentid` 0 means it was made in the admin console."""

    open_kfid: str
    name: str
    media_id: str
    agentid: int
    servicers: list[str] = field(default_factory=list)
    parties: list[int] = field(default_factory=list)
    resting: list[str] = field(default_factory=list)
    scenes: list[str] = field(default_factory=list)


@dataclass
class KfSession:
    """One customer at one kf account; state 4 is ended or not begun; `heard_at` is the customer's last word."""

    open_kfid: str
    external_userid: str
    state: int = 4
    servicer: str = ""
    heard_at: float = 0.0
    replies: int = 0
    welcomed_at: float = 0.0
    refuses: bool = False
    entered: Json = field(default_factory=dict)


@dataclass
class KfItem:
    """Something that kf/sync_msg tells: `body` is msgtype and what belongs to it."""

    seq: int
    open_kfid: str
    external_userid: str
    msgid: str
    send_time: int
    origin: int
    body: Json
    servicer: str = ""


@dataclass
class KfCode:
    """A code that allows one answer to an event of a session."""

    code: str
    open_kfid: str
    external_userid: str
    issued_at: float
    used: bool = False


@dataclass
class KfToken:
    """A token of a callback: sync_msg with it is free of the strict rate."""

    token: str
    open_kfid: str
    issued_at: float


@dataclass
class Window:
    """What one limit has counted."""

    began: int
    count: int = 0
    blocked_until: int = 0


# Attribute, class, the field that is its key.
_KEPT: tuple[tuple[str, type, str], ...] = (
    ("tags", ContactTag, "tagid"),
    ("chats", AppChat, "chatid"),
    ("sent", SentNotice, "msgid"),
    ("card_codes", CardCode, "code"),
    ("robots", Robot, "robot_id"),
    ("inner_groups", InnerGroup, "roomid"),
    ("kf_accounts", KfAccount, "open_kfid"),
    ("kf_codes", KfCode, "code"),
    ("kf_tokens", KfToken, "token"),
)


class Office:
    """The records by their ids."""

    def __init__(self) -> None:
        """Start with an empty office."""
        self.tags: dict[int, ContactTag] = {}
        self.chats: dict[str, AppChat] = {}
        self.sent: dict[str, SentNotice] = {}
        self.card_codes: dict[str, CardCode] = {}
        self.robots: dict[str, Robot] = {}
        self.inner_groups: dict[str, InnerGroup] = {}
        self.kf_accounts: dict[str, KfAccount] = {}
        self.kf_codes: dict[str, KfCode] = {}
        self.kf_tokens: dict[str, KfToken] = {}
        # (userid, "", external_userid) for a single chat, ("", chat_id, external_userid) for a group.
        self.consents: dict[tuple[str, str, str], Consent] = {}
        self.kf_sessions: dict[tuple[str, str], KfSession] = {}
        self.kf_items: defaultdict[str, SeqIndex[KfItem]] = defaultdict(SeqIndex)
        # Members whose chats are archived, and in which edition; the unix time at which the archive ends, 0 is never.
        self.archive_seats: dict[str, int] = {}
        self.archive_ends = 0
        self.chatlog = ChatLog()
        self.windows: dict[str, Window] = {}

    def consent(self, consent: Consent) -> None:
        """Keep the last answer."""
        self.consents[consent.userid, consent.chat_id, consent.external_userid] = consent

    def kf_session(self, open_kfid: str, external_userid: str) -> KfSession:
        """Find a session, not begun if there was none."""
        return self.kf_sessions.setdefault((open_kfid, external_userid), KfSession(open_kfid, external_userid))

    def take(self, limit: str, most: int, seconds: int, now: int, amount: int = 1) -> None:
        """Count against a limit of virtual time, or refuse for the unit of the limit (wire.md A.4)."""
        window = self.windows.get(limit)
        if window is None or now >= window.began + seconds:
            blocked = window.blocked_until if window else 0
            window = self.windows[limit] = Window(now, 0, blocked)
        if now < window.blocked_until:
            raise WireError(45009)
        if window.count + amount > most:
            window.blocked_until = now + seconds
            raise WireError(45009)
        window.count += amount

    def freeze(self) -> Json:
        """Give everything that must survive a restart."""
        return {
            **{name: list(getattr(self, name).values()) for name, _, _ in _KEPT},
            "consents": list(self.consents.values()),
            "kf_sessions": list(self.kf_sessions.values()),
            "kf_items": [item for items in self.kf_items.values() for item in items],
            "archive_seats": self.archive_seats,
            "archive_ends": self.archive_ends,
            "chatlog": self.chatlog.freeze(),
            "windows": self.windows,
        }

    def thaw(self, saved: Json) -> None:
        """Take back what freeze gave."""
        for name, kind, key in _KEPT:
            records = [kind(**row) for row in saved.get(name, ())]
            setattr(self, name, {getattr(record, key): record for record in records})
        for row in saved.get("consents", ()):
            self.consent(Consent(**row))
        for row in saved.get("kf_sessions", ()):
            self.kf_sessions[row["open_kfid"], row["external_userid"]] = KfSession(**row)
        for row in saved.get("kf_items", ()):
            self.kf_items[row["open_kfid"]].add(row["seq"], KfItem(**row))
        self.archive_seats = dict(saved.get("archive_seats", {}))
        self.archive_ends = saved.get("archive_ends", 0)
        self.chatlog.thaw(saved.get("chatlog", {}))
        self.windows = {name: Window(**row) for name, row in saved.get("windows", {}).items()}
