"""Writes departments and staff as WeCom tells them. What was not told is left as it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from linli.access import api as access
from linli.directory import facts
from linli.directory.models import Department, Shop, Staff
from linli.kit.clock import now
from linli.ledger import api as ledger


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
def save_departments(*, corp_id: int, departments: Sequence[DepartmentRead], complete: bool) -> None:
    """Write departments; those absent from a complete reading are marked gone, never deleted."""
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
        update_fields=["name", "parent_wecom_id", "order", "gone_at"],
    )  # fmt: skip
    if complete and departments:
        absent = Department.objects.filter(corp_id=corp_id, gone_at=None)
        absent.exclude(wecom_id__in=[one.wecom_id for one in departments]).update(gone_at=now())


@transaction.atomic
def save_staff(*, corp_id: int, staff: Sequence[StaffRead], cause: str = "sync") -> None:
    """Write members with their shops, and say who is new, who moved, and who came to have left."""
    shop_of = shops_by_department(corp_id)
    known = {row.userid: row for row in Staff.objects.select_for_update().filter(corp_id=corp_id)}
    news: list[ledger.NewFact] = []
    created: list[Staff] = []
    changed: list[Staff] = []
    for one in staff:
        shop_id = next((shop_of[d] for d in one.departments if d in shop_of), None)
        row = known.get(one.userid)
        fresh = row is None or row.status in {Staff.Status.UNKNOWN, Staff.Status.LEFT}
        before = None if row is None else row.shop_id
        row = row or Staff(corp_id=corp_id, userid=one.userid)
        row.name, row.position, row.shop_id = one.name, one.position, shop_id
        row.main_department_wecom_id = one.departments[0] if one.departments else None
        left = one.status == Staff.Status.LEFT
        if fresh and not left:
            news.append(_fact(facts.STAFF_JOINED, row, cause=cause))
            row.left_at = None
        elif left and not fresh:
            news.append(_fact(facts.STAFF_LEFT, row, cause=cause))
            row.left_at = now()
        elif before != shop_id:
            news.append(_fact(facts.STAFF_MOVED, row, from_shop_id=before))
        row.status = one.status
        (changed if row.pk else created).append(row)
    Staff.objects.bulk_create(created)
    fields = ["name", "position", "shop", "status", "main_department_wecom_id", "left_at"]
    Staff.objects.bulk_update(changed, fields, batch_size=500)
    out = [one.userid for one in staff if one.status in {Staff.Status.LEFT, Staff.Status.DISABLED}]
    access.close_for_staff(corp_id=corp_id, userids=out)
    ids = {row.userid: row.pk for row in created}
    ledger.publish_many(corp_id=corp_id, facts=[_with_id(news_, ids) for news_ in news])


@transaction.atomic
def mark_left(*, corp_id: int, present: Iterable[str], cause: str = "reconciled") -> int:
    """Members absent from a complete reading have left; returns how many."""
    gone = list(
        Staff.objects.select_for_update()
        .filter(corp_id=corp_id)
        .exclude(status=Staff.Status.LEFT)
        .exclude(userid__in=list(present))
    )
    for row in gone:
        row.status, row.left_at = Staff.Status.LEFT, now()
    Staff.objects.bulk_update(gone, ["status", "left_at"], batch_size=500)
    access.close_for_staff(corp_id=corp_id, userids=[row.userid for row in gone])
    ledger.publish_many(corp_id=corp_id, facts=[_fact(facts.STAFF_LEFT, row, cause=cause) for row in gone])
    return len(gone)


def ensure_staff(*, corp_id: int, userids: Iterable[str]) -> dict[str, Staff]:
    """Rows for these userids; one seen for the first time in an event is kept with status UNKNOWN until it is read."""
    wanted = sorted(set(userids))
    rows = {row.userid: row for row in Staff.objects.filter(corp_id=corp_id, userid__in=wanted)}
    absent = [Staff(corp_id=corp_id, userid=userid) for userid in wanted if userid not in rows]
    if absent:
        Staff.objects.bulk_create(absent, ignore_conflicts=True)
        rows = {row.userid: row for row in Staff.objects.filter(corp_id=corp_id, userid__in=wanted)}
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


def _fact(kind: str, row: Staff, **more: object) -> ledger.NewFact:
    data = {"staff_id": row.pk, "userid": row.userid, "shop_id": row.shop_id, **more}
    return ledger.NewFact(kind=kind, subject=f"staff:{row.userid}", data=data)


def _with_id(fact: ledger.NewFact, ids: dict[str, int]) -> ledger.NewFact:
    if fact.data["staff_id"] is not None:
        return fact
    return ledger.NewFact(
        kind=fact.kind, subject=fact.subject, data={**fact.data, "staff_id": ids[fact.data["userid"]]}
    )
