"""Writes what was read and what was told about relations: one transaction, a constant number of queries.

However many customers one call carries, and in whatever order calls come, the rows end the same: a follow's state is a
function of the set of its changes (followstate.py), and of two readings the fresher wins (`read_no`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from linli.connect.api import ELSEWHERE, MISSED
from linli.customers import facts
from linli.customers.admission import admit
from linli.customers.bulk import numbered, put, rewrite
from linli.customers.models import Customer, Follow, FollowChange
from linli.customers.people import UNIONID, find, lock_customers, made_meanwhile, unionids, write_newcomers
from linli.customers.readings import CustomerRead, Note
from linli.customers.retagging import EDIT, write_tags
from linli.customers.sameness import retell, same_change, settle
from linli.directory import api as directory
from linli.kit.clock import now
from linli.ledger import api as ledger

_TRIES = 3  # against others who make the same people
_CARD = ("name", "avatar", "kind", "gender", "unionid")
_CUSTOMER_FIELDS = [*_CARD, "read_no", "first_added_at", "channel_state", "home_shop_id"]
_FOLLOW_FIELDS = [
    "state_text", "add_way", "remark", "live", "added_at", "lost_at", "lost_by", "incomplete", "read_no",
]  # fmt: skip
# The callback that would have told; of a loss WeCom does not say whose it was (del_external_contact, del_follow_user).
_CALLBACKS = {
    "added": "change_external_contact.add_external_contact",
    "lost": "change_external_contact.del",
}
_KIND_FACTS = {
    "added": facts.FOLLOW_ADDED,
    "lost": facts.FOLLOW_LOST,
    "half": facts.FOLLOW_HALF,
    "restored": facts.FOLLOW_RESTORED,
}


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What a call changed: customer ids by external_userid, and the facts it said."""

    customers: dict[str, int]
    said: tuple[ledger.NewFact, ...]
    kept_out: int = 0


def apply(
    *, corp_id: int, reads: Sequence[CustomerRead] = (), notes: Sequence[Note] = (), cause: str = "read"
) -> Applied:
    """Write happenings, and readings with the `cause` for which they were made; says facts for what is new.

    Who was erased stays out (admission.py) and is counted. When somebody else makes one of the newcomers meanwhile, all of
    it is done again, with them known.
    """
    for _ in range(_TRIES):
        try:
            return _apply(corp_id, reads, notes, cause)
        except IntegrityError as error:
            if not made_meanwhile(error):
                raise
    return _apply(corp_id, reads, notes, cause)


@transaction.atomic
def _apply(corp_id: int, reads: Sequence[CustomerRead], notes: Sequence[Note], cause: str) -> Applied:
    reads, notes, kept_out = admit(corp_id, reads, notes)
    return replace(_Work(corp_id, reads, notes, cause).run(), kept_out=kept_out)


