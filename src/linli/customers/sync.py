"""Reads every relation and compares: the first time it fills the house, later it finds what no callback told."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from linli.connect import api as connect
from linli.connect.api import ELSEWHERE, MISSED, SYNC, Compared
from linli.customers import corp_tags, facts
from linli.customers.models import Follow
from linli.customers.operations import apply
from linli.customers.readings import CustomerRead, Note, from_rows, next_read_no
from linli.kit.clock import now
from linli.ledger import api as ledger
from linli.wecom.client import Client
from linli.wecom.customer_calls import CustomerPage
from linli.wecom.errors import ApiError

STAFF_A_CALL = 100
KIND = "customers"
WECHAT = 1
# Refusals that speak of a member, not of the app (wire.md A.3).
_OF_ONE_MEMBER = frozenset({40003, 40031, 40058, 60011, 60111, 84061, 84074, 701008})
# Nobody's customer (any more): wire.md A.3.
_NOBODYS = frozenset({84061, 40096})
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


def reconcile(*, corp_id: int, reconciliation_id: int | None = None) -> Compared:
    """Read all tags and relations; what could not be read is listed in the run and stays as it was."""
    first = not Follow.objects.filter(corp_id=corp_id, read_no__gt=0).exists()
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
        work = _Sync(client, corp_id, SYNC if first else MISSED, run)
        work.read_tags()
        userids = sorted(client.follow_users())
        for start in range(0, len(userids), STAFF_A_CALL):
            work.read_staff(userids[start : start + STAFF_A_CALL])
        _name_unreadable(corp_id, userids, run)
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

    def read_staff(self, userids: list[str]) -> None:
        """Read the customers of these members, and end the relations that are no more."""
        reading = _Reading(userids, _live_follows(self.corp_id, userids))
        try:
            for read_no, page in _pages(self.client, userids):
                self._keep(reading, read_no, page)
        except ApiError as error:
            if error.code not in _OF_ONE_MEMBER:
                raise
            self._read_alone(reading, error)
            return
        for userid in sorted(reading.unlicensed):
            self.run.could_not(f"customers of {userid}", "no interop licence (701008)")
        self._lose_absent(reading)

    def _keep(self, reading: _Reading, read_no: int, page: CustomerPage) -> None:
        reading.seen |= {(one.follow.userid, one.customer.external_userid) for one in page.rows}
        reading.unlicensed |= set(page.unlicensed_userids)
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
        told = self._told({external for _, external in absent})
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
        for external in sorted({external for _, external in pairs}):
            try:
                shown = {one.userid for one in self.client.customer(external).follows}
            except ApiError as error:
                if error.code not in _NOBODYS:
                    self.run.could_not(f"customer {external}", connect.explain_error(error))
                    continue
                shown = set()
            gone += [pair for pair in sorted(pairs) if pair[1] == external and pair[0] not in shown]
        return gone

    def _told(self, externals: set[str]) -> set[str]:
        """Of whom a callback is here and waits to be applied: nothing was missed yet."""
        objects = {f"customer:{one}": one for one in externals}
        return {objects[key] for key in ledger.waiting(corp_id=self.corp_id, objects=objects)}

    def _read_alone(self, reading: _Reading, error: ApiError) -> None:
        """One member whom WeCom refuses must not hide the ninety-nine others."""
        if len(reading.userids) == 1:
            self.run.could_not(f"customers of {reading.userids[0]}", connect.explain_error(error))
            return
        for userid in reading.userids:
            self.read_staff([userid])


def _pages(client: Client, userids: Sequence[str]) -> Iterator[tuple[int, CustomerPage]]:
    """Pages with the number drawn before each was asked for."""
    pages = client.customers_of(userids)
    while True:
        read_no = next_read_no()
        page = next(pages, None)
        if page is None:
            return
        yield read_no, page


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


def _name_unreadable(corp_id: int, userids: Sequence[str], run: connect.Run) -> None:
    """Staff with customers here who are not (or no more) in WeCom's list: their relations were not compared.

    Those who left are in no such list: their customers are compared with that of the unassigned (room handover).
    """
    rows = Follow.objects.filter(corp_id=corp_id, live=True, staff__left_at=None)
    rows = rows.exclude(staff__userid__in=list(userids))
    for userid in rows.values_list("staff__userid", flat=True).distinct().order_by("staff__userid"):
        run.could_not(f"customers of {userid}", "not in get_follow_user_list: outside the app's range")
