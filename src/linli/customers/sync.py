"""Reads every relation and compares: the first time it fills the house, later it finds what no callback told."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from linli.connect import api as connect
from linli.customers import corp_tags
from linli.customers.models import Follow
from linli.customers.operations import apply
from linli.customers.readings import CustomerRead, Note, from_rows, next_read_no
from linli.kit.clock import now
from linli.wecom.client import Client
from linli.wecom.customer_calls import CustomerPage
from linli.wecom.errors import ApiError

STAFF_A_CALL = 100
KIND = "customers"
# Refusals that speak of a member, not of the app (wire.md A.3).
_OF_ONE_MEMBER = frozenset({40003, 40031, 40058, 60011, 60111, 84061, 84074, 701008})


@dataclass
class Compared:
    """What a reading changed here: relations that were not known, and relations that are no more."""

    relations: int = 0
    added: int = 0
    lost: int = 0
    kept_out: int = 0  # erased people whom WeCom still shows


@dataclass
class _Reading:
    """One call of batch/get_by_user with all its pages."""

    userids: list[str]
    before: dict[tuple[str, str], tuple[int, int, datetime | None]]
    seen: set[tuple[str, str]] = field(default_factory=set)
    unlicensed: set[str] = field(default_factory=set)


def sync(*, corp_id: int) -> Compared:
    """Read all tags and relations; what could not be read is listed in the run and stays as it was."""
    first = not Follow.objects.filter(corp_id=corp_id, read_no__gt=0).exists()
    with connect.run(corp_id=corp_id, kind=KIND) as run:
        corp_tags.sync(corp_id=corp_id)
        client = connect.client(corp_id=corp_id, lane=connect.Lane.BULK)
        work = _Sync(client, corp_id, "sync" if first else "reconciled", run)
        userids = sorted(client.follow_users())
        for start in range(0, len(userids), STAFF_A_CALL):
            work.read_staff(userids[start : start + STAFF_A_CALL])
        _name_unreadable(corp_id, userids, run)
        run.progress(work.total.relations, work.total.relations)
    return work.total


def reconcile(*, corp_id: int) -> Compared:
    """The same, by the name under which it is asked for at night."""
    return sync(corp_id=corp_id)


@dataclass
class _Sync:
    """One run over all staff."""

    client: Client
    corp_id: int
    cause: str
    run: connect.Run
    total: Compared = field(default_factory=Compared)

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
        self.total.lost += _lose_absent(self.corp_id, reading)

    def _keep(self, reading: _Reading, read_no: int, page: CustomerPage) -> None:
        reads = from_rows(page.rows, read_no)
        reading.seen |= {(one.follow.userid, one.customer.external_userid) for one in page.rows}
        reading.unlicensed |= set(page.unlicensed_userids)
        notes = _restored(self.corp_id, reads) if self.cause == "reconciled" else []
        done = apply(corp_id=self.corp_id, reads=reads, notes=notes, cause=self.cause)
        self.total.added += done.added
        self.total.kept_out += done.kept_out
        self.total.relations += len(page.rows)
        self.run.progress(self.total.relations)

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


def _live_follows(corp_id: int, userids: Iterable[str]) -> dict[tuple[str, str], tuple[int, int, datetime | None]]:
    rows = Follow.objects.filter(corp_id=corp_id, staff__userid__in=list(userids), live=True)
    return {
        (userid, str(external)): (follow_id, read_no, added_at)
        for userid, external, follow_id, read_no, added_at in rows.values_list(
            "staff__userid", "customer__external_userid", "id", "read_no", "added_at"
        )
    }


def _lose_absent(corp_id: int, reading: _Reading) -> int:
    """Relations we held live before the reading, that it did not show and nothing has touched since, are over.

    Who ended them and when nobody told: `lost_by` stays empty, and the time is that of the reading.
    """
    absent = {
        pair: was
        for pair, was in reading.before.items()
        if pair not in reading.seen and pair[0] not in reading.unlicensed
    }
    unchanged = _live_follows(corp_id, {userid for userid, _ in absent})
    notes = [
        Note(external_userid=external, userid=userid, kind="lost", at=now(), cause="reconciled")
        for (userid, external), was in absent.items()
        if unchanged.get((userid, external)) == was
    ]
    return apply(corp_id=corp_id, notes=notes).lost if notes else 0


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
        if follow.lost_by == "" or (follow.lost_by != "customer" and shown[pair][0] == follow.lost_at):
            notes.append(
                Note(external_userid=pair[1], userid=pair[0], kind="restored", at=follow.lost_at, cause="reconciled")
            )
    return notes


def _name_unreadable(corp_id: int, userids: Sequence[str], run: connect.Run) -> None:
    """Staff with customers here who are not (or no more) in WeCom's list: their relations were not compared."""
    rows = Follow.objects.filter(corp_id=corp_id, live=True).exclude(staff__userid__in=list(userids))
    for userid in rows.values_list("staff__userid", flat=True).distinct().order_by("staff__userid"):
        run.could_not(f"customers of {userid}", "not in get_follow_user_list: outside the app's range, or has left")
