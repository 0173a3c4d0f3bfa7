"""A scope, spelled out in shops and staff."""

from dataclasses import dataclass

from linli.access.api import Scope
from linli.directory.models import Department, Shop, Staff
from linli.directory.renaming import members_by_id


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What a scope less than the corp holds: whole shops, and staff (those of the shops, or one person alone)."""

    shop_ids: frozenset[int]
    staff_ids: frozenset[int]
    userids: frozenset[str]


def reach(*, corp_id: int, scope: Scope) -> Reach | None:
    """The shops and staff of a scope; None is everything. Members who left are among them: their customers stay."""
    if scope.whole:
        return None
    departments = _below(corp_id, scope.ids("department"))
    shops = Shop.objects.filter(corp_id=corp_id)
    shop_ids = {
        *shops.filter(id__in=scope.ids("shop")).values_list("id", flat=True),
        *shops.filter(department__wecom_id__in=departments).values_list("id", flat=True),
    }
    staff = Staff.objects.filter(corp_id=corp_id)
    found = dict(
        [
            *staff.filter(shop_id__in=shop_ids).values_list("id", "userid"),
            *staff.filter(main_department_wecom_id__in=departments).values_list("id", "userid"),
            *((one.pk, one.userid) for one in members_by_id(corp_id=corp_id, staff_ids=scope.ids("own")).values()),
        ]
    )
    return Reach(shop_ids=frozenset(shop_ids), staff_ids=frozenset(found), userids=frozenset(found.values()))


def _below(corp_id: int, roots: frozenset[int]) -> set[int]:
    """These departments and all under them."""
    if not roots:
        return set()
    children: dict[int, list[int]] = {}
    rows = Department.objects.filter(corp_id=corp_id, gone_at=None).values_list("wecom_id", "parent_wecom_id")
    for wecom_id, parent in rows:
        children.setdefault(parent, []).append(wecom_id)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(children.get(one, ()))
    return found
