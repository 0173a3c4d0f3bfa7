"""What a reconciliation reads."""

from linli.connect.models import Reconciliation

# What is compared, in this order: "<kind>.reconcile" is the job of the room that owns it.
KINDS = (
    "directory", "customers", "groups", "handover", "messaging", "acquisition", "moments", "staff_days", "group_days",
)  # fmt: skip


def kinds_of(row: Reconciliation) -> tuple[str, ...]:
    """The kinds of one reconciliation, in their order: all, or those of which it tries something again."""
    return tuple(kind for kind in KINDS if kind in row.only) if row.only else KINDS
