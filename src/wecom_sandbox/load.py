"""The load maker: customers and clerks at a chosen pace, the same acts for the same seed, for benchmarks and soak tests.

It stops by itself, waits until the receivers have heard everything, and tells what was done and how they took it.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from statistics import quantiles

from wecom_sandbox.callbacks.sender import Sender
from wecom_sandbox.corp import Corp
from wecom_sandbox.errors import ControlError
from wecom_sandbox.humans.acts import perform
from wecom_sandbox.records import ContactWay, JoinWay, Json
from wecom_sandbox.world import World

GROUPS = 5
# Others get their turn after so many acts, even where the pace is not kept.
BREATH = 20
QUIET_S = 0.05
COUNTED = ("events", "callbacks_sent", "retried", "failed", "dropped", "refused_http")


@dataclass(frozen=True)
class Pace:
    """Acts a second by kind, for `seconds`; `customers` are the people there are to come, `clerks` those who serve."""

    seconds: float = 10.0
    customers: int = 1000
    clerks: int = 10
    seed: int = 1
    adds: float = 5.0
    edits: float = 5.0
    tags: float = 2.0
    joins: float = 2.0
    leaves: float = 1.0
    messages: float = 5.0


KINDS = ("adds", "edits", "tags", "joins", "leaves", "messages")


def read_pace(wishes: Json) -> Pace:
    """Check a wish; kinds that are not named rest where any kind is named."""
    known = {one.name: one.type for one in fields(Pace)}
    given = {name: value for name, value in wishes.items() if name != "corp_id"}
    for name, value in given.items():
        if name not in known:
            raise ControlError(400, f"load: unknown key {name!r}; known: {', '.join(known)}")
        whole = known[name] is int
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value < 0:
            raise ControlError(400, f"load: {name} is a {'whole ' if whole else ''}number from 0")
    resting = dict.fromkeys(KINDS, 0.0) if set(KINDS) & set(given) else {}
    pace = Pace(**{**resting, **given})
    if not pace.customers or not pace.clerks or not sum(getattr(pace, name) for name in KINDS):
        raise ControlError(400, "load: customers, clerks and some kind are above 0")
    return pace


@dataclass
class Load:
    """One run: what it did so far, and in the end how the receivers took it."""

    world: World
    sender: Sender
    corp: Corp
    pace: Pace
    did: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    late_s: float = 0.0
    done: bool = False
    told: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose who serves, and make what they serve with."""
        self._random = random.Random(self.pace.seed)  # noqa: S311 – repeatable on purpose
        self._clerks = list(self.corp.users)[: self.pace.clerks]
        self._friends: list[tuple[str, str]] = []
        self._rooms: list[tuple[str, str]] = []
        self._tags = [tag.id for tag in self.corp.tags.values() if not tag.deleted]
        if not self._clerks or not self.corp.apps:
            raise ControlError(409, "load: the corp has no members or no app")
        self._made = {
            "adds": self._adds, "edits": self._edits, "tags": self._marks, "joins": self._joins,
            "leaves": self._leaves, "messages": self._messages,
        }  # fmt: skip
        self._before = {name: self.sender.tally[name] for name in COUNTED}
        self._owed = len(self.sender.waiting())
        self._open()

    async def run(self) -> Json:
        """Keep the pace, then wait until nothing is under way."""
        self.sender.measured, began = [], time.monotonic()
        try:
            for number, (due, kind) in enumerate(schedule(self.pace)):
                ahead = began + due - time.monotonic()
                if ahead > 0 or number % BREATH == 0:
                    await asyncio.sleep(max(0.0, ahead))
                self.late_s = max(self.late_s, -ahead)
                self._act(kind)
            acted = time.monotonic() - began
            while len(self.sender.waiting()) > self.sender.delayed():  # noqa: ASYNC110 – the sender has no such event
                await asyncio.sleep(QUIET_S)
            counts = {name: self.sender.tally[name] - self._before[name] for name in COUNTED}
            self.told = {"acted_s": round(acted, 2), "drained_s": round(time.monotonic() - began - acted, 2), **counts}
            self.told |= _times(self.sender.measured)
        finally:
            self.sender.measured, self.done = None, True
        return self.describe()

    def describe(self) -> Json:
        """Tell how far it is; `lost` is what a listening app should have heard and did not."""
        said = {"done": self.done, "did": dict(self.did), "refused": self.refused, "late_s": round(self.late_s, 3)}
        owed = self.told.get("events", 0) + self._owed
        lost = owed - self.told.get("callbacks_sent", 0) if self.done else None
        return {**said, **self.told, "lost": lost}

    def _open(self) -> None:
        """Make a code that leads to the clerks, and groups with a code of their own; no event tells of codes."""
        corp, now = self.corp, self.world.now()
        self._state = f"load{corp.next_seq()}"
        agentid = next(iter(corp.apps))
        way = ContactWay(corp.next_seq(), self._state, agentid, now, 2, 2, user=self._clerks, state=self._state)
        corp.add_contact_way(way)
        self._doors: list[str] = []
        for number in range(GROUPS if self.pace.joins or self.pace.leaves else 0):
            owner = self._clerks[number % len(self._clerks)]
            room = self._perform({"kind": "create_group", "owner": owner, "name": f"负载群{number + 1}"})
            door = f"{self._state}-{number}"
            chats = [str(room["chat_id"])]
            corp.add_join_way(
                JoinWay(door, agentid, 2, "", 1, f"负载群{number + 1}-", 2, chats, door, mark_source=False)
            )
            self._doors.append(door)

    def _act(self, kind: str) -> None:
        wishes = self._made[kind]()
        if wishes is None:
            self.did["nobody_to"] += 1
            return
        try:
            done = self._perform(wishes)
        except ControlError:
            self.refused += 1
            return
        self.did["already" if done.get("already") else kind] += 1
        if done.get("already"):
            return
        if kind == "adds":
            self._friends.append((done["userid"], done["external_userid"]))
        elif kind == "joins":
            self._rooms.append((done["chat_id"], done["external_userid"]))

    def _perform(self, wishes: Json) -> Json:
        return perform(self.world, {"corp_id": self.corp.corp_id, **wishes})

    def _person(self) -> Json:
        number = self._random.randrange(self.pace.customers)
        return {"unionid": f"o-load{self.pace.seed}-{number}", "name": f"客{number}"}

    def _friend(self) -> tuple[str, str] | None:
        return self._random.choice(self._friends) if self._friends else None

    def _adds(self) -> Json:
        return {"kind": "scan", "config_id": self._state, "person": self._person()}

    def _edits(self) -> Json | None:
        pair = self._friend()
        words = {"remark": f"备注{self._random.randrange(10_000)}"}
        return pair and {"kind": "staff_remarks", "userid": pair[0], "external_userid": pair[1], **words}

    def _marks(self) -> Json | None:
        pair = self._friend()
        if not pair or not self._tags:
            return None
        tag, add = self._random.choice(self._tags), self._random.random() < 0.5
        about = {"userid": pair[0], "external_userid": pair[1]}
        return {"kind": "staff_tags", **about, "add": [tag] if add else [], "remove": [] if add else [tag]}

    def _joins(self) -> Json:
        return {"kind": "join", "config_id": self._random.choice(self._doors), "person": self._person()}

    def _leaves(self) -> Json | None:
        if not self._rooms:
            return None
        chat_id, who = self._rooms.pop(self._random.randrange(len(self._rooms)))
        return {"kind": "leave", "chat_id": chat_id, "external_userid": who}

    def _messages(self) -> Json | None:
        pair = self._friend()
        return pair and {"kind": "customer_writes", "userid": pair[0], "external_userid": pair[1]}


def schedule(pace: Pace) -> Iterator[tuple[float, str]]:
    """Give when (seconds from the start) each act is due, each kind evenly over the whole time."""
    made = dict.fromkeys(KINDS, 0)
    while True:
        due = {kind: (made[kind] + 0.5) / rate for kind in KINDS if (rate := getattr(pace, kind))}
        kind = min(due, key=lambda one: due[one])
        if due[kind] > pace.seconds:
            return
        made[kind] += 1
        yield due[kind], kind


def _times(measured: list[tuple[float, float]]) -> Json:
    if len(measured) < 2:
        return {}
    answer, event = ([one[at] * 1000 for one in measured] for at in (0, 1))
    return {
        "ack_p50_ms": round(quantiles(answer, n=100)[49], 1),
        "ack_p99_ms": round(quantiles(answer, n=100)[98], 1),
        "event_to_ack_p50_ms": round(quantiles(event, n=100)[49], 1),
        "event_to_ack_p99_ms": round(quantiles(event, n=100)[98], 1),
    }
