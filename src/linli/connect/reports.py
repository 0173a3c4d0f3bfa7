"""What comparing came to: of one reconciliation, of the last ones, and of all together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from linli.connect import unread
from linli.connect.compared import Compared, compared
from linli.connect.kinds import kinds_of
from linli.connect.models import Reconciliation, SyncRun

_EFFECTS = ("added", "changed", "ended")


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """A sync run; `missing` is what could not be fetched, as {what, why} in the reader's language, with `said` (WeCom's own
    words) and `key` where there are such. `remaining_s`: real seconds left at the pace so far."""

    id: int
    kind: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    done: int
    total: int | None
    remaining_s: int | None
    missing: tuple[dict[str, str], ...]
    compared: Compared


@dataclass(frozen=True, kw_only=True)
class ReconciliationInfo:
    """One comparison of everything; `runs` hold each room's last try, `compared` their sum. Times are real ones."""

    id: int
    night: date | None
    by: str
    state: str
    asked_at: datetime
    finished_at: datetime | None
    stopping: bool
    runs: tuple[RunInfo, ...]
    compared: Compared
    kinds: tuple[str, ...]
    again: bool  # only what an earlier one could not read


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """All readings of a corp together: `missed_callbacks` by WeCom's name, `elsewhere` by fact, `applied` differences,
    `undetectable` by kind, and what each room's last reading could not read. One that is going on is not in it."""

    readings: int
    missed_callbacks: Mapping[str, int]
    elsewhere: Mapping[str, int]
    applied: int
    undetectable: Mapping[str, int]
    could_not_read: tuple[Mapping[str, str], ...]


def latest_runs(*, corp_id: int, limit: int = 20) -> list[RunInfo]:
    """The newest runs first."""
    return [_run(row) for row in SyncRun.objects.filter(corp_id=corp_id).order_by("-started_at", "-id")[:limit]]


def latest_reconciliations(*, corp_id: int, limit: int = 30) -> list[ReconciliationInfo]:
    """The newest reconciliations first, with each room's last try; the night that connecting made needless is left out."""
    rows = Reconciliation.objects.filter(corp_id=corp_id).exclude(state=Reconciliation.State.SKIPPED)
    found = list(rows.order_by("-asked_at", "-id")[:limit])
    runs: dict[int, dict[str, RunInfo]] = {row.pk: {} for row in found}
    for run in SyncRun.objects.filter(reconciliation__in=found).order_by("id"):
        kinds = runs[run.reconciliation_id or 0]
        kinds[run.kind] = _run(run, before=kinds.get(run.kind) if run.resumes_id else None)
    return [
        ReconciliationInfo(
            id=row.pk, night=row.night, by=row.by, state=row.state, asked_at=row.asked_at,
            finished_at=row.finished_at, stopping=row.cancel_asked, runs=tuple(runs[row.pk].values()),
            compared=together(run.compared for run in runs[row.pk].values()), again=bool(row.only),
            kinds=kinds_of(row),
        )
        for row in found
    ]  # fmt: skip


def reconciliations(*, corp_id: int) -> Reconciled:
    """The figures over every reading so far, nightly or asked for."""
    total: Counter[str] = Counter()
    parts: dict[str, Counter[str]] = {name: Counter() for name in ("missed", "elsewhere", "undetectable")}
    left: dict[str, tuple[dict[str, str], ...]] = {}
    rows = SyncRun.objects.filter(corp_id=corp_id).exclude(state=SyncRun.State.RUNNING).order_by("id")
    gone_on_from = SyncRun.objects.filter(corp_id=corp_id, resumes__isnull=False).values("resumes_id")
    rows = rows.exclude(id__in=gone_on_from)  # the two are one reading, and the later one holds what both found
    for kind, found, missing in rows.values_list("kind", "found", "missing").iterator():
        total["readings"] += 1
        total["applied"] += sum(found.get("effects", {}).values())
        for name, counts in parts.items():
            counts.update(found.get(name, {}))
        left[kind] = tuple(unread.shown(one) for one in missing)
    return Reconciled(
        readings=total["readings"], missed_callbacks=dict(parts["missed"]), elsewhere=dict(parts["elsewhere"]),
        applied=total["applied"], undetectable=dict(parts["undetectable"]),
        could_not_read=tuple(one for missing in left.values() for one in missing),
    )  # fmt: skip


def together(parts: Iterable[Compared]) -> Compared:
    """Several readings as one."""
    rows = list(parts)
    found = {
        "effects": {name: sum(getattr(row, name) for row in rows) for name in _EFFECTS},
        "missed": _sum(row.missed for row in rows),
        "elsewhere": _sum(row.elsewhere for row in rows),
        "undetectable": _sum(row.undetectable for row in rows),
        "kept_out": sum(row.kept_out for row in rows),
    }
    return compared(read=sum(row.read for row in rows), found=found, unread=[one for row in rows for one in row.unread])


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(total)


def _run(row: SyncRun, *, before: RunInfo | None = None) -> RunInfo:
    """`before` is the run that this one went on from: what that one read counts; what it found this one counted on."""
    missing = [unread.shown(one) for one in row.missing]
    read = row.done + (before.compared.read if before else 0)
    found = compared(read=read, found=row.found, unread=missing)
    return RunInfo(
        id=row.pk, kind=row.kind, state=row.state, started_at=row.started_at, finished_at=row.finished_at,
        done=found.read, total=row.total, remaining_s=row.remaining_s, missing=tuple(missing), compared=found,
    )  # fmt: skip
