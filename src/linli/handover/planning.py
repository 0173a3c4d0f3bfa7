"""Who would get whom, and who is left out and why. Reads only; calls nothing; the same facts give the same plan."""

import heapq
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from linli.access import api as access
from linli.customers import api as customers
from linli.directory import api as directory
from linli.directory.api import StaffInfo
from linli.groups import api as groups
from linli.handover import limits, queries, wishes
from linli.handover.wishes import Wish
from linli.kit.clock import now
from linli.kit.errors import NotFound

# A clerk of this position is the shop's keeper, in the words that brands use.
KEEPERS = ("店长", "店经理", "店主", "keeper", "manager")
# What WeCom said about a taker is believed for so long.
BELIEVED = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class TakerShare:
    """A taker: `has` customers now (and on their way), `gets` in this plan, `room` left before.

    `problem` keeps them from taking customers, "" is none; a `warning` does not.
    """

    id: int
    userid: str
    name: str
    shop_id: int | None
    has: int
    room: int
    owns: int
    problem: str = ""
    warning: str = ""
    gets: int = 0
    groups: int = 0


@dataclass(frozen=True, kw_only=True)
class CustomerLine:
    """One customer: `taker_id`, or the `reason` why not; `free_at` is when WeCom would allow it again."""

    customer_id: int | None
    external_userid: str
    taker_id: int | None = None
    reason: str = ""
    free_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class GroupLine:
    """One group: as a customer's line; `later` when a day's limit puts it off to another day."""

    group_id: int
    chat_id: str
    name: str
    members: int
    taker_id: int | None = None
    reason: str = ""
    later: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The whole plan; every customer and every group of the wish has a line."""

    giver: StaffInfo
    resigned: bool
    as_of: datetime
    listed_at: datetime | None
    takers: tuple[TakerShare, ...]
    customers: tuple[CustomerLine, ...]
    groups: tuple[GroupLine, ...]

    @property
    def giving(self) -> int:
        """How many customers go."""
        return sum(line.taker_id is not None for line in self.customers)

    @property
    def groups_giving(self) -> int:
        """How many groups go."""
        return sum(line.taker_id is not None for line in self.groups)

    @property
    def left_out(self) -> Counter[str]:
        """Customers who stay, by reason."""
        return Counter(line.reason for line in self.customers if line.reason)

    @property
    def groups_left_out(self) -> Counter[str]:
        """Groups that stay, by reason."""
        return Counter(line.reason for line in self.groups if line.reason)


def plan(*, corp_id: int, wish: Wish) -> Plan:
    """The plan as of now. NotFound for a giver of another corp."""
    wishes.check(wish)
    givers = directory.staff_by_ids(corp_id=corp_id, staff_ids=[wish.giver_id])
    if wish.giver_id not in givers:
        raise NotFound("no_staff", "this member is not there")
    work = _Work(corp_id, wish, givers[wish.giver_id])
    lines = work.customers() if wish.customers else []
    chats = work.groups() if wish.groups_to != wishes.STAY else []
    return Plan(
        giver=work.giver, resigned=work.resigned, as_of=work.at, listed_at=work.reading.whole_at,
        takers=tuple(work.shares(lines, chats)), customers=tuple(lines), groups=tuple(chats),
    )  # fmt: skip


class _Work:
    """What one plan needs to know, asked once."""

    def __init__(self, corp_id: int, wish: Wish, giver: StaffInfo) -> None:
        self.corp_id, self.wish, self.giver = corp_id, wish, giver
        self.resigned = giver.left_at is not None
        self.at, self.zone = now(), access.corp(corp_id=corp_id).zone
        self.reading = queries.reading(corp_id)
        self.rule = queries.rule(corp_id)
        self.takers = {one.id: one for one in self._takers()}
        self.late = giver.left_at is not None and self.at - giver.left_at > limits.HERITAGE

    def customers(self) -> list[CustomerLine]:
        """Everyone the giver has, each with a taker or a reason."""
        lines = self._held()
        lines = [self._barred(line) for line in self._without_often(lines)]
        free = [line for line in lines if not line.reason]
        acquainted = self._acquainted(free) if self.wish.split == wishes.KNOWN else {}
        room = {one.id: one.room for one in self.takers.values() if not one.problem}
        weights = {one.id: (one.has if self.wish.split == wishes.LOAD else 0) for one in self.takers.values()}
        heap = [(weights[key], place, key) for place, key in enumerate(room)]
        heapq.heapify(heap)
        shared: dict[str, int] = {}
        for line in free:
            if (known := acquainted.get(line.customer_id or 0)) is not None:
                shared[line.external_userid] = known
            elif (taker := _next(heap, room)) is not None:
                shared[line.external_userid] = taker
        none = "no_taker" if not room else "taker_full"
        return [
            line
            if line.reason
            else replace(line, taker_id=shared.get(line.external_userid))
            if line.external_userid in shared
            else replace(line, reason=none)
            for line in lines
        ]

    def groups(self) -> list[GroupLine]:
        """Every live group of the giver."""
        owned = groups.owned_by(corp_id=self.corp_id, userid=self.giver.userid)
        open_ones = queries.groups_in_hand(self.corp_id)
        often = queries.groups_given(self.corp_id, since=limits.window_start(self.at, self.zone))
        given = queries.groups_given_on(self.corp_id, self.giver.id, since=limits.day_start(self.at, self.zone))
        keeper = self._groups_taker()
        owns = {one.id: one.owns for one in self.takers.values() if not one.problem}
        found, going = [], given
        for one in owned:
            line = GroupLine(group_id=one.id, chat_id=one.chat_id, name=one.name, members=one.customers)
            taker = keeper if keeper is not None else min(owns, key=lambda key: (owns[key], key), default=None)
            if self.late:
                line = replace(line, reason="too_long_ago")
            elif one.id in open_ones:
                line = replace(line, reason="in_hand")
            elif not self.resigned and often.get(one.id, 0) >= limits.TIMES:
                line = replace(line, reason="too_often")
            elif taker is None:
                line = replace(line, reason="no_taker")
            else:
                owns[taker] = owns.get(taker, 0) + 1
                line = replace(line, taker_id=taker, later=self.resigned and going >= limits.GROUPS_A_DAY)
                going += 1
            found.append(line)
        return found

    def shares(self, lines: Iterable[CustomerLine], chats: Iterable[GroupLine]) -> list[TakerShare]:
        """The takers with what they get; a groups' taker who gets no customers is among them."""
        gets, owned = Counter(line.taker_id for line in lines), Counter(line.taker_id for line in chats)
        return [replace(one, gets=gets[one.id], groups=owned[one.id]) for one in self.takers.values()]

    def _takers(self) -> list[TakerShare]:
        staff = directory.staff(corp_id=self.corp_id)
        if self.wish.taker_ids:
            chosen = set(self.wish.taker_ids)
        else:
            chosen = {one.id for one in staff if one.shop_id is not None and one.shop_id == self.giver.shop_id}
        extra = {self.wish.groups_taker_id} if self.wish.groups_to == wishes.ONE else set()
        wanted = [one for one in staff if one.id in chosen | extra and one.id != self.giver.id]
        has = customers.live_follow_counts(corp_id=self.corp_id)
        coming = queries.coming(self.corp_id)
        owns = groups.owners(corp_id=self.corp_id)
        said = queries.said_of_takers(self.corp_id, since=self.at - BELIEVED)
        doubted = queries.doubted_takers(self.corp_id, since=self.at - BELIEVED)
        return [
            TakerShare(
                id=one.id, userid=one.userid, name=one.name or one.userid, shop_id=one.shop_id,
                has=has.get(one.id, 0) + coming.get(one.id, 0), owns=owns.get(one.userid, 0),
                room=max(self.rule.customer_cap - has.get(one.id, 0) - coming.get(one.id, 0), 0),
                problem=self._problem(one, said.get(one.id, ""), only_groups=one.id not in chosen),
                warning=doubted.get(one.id, ""),
            )
            for one in wanted
        ]  # fmt: skip

    def _problem(self, one: StaffInfo, said: str, *, only_groups: bool) -> str:
        """Why a member takes nobody; "only_groups" is no trouble, but they get no customers."""
        if not one.active:
            return "not_active"
        if self.reading.able_at is not None and one.userid not in self.reading.able:
            return "not_able"
        return said or ("only_groups" if only_groups else "")

    def _held(self) -> list[CustomerLine]:
        held = customers.held_by(corp_id=self.corp_id, staff_id=self.giver.id, tag_ids=self.wish.tag_ids)
        lines = [
            CustomerLine(
                customer_id=one.customer_id, external_userid=one.external_userid, reason="half" if one.half else ""
            )
            for one in held
        ]
        if not self.resigned:
            return lines
        listed = queries.unassigned_of(self.corp_id, self.giver.id)
        whole_at, left_at = self.reading.whole_at, self.giver.left_at
        if whole_at is not None and left_at is not None and whole_at > left_at:
            lines = [
                line if line.reason or line.external_userid in listed else replace(line, reason="not_listed")
                for line in lines
            ]
        known = {line.external_userid for line in lines}
        if not self.wish.tag_ids:  # of a relation that Linli never saw no tag is known
            lines += [
                CustomerLine(customer_id=listed[external], external_userid=external)
                for external in listed
                if external not in known
            ]
        return lines

    def _without_often(self, lines: list[CustomerLine]) -> list[CustomerLine]:
        """Mark those who were handed over twice within 90 days; a resigned member's customers are not counted so."""
        if self.resigned:
            return lines
        since = limits.window_start(self.at, self.zone)
        ids = [line.customer_id for line in lines if line.customer_id is not None]
        times = customers.transfers_since(corp_id=self.corp_id, customer_ids=ids, since=since)
        often = {key: found for key, found in times.items() if len(found) >= limits.TIMES}
        return [
            line
            if line.reason or line.customer_id not in often
            else replace(line, reason="too_often", free_at=limits.free_again(often[line.customer_id], self.zone))
            for line in lines
        ]

    def _barred(self, line: CustomerLine) -> CustomerLine:
        if line.reason:
            return line
        if self.late:
            return replace(line, reason="too_long_ago")
        return replace(line, reason="in_hand") if line.external_userid in self._in_hand() else line

    def _in_hand(self) -> Collection[str]:
        if not hasattr(self, "_open"):
            self._open = queries.in_hand(self.corp_id)
        return self._open

    def _acquainted(self, lines: list[CustomerLine]) -> dict[int, int]:
        """The taker whom a customer has already, the one they added last."""
        ids = [line.customer_id for line in lines if line.customer_id is not None]
        found: dict[int, int] = {}
        for customer_id, follows in customers.follows_of(corp_id=self.corp_id, customer_ids=ids).items():
            for follow in follows:  # oldest first: the last one stays
                taker = self.takers.get(follow.staff_id)
                if follow.live and taker is not None and not taker.problem:
                    found[customer_id] = taker.id
        return found

    def _groups_taker(self) -> int | None:
        """The one person for all groups; None: they are divided."""
        usable = [one for one in self.takers.values() if one.problem in {"", "only_groups"}]
        if self.wish.groups_to == wishes.ONE:
            return next((one.id for one in usable if one.id == self.wish.groups_taker_id), None)
        if self.wish.groups_to != wishes.KEEPER:
            return None
        staff = directory.staff_by_ids(corp_id=self.corp_id, staff_ids=[one.id for one in usable])
        keepers = [one for one in staff.values() if any(word in one.position.lower() for word in KEEPERS)]
        at_home = [one for one in keepers if one.shop_id == self.giver.shop_id]
        return min((one.id for one in at_home or keepers), default=None)


def _next(heap: list[tuple[int, int, int]], room: dict[int, int]) -> int | None:
    """The taker whose turn it is, while they have room."""
    while heap:
        weight, place, key = heapq.heappop(heap)
        if room[key] > 0:
            room[key] -= 1
            heapq.heappush(heap, (weight + 1, place, key))
            return key
    return None
