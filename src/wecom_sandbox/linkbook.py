"""A corp's acquisition links, who came by them, and the quota they use up (wire.md C.10)."""

from collections import defaultdict
from dataclasses import dataclass, field

from wecom_sandbox.records import Json
from wecom_sandbox.seqindex import SeqIndex


@dataclass
class Link:
    """A link; `clicks` are (unix time, unionid of who opened it)."""

    seq: int
    link_id: str
    agentid: int
    create_time: int
    link_name: str = ""
    users: list[str] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)
    skip_verify: bool = True
    priority: Json = field(default_factory=dict)
    mark_source: bool = False
    unavailable: bool = False
    clicks: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Arrival:
    """Somebody who came by a link, and how many messages they have written since."""

    seq: int
    link_id: str
    userid: str
    external_userid: str
    state: str
    added_at: int
    written: int = 0


@dataclass
class Lot:
    """Uses that were bought together; `told` are the days before the end that apps have heard of."""

    expires_at: int
    left: int
    told: list[int] = field(default_factory=list)


@dataclass
class ChatKey:
    """What a message_from_customer event stands for, for a while."""

    key: str
    link_id: str
    userid: str
    external_userid: str
    state: str
    count: int
    at: int


class LinkBook:
    """Links by id and in order; arrivals by link and by relation."""

    def __init__(self) -> None:
        """Start without a link and without quota."""
        self.links: dict[str, Link] = {}
        self.in_order: SeqIndex[Link] = SeqIndex()
        self.arrivals_of: defaultdict[str, SeqIndex[Arrival]] = defaultdict(SeqIndex)
        self.arrivals: dict[tuple[str, str], Arrival] = {}
        self.lots: list[Lot] = []
        self.used = 0
        self.chat_keys: dict[str, ChatKey] = {}

    def add(self, link: Link) -> None:
        """Take a link in."""
        self.links[link.link_id] = link
        self.in_order.add(link.seq, link)

    def remove(self, link: Link) -> None:
        """Forget a link; whoever came by it stays."""
        del self.links[link.link_id]
        self.in_order.remove(link.seq)

    def arrive(self, arrival: Arrival) -> None:
        """Take an arrival in; who comes again by the same link is listed once."""
        pair = (arrival.userid, arrival.external_userid)
        before = self.arrivals.get(pair)
        if before is not None:
            self.arrivals_of[before.link_id].remove(before.seq)
        self.arrivals[pair] = arrival
        self.arrivals_of[arrival.link_id].add(arrival.seq, arrival)

    def remember(self, chat_key: ChatKey, life: float) -> None:
        """Keep a key, and forget those whose `life` in seconds is over."""
        horizon = chat_key.at - life
        self.chat_keys = {key: one for key, one in self.chat_keys.items() if one.at >= horizon}
        self.chat_keys[chat_key.key] = chat_key

    def balance(self) -> int:
        """Count what is left; lots that ended are already gone."""
        return sum(lot.left for lot in self.lots)

    def freeze(self) -> Json:
        """Write everything that is kept."""
        return {
            "links": list(self.in_order),
            "arrivals": sorted(self.arrivals.values(), key=lambda one: one.seq),
            "lots": self.lots,
            "used": self.used,
            "chat_keys": list(self.chat_keys.values()),
        }

    def thaw(self, row: Json) -> None:
        """Read it back."""
        for link in row.get("links", ()):
            clicks = [(at, who) for at, who in link["clicks"]]
            self.add(Link(**{**link, "clicks": clicks}))
        for arrival in row.get("arrivals", ()):
            self.arrive(Arrival(**arrival))
        self.lots = [Lot(**lot) for lot in row.get("lots", ())]
        self.used = row.get("used", 0)
        self.chat_keys = {one["key"]: ChatKey(**one) for one in row.get("chat_keys", ())}
