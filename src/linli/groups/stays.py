"""Who is in a group, as a set of stays: compares with a reading, or takes one step of the chain."""

from collections.abc import Sequence
from datetime import datetime

from linli.connect.api import MISSED
from linli.customers import api as customers
from linli.groups import facts
from linli.groups.models import GroupChat, Member
from linli.groups.readings import SAME_MOMENT, Change, MemberRead, Moved, kind_of
from linli.kit.clock import now
from linli.ledger import api as ledger

_CALLBACKS = {
    facts.MEMBER_JOINED: "change_external_chat.update.add_member",
    facts.MEMBER_LEFT: "change_external_chat.update.del_member",
}
_FIELDS = ("kind", "join_scene", "state", "invited_by", "name", "joined_at")


class Stays:
    """The live stays of one locked group, inside the caller's transaction; `news` gathers the facts to publish.

    `opening`: the group itself is new to us, and one callback would have told of it with everybody inside.
    """

    def __init__(self, group: GroupChat, cause: str, *, opening: bool = False) -> None:
        self.group = group
        self.cause = cause
        self.opening = opening
        self.news: list[ledger.NewFact] = []
        self.live = {row.member_id: row for row in Member.objects.filter(group=group, left_at=None)}

    def states(self) -> set[str]:
        """The join ways' states that people inside carry."""
        return {row.state for row in self.live.values() if row.state}

    def become(self, members: Sequence[MemberRead], change: Change | None) -> None:
        """Be exactly these members."""
        inside = {one.member_id for one in members}
        for member_id in [one for one in self.live if one not in inside]:
            told = change is not None and change.moved is Moved.OUT and member_id in change.member_ids
            self._end(member_id, change.at if told and change else now(), change.by if told and change else "")
        newcomers, corrected = [], []
        for one in members:
            stay = self.live.get(one.member_id)
            if stay is not None and not _same_stay(stay, one):
                self._end(one.member_id, one.joined_at, "")
                stay = None
            if stay is None:
                newcomers.append(one)
            elif _correct(stay, one):
                corrected.append(stay)
        Member.objects.bulk_update(corrected, _FIELDS, batch_size=500)
        self._begin(newcomers)

    def step(self, change: Change) -> None:
        """Take what an event tells; scene and state of who came are known only to a later reading."""
        if change.moved is Moved.OUT:
            for member_id in change.member_ids:
                if member_id in self.live:
                    self._end(member_id, change.at, change.by)
            return
        self._begin([_unread(one, change.at) for one in change.member_ids if one not in self.live])

    def _end(self, member_id: str, at: datetime, by: str) -> None:
        stay = self.live.pop(member_id)
        stay.left_at, stay.left_by = max(at, stay.joined_at), by
        stay.save(update_fields=["left_at", "left_by"])
        if stay.kind == Member.Kind.EXTERNAL:
            self.news.append(self._fact(facts.MEMBER_LEFT, stay, stay.left_at, by=by))

    def _begin(self, newcomers: Sequence[MemberRead]) -> None:
        if not newcomers:
            return
        outside = [one.member_id for one in newcomers if one.kind == Member.Kind.EXTERNAL]
        known = customers.customer_by_external(corp_id=self.group.corp_id, external_userids=outside)
        rows = [self._row(one, known.get(one.member_id)) for one in newcomers]
        # Who "left" by a reading that was older than the event comes back into the same stay.
        Member.objects.bulk_create(
            rows, batch_size=500, update_conflicts=True,
            unique_fields=["corp", "group", "member_id", "joined_at"],
            update_fields=["kind", "customer_id", "name", "join_scene", "state", "invited_by", "left_at", "left_by"],
        )  # fmt: skip
        self.live |= {row.member_id: row for row in rows}
        self.news += [
            self._fact(facts.MEMBER_JOINED, row, row.joined_at, scene=row.join_scene, state=row.state)
            for row in rows
            if row.kind == Member.Kind.EXTERNAL
        ]

    def _row(self, one: MemberRead, customer_id: int | None) -> Member:
        return Member(
            corp_id=self.group.corp_id, group=self.group, member_id=one.member_id, kind=one.kind,
            customer_id=customer_id, name=one.name, joined_at=one.joined_at, join_scene=one.join_scene,
            state=one.state, invited_by=one.invited_by, left_at=None, left_by="",
        )  # fmt: skip

    def _fact(self, kind: str, stay: Member, at: datetime, **data: object) -> ledger.NewFact:
        if self.cause == MISSED:
            data["missed"] = [] if self.opening else [_CALLBACKS[kind]]
        return ledger.NewFact(
            kind=kind, subject=f"group:{self.group.pk}", customer_id=stay.customer_id, occurred_at=at,
            data={
                "group": self.group.pk, "customer": stay.customer_id, "member": stay.member_id,
                "cause": self.cause, **data,
            },
        )  # fmt: skip


def _same_stay(stay: Member, one: MemberRead) -> bool:
    """A stay that an event began has that event's time until a reading gives the exact one."""
    unread = stay.join_scene == Member.Scene.UNKNOWN
    return stay.joined_at == one.joined_at or (unread and abs(stay.joined_at - one.joined_at) <= SAME_MOMENT)


def _correct(stay: Member, one: MemberRead) -> bool:
    changed = [name for name in _FIELDS if getattr(stay, name) != getattr(one, name)]
    for name in changed:
        setattr(stay, name, getattr(one, name))
    return bool(changed)


def _unread(member_id: str, at: datetime) -> MemberRead:
    return MemberRead(
        member_id=member_id, kind=kind_of(member_id), joined_at=at, join_scene=Member.Scene.UNKNOWN,
        state="", invited_by="", name="",
    )  # fmt: skip
