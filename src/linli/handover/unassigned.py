"""Whom members who left have left behind, by WeCom's list: read whole each night or when asked, resumed where it broke off.

No callback tells of any of it. Who is absent from a whole reading is asked for by their own id before it counts.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from linli.connect import api as connect
from linli.connect.api import ELSEWHERE, SYNC, Compared
from linli.customers import api as customers
from linli.directory import api as directory
from linli.handover import facts, leavers, queries, working
from linli.handover.models import CustomerMove, Handover, MoveState, Reading, Unassigned
from linli.kit.clock import from_unix, now
from linli.ledger import api as ledger
from linli.ledger.api import NewFact
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, BadAnswer
from linli.wecom.handover_calls import Unassigned as WireUnassigned

KIND = "handover"
_BAD_CURSOR = 50100
_PAGE = 1000
_STRANGE = "it is about another company: nobody known here is in it"
_EMPTY = _("WeCom showed an empty list where some were: an empty list proves nothing")


def reconcile(*, corp_id: int, reconciliation_id: int | None = None, only: Collection[str] = frozenset()) -> Compared:
    """Read who is unassigned and who may take over, end what is over, propose what a rule asks for, read all results.

    WeCom shows the list whole or not at all, so `only` (leavers of whom a customer could not be read) narrows nothing.
    """
    del only
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
        first = queries.reading(corp_id).whole_at is None
        work = _Pass(client, corp_id, SYNC if first else ELSEWHERE, run)
        work.read_able()
        work.read_list(dict(run.cursor))
        work.end_absent()
        work.end_unlisted()
        leavers.look(corp_id=corp_id)
        work.read_results()
        run.cursor = {}
        run.progress(run.done, run.done)
    return run.compared()


@dataclass
class _Pass:
    """One run over the whole list."""

    client: Client
    corp_id: int
    cause: str
    run: connect.Run
    number: int = 0
    doubtful: bool = False  # the list came empty, although customers stood in it
    asked: set[tuple[str, str]] = field(default_factory=set)

    def read_able(self) -> None:
        """Who may have customers at all (客户联系's range): only they can take over."""
        able = sorted(self.client.follow_users())
        known = _members(self.corp_id)
        if not able and known:  # empty never means none
            self.run.could_not("externalcontact/get_follow_user_list", _EMPTY)
            return
        if known and known.isdisjoint(able):
            raise BadAnswer("externalcontact/get_follow_user_list", _STRANGE)
        Reading.objects.update_or_create(corp_id=self.corp_id, defaults={"able": able, "able_at": now()})

    def read_list(self, before: dict[str, object]) -> None:
        """Read all pages; a run that broke off goes on at its cursor, with the number of its pass."""
        cursor, self.number = str(before.get("next") or ""), int(str(before.get("pass") or 0))
        if not cursor:
            self.number = self._new_number()
        try:
            self._pages(cursor)
        except ApiError as error:
            if error.code != _BAD_CURSOR or not cursor:
                raise
            self.number = self._new_number()
            self._pages("")
        rows = Unassigned.objects.filter(corp_id=self.corp_id, gone_at=None)
        self.doubtful = rows.exists() and not rows.filter(pass_no=self.number).exists()

    def end_absent(self) -> None:
        """Rows that the whole list does not show: those we gave away ourselves are no news, the others are asked for."""
        rows = Unassigned.objects.filter(corp_id=self.corp_id, gone_at=None, pass_no__lt=self.number)
        absent = list(rows.select_related("staff").order_by("id"))
        ours = _ours(self.corp_id)
        elsewhere: Counter[int] = Counter()
        for row in absent:
            pair = (row.staff.userid, row.external_userid)
            if pair not in ours and not self._settle(*pair):
                continue
            Unassigned.objects.filter(id=row.pk).update(gone_at=now())
            elsewhere[row.staff_id] += pair not in ours
        self._say(facts.ASSIGNED_ELSEWHERE, +elsewhere)
        Reading.objects.filter(corp_id=self.corp_id).update(whole_at=now())

    def end_unlisted(self) -> None:
        """Relations that we hold with members who left, and that no list shows: each is asked for."""
        ours, listed = _ours(self.corp_id), Unassigned.objects.filter(corp_id=self.corp_id, gone_at=None)
        pairs = set(listed.values_list("staff__userid", "external_userid"))
        for pair in customers.held_by_leavers(corp_id=self.corp_id):
            if pair not in pairs and pair not in ours and pair not in self.asked:
                self._settle(*pair)

    def read_results(self) -> None:
        """Every hand-over that is going on is looked at, whatever its time."""
        rows = Handover.objects.filter(corp_id=self.corp_id, state=Handover.State.RUNNING).order_by("id")
        for handover_id in rows.values_list("id", flat=True):
            before = _done(handover_id)
            for error in working.work(self.corp_id, handover_id, at_once=True):
                what = format_lazy(_("hand-over {no}"), no=handover_id)
                self.run.could_not(what, error, key=f"handover:{handover_id}")
            self.run.finds.effects["changed"] += _done(handover_id) - before

    def _pages(self, cursor: str) -> None:
        for page in self.client.unassigned_pages(cursor=cursor, page_size=_PAGE):
            self._keep(page.rows)
            self.run.done += len(page.rows)
            self.run.reached({"pass": self.number, "next": page.next_cursor})  # who is killed now reads no page twice

    def _keep(self, rows: Sequence[WireUnassigned]) -> None:
        standing = Unassigned.objects.filter(corp_id=self.corp_id, gone_at=None)
        shown = {one.handover_userid for one in rows}
        if shown and standing.exists() and _members(self.corp_id).isdisjoint(shown):
            raise BadAnswer("externalcontact/get_unassigned_list", _STRANGE)
        directory.confirm_left(corp_id=self.corp_id, userids={one.handover_userid for one in rows})
        with transaction.atomic():
            staff = directory.ensure_staff(corp_id=self.corp_id, userids={one.handover_userid for one in rows})
            known = customers.customer_by_external(
                corp_id=self.corp_id, external_userids=[one.external_userid for one in rows]
            )
            wanted = {(staff[one.handover_userid].id, one.external_userid): one for one in rows}
            standing = Unassigned.objects.filter(
                corp_id=self.corp_id, gone_at=None, external_userid__in=[external for _, external in wanted]
            )
            held = set(standing.values_list("staff_id", "external_userid"))
            at = now()
            Unassigned.objects.bulk_create(
                [
                    Unassigned(
                        corp_id=self.corp_id, staff_id=staff_id, customer_id=known.get(external), external_userid=external,
                        left_at=from_unix(one.left_at), listed_at=at, pass_no=self.number,
                    )
                    for (staff_id, external), one in wanted.items()
                ],
                update_conflicts=True,
                unique_fields=["corp", "staff", "external_userid"],
                update_fields=["customer", "left_at", "listed_at", "pass_no", "gone_at"],
            )  # fmt: skip
            self._say(facts.UNASSIGNED, Counter(key[0] for key in wanted if key not in held))

    def _settle(self, userid: str, external: str) -> bool:
        """Ask for one customer by their own id and write what WeCom shows; False when it could not be asked."""
        self.asked.add((userid, external))
        moved = customers.Moved(external_userid=external, giver=userid, taker="", at=now(), resigned=True)
        try:
            seen = customers.look_after(self.client, corp_id=self.corp_id, moved=moved)
        except (ApiError, BadAnswer) as error:
            # Who it is stays out of the list: it is kept, and may name no customer (project/personal.py).
            self.run.could_not(format_lazy(_("a customer of {who}"), who=userid), error, key=userid)
            return False
        if seen.read is None and self.doubtful:
            self.run.could_not(format_lazy(_("a customer of {who}"), who=userid), _EMPTY, key=userid)
            return False
        if seen.read is None:
            customers.end_unlisted(corp_id=self.corp_id, giver=userid, external_userids=[external])
        else:
            customers.write_takeovers(corp_id=self.corp_id, seen=[seen])
        return True

    def _say(self, kind: str, counts: Counter[int]) -> None:
        said = [
            NewFact(kind=kind, subject=f"staff:{key}", data={"staff": key, "n": n, "cause": self.cause})
            for key, n in sorted(counts.items())
        ]
        with transaction.atomic():
            ledger.publish_many(corp_id=self.corp_id, facts=said)
        self.run.finds.take(said, added={facts.UNASSIGNED}, ended={facts.ASSIGNED_ELSEWHERE})

    def _new_number(self) -> int:
        row = Reading.objects.get(corp_id=self.corp_id)
        Reading.objects.filter(id=row.pk).update(pass_no=row.pass_no + 1)
        return row.pass_no + 1


def _ours(corp_id: int) -> set[tuple[str, str]]:
    """Whom our own hand-overs have, or had, in hand since they were listed."""
    states = (MoveState.PLANNED, MoveState.UNKNOWN, MoveState.WAITING, MoveState.DONE)
    rows = CustomerMove.objects.filter(corp_id=corp_id, state__in=states, handover__resigned=True)
    return set(rows.values_list("giver__userid", "external_userid"))


def _members(corp_id: int) -> set[str]:
    """Everybody known, also those who left."""
    return {one.userid for one in (*directory.staff(corp_id=corp_id), *directory.leavers(corp_id=corp_id))}


def _done(handover_id: int) -> int:
    ended = (MoveState.DONE, *queries.SETTLED)
    return CustomerMove.objects.filter(handover_id=handover_id, state__in=ended).count()
