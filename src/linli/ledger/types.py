"""What crosses from the ledger to other rooms."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from linli.ledger.models import FactRow


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened; `position` is None until the sequencer has placed it."""

    id: int
    position: int | None
    corp_id: int
    kind: str
    subject: str
    customer_id: int | None
    data: dict[str, Any]
    occurred_at: datetime

    @classmethod
    def from_row(cls, row: FactRow) -> Self:
        return cls(
            id=row.pk, position=row.position, corp_id=row.corp_id, kind=row.kind, subject=row.subject,
            customer_id=row.customer_id, data=row.data, occurred_at=row.occurred_at,
        )  # fmt: skip
