"""Shops: made from the departments under a chosen one, described by an import."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linli.directory import facts
from linli.directory.models import Department, Shop, ShopRule, Staff
from linli.directory.operations import shops_by_department
from linli.kit.errors import BadInput
from linli.ledger import api as ledger

_TEXTS = ("name", "city", "district", "address")
_CLOSED = {"0", "false", "no", "closed", "关", "关闭", "停业", "否"}


@dataclass(frozen=True, kw_only=True)
class ShopImport:
    """What an import did; `bad` holds (line number, reason), the first line of data is 2 as in a spreadsheet."""

    added: int = 0
    changed: int = 0
    bad: tuple[tuple[int, str], ...] = ()


@transaction.atomic
def choose_shop_parent(*, corp_id: int, parent_wecom_id: int) -> int:
    """Departments right under this one are shops from now on; returns how many were added at once."""
    if not Department.objects.filter(corp_id=corp_id, wecom_id=parent_wecom_id, gone_at=None).exists():
        raise BadInput("no_department", _("This department is not there. Sync the departments, then choose again."))
    ShopRule.objects.update_or_create(corp_id=corp_id, defaults={"parent_wecom_id": parent_wecom_id})
    return apply_shop_rule(corp_id=corp_id)


@transaction.atomic
def apply_shop_rule(*, corp_id: int) -> int:
    """Add the shops that the rule asks for and that are not there; staff get their shop by their department."""
    rule = ShopRule.objects.filter(corp_id=corp_id).first()
    if rule is None:
        return 0
    taken = Shop.objects.filter(corp_id=corp_id, department__isnull=False).values("department_id")
    fresh = Department.objects.filter(corp_id=corp_id, gone_at=None, parent_wecom_id=rule.parent_wecom_id)
    codes = set(Shop.objects.filter(corp_id=corp_id).values_list("code", flat=True))
    added = []
    for department in fresh.exclude(id__in=taken).order_by("wecom_id"):
        code = str(department.wecom_id)
        code = code if code not in codes else f"d{code}"
        added.append(Shop(corp_id=corp_id, department=department, code=code, name=department.name))
    Shop.objects.bulk_create(added)
    ledger.publish_many(corp_id=corp_id, facts=[_added(shop) for shop in added])
    _place_staff(corp_id)
    return len(added)


@transaction.atomic
def import_shops(*, corp_id: int, rows: Iterable[Mapping[str, object]]) -> ShopImport:
    """Describe shops: keys code, name, city, district, address, lat, lng, is_open, department (id or name).

    A shop is found by code, else by its department, else by its name; an unknown one is added. Empty values change
    nothing. Rows that cannot be taken are listed, the others are in.
    """
    work = _Import(corp_id)
    for line, row in enumerate(rows, start=2):
        try:
            work.take({key: str(value).strip() for key, value in row.items() if key and value is not None})
        except BadInput as error:
            work.bad.append((line, str(error)))
    _place_staff(corp_id)
    return ShopImport(added=work.added, changed=work.changed, bad=tuple(work.bad))


def import_shops_csv(*, corp_id: int, content: bytes) -> ShopImport:
    """The same from a CSV file with a head line, in UTF-8 or GB 18030 (what Excel in China writes)."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    if "\x00" in text:
        raise BadInput("not_text", _("This is not a text file: save the table as CSV (UTF-8)."))
    try:
        rows = [dict(row) for row in csv.DictReader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise BadInput("not_a_table", _("This is not a readable CSV file: save the table as CSV (UTF-8).")) from error
    return import_shops(corp_id=corp_id, rows=rows)


@dataclass
class _Import:
    corp_id: int
    added: int = 0
    changed: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        shops = list(Shop.objects.select_for_update().filter(corp_id=self.corp_id))
        departments = list(Department.objects.filter(corp_id=self.corp_id, gone_at=None))
        self.by_code = {shop.code: shop for shop in shops}
        self.by_name = {shop.name: shop for shop in shops}
        self.by_department = {shop.department_id: shop for shop in shops if shop.department_id}
        self.departments = {str(one.wecom_id): one for one in departments} | {one.name: one for one in departments}

    def take(self, row: dict[str, str]) -> None:
        department = self._department(row)
        shop = self._find(row, department)
        fresh = shop is None
        if shop is None:
            if not row.get("code") or not row.get("name"):
                raise BadInput("shop_unknown", _("This shop is new: it needs a code and a name."))
            shop = Shop(corp_id=self.corp_id, code=row["code"], name=row["name"])
        was_open = shop.is_open
        self._describe(shop, row, department)
        shop.save()
        self.by_code[shop.code] = self.by_name[shop.name] = shop
        self.added += fresh
        self.changed += not fresh
        if fresh:
            ledger.publish_many(corp_id=self.corp_id, facts=[_added(shop)])
        elif was_open != shop.is_open:
            say_open(shop)

    def _department(self, row: dict[str, str]) -> Department | None:
        named = row.get("department", "")
        if named and named not in self.departments:
            raise BadInput("no_department", _("This department is not there. Sync the departments, then choose again."))
        return self.departments.get(named)

    def _find(self, row: dict[str, str], department: Department | None) -> Shop | None:
        found = self.by_code.get(row.get("code", ""))
        if found is None and department is not None:
            found = self.by_department.get(department.pk)
        return found or self.by_name.get(row.get("name", ""))

    def _describe(self, shop: Shop, row: dict[str, str], department: Department | None) -> None:
        shop.code = row.get("code") or shop.code
        for name in _TEXTS:
            setattr(shop, name, row.get(name) or getattr(shop, name))
        shop.lat = _degrees(row.get("lat", ""), 90, shop.lat)
        shop.lng = _degrees(row.get("lng", ""), 180, shop.lng)
        if row.get("is_open"):
            shop.is_open = row["is_open"].lower() not in _CLOSED
        shop.department = department or shop.department


def say_open(shop: Shop) -> None:
    """Publish that a shop opened or closed."""
    ledger.publish(
        corp_id=shop.corp_id,
        kind=facts.SHOP_OPENED if shop.is_open else facts.SHOP_CLOSED,
        subject=f"shop:{shop.pk}",
        data={"shop_id": shop.pk, "code": shop.code},
    )


@transaction.atomic
def set_open(*, corp_id: int, shop_id: int, is_open: bool) -> None:
    """Open or close a shop; the same again says nothing."""
    shop = Shop.objects.select_for_update().filter(corp_id=corp_id, id=shop_id).first()
    if shop is not None and shop.is_open != is_open:
        shop.is_open = is_open
        shop.save(update_fields=["is_open"])
        say_open(shop)


def _added(shop: Shop) -> ledger.NewFact:
    return ledger.NewFact(
        kind=facts.SHOP_ADDED,
        subject=f"shop:{shop.pk}",
        data={"shop_id": shop.pk, "code": shop.code, "name": shop.name},
    )


def _degrees(text: str, limit: float, old: float | None) -> float | None:
    if not text:
        return old
    try:
        value = float(text)
    except ValueError:
        value = limit + 1
    if not -limit <= value <= limit:
        raise BadInput("bad_place", _("Latitude and longitude are decimal degrees, such as 31.2304 and 121.4737."))
    return value


def _place_staff(corp_id: int) -> None:
    shop_of = shops_by_department(corp_id)
    changed = []
    for row in Staff.objects.filter(corp_id=corp_id, main_department_wecom_id__isnull=False):
        shop_id = shop_of.get(row.main_department_wecom_id or 0)
        if shop_id is not None and row.shop_id != shop_id:
            row.shop_id = shop_id
            changed.append(row)
    Staff.objects.bulk_update(changed, ["shop"], batch_size=500)
