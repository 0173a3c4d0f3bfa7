"""The door of directory: departments, shops, staff, and their sync."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from linli.access.api import EVERYTHING, Scope
from linli.directory import operations
from linli.directory.models import Department, Shop, ShopRule, Staff
from linli.directory.reach import Reach, reach
from linli.directory.renaming import join, members_by_id, present_ids
from linli.directory.shops import (
    ShopImport,
    apply_shop_rule,
    choose_shop_parent,
    import_shops,
    import_shops_csv,
    set_open,
)
from linli.directory.sync import confirm_left, reconcile, sync
from linli.kit.errors import Refused

__all__ = [
    "DepartmentInfo", "Reach", "ShopImport", "ShopInfo", "StaffInfo", "apply_shop_rule", "choose_shop_parent",
    "confirm_left", "departments", "ensure_staff", "import_shops", "import_shops_csv", "join", "leavers", "likely_same",
    "out_of_sight", "present_ids", "reach", "reconcile", "say_left", "set_open", "shop_parent", "shops", "staff",
    "staff_by_ids", "sync",
]  # fmt: skip

OURS = "linli"
_CHOICES = 50


@dataclass(frozen=True, kw_only=True)
class DepartmentInfo:
    """A department that is still there."""

    wecom_id: int
    name: str
    parent_wecom_id: int
    children: int


@dataclass(frozen=True, kw_only=True)
class ShopInfo:
    """A shop; lat and lng are WGS-84 degrees, None when nobody gave them."""

    id: int
    code: str
    name: str
    city: str
    district: str
    address: str
    lat: float | None
    lng: float | None
    is_open: bool
    department_wecom_id: int | None


@dataclass(frozen=True, kw_only=True)
class StaffInfo:
    """A member; `active` is WeCom's status 1 (or not yet read), `left_at` None while they are there.

    `out_of_sight_at`: since then WeCom does not show them, and does not say that they left.
    """

    id: int
    userid: str
    name: str
    shop_id: int | None
    active: bool
    position: str = ""
    left_at: datetime | None = None
    out_of_sight_at: datetime | None = None


def shops(*, corp_id: int, scope: Scope = EVERYTHING) -> list[ShopInfo]:
    """Every shop of the scope, by code."""
    rows = Shop.objects.filter(corp_id=corp_id).select_related("department").order_by("code")
    within = reach(corp_id=corp_id, scope=scope)
    rows = rows if within is None else rows.filter(id__in=within.shop_ids)
    return [
        ShopInfo(
            id=row.pk, code=row.code, name=row.name, city=row.city, district=row.district, address=row.address,
            lat=row.lat, lng=row.lng, is_open=row.is_open,
            department_wecom_id=row.department.wecom_id if row.department else None,
        )
        for row in rows
    ]  # fmt: skip


def staff(*, corp_id: int, shop_id: int | None = None) -> list[StaffInfo]:
    """Members who have not left, of one shop or of all, by userid."""
    rows = Staff.objects.filter(corp_id=corp_id).exclude(status=Staff.Status.LEFT).order_by("userid")
    if shop_id is not None:
        rows = rows.filter(shop_id=shop_id)
    return [_staff_info(row) for row in rows]


def leavers(*, corp_id: int, scope: Scope = EVERYTHING) -> list[StaffInfo]:
    """Members who left, those who left last first."""
    rows = Staff.objects.filter(corp_id=corp_id, status=Staff.Status.LEFT).order_by("-left_at", "userid")
    within = reach(corp_id=corp_id, scope=scope)
    return [_staff_info(row) for row in (rows if within is None else rows.filter(id__in=within.staff_ids))]


def out_of_sight(*, corp_id: int) -> int:
    """How many members WeCom shows no more, without a word that they left."""
    rows = Staff.objects.filter(corp_id=corp_id, out_of_sight_at__isnull=False)
    return rows.exclude(status=Staff.Status.LEFT).count()


def likely_same(away: StaffInfo, there: Iterable[StaffInfo]) -> list[StaffInfo]:
    """Who of these may be the one who is away, under another UserID: of the same name first, then who was met last."""
    return sorted(there, key=lambda one: (one.name != away.name, -one.id))[:_CHOICES]


def say_left(*, corp_id: int, staff_id: int) -> None:
    """An operator says that a member left whom WeCom shows no more; Refused of anybody else: WeCom will say it."""
    row = members_by_id(corp_id=corp_id, staff_ids=[staff_id]).get(staff_id)
    if row is None or row.out_of_sight_at is None:
        raise Refused("in_sight", _("WeCom shows this member, or said already that they left. Look again."))
    operations.mark_left(corp_id=corp_id, userids=[row.userid], cause=OURS)


def staff_by_ids(*, corp_id: int, staff_ids: Collection[int]) -> dict[int, StaffInfo]:
    """Members by id, also those who left; the id of a row that was found to be somebody's leads to them."""
    rows = members_by_id(corp_id=corp_id, staff_ids=staff_ids)
    return {key: _staff_info(row) for key, row in rows.items()}


def ensure_staff(*, corp_id: int, userids: Collection[str]) -> dict[str, StaffInfo]:
    """Members by userid, also by an id that was; one first seen in an event is kept, to be read by the next sync."""
    rows = operations.ensure_staff(corp_id=corp_id, userids=userids)
    return {userid: _staff_info(row) for userid, row in rows.items()}


def departments(*, corp_id: int) -> list[DepartmentInfo]:
    """Departments that are there, with the number of their direct children."""
    rows = list(Department.objects.filter(corp_id=corp_id, gone_at=None).order_by("-order", "wecom_id"))
    parents = [row.parent_wecom_id for row in rows]
    return [
        DepartmentInfo(
            wecom_id=row.wecom_id, name=row.name, parent_wecom_id=row.parent_wecom_id,
            children=parents.count(row.wecom_id),
        )
        for row in rows
    ]  # fmt: skip


def shop_parent(*, corp_id: int) -> int | None:
    """The department whose children are shops, None before one was chosen."""
    return ShopRule.objects.filter(corp_id=corp_id).values_list("parent_wecom_id", flat=True).first()


def _staff_info(row: Staff) -> StaffInfo:
    return StaffInfo(
        id=row.pk,
        userid=row.userid,
        name=row.name,
        shop_id=row.shop_id,
        active=row.status in {Staff.Status.ACTIVE, Staff.Status.UNKNOWN},
        position=row.position,
        left_at=row.left_at if row.status == Staff.Status.LEFT else None,
        out_of_sight_at=row.out_of_sight_at,
    )
