"""The nightly truth: every group of every owner, by list and get. Not fetched is never gone."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from linli.connect import api as connect
from linli.connect.api import MISSED, SYNC, Compared
from linli.directory import api as directory
from linli.groups import facts, join_ways, operations
from linli.groups.models import GroupChat, JoinWay, Member
from linli.groups.reading import Standing, fetch, standing
from linli.groups.readings import GroupRead
from linli.kit.clock import now, wall
from linli.ledger import api as ledger
from linli.wecom.client import Client, Lane
from linli.wecom.errors import ApiError, BadAnswer

KIND = "groups"
# What may concern one object only; no answer at all ends the run, and the next one goes on behind what is written.
_OF_ONE = connect.OF_ONE
_A_CURSOR = 20
_OWNERS = 100
_RIVALS = 4
_LAG = timedelta(seconds=3)
_NAMES = 1000
_ADDED = frozenset({facts.OPENED, facts.MEMBER_JOINED})
_ENDED = frozenset({facts.DISMISSED, facts.MEMBER_LEFT, facts.JOIN_WAY_GONE})


def reconcile(*, corp_id: int, reconciliation_id: int | None = None, only: Collection[str] = frozenset()) -> Compared:
    """Read all groups and members; what could not be read is listed in the run and left as it was.

    `only`: these chat ids and codes ("way:…"). A run that follows one that died goes on behind the last group written.
    """
    client = connect.client(corp_id=corp_id, lane=Lane.BULK)
    first = not GroupChat.objects.filter(corp_id=corp_id, read_at__isnull=False).exists()
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        work = _Sync(client, corp_id, run.cursor.get("cause", SYNC if first else MISSED), run)
        listed = work.list_all()
        rest = set() if not work.listed_all else _known(corp_id) - listed.keys()
        every: dict[str, int | None] = {**listed, **dict.fromkeys(rest)}
        behind = run.cursor.get("after", "")
        wanted = sorted(one for one in every if one > behind and (not only or one in only))
        run.progress(0, len(wanted))
        work.read_all([(one, every[one]) for one in wanted])
        work.read_join_ways(only)
        _name_strangers(corp_id)
    return run.compared()


sync = reconcile  # the first reading and every later one are one thing


@dataclass(frozen=True)
class _Ask:
    """A group to be read, and how we held it just before; `waits`: callbacks will have it read."""

    chat_id: str
    status: int | None
    before: Standing | None
    waits: bool = False


@dataclass
class _Sync:
    """One run over all groups."""

    client: Client
    corp_id: int
    cause: str
    run: connect.Run
    listed_all: bool = True

    def list_all(self) -> dict[str, int]:
        """The groups of all owners with their status; owners that could not be asked for are noted."""
        owners = {one.userid for one in directory.staff(corp_id=self.corp_id)}
        # Owners who left must be asked for by name (wire.md C.6); without any owner WeCom lists all it may show us.
        ours = GroupChat.objects.filter(corp_id=self.corp_id).exclude(owner_userid="")
        owners |= set(ours.values_list("owner_userid", flat=True))
        names = sorted(owners)
        chunks = [names[start : start + _OWNERS] for start in range(0, len(names), _OWNERS)] or [[]]
        found: dict[str, int] = {}
        for chunk in chunks:
            try:
                found |= {one.chat_id: one.status for one in self.client.group_chats(chunk)}
            except _OF_ONE as error:
                self.listed_all = False
                self.run.could_not(f"groupchat/list {chunk[0] if chunk else ''}…", error)
        return found

    def read_all(self, groups: Sequence[tuple[str, int | None]]) -> None:
        """Read these groups, some calls at a time, and write them in their order.

        One that we know and WeCom does not is gone: it says so when asked by its own id.
        """

        def ask(one: _Ask) -> GroupRead | None:
            return None if one.waits else fetch(self.client, one.chat_id, one.status)

        for done, (one, answer) in enumerate(connect.side_by_side(ask, map(self._ask, groups)), start=1):
            if not one.waits:
                self._take(one, answer)
            self.run.progress(done)
            if done % _A_CURSOR == 0:
                self.run.reached({"after": one.chat_id, "cause": self.cause})

    def _ask(self, group: tuple[str, int | None]) -> _Ask:
        chat_id, status = group
        # Callbacks of this group wait to be applied: nothing was missed yet.
        waits = bool(ledger.waiting(corp_id=self.corp_id, objects=[f"chat:{chat_id}"]))
        return _Ask(chat_id, status, None if waits else standing(corp_id=self.corp_id, chat_id=chat_id), waits)

    def _take(self, one: _Ask, answer: GroupRead | ApiError | BadAnswer | None) -> None:
        try:
            if isinstance(answer, Exception):
                raise answer
            said = self._apply(one, answer)
            for _ in range(_RIVALS - 1):
                if said is not None:
                    break
                one = _Ask(one.chat_id, one.status, standing(corp_id=self.corp_id, chat_id=one.chat_id))
                said = self._apply(one, fetch(self.client, one.chat_id, one.status))
        except _OF_ONE as error:
            self.run.could_not(one.chat_id, error, key=one.chat_id)
            return
        if said is None:
            why = _("callbacks kept changing it while it was read")
            self.run.could_not(one.chat_id, why, key=one.chat_id)
        else:
            self.run.finds.take(said, added=_ADDED, ended=_ENDED)

    def _apply(self, one: _Ask, read: GroupRead | None) -> list[ledger.NewFact] | None:
        """Write one reading; None: it must be read again."""
        before = one.before
        differs = before is not None and (read is None or read.member_version != before.member_version)
        # What an event has just told may be newer than what WeCom shows.
        if differs and _wait_out_lag(self.corp_id, one.chat_id):
            return None
        if read is not None:
            change_no = before.change_no if before else 0
            return operations.apply_read(corp_id=self.corp_id, read=read, change_no=change_no, cause=self.cause)
        if before is None:
            return []
        return operations.dismiss(corp_id=self.corp_id, chat_id=one.chat_id, at=now(), cause=self.cause)

    def read_join_ways(self, only: Collection[str]) -> None:
        """Read every made group code: where it leads now, and whether it is still there."""
        made = JoinWay.objects.filter(corp_id=self.corp_id, step=JoinWay.Step.MADE).order_by("id")
        for way_id, state in made.values_list("id", "state"):
            if only and f"way:{state}" not in only:
                continue
            try:
                said = join_ways.refresh(corp_id=self.corp_id, client=self.client, way_id=way_id)
            except _OF_ONE as error:
                self.run.could_not(format_lazy(_("group code {state}"), state=state), error, key=f"way:{state}")
            else:
                self.run.finds.take(said, added=_ADDED, ended=_ENDED)


def _known(corp_id: int) -> set[str]:
    return set(GroupChat.objects.filter(corp_id=corp_id, dismissed_at=None).values_list("chat_id", flat=True))


def _wait_out_lag(corp_id: int, chat_id: str) -> bool:
    """Wait until the last change is older than WeCom's lag; False when it is already."""
    touched = GroupChat.objects.filter(corp_id=corp_id, chat_id=chat_id).values_list("touched_at", flat=True).first()
    left = (touched + _LAG - wall()).total_seconds() if touched else 0.0
    if not 0 < left <= _LAG.total_seconds():  # more than that: the clock went back, and the lag is long over
        return False
    time.sleep(left)
    return True


def _name_strangers(corp_id: int) -> None:
    strangers = Member.objects.filter(corp_id=corp_id, kind=Member.Kind.EXTERNAL, customer_id=None)
    ids = list(strangers.order_by("member_id").values_list("member_id", flat=True).distinct())
    for start in range(0, len(ids), _NAMES):
        operations.identify(corp_id=corp_id, external_userids=ids[start : start + _NAMES])
