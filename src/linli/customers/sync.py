"""Reads every relation and compares: the first time it fills the house, later it finds what no callback told."""

import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from linli.connect import api as connect
from linli.connect.api import ELSEWHERE, MISSED, SYNC, Compared
from linli.customers import corp_tags, facts
from linli.customers.models import Follow
from linli.customers.operations import apply
from linli.customers.readings import CustomerRead, Note, asked, from_rows, next_read_no
from linli.kit.clock import now
from linli.kit.killpoints import passing
from linli.ledger import api as ledger
from linli.wecom.client import Client
from linli.wecom.customer_calls import CustomerPage
from linli.wecom.errors import ApiError, BadAnswer, NoCustomers

STAFF_A_CALL = 100
KIND = "customers"
WECHAT = 1
# Refusals that speak of a member, not of the app (wire.md A.3).
_OF_ONE_MEMBER = frozenset({40003, 40031, 40058, 60011, 60111, 84061, 84074, 701008})
# A cursor that WeCom does not know any more: the reading begins anew.
_CURSOR_OVER = 50100
# Said of a customer: nobody has them, or only members outside the app's range do (wire.md A.3).
_NO_RELATION = 84061
_NOT_IN_RANGE = 40096
_ADDED = frozenset({facts.FOLLOW_ADDED, facts.FOLLOW_RESTORED, facts.TAG_MADE})
_ENDED = frozenset({facts.FOLLOW_LOST, facts.TAG_DELETED})


@dataclass
class _Reading:
    """One call of batch/get_by_user with all its pages; a relation that it does not show was over when it began."""

    userids: list[str]
    before: dict[tuple[str, str], tuple[int, datetime | None]]
    at: datetime = field(default_factory=now)
    seen: set[tuple[str, str]] = field(default_factory=set)
    unlicensed: set[str] = field(default_factory=set)
    first_no: int = 0

    @property
    def mark(self) -> int:
        """WeCom's cursor goes on in this list of members only."""
        return zlib.crc32("\n".join(self.userids).encode())

    def take(self, read_no: int, page: CustomerPage) -> None:
        """Note whom a page shows; raises BadAnswer when it is about somebody who was not asked for."""
        if strange := {one.follow.userid for one in page.rows} - set(self.userids):
            raise BadAnswer("externalcontact/batch/get_by_user", f"{min(strange)} was not asked for")
        self.first_no = self.first_no or read_no
        self.seen |= {(one.follow.userid, one.customer.external_userid) for one in page.rows}
        self.unlicensed |= set(page.unlicensed_userids)


def reconcile(*, corp_id: int, reconciliation_id: int | None = None, only: Collection[str] = frozenset()) -> Compared:
    """Read all tags and relations (`only`: those of these userids); what could not be read is listed and stays as it was.

    A run that follows one that died goes on at its page.
    """
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
        work = _Sync(client, corp_id, SYNC if run.first else MISSED, run)
        after, going_on = run.cursor.get("after", ""), run.cursor.get("reading")
        if not run.cursor:
            work.read_tags()
        userids = sorted(client.follow_users())
        if not run.first:
            run.total = len(only) or Follow.objects.filter(corp_id=corp_id, live=True).count()
        wanted = [one for one in userids if one > after and (not only or one in only)]
        for start in range(0, len(wanted), STAFF_A_CALL):
            chunk = wanted[start : start + STAFF_A_CALL]
            work.read_staff(chunk, behind=after, going_on=going_on)
            going_on, after = None, chunk[-1]
            run.part(start + len(chunk), len(wanted))
            run.reached({"after": after})
        _name_unreadable(corp_id, userids, run, only)
        run.progress(run.done, run.done)
    return run.compared()


sync = reconcile  # the first reading and every later one are one thing


