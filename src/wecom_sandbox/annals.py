"""What happened, as far as statistics count it: facts in the order of their time, and the counting."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from wecom_sandbox.corp import Corp
from wecom_sandbox.records import Fact, Json
from wecom_sandbox.world import World

DAY = 86_400
CHINA_S = 8 * 3600

OPENED, FOUNDED, JOINED, LEFT, OWNED, DISMISSED = "opened", "founded", "joined", "left", "owned", "dismissed"
CUSTOMER_SAID, STAFF_SAID, MASS_SAID = "customer_said", "staff_said", "mass_said"
ADDED, APPLIED, REJECTED = "added", "applied", "rejected"
_SPEECH = frozenset({CUSTOMER_SAID, STAFF_SAID, MASS_SAID})


def note(
    world: World, corp: Corp, kind: str, *, userid: str = "", other: str = "", chat_id: str = "", at: int = 0
) -> None:
    """Write a fact down, of now unless `at` says when."""
    corp.facts.append(Fact(at or world.now(), kind, userid, other, chat_id))


def day_of(at: int) -> int:
    """Give 0:00 of that day in China."""
    return at - (at + CHINA_S) % DAY


@dataclass
class _Room:
    owner: str
    members: set[str] = field(default_factory=set)
    alive: bool = True


@dataclass
class Figures:
    """The counts of a span, by WeCom's names."""

    new_chat_cnt: int = 0
    chat_total: int = 0
    chat_has_msg: int = 0
    new_member_cnt: int = 0
    member_total: int = 0
    member_has_msg: int = 0
    msg_total: int = 0

    def add(self, other: "Figures") -> None:
        """Sum two owners."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


class Rooms:
    """The groups of a corp, lived through once more."""

    def __init__(self, corp: Corp) -> None:
        """Stand before the first fact."""
        self._corp = corp
        self._at = 0
        self._rooms: dict[str, _Room] = {}

    def live(self, until: int) -> dict[str, Figures]:
        """Go on to `until` (not included); gives what happened on the way and what stands then, by owner."""
        opened: set[str] = set()
        joined: Counter[str] = Counter()
        said: Counter[str] = Counter()
        voices: defaultdict[str, set[str]] = defaultdict(set)
        facts = self._corp.facts
        while self._at < len(facts) and facts[self._at].at < until:
            fact = facts[self._at]
            self._at += 1
            if not fact.chat_id:
                continue
            self._apply(fact)
            if fact.kind == OPENED:
                opened.add(fact.chat_id)
            elif fact.kind == JOINED:
                joined[fact.chat_id] += 1
            elif fact.kind in _SPEECH:
                said[fact.chat_id] += 1
                voices[fact.chat_id].add(fact.userid or fact.other)
        found: defaultdict[str, Figures] = defaultdict(Figures)
        for chat_id, room in self._rooms.items():
            moved = (chat_id in opened, 0, chat_id in said, joined[chat_id], 0, len(voices[chat_id]), said[chat_id])
            if room.alive or any(moved):
                found[room.owner].add(Figures(*moved))
                found[room.owner].add(Figures(chat_total=room.alive, member_total=room.alive * len(room.members)))
        return dict(found)

    def _apply(self, fact: Fact) -> None:
        room = self._rooms.get(fact.chat_id)
        if room is None:
            # A group older than these annals (a state of an earlier version) is known by its owner only.
            group = self._corp.groups.get(fact.chat_id)
            room = self._rooms[fact.chat_id] = _Room(group.owner if group else "")
        if fact.kind in (OPENED, OWNED):
            room.owner = fact.userid
        elif fact.kind in (FOUNDED, JOINED):
            room.members.add(fact.other)
        elif fact.kind == LEFT:
            room.members.discard(fact.other)
        elif fact.kind == DISMISSED:
            room.alive = False


def behavior(corp: Corp, users: set[str], day: int) -> Json:
    """Count one day of these members' dealings with customers, one to one; groups do not count."""
    facts = [fact for fact in _within(corp, day, day + DAY) if fact.userid in users and not fact.chat_id]
    talks: defaultdict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind in (CUSTOMER_SAID, STAFF_SAID):
            talks[fact.userid, fact.other].append(fact)
    kinds = Counter(fact.kind for fact in facts)
    answer: Json = {
        "stat_time": day,
        "chat_cnt": sum(any(fact.kind == STAFF_SAID for fact in talk) for talk in talks.values()),
        "message_cnt": kinds[STAFF_SAID],
        "negative_feedback_cnt": kinds[REJECTED],
        "new_apply_cnt": kinds[APPLIED],
        "new_contact_cnt": kinds[ADDED],
    }
    begun = [talk for talk in talks.values() if talk[0].kind == CUSTOMER_SAID]
    waits = [wait for talk in begun if (wait := _wait(talk)) is not None]
    if begun:
        answer["reply_percentage"] = round(100 * len(waits) / len(begun), 2)
    if waits:
        answer["avg_reply_time"] = sum(waits) // len(waits) // 60
    return answer


def _wait(talk: list[Fact]) -> int | None:
    reply = next((fact for fact in talk if fact.kind == STAFF_SAID), None)
    return reply.at - talk[0].at if reply else None


def _within(corp: Corp, begin: int, end: int) -> Iterable[Fact]:
    start = bisect_left(corp.facts, begin, key=lambda fact: fact.at)
    return corp.facts[start : bisect_left(corp.facts, end, key=lambda fact: fact.at)]
