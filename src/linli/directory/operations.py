"""Writes departments and staff as WeCom tells them. What was not told is left as it is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from linli.access import api as access
from linli.directory import facts
from linli.directory.models import Department, Shop, Staff
from linli.directory.renaming import members_by_userid, present_ids
from linli.kit.clock import now
from linli.ledger import api as ledger

_DEPARTMENT = ("name", "parent_wecom_id", "order")


@dataclass(frozen=True, kw_only=True)
class DepartmentRead:
    """A department as read from WeCom."""

    wecom_id: int
    name: str
    parent_wecom_id: int
    order: int


@dataclass(frozen=True, kw_only=True)
class StaffRead:
    """A member as read from WeCom; `departments` begins with the main one."""

    userid: str
    name: str
    departments: tuple[int, ...]
    status: int
    position: str


@transaction.atomic
def save_departments(*, corp_id: int, departments: Sequence[DepartmentRead], cause: str) -> list[ledger.NewFact]:
    """Write departments as they were read; those that were not read stay as they are. Returns what was said."""
    known = {row.wecom_id: row for row in Department.objects.select_for_update().filter(corp_id=corp_id)}
    news = []
    for one in departments:
        row = known.get(one.wecom_id)
        if row is None or row.gone_at is not None:
            news.append(_department(facts.DEPARTMENT_ADDED, one.wecom_id, one.name, cause))
            continue
        if fields := [name for name in _DEPARTMENT if getattr(row, name) != getattr(one, name)]:
            news.append(_department(facts.DEPARTMENT_CHANGED, one.wecom_id, one.name, cause, fields=fields))
    Department.objects.bulk_create(
        [
            Department(
                corp_id=corp_id, wecom_id=one.wecom_id, name=one.name,
                parent_wecom_id=one.parent_wecom_id, order=one.order, gone_at=None,
            )
            for one in departments
        ],
        update_conflicts=True,
        unique_fields=["corp", "wecom_id"],
        update_fields=[*_DEPARTMENT, "gone_at"],
    )  # fmt: skip
    ledger.publish_many(corp_id=corp_id, facts=news)
    return news


@transaction.atomic
def mark_departments_gone(*, corp_id: int, wecom_ids: Collection[int], cause: str) -> list[ledger.NewFact]:
    """Departments of which WeCom said, each by its id, that they are not there. Returns what was said."""
    rows = list(Department.objects.select_for_update().filter(corp_id=corp_id, gone_at=None, wecom_id__in=wecom_ids))
    Department.objects.filter(id__in=[row.pk for row in rows]).update(gone_at=now())
    news = [_department(facts.DEPARTMENT_GONE, row.wecom_id, row.name, cause) for row in rows]
    ledger.publish_many(corp_id=corp_id, facts=news)
    return news


@transaction.atomic
def save_staff(*, corp_id: int, staff: Sequence[StaffRead], cause: str) -> list[ledger.NewFact]:
    """Write members with their shops, and say who is new, who moved, and who came to have left. Returns what was said.

    A list that shows an id that was is older than the change, until somebody asks by name (sync.py): it is passed over.
    """
    shop_of = shops_by_department(corp_id)
    known = {row.userid: row for row in Staff.objects.select_for_update(no_key=True).filter(corp_id=corp_id)}
    former = present_ids(corp_id=corp_id, userids=[one.userid for one in staff])
    staff = [one for one in staff if one.userid not in former]
    news: list[ledger.NewFact] = []
    created: list[Staff] = []
    changed: list[Staff] = []
    for one in staff:
        shop_id = next((shop_of[d] for d in one.departments if d in shop_of), None)
        row = known.get(one.userid)
        fresh = row is None or row.status in {Staff.Status.UNKNOWN, Staff.Status.LEFT}
        before = None if row is None else row.shop_id
        row = row or Staff(corp_id=corp_id, userid=one.userid, met_at=now())
        row.name, row.position, row.shop_id = one.name, one.position, shop_id
        row.main_department_wecom_id = one.departments[0] if one.departments else None
        left = one.status == Staff.Status.LEFT
        if row.out_of_sight_at is not None and not left:
            news.append(_fact(facts.STAFF_IN_SIGHT, row, cause=cause))
        row.out_of_sight_at = None
        if fresh and not left:
            news.append(_fact(facts.STAFF_JOINED, row, cause=cause))
            row.left_at = None
        elif left and not fresh:
            news.append(_fact(facts.STAFF_LEFT, row, cause=cause))
            row.left_at = now()
        elif before != shop_id:
            news.append(_fact(facts.STAFF_MOVED, row, from_shop_id=before, cause=cause))
        row.status = one.status
        (changed if row.pk else created).append(row)
    Staff.objects.bulk_create(created)
    fields = ["name", "position", "shop", "status", "main_department_wecom_id", "left_at", "out_of_sight_at"]
    Staff.objects.bulk_update(changed, fields, batch_size=500)
    out = [one.userid for one in staff if one.status in {Staff.Status.LEFT, Staff.Status.DISABLED}]
    access.close_for_staff(corp_id=corp_id, userids=out)
    ids = {row.userid: row.pk for row in created}
    said = [_with_id(one, ids) for one in news]
    ledger.publish_many(corp_id=corp_id, facts=said)
    return said


@transaction.atomic
def mark_left(*, corp_id: int, userids: Collection[str], cause: str) -> list[ledger.NewFact]:
    """Members of whom WeCom said, each by name, that they left. Returns what was said."""
    rows = Staff.objects.select_for_update(no_key=True).filter(corp_id=corp_id, userid__in=userids)
    gone = list(rows.exclude(status=Staff.Status.LEFT))
    for row in gone:
        row.status, row.left_at, row.out_of_sight_at = Staff.Status.LEFT, now(), None
    Staff.objects.bulk_update(gone, ["status", "left_at", "out_of_sight_at"], batch_size=500)
    access.close_for_staff(corp_id=corp_id, userids=[row.userid for row in gone])
    said = [_fact(facts.STAFF_LEFT, row, cause=cause) for row in gone]
    ledger.publish_many(corp_id=corp_id, facts=said)
    return said


@transaction.atomic
def mark_out_of_sight(*, corp_id: int, userids: Collection[str], cause: str) -> list[ledger.NewFact]:
    """Members whom WeCom shows nowhere, and of whom it does not say that they left; their accounts stay. Returns what was said."""
    rows = Staff.objects.select_for_update(no_key=True).filter(
        corp_id=corp_id, userid__in=userids, out_of_sight_at=None
    )
    hidden = list(rows.exclude(status=Staff.Status.LEFT))
    Staff.objects.filter(id__in=[row.pk for row in hidden]).update(out_of_sight_at=now())
    said = [_fact(facts.STAFF_OUT_OF_SIGHT, row, cause=cause) for row in hidden]
    ledger.publish_many(corp_id=corp_id, facts=said)
    return said


def ensure_staff(*, corp_id: int, userids: Iterable[str]) -> dict[str, Staff]:
    """Members by these userids, also by ids that were; one seen for the first time is kept as UNKNOWN until it is read.

    In a transaction nobody makes one of two of these members until it ends.
    """
    wanted = sorted(set(userids))
    rows = members_by_userid(corp_id=corp_id, userids=wanted)
    absent = [Staff(corp_id=corp_id, userid=userid, met_at=now()) for userid in wanted if userid not in rows]
    if absent:
        Staff.objects.bulk_create(absent, ignore_conflicts=True)
        rows = members_by_userid(corp_id=corp_id, userids=wanted)
    return rows


def shops_by_department(corp_id: int) -> dict[int, int]:
    """Shop id by department id, also for the departments below a shop's own."""
    departments = dict(
        Department.objects.filter(corp_id=corp_id, gone_at=None).values_list("wecom_id", "parent_wecom_id")
    )
    own = dict(Shop.objects.filter(corp_id=corp_id, department__isnull=False).values_list("department__wecom_id", "id"))
    found: dict[int, int] = {}
    for wecom_id in departments:
        at: int | None = wecom_id
        seen: set[int] = set()
        while at is not None and at not in own and at not in seen:
            seen.add(at)
            at = departments.get(at)
        if at in own:
            found[wecom_id] = own[at]
    return found


def _department(kind: str, wecom_id: int, name: str, cause: str, **more: object) -> ledger.NewFact:
    data = {"wecom_id": wecom_id, "name": name, "cause": cause, **more}
    return ledger.NewFact(kind=kind, subject=f"department:{wecom_id}", data=data)


def _fact(kind: str, row: Staff, **more: object) -> ledger.NewFact:
    data = {"staff_id": row.pk, "userid": row.userid, "shop_id": row.shop_id, **more}
    return ledger.NewFact(kind=kind, subject=f"staff:{row.userid}", data=data)


def _with_id(fact: ledger.NewFact, ids: dict[str, int]) -> ledger.NewFact:
    if fact.data["staff_id"] is not None:
        return fact
    return ledger.NewFact(
        kind=fact.kind, subject=fact.subject, data={**fact.data, "staff_id": ids[fact.data["userid"]]}
    )