@dataclass
class _Sync:
    """One run over all staff."""

    client: Client
    corp_id: int
    cause: str
    run: connect.Run

    def read_tags(self) -> None:
        """Read the corp's tags, unless callbacks about them wait to be applied: they will have them read."""
        if not ledger.waiting(corp_id=self.corp_id, objects=["tags"]):
            self.run.finds.take(corp_tags.sync(corp_id=self.corp_id, cause=self.cause), added=_ADDED, ended=_ENDED)

    def read_staff(
        self, userids: list[str], *, behind: str | None = None, going_on: dict[str, Any] | None = None
    ) -> None:
        """Read the customers of these members, and end the relations that are no more.

        `going_on` is where a run that died stood in this very reading. Places are kept where it is told `behind` which
        member all others were read.
        """
        reading = _Reading(userids, _live_follows(self.corp_id, userids))
        cursor = _taken_up(reading, going_on) if going_on else ""
        try:
            for read_no, page in _pages(self.client, userids, cursor):
                reading.take(read_no, page)
                place = {"after": behind, "reading": _place(reading, page.next_cursor)}
                with nullcontext() if behind is None or not page.next_cursor else self.run.step(place):
                    self._keep(read_no, page)
                passing("customers.page_kept")
        except ApiError as error:
            if error.code == _CURSOR_OVER and cursor:
                self.read_staff(userids, behind=behind)
                return
            if error.code not in _OF_ONE_MEMBER:
                raise
            self._read_alone(reading, error, behind)
            return
        except BadAnswer as error:
            self._read_alone(reading, error, behind)
            return
        for userid in sorted(reading.unlicensed):
            self.run.could_not(_customers_of(userid), _("no interop licence (701008)"), key=userid)
        self._lose_absent(reading)

    def _keep(self, read_no: int, page: CustomerPage) -> None:
        told = self._told({one.customer.external_userid for one in page.rows})
        rows = [one for one in page.rows if one.customer.external_userid not in told]
        reads = from_rows(rows, read_no)
        notes = _restored(self.corp_id, reads) if self.cause == MISSED else []
        done = apply(corp_id=self.corp_id, reads=reads, notes=notes, cause=self.cause)
        said = done.said
        self.run.finds.kept_out += done.kept_out
        self.run.finds.take(said, added=_ADDED, ended=_ENDED)
        wechat = {one.customer.external_userid for one in rows if one.customer.type == WECHAT}
        # The code of a welcome comes with the callback only, and lives for 20 seconds.
        self.run.finds.undetectable["welcomes"] += sum(
            fact.kind == facts.FOLLOW_ADDED and fact.data["cause"] == MISSED and fact.data["external_userid"] in wechat
            for fact in said
        )
        self.run.progress(self.run.done + len(page.rows))

    def _lose_absent(self, reading: _Reading) -> None:
        """Relations we held live before the reading, that neither it nor the customer's own answer shows, are over.

        Who ended them and when nobody told: `lost_by` stays empty, and the time is that of the reading, not earlier than
        the addition. A callback that comes late fills in both.
        """
        absent = {pair for pair in reading.before if pair not in reading.seen and pair[0] not in reading.unlicensed}
        told = self._told({pair[1] for pair in absent})
        notes = [
            Note(
                external_userid=external, userid=userid, kind="lost", at=max(reading.at, added_at or reading.at),
                cause=MISSED, held=(read_no, added_at),
            )
            for userid, external in self._really_gone({pair for pair in absent if pair[1] not in told})
            for read_no, added_at in [reading.before[userid, external]]
        ]  # fmt: skip
        if notes:
            self.run.finds.take(apply(corp_id=self.corp_id, notes=notes).said, added=_ADDED, ended=_ENDED)

    def _really_gone(self, pairs: set[tuple[str, str]]) -> list[tuple[str, str]]:
        """A list may skip a row while its pages are read; so each absent customer is asked for by their own id."""
        gone = []
        for external in sorted({pair[1] for pair in pairs}):
            those = [pair for pair in sorted(pairs) if pair[1] == external]
            try:
                shown = self._followers(external)
            except connect.OF_ONE as error:
                gone += [pair for pair in those if self._ended_all_the_same(*pair, error)]
            else:
                gone += [pair for pair in those if pair[0] not in shown]
        return gone

    def _ended_all_the_same(self, userid: str, external: str, error: ApiError | BadAnswer) -> bool:
        """WeCom does not show this customer: does it say of this very relation that it is over?

        Where only members out of sight have the customer left, the member's own list, which comes whole, says it.
        """
        if error.code == _NO_RELATION:
            return True
        if error.code == _NOT_IN_RANGE:
            try:
                return external not in self.client.customer_ids(userid)
            except NoCustomers:
                return True
            except connect.OF_ONE:  # what was said of the customer is told
                pass
        # Who it is stays out of the list: it is kept, and may name no customer (project/personal.py).
        self.run.could_not(format_lazy(_("a customer of {who}"), who=userid), error, key=userid)
        return False

    def _followers(self, external: str) -> set[str]:
        return {one.userid for one in asked(self.client, external).follows}

    def _told(self, externals: set[str]) -> set[str]:
        """Of whom a callback is here and waits to be applied: nothing was missed yet."""
        objects = {f"customer:{one}": one for one in externals}
        return {objects[key] for key in ledger.waiting(corp_id=self.corp_id, objects=objects)}

    def _read_alone(self, reading: _Reading, error: ApiError | BadAnswer, behind: str | None) -> None:
        """One member whom WeCom refuses must not hide the ninety-nine others."""
        if len(reading.userids) == 1:
            self.run.could_not(_customers_of(reading.userids[0]), error, key=reading.userids[0])
            return
        for userid in reading.userids:
            self.read_staff([userid])
            if behind is not None:
                self.run.reached({"after": userid})


