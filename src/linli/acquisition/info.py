"""What crosses from acquisition to other rooms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from linli.acquisition.models import LiveCode, LiveCodeStaff


@dataclass(frozen=True, kw_only=True)
class CodeInfo:
    """A live code; `qr_code` is WeCom's address of its picture, "" until it is made."""

    id: int
    kind: str
    shop_id: int | None
    name: str
    channel: str
    state: str
    key: str
    reason_to_add: str
    config_id: str | None
    qr_code: str
    step: str
    problem: str
    staff_pending: bool
    paused: bool
    closed: bool
    cost_fen: int | None
    made_at: datetime | None
    staff_ids: tuple[int, ...]

    @property
    def usable(self) -> bool:
        """Can a customer be led to it?"""
        return self.step == LiveCode.Step.MADE and not self.paused and not self.closed


def code_info(row: LiveCode, staff_ids: Iterable[int]) -> CodeInfo:
    """A code with its clerks."""
    return CodeInfo(
        id=row.pk, kind=row.kind, shop_id=row.shop_id, name=row.name, channel=row.channel, state=row.state,
        key=row.key, reason_to_add=row.reason_to_add, config_id=row.config_id, qr_code=row.qr_code, step=row.step,
        problem=row.problem, staff_pending=row.staff_pending, paused=row.paused_at is not None,
        closed=row.closed_at is not None, cost_fen=row.cost_fen, made_at=row.made_at, staff_ids=tuple(staff_ids),
    )  # fmt: skip


def code_infos(rows: Iterable[LiveCode]) -> list[CodeInfo]:
    """Many codes with their clerks, in one more query."""
    codes = list(rows)
    staff: dict[int, list[int]] = {}
    links = LiveCodeStaff.objects.filter(code__in=[one.pk for one in codes]).order_by("staff_id")
    for code_id, staff_id in links.values_list("code_id", "staff_id"):
        staff.setdefault(code_id, []).append(staff_id)
    return [code_info(one, staff.get(one.pk, ())) for one in codes]
