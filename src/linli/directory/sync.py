"""Reads departments and members from WeCom; who is absent is asked for by name, and has left when WeCom says that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.connect import api as connect
from linli.connect.api import ELSEWHERE, SYNC, Compared
from linli.directory import facts
from linli.directory.models import Department
from linli.directory.models import Staff as StaffRow
from linli.directory.operations import (
    DepartmentRead,
    StaffRead,
    mark_departments_gone,
    mark_left,
    mark_out_of_sight,
    save_departments,
    save_staff,
)
from linli.directory.renaming import present_ids, rename_staff, set_free
from linli.directory.shops import apply_shop_rule
from linli.kit.clock import now
from linli.ledger.api import NewFact
from linli.wecom.client import Client
from linli.wecom.directory_calls import Staff
from linli.wecom.errors import ApiError, BadAnswer

KIND = "directory"
ROOT = 1
_TOO_LARGE = 45029
_CHUNK = 500
# Not there, or outside the app's visible range: the code does not say which (wire.md A.3).
_NOBODY = frozenset({60111})
# What the app may not see: contradicts no word about a member.
_UNSEEN = _NOBODY | {60011, 60021, 60030}
# What WeCom answers about a department that is not there (wire.md A.3); out of sight it has a code of its own, 60030.
_NO_DEPARTMENT = frozenset({60003, 60123})
_NOT_LISTED = _("in WeCom, but not in the list that this app gets: look at the app's visible range")
_ADDED = frozenset({facts.STAFF_JOINED, facts.DEPARTMENT_ADDED})
_ENDED = frozenset({facts.STAFF_LEFT, facts.DEPARTMENT_GONE})


def reconcile(*, corp_id: int, reconciliation_id: int | None = None) -> Compared:
    """Read the whole address book; what could not be read is listed in the run and left as it was."""
    client = connect.contacts_client(corp_id=corp_id)
    first = not Department.objects.filter(corp_id=corp_id).exists()
    with connect.run(corp_id=corp_id, kind=KIND, reconciliation_id=reconciliation_id) as run:
        work = _Sync(client, corp_id, SYNC if first else ELSEWHERE, run)
        departments = work.read_departments()
        apply_shop_rule(corp_id=corp_id)
        present = work.read_staff(departments)
        if present and not run.missing:
            work.look_at_former_ids(present)
            work.look_for(present)
    return run.compared()


sync = reconcile  # the first reading and every later one are one thing


def confirm_left(*, corp_id: int, userids: Iterable[str]) -> list[str]:
    """WeCom said of these members that they left: write it, but for those whom it shows at work when asked by name.

    Such a word is the event delete_user, or a place in the list of the unassigned; that they are not found is none.
    Returns who left. Calls WeCom.
    """
    rows = StaffRow.objects.filter(corp_id=corp_id, userid__in=list(userids)).exclude(status=StaffRow.Status.LEFT)
    client = connect.contacts_client(corp_id=corp_id)
    gone = []
    for userid in rows.order_by("userid").values_list("userid", flat=True):
        try:
            shown = _asked(client, userid)
        except ApiError as error:
            if error.code not in _UNSEEN:
                raise
            gone.append(userid)
        else:
            gone += [userid] if shown.status == StaffRow.Status.LEFT else []
    mark_left(corp_id=corp_id, userids=gone, cause=ELSEWHERE)
    return gone


def _asked(client: Client, userid: str) -> Staff:
    """The member as WeCom shows them; an answer about somebody else proves nothing of either: BadAnswer."""
    shown = client.user_get(userid)
    if shown.userid != userid:
        raise BadAnswer("user/get", "it is about another member")
    return shown


@dataclass
class _Sync:
    """One run over the address book."""

    client: Client
    corp_id: int
    cause: str
    run: connect.Run

    def read_departments(self) -> list[int]:
        """Read and write all departments; their WeCom ids."""
        reads = [
            DepartmentRead(wecom_id=one.id, name=one.name, parent_wecom_id=one.parent_id, order=one.order)
            for one in self.client.department_list()
        ]
        self._take(save_departments(corp_id=self.corp_id, departments=reads, cause=self.cause))
        present = {one.wecom_id for one in reads}
        if present:
            known = Department.objects.filter(corp_id=self.corp_id, gone_at=None).values_list("wecom_id", flat=True)
            gone = self._gone(sorted(set(known) - present))
            self._take(mark_departments_gone(corp_id=self.corp_id, wecom_ids=gone, cause=self.cause))
        return [one.wecom_id for one in reads]

    def read_staff(self, departments: Sequence[int]) -> set[str]:
        """Read and write all members; their userids."""
        try:
            members = self.client.user_list(ROOT, fetch_child=True)
        except ApiError as error:
            if error.code != _TOO_LARGE:
                self.run.could_not("user/list", error)
                return set()
            return self._read_by_department(departments)
        self._is_ours({one.userid for one in members})
        self._save(members)
        return {one.userid for one in members}

    def _is_ours(self, shown: set[str]) -> None:
        """An address book that shows others, and nobody of those we know, is another company's."""
        known = StaffRow.objects.filter(corp_id=self.corp_id).exclude(status=StaffRow.Status.LEFT)
        if shown and known.exists() and not known.filter(userid__in=shown).exists():
            raise BadAnswer("user/list", "it is about another company: nobody known here is in it")

    def look_at_former_ids(self, present: set[str]) -> None:
        """An id that was is in the list: it was changed back, or somebody else has it now. Asked by name, WeCom says which."""
        for was, userid in present_ids(corp_id=self.corp_id, userids=present).items():
            has_new, has_old = self._is_there(userid), self._is_there(was)
            if has_old and has_new is False:
                rename_staff(corp_id=self.corp_id, was=userid, userid=was, at=now())
            elif has_old and has_new:
                set_free(corp_id=self.corp_id, userid=was)

    def _is_there(self, userid: str) -> bool | None:
        """Whether WeCom shows somebody of this id; None where it does not say."""
        try:
            return bool(_asked(self.client, userid))
        except connect.OF_ONE as error:
            return False if error.code in _NOBODY else None

    def look_for(self, present: set[str]) -> None:
        """Ask for everybody whom the list did not show, by name. Who is not found has left, or is outside the app's range.

        WeCom answers both alike (60111, wire.md A.3), so they are out of sight, until they are shown again or WeCom says
        that they left: here of a status 5 or of groups whose owner resigned, else by delete_user or the list of the
        unassigned (room handover).
        """
        rows = StaffRow.objects.filter(corp_id=self.corp_id).exclude(status=StaffRow.Status.LEFT)
        absent = sorted(set(rows.values_list("userid", flat=True)) - present)
        open_accounts = access.open_for_staff(corp_id=self.corp_id, userids=absent)
        left, hidden = [], []
        for userid in absent:
            try:
                if _asked(self.client, userid).status == StaffRow.Status.LEFT:
                    left.append(userid)
                else:
                    self.run.could_not(userid, _NOT_LISTED)
            except connect.OF_ONE as error:
                if error.code in _NOBODY and self._groups_say_left(userid):
                    left.append(userid)
                    continue
                hidden += [userid] if error.code in _NOBODY else []
                what = format_lazy(_("{who}, whose account here is open"), who=userid)
                self.run.could_not(what if userid in open_accounts else userid, error)
        self._take(mark_left(corp_id=self.corp_id, userids=left, cause=self.cause))
        self._take(mark_out_of_sight(corp_id=self.corp_id, userids=hidden, cause=self.cause))

    def _groups_say_left(self, userid: str) -> bool:
        """Does WeCom list groups of this owner as those of one who resigned (status 1, wire.md C.6)?"""
        try:
            found = list(connect.client(corp_id=self.corp_id, lane=connect.Lane.BULK).group_chats([userid], status=1))
        except connect.OF_ONE:
            return False
        return any(one.status == 1 for one in found)

    def _read_by_department(self, departments: Sequence[int]) -> set[str]:
        """A large corp answers 45029 for the whole tree (wire.md B), so ask department by department."""
        present: set[str] = set()
        for department in departments:
            try:
                members = self.client.user_list(department)
            except ApiError as error:
                self.run.could_not(f"user/list {department}", error)
                continue
            fresh = [one for one in members if one.userid not in present]
            present |= {one.userid for one in fresh}
            self._save(fresh)
        return present

    def _gone(self, absent: Iterable[int]) -> list[int]:
        """Departments of which WeCom says, asked by their id, that there is none."""
        found = []
        for one in absent:
            try:
                self.client.department_list(one)
            except ApiError as error:
                if error.code in _NO_DEPARTMENT:
                    found.append(one)
                else:
                    self.run.could_not(one, error)
            else:
                self.run.could_not(one, _NOT_LISTED)
        return found

    def _save(self, members: Sequence[Staff]) -> None:
        for start in range(0, len(members), _CHUNK):
            chunk = members[start : start + _CHUNK]
            self._take(save_staff(corp_id=self.corp_id, staff=[_read(one) for one in chunk], cause=self.cause))
            self.run.progress(self.run.done + len(chunk))

    def _take(self, said: list[NewFact]) -> None:
        self.run.finds.take(said, added=_ADDED, ended=_ENDED)


def _read(one: Staff) -> StaffRead:
    main = one.main_department_id or (one.department_ids[0] if one.department_ids else 0)
    others = tuple(department for department in one.department_ids if department != main)
    return StaffRead(
        userid=one.userid,
        name=one.name,
        departments=(main, *others) if main else others,
        # A number that WeCom has not documented yet says nothing of who may work.
        status=one.status if one.status in StaffRow.Status.values and one.status else StaffRow.Status.ACTIVE,
        position=one.position,
    )