def _pages(client: Client, userids: Sequence[str], cursor: str) -> Iterator[tuple[int, CustomerPage]]:
    """Pages with the number drawn before each was asked for; the next one is under way while one is written."""
    pages = client.customers_of(userids, cursor=cursor)
    with ThreadPoolExecutor(1, thread_name_prefix="customers_of") as pool:
        read_no, coming = next_read_no(), pool.submit(next, pages, None)
        while (page := coming.result()) is not None:
            asked_no = read_no
            if page.next_cursor:
                read_no, coming = next_read_no(), pool.submit(next, pages, None)
            yield asked_no, page
            if not page.next_cursor:
                return


def _place(reading: _Reading, cursor: str) -> dict[str, Any]:
    """What the next run needs to go on behind this page."""
    return {
        "of": reading.mark, "cursor": cursor, "first_no": reading.first_no, "at": reading.at.isoformat(),
        "unlicensed": sorted(reading.unlicensed),
    }  # fmt: skip


def _taken_up(reading: _Reading, place: dict[str, Any]) -> str:
    """Make the reading the one that died: its rows carry a number of its own or a later one. Returns WeCom's cursor."""
    if place["of"] != reading.mark:  # the members are not the same any more: the cursor would not fit
        return ""
    reading.first_no, reading.at = place["first_no"], datetime.fromisoformat(place["at"])
    reading.unlicensed = set(place["unlicensed"])
    reading.seen = {pair for pair, (read_no, _at) in reading.before.items() if read_no >= reading.first_no}
    return str(place["cursor"])


def _live_follows(corp_id: int, userids: Iterable[str]) -> dict[tuple[str, str], tuple[int, datetime | None]]:
    rows = Follow.objects.filter(corp_id=corp_id, staff__userid__in=list(userids), live=True)
    return {
        (userid, str(external)): (read_no, added_at)
        for userid, external, read_no, added_at in rows.values_list(
            "staff__userid", "customer__external_userid", "read_no", "added_at"
        )
    }


def _restored(corp_id: int, reads: Sequence[CustomerRead]) -> list[Note]:
    """Relations held lost without proof (absent once, or deleted in the second they were added) that are shown now."""
    shown = {(one.userid, read.external_userid): (one.added_at, read.read_no) for read in reads for one in read.follows}
    rows = Follow.objects.filter(
        corp_id=corp_id, live=False, lost_at__isnull=False, customer__external_userid__in={key for _, key in shown}
    )
    notes = []
    for follow in rows.select_related("staff", "customer"):
        pair = (follow.staff.userid, str(follow.customer.external_userid))
        if pair not in shown or follow.lost_at is None or shown[pair][1] <= follow.read_no:
            continue
        if shown[pair][0] > follow.lost_at:  # added again after that: an addition says it
            continue
        if follow.lost_by == "" or (follow.lost_by != "customer" and shown[pair][0] == follow.lost_at):
            notes.append(
                Note(external_userid=pair[1], userid=pair[0], kind="restored", at=follow.lost_at, cause=ELSEWHERE)
            )
    return notes


def _customers_of(userid: str) -> object:
    return format_lazy(_("customers of {who}"), who=userid)


def _name_unreadable(corp_id: int, userids: Sequence[str], run: connect.Run, only: Collection[str]) -> None:
    """Staff with customers here who are not (or no more) in WeCom's list: their relations were not compared.

    Those who left are in no such list: their customers are compared with that of the unassigned (room handover).
    """
    rows = Follow.objects.filter(corp_id=corp_id, live=True, staff__left_at=None)
    rows = rows.exclude(staff__userid__in=list(userids))
    rows = rows.filter(staff__userid__in=list(only)) if only else rows
    why = _("not in WeCom's list of staff with customers: outside the app's range")
    for userid in rows.values_list("staff__userid", flat=True).distinct().order_by("staff__userid"):
        run.could_not(_customers_of(userid), why, key=userid)