class _Work:
    """The rows of one call, loaded once, changed in memory, written once."""

    def __init__(self, corp_id: int, reads: Sequence[CustomerRead], notes: Sequence[Note], cause: str) -> None:
        self.corp_id = corp_id
        self.reads = {read.external_userid: read for read in sorted(reads, key=lambda read: read.read_no)}
        self.cause = cause
        self.notes = [*notes, *self._notes_of_reads()]
        self.facts: list[ledger.NewFact] = []
        self.changed_customers: dict[int, Customer] = {}

    def run(self) -> Applied:
        userids = {note.userid for note in self.notes}
        self.staff = directory.ensure_staff(corp_id=self.corp_id, userids=sorted(userids))
        self.staff_by_id = {info.id: info for info in self.staff.values()}
        names = {*self.reads, *(note.external_userid for note in self.notes)}
        held = find(corp_id=self.corp_id, kind=UNIONID, values={r.unionid for r in self.reads.values() if r.unionid})
        self.customers, self.newcomers = lock_customers(
            corp_id=self.corp_id, names=names, held=held, reads=self.reads, facts_out=self.facts
        )
        self.external = {row.pk: key for key, row in self.customers.items()}
        self._load_follows()
        fresh = self._write_changes()
        self._settle_follows(fresh)
        self._settle_customers()
        self._write_cards()
        shown = self._fresh_reads()
        self.facts += write_tags(
            corp_id=self.corp_id, wanted=shown, begun={row.pk for row in self.new_follows}, names=self._tag_names(),
            cause=self.cause, told=self.told,
        )  # fmt: skip
        identities, said = unionids(corp_id=self.corp_id, reads=self.reads, customers=self.customers, held=held)
        self.facts += said
        self._write(fresh)
        ledger.publish_many(corp_id=self.corp_id, facts=self.facts)
        write_newcomers(self.corp_id, self.newcomers, identities)
        return Applied(customers={key: row.pk for key, row in self.customers.items()}, said=tuple(self.facts))

    def _write(self, fresh: list[FollowChange]) -> None:
        """Each row once: what is new whole, of the rest what may have changed. The newcomers come last."""
        put(self.new_follows)
        put(fresh)
        made = {row.pk for row in self.newcomers}
        rewrite([row for row in self.changed_customers.values() if row.pk not in made], _CUSTOMER_FIELDS)
        begun = {row.pk for row in self.new_follows}
        rewrite([row for row in self.touched.values() if row.pk not in begun], _FOLLOW_FIELDS)

    def _notes_of_reads(self) -> list[Note]:
        """A relation that WeCom shows was added at the time it shows."""
        return [
            Note(
                external_userid=read.external_userid, userid=one.userid, kind="added", at=one.added_at,
                state=one.state, cause=self.cause,
            )
            for read in self.reads.values()
            for one in read.follows
        ]  # fmt: skip

    def _load_follows(self) -> None:
        new = {row.pk for row in self.newcomers}
        ids = [pk for pk in self.external if pk not in new]
        self.follows = {(row.customer_id, row.staff_id): row for row in (self._locked_follows(ids) if ids else ())}
        known = [row.pk for row in self.follows.values()]
        wanted = {self._pair(note) for note in self.notes} - set(self.follows)
        self.new_follows = numbered(
            Follow(corp_id=self.corp_id, customer_id=customer_id, staff_id=staff_id)
            for customer_id, staff_id in sorted(wanted)
        )
        self.follows |= {(row.customer_id, row.staff_id): row for row in self.new_follows}
        self.by_id = {row.pk: row for row in self.follows.values()}
        self.touched: dict[int, Follow] = {}
        self.changes: defaultdict[int, list[FollowChange]] = defaultdict(list)
        for one in FollowChange.objects.filter(corp_id=self.corp_id, follow_id__in=known) if known else ():
            self.changes[one.follow_id].append(one)

    def _locked_follows(self, customer_ids: list[int]) -> QuerySet[Follow]:
        """Who marks a tag meanwhile either waits for us or is seen, and makes our reading an old one."""
        rows = Follow.objects.select_for_update().filter(corp_id=self.corp_id, customer_id__in=customer_ids)
        return rows.order_by("id")

    def _pair(self, note: Note) -> tuple[int, int]:
        return self.customers[note.external_userid].pk, self.staff[note.userid].id

    def _write_changes(self) -> list[FollowChange]:
        """Keep what is new; the customers' locks make looking first safe."""
        fresh: list[FollowChange] = []
        retold: list[FollowChange] = []
        for note in self.notes:
            follow = self.follows[self._pair(note)]
            if note.held is not None and not self._stands(note, follow):
                continue
            self.touched[follow.pk] = follow
            if note.incomplete and not follow.read_no:
                follow.incomplete = note.incomplete
            known = same_change(note, self.changes[follow.pk])
            if known is None:
                happened = FollowChange(
                    corp_id=self.corp_id, follow_id=follow.pk, kind=note.kind, at=note.at, by=note.by,
                    state_text=note.state, cause=note.cause,
                )  # fmt: skip
                self.changes[follow.pk].append(happened)
                fresh.append(happened)
            elif retell(note, known):
                retold.append(known)
        # Who is found to have been added anew was told of by that one callback, with remark and tags.
        self.told = {row.follow_id: _CALLBACKS["added"] for row in fresh if row.kind == "added" and row.cause == MISSED}
        rewrite([row for row in retold if row not in fresh], ["at", "by", "state_text"])
        return fresh

    def _stands(self, note: Note, follow: Follow) -> bool:
        """Is what a loss was concluded from still so? An id that was shows no relation, whatever became of the person's."""
        same = follow.live and note.held == (follow.read_no, follow.added_at)
        return same and self.staff[note.userid].userid == note.userid

    def _settle_follows(self, fresh: list[FollowChange]) -> None:
        for follow in self.touched.values():
            settle(follow, self.changes[follow.pk])
        for change in fresh:
            self.facts.append(self._follow_fact(change))

    def _follow_fact(self, change: FollowChange) -> ledger.NewFact:
        follow = self.by_id[change.follow_id]
        staff = self.staff_by_id[follow.staff_id]
        data = {
            "follow": follow.pk, "staff": staff.id, "userid": staff.userid, "shop": staff.shop_id,
            "external_userid": self.external[follow.customer_id], "cause": change.cause,
        }  # fmt: skip
        data |= {"by": change.by} if change.kind == "lost" else {"state": change.state_text}
        if change.cause == MISSED:
            data["missed"] = [_CALLBACKS[change.kind]]
        return ledger.NewFact(
            kind=_KIND_FACTS[change.kind],
            subject=f"customer:{follow.customer_id}",
            data=data,
            occurred_at=change.at,
            customer_id=follow.customer_id,
        )

    def _settle_customers(self) -> None:
        """The first follow ever gives a customer its channel and home shop, for life."""
        first: dict[int, tuple[FollowChange, Follow]] = {}
        for follow in self.follows.values():
            for change in self.changes[follow.pk]:
                best = first.get(follow.customer_id)
                if change.kind == "added" and (best is None or (change.at, follow.pk) < (best[0].at, best[1].pk)):
                    first[follow.customer_id] = (change, follow)
        absent = {follow.staff_id for _, follow in first.values()} - set(self.staff_by_id)
        if absent:
            self.staff_by_id |= directory.staff_by_ids(corp_id=self.corp_id, staff_ids=absent)
        for customer in self.customers.values():
            if customer.pk not in first:
                continue
            change, follow = first[customer.pk]
            shop_id = self.staff_by_id[follow.staff_id].shop_id
            same = customer.first_added_at == change.at and customer.channel_state == change.state_text
            if same and (customer.home_shop_id or shop_id is None):
                continue
            if customer.first_added_at is None:
                data: dict[str, object] = {"staff": follow.staff_id, "shop": shop_id, "state": change.state_text}
                self._say(facts.JOINED, customer, data, change)
            if not same or customer.home_shop_id is None:
                customer.home_shop_id = shop_id
            customer.first_added_at, customer.channel_state = change.at, change.state_text
            self.changed_customers[customer.pk] = customer

    def _say(self, kind: str, customer: Customer, data: dict[str, object], change: FollowChange | None = None) -> None:
        self.facts.append(
            ledger.NewFact(
                kind=kind,
                subject=f"customer:{customer.pk}",
                data=data,
                occurred_at=change.at if change else now(),
                customer_id=customer.pk,
            )
        )

    def _write_cards(self) -> None:
        for external_userid, read in self.reads.items():
            customer = self.customers[external_userid]
            if read.read_no <= customer.read_no:
                continue
            known = customer.read_no > 0
            different = [
                name
                for name in _CARD
                if getattr(read, name) != getattr(customer, name) and (name != "unionid" or read.unionid)
            ]
            for name in different:
                setattr(customer, name, getattr(read, name))
            if known and different:
                # A customer's own name or picture fires no callback.
                cause = ELSEWHERE if self.cause == MISSED else self.cause
                self._say(facts.EDITED, customer, {"fields": different, "cause": cause})
            customer.read_no = read.read_no
            self.changed_customers[customer.pk] = customer

    def _fresh_reads(self) -> dict[int, tuple[Follow, frozenset[str]]]:
        """Take over what readings show of each relation; returns the tags they show, by follow id."""
        found: dict[int, tuple[Follow, frozenset[str]]] = {}
        for external_userid, read in self.reads.items():
            for one in read.follows:
                follow = self.follows[self.customers[external_userid].pk, self.staff[one.userid].id]
                if read.read_no <= follow.read_no:
                    continue
                if follow.read_no and follow.remark != one.remark:
                    self._say_remark(follow)
                follow.read_no = read.read_no
                follow.add_way, follow.remark, follow.incomplete = one.add_way, one.remark, ""
                found[follow.pk] = (follow, one.tags)
        return found

    def _say_remark(self, follow: Follow) -> None:
        data = {"follow": follow.pk, "staff": follow.staff_id, "fields": ["remark"], "cause": self.cause}
        data |= {"missed": [self.told.get(follow.pk, EDIT)]} if self.cause == MISSED else {}
        self._say(facts.FOLLOW_EDITED, self.customers[self.external[follow.customer_id]], data)

    def _tag_names(self) -> dict[str, tuple[str, str]]:
        return {key: names for read in self.reads.values() for key, names in read.tag_names.items()}


@transaction.atomic
def mark_unread(*, corp_id: int, external_userid: str, userid: str, why: str) -> None:
    """Keep why a live relation could not be read again; the next reading that works clears it."""
    present = directory.present_ids(corp_id=corp_id, userids=[userid]).get(userid, userid)
    Follow.objects.filter(
        corp_id=corp_id, customer__external_userid=external_userid, staff__userid=present, live=True
    ).update(incomplete=why)
