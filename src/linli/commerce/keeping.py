"""What of an import need not be kept for good: drafts that nobody imported, and the words of lines that did not get in."""

from datetime import datetime

from linli.commerce import imports
from linli.commerce.models import ImportProblem, ImportRun


def forget_drafts(*, corp_id: int, before: datetime) -> int:
    """Cancel drafts uploaded before this business moment, whose files go; returns how many."""
    rows = ImportRun.objects.filter(corp_id=corp_id, state=ImportRun.State.DRAFT, created_at__lt=before)
    ids = list(rows.order_by("id").values_list("id", flat=True))
    for run_id in ids:
        imports.cancel(corp_id=corp_id, run_id=run_id)
    return len(ids)


def forget_problems(*, corp_id: int, before: datetime) -> int:
    """Take the lines of runs that ended before this business moment; how many there were stays in the run."""
    rows = ImportProblem.objects.filter(corp_id=corp_id, run__finished_at__lt=before)
    return rows.delete()[0]
