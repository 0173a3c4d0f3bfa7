"""One corp's memory: the records and the indexes that keep every call as cheap as its answer."""

import base64
import hashlib
import heapq
from collections import defaultdict
from collections.abc import Iterator

from wecom_sandbox.chats import ChatBook, Line
from wecom_sandbox.library import Library
from wecom_sandbox.linkbook import LinkBook
from wecom_sandbox.moments import MomentBook
from wecom_sandbox.office import Office
from wecom_sandbox.records import (
    Acquaintance,
    App,
    ContactWay,
    Customer,
    Department,
    Fact,
    Follow,
    Group,
    GroupWelcome,
    JoinWay,
    Json,
    MassTask,
    Message,
    Notice,
    RoomTransfer,
    Tag,
    TagGroup,
    TempChat,
    TempId,
    Transfer,
    User,
    Welcome,
)
from wecom_sandbox.rulebook import RuleBook
from wecom_sandbox.seqindex import SeqIndex
from wecom_sandbox.shelf import Shelf
from wecom_sandbox.strategies import StrategyBook

INBOX_LENGTH = 500


class Corp:
    """Records by id; whatever is indexed twice is added and removed only by the methods here."""

    def __init__(self, corp_id: str, name: str) -> None:
        """Start with nobody."""
        self.corp_id, self.name = corp_id, name
        self.seq = 0
        self.apps: dict[int, App] = {}
        self.departments: dict[int, Department] = {}
        self.users: dict[str, User] = {}
        self.customers: dict[str, Customer] = {}
        self.by_unionid: dict[str, str] = {}
        self.follows: dict[tuple[str, str], Follow] = {}
        self.follows_of: defaultdict[str, SeqIndex[Follow]] = defaultdict(SeqIndex)
        self.followers_of: defaultdict[str, SeqIndex[Follow]] = defaultdict(SeqIndex)
        self.tag_groups: dict[str, TagGroup] = {}
        self.tags: dict[str, Tag] = {}
        self.tags_in: defaultdict[str, list[Tag]] = defaultdict(list)
        self.strategies = StrategyBook()
        self.shelf, self.rules, self.links = Shelf(), RuleBook(), LinkBook()
        self.contact_ways: dict[str, ContactWay] = {}
        self.contact_way_list: SeqIndex[ContactWay] = SeqIndex()
        self.join_ways: dict[str, JoinWay] = {}
        self.by_state: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.groups: dict[str, Group] = {}
        self.group_list: SeqIndex[Group] = SeqIndex()
        self.mass_tasks: dict[str, MassTask] = {}
        self.mass_task_list: SeqIndex[MassTask] = SeqIndex()
        self.mass_receipts: defaultdict[str, list[int]] = defaultdict(list)
        self.welcomes: dict[str, Welcome] = {}
        self.open_welcomes: dict[str, Welcome] = {}
        self.messages: list[Message] = []
        self.inboxes: defaultdict[str, list[int]] = defaultdict(list)
        self.chats = ChatBook()
        self.library = Library()
        self.moments = MomentBook()
        self.group_welcomes: dict[str, GroupWelcome] = {}
        self.notices: defaultdict[str, list[Notice]] = defaultdict(list)
        self.office = Office()
        self.halves: dict[tuple[str, str], Follow] = {}
        self.departed: dict[str, User] = {}
        self.unassigned: dict[tuple[str, str], Follow] = {}
        self.transfers: list[Transfer] = []
        self.transfers_of: defaultdict[str, list[Transfer]] = defaultdict(list)
        self.room_transfers: list[RoomTransfer] = []
        self.temp_chats: dict[tuple[str, str], TempChat] = {}
        self.agenda: list[tuple[int, int, Transfer | RoomTransfer | TempChat]] = []
        self.acquaintances: list[Acquaintance] = []
        self.temp_ids: dict[str, TempId] = {}
        self.opengids: dict[str, str] = {}
        self.facts: list[Fact] = []
        self.temp_ways_made: dict[str, int] = {}  # the day (unix), and how many temporary codes were made on it

    def next_seq(self) -> int:
        """Draw the next number; it orders everything that is paged."""
        self.seq += 1
        return self.seq

    def new_id(self, prefix: str) -> str:
        """Make an id in WeCom's style, the same for the same history."""
        return prefix + self.digest(f"{prefix}/{self.next_seq()}")[: 32 - len(prefix)]

    def digest(self, text: str) -> str:
        """Hash a text to letters and digits, different in every corp."""
        raw = hashlib.sha256(f"{self.corp_id}/{text}".encode()).digest()
        return base64.b64encode(raw).decode().replace("+", "A").replace("/", "B").rstrip("=")

    def add_user(self, user: User) -> None:
        """Take a member in."""
        self.users[user.userid] = user

    def add_customer(self, customer: Customer) -> None:
        """Take a customer in; one unionid is one customer."""
        self.customers[customer.external_userid] = customer
        if customer.unionid:
            self.by_unionid[customer.unionid] = customer.external_userid

    def add_follow(self, follow: Follow) -> None:
        """Make a relation known from both its ends."""
        self.follows[follow.userid, follow.external_userid] = follow
        self.follows_of[follow.userid].add(follow.seq, follow)
        self.followers_of[follow.external_userid].add(follow.seq, follow)

    def remove_follow(self, follow: Follow) -> None:
        """End a relation."""
        del self.follows[follow.userid, follow.external_userid]
        self.follows_of[follow.userid].remove(follow.seq)
        self.followers_of[follow.external_userid].remove(follow.seq)

    def add_half(self, follow: Follow) -> None:
        """Keep what only the customer has agreed to; no call of an app shows it."""
        self.halves[follow.userid, follow.external_userid] = follow

    def rename_user(self, old: str, new: str) -> None:
        """Give a member another userid, wherever the corp's customers, groups, codes, tasks and hand-overs name them."""
        user = self.users.pop(old)
        user.userid = new
        self.add_user(user)
        for follow in list(self.follows_of[old]):
            self.remove_follow(follow)
            follow.userid, follow.seq = new, self.next_seq()
            self.add_follow(follow)
        for key in [key for key in self.halves if key[0] == old]:
            half = self.halves.pop(key)
            half.userid = new
            self.add_half(half)
        for group in self.group_list:
            group.owner = new if group.owner == old else group.owner
            if old in group.members:
                group.members[old].userid = new
                group.members = {one.userid: one for one in group.members.values()}
        for way in self.contact_ways.values():
            way.user = [new if one == old else one for one in way.user]
        for link in self.links.links.values():
            link.users = [new if one == old else one for one in link.users]
        for task in self.mass_tasks.values():
            if old in task.senders:
                task.senders[old].userid = new
                task.senders = {one.userid: one for one in task.senders.values()}
        handed: list[Transfer | RoomTransfer] = [*self.transfers, *self.room_transfers]
        for transfer in handed:
            transfer.handover = new if transfer.handover == old else transfer.handover
            transfer.takeover = new if transfer.takeover == old else transfer.takeover
        for moment in self.moments:
            moment.creator = new if moment.creator == old else moment.creator
            if old in moment.copies:
                moment.copies[old].userid = new
                moment.copies = {one.userid: one for one in moment.copies.values()}
        if old in self.office.archive_seats:
            self.office.archive_seats[new] = self.office.archive_seats.pop(old)

    def add_departed(self, user: User) -> None:
        """Keep somebody who left."""
        self.departed[user.userid] = user

    def add_unassigned(self, follow: Follow) -> None:
        """Keep a relation whose member left, for somebody to take over."""
        self.unassigned[follow.userid, follow.external_userid] = follow

    def add_transfer(self, transfer: Transfer) -> None:
        """Take a hand-over in; it comes up when it is due."""
        self.transfers.append(transfer)
        self.transfers_of[transfer.external_userid].append(transfer)
        self.plan(transfer)

    def add_room_transfer(self, transfer: RoomTransfer) -> None:
        """Take the hand-over of a group in."""
        self.room_transfers.append(transfer)
        self.plan(transfer)

    def add_temp_chat(self, chat: TempChat) -> None:
        """Take a temporary chat in; it comes up when its time is over."""
        self.temp_chats[chat.userid, chat.external_userid] = chat
        self.plan(chat)

    def plan(self, thing: Transfer | RoomTransfer | TempChat) -> None:
        """Put on the agenda what the clock will end."""
        heapq.heappush(self.agenda, (thing.due_at, thing.seq, thing))

    def add_tag_group(self, group: TagGroup) -> None:
        """Take a tag group in."""
        self.tag_groups[group.id] = group

    def add_tag(self, tag: Tag) -> None:
        """Take a tag in, under its group."""
        self.tags[tag.id] = tag
        self.tags_in[tag.group_id].append(tag)

    def group_of(self, thing: Tag | TagGroup) -> TagGroup:
        """Give the group of a tag, or the group itself."""
        return self.tag_groups[thing.group_id] if isinstance(thing, Tag) else thing

    def live_tags(self, group_id: str) -> list[Tag]:
        """List the tags of a group that are not deleted."""
        return [tag for tag in self.tags_in[group_id] if not tag.deleted]

    def add_contact_way(self, way: ContactWay) -> None:
        """Take a 联系我 code in."""
        self.contact_ways[way.config_id] = way
        self.contact_way_list.add(way.seq, way)
        self._index_state(way.state, way.config_id)

    def remove_contact_way(self, way: ContactWay) -> None:
        """Void a 联系我 code."""
        del self.contact_ways[way.config_id]
        self.contact_way_list.remove(way.seq)
        self._unindex_state(way.state, way.config_id)

    def add_join_way(self, way: JoinWay) -> None:
        """Take a 加入群聊 code in."""
        self.join_ways[way.config_id] = way
        self._index_state(way.state, way.config_id)

    def remove_join_way(self, way: JoinWay) -> None:
        """Void a 加入群聊 code."""
        del self.join_ways[way.config_id]
        self._unindex_state(way.state, way.config_id)

    def restate(self, way: ContactWay | JoinWay, state: str) -> None:
        """Give a code another state."""
        self._unindex_state(way.state, way.config_id)
        way.state = state
        self._index_state(state, way.config_id)

    def add_group(self, group: Group) -> None:
        """Take a customer group in."""
        self.groups[group.chat_id] = group
        self.group_list.add(group.seq, group)

    def remove_group(self, group: Group) -> None:
        """Forget a dismissed group."""
        del self.groups[group.chat_id]
        self.group_list.remove(group.seq)

    def add_mass_task(self, task: MassTask) -> None:
        """Take a mass message in."""
        self.mass_tasks[task.msgid] = task
        self.mass_task_list.add(task.seq, task)

    def add_welcome(self, welcome: Welcome) -> None:
        """Take a welcome code in; unused ones stay open until they expire."""
        self.welcomes[welcome.code] = welcome
        if not welcome.sent_at:
            self.open_welcomes[welcome.code] = welcome

    def show(self, message: Message, readers: Iterator[str] | list[str]) -> None:
        """Let customers see a message."""
        self.messages.append(message)
        number = len(self.messages) - 1
        for reader in readers:
            inbox = self.inboxes[reader]
            inbox.append(number)
            del inbox[:-INBOX_LENGTH]
        if message.chat_id:
            self.say(message.chat_id, message.time, message.kind, message.userid, message.text, message.attachments)

    def say(self, chat: str, at: int, kind: str, by: str, text: Json, attachments: list[Json] | None = None) -> None:
        """Write a line of a chat down, for phones to show."""
        self.chats.add(chat, Line(at, kind, by, text, attachments or [], len(self.messages)))

    def members_of(self, department_id: int, *, deep: bool) -> list[User]:
        """List the members of a department, with its sub-departments when `deep`."""
        wanted = self.subtree(department_id) if deep else {department_id}
        return [user for user in self.users.values() if wanted.intersection(user.department)]

    def subtree(self, department_id: int) -> set[int]:
        """Collect a department's id and all ids below it."""
        found = {department_id}
        frontier = [department_id]
        while frontier:
            parent = frontier.pop()
            below = [d.id for d in self.departments.values() if d.parentid == parent and d.id not in found]
            found.update(below)
            frontier.extend(below)
        return found

    def _index_state(self, state: str, config_id: str) -> None:
        if state:
            self.by_state[state][config_id] = None

    def _unindex_state(self, state: str, config_id: str) -> None:
        self.by_state[state].pop(config_id, None)


def external_id_of(corp: Corp, unionid: str) -> str:
    """Give the id that a person has, or would have, as a customer of this corp."""
    return "wm" + corp.digest("customer/" + unionid)[:30]
