"""The nightly truth: every group of every owner, by list and get. Not fetched is never gone."""

import time
from dataclasses import dataclass
from datetime import timedelta

from linli.connect import api as connect
from linli.connect.api import MISSED, SYNC, Compared
from linli.directory import api as directory
from linli.groups import facts, join_ways, operations
from linli.groups.models import GroupChat, JoinWay, Member
from linli.groups.reading import fetch, standing
from linli.kit.clock import now, wall
from linli.ledger import api as ledger
from linli.wecom.client import Client, Lane
from linli.wecom.errors import ApiError, BadAnswer

KIND = "groups"
# What may concern one object only; no answer at all ends the run, and the next one begins anew.
_OF_ONE = (ApiError, BadAnswer)
_OWNERS = 100
_RIVALS = 4
_LAG = timedelta(seconds=3)
_NAMES = 1000
_ADDED = frozenset({facts.OPENED, facts.MEMBER_JOINED})
_ENDED = frozenset({facts.DISMISSED, facts.MEMBER_LEFT, facts.JOIN_WAY_GONE})


def reconcile(*, corp_id: int, reconciliation_id: int | None = None) -> Compared:
    """Read all groups and members; what could not be read is listed in the run and left as it was."""
    client = connect.client(corp_id=corp_id, lane=Lane.BULK)
    first = not GroupChat.objects.filter(corp_id=corp_id, read_at__isnull=False).exists()
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        work = _Sync(client, corp_id, SYNC if first else MISSED, run)
        listed = work.list_all()
        rest = set() if run.missing else _known(corp_id) - listed.keys()
        run.progress(0, len(listed) + len(rest))
        for done, (chat_id, status) in enumerate([*listed.items(), *((one, None) for one in sorted(rest))], start=1):
            # Callbacks of this group wait to be applied: nothing was missed yet.
            if not ledger.waiting(corp_id=corp_id, objects=[f"chat:{chat_id}"]):
                work.read(chat_id, status)
            run.progress(done)
        work.read_join_ways()
        _name_strangers(corp_id)
    return run.compared()


sync = reconcile  # the first reading and every later one are one thing


@dataclass
class _Sync:
    """One run over all groups."""

    client: Client
    corp_id: int
    cause: str
    run: connect.Run

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
                self.run.could_not(f"groupchat/list {chunk[0] if chunk else ''}…", connect.explain_error(error))
        return found

    def read(self, chat_id: str, status: int | None) -> None:
        """Read one group. One that we know and WeCom does not is gone: it says so when asked by its own id."""
        try:
            said = self._compare(chat_id, status)
        except _OF_ONE as error:
            self.run.could_not(chat_id, connect.explain_error(error))
            return
        if said is None:
            self.run.could_not(chat_id, "busy")
        else:
            self.run.finds.take(said, added=_ADDED, ended=_ENDED)

    def _compare(self, chat_id: str, status: int | None) -> list[ledger.NewFact] | None:
        for _ in range(_RIVALS):
            before = standing(corp_id=self.corp_id, chat_id=chat_id)
            read = fetch(self.client, chat_id, status)
            differs = before is not None and (read is None or read.member_version != before.member_version)
            # What an event has just told may be newer than what WeCom shows.
            if differs and _wait_out_lag(self.corp_id, chat_id):
                continue
            if read is None:
                gone = before is not None
                return (
                    operations.dismiss(corp_id=self.corp_id, chat_id=chat_id, at=now(), cause=self.cause)
                    if gone
                    else []
                )
            change_no = before.change_no if before else 0
            said = operations.apply_read(corp_id=self.corp_id, read=read, change_no=change_no, cause=self.cause)
            if said is not None:
                return said
        return None

    def read_join_ways(self) -> None:
        """Read every made group code: where it leads now, and whether it is still there."""
        made = JoinWay.objects.filter(corp_id=self.corp_id, step=JoinWay.Step.MADE).order_by("id")
        for way_id, state in made.values_list("id", "state"):
            try:
                said = join_ways.refresh(corp_id=self.corp_id, client=self.client, way_id=way_id)
            except _OF_ONE as error:
                self.run.could_not(f"join way {state}", connect.explain_error(error))
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
