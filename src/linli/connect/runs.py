"""A sync run is a row that anyone can look at while it goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from linli.access import api as access
from linli.connect import trouble
from linli.connect.compared import Compared, Finds, compared
from linli.connect.messages import explain_error
from linli.connect.models import SyncRun
from linli.kit.clock import monotonic, now
from linli.kit.errors import Refused
from linli.wecom.errors import WecomError

_EVERY_S = 0.5
# A run holds an advisory lock of its session: it is gone at the moment in which the process (or its connection) is.
_FAIL_DEAD = """
    UPDATE connect_syncrun r
    SET state = 'failed', finished_at = %s,
        missing = missing || jsonb_build_array(jsonb_build_object('what', kind, 'why', %s::text))
    WHERE state = 'running' AND NOT EXISTS (
        SELECT 1 FROM pg_locks
        WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = (hashtext('connect.run')::bigint & 4294967295)::oid AND objid = r.id::oid AND objsubid = 2
    )
    RETURNING id
"""
_DIED = "运行中途进程退出，请重新同步 / the process ended before the run did; sync again"


class RunCancelled(Refused):
    """Somebody asked the run to stop; what it committed so far stays."""


@dataclass
class Run:
    """The handle of a run that is going on. `cursor` is what a later run may go on from."""

    id: int
    corp_id: int
    kind: str
    cursor: dict[str, Any] = field(default_factory=dict)
    missing: list[dict[str, str]] = field(default_factory=list)
    finds: Finds = field(default_factory=Finds)
    done: int = 0
    total: int | None = None
    _written: float = 0.0

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far it is (kept at most twice a second); raises RunCancelled when asked to stop."""
        self.done = done
        self.total = total if total is not None else self.total
        if monotonic() - self._written >= _EVERY_S:
            self._written = monotonic()
            self.save()

    def could_not(self, what: object, why: object) -> None:
        """Note what could not be fetched, and why: it is "not fetched", never "deleted"."""
        self.missing.append({"what": str(what), "why": str(why)})
        self.save()

    def compared(self) -> Compared:
        """What it came to so far."""
        return compared(read=self.done, found=self.finds.as_json(), unread=self.missing)

    def fields(self) -> dict[str, Any]:
        """What its row keeps."""
        return {
            "done": self.done, "total": self.total, "cursor": self.cursor, "missing": self.missing,
            "found": self.finds.as_json(),
        }  # fmt: skip

    def save(self) -> None:
        """Write the row now."""
        row = SyncRun.objects.filter(id=self.id, corp_id=self.corp_id)
        row.update(**self.fields())
        if row.filter(cancel_asked=True).exists():
            raise RunCancelled("run_cancelled", "this run was asked to stop")


@contextmanager
def run(*, corp_id: int, kind: str, reconciliation_id: int | None = None) -> Iterator[Run]:
    """Open a run row, and close it as done, partial, cancelled or failed; it may be a part of a reconciliation."""
    if connection.in_atomic_block:
        raise RuntimeError("a sync run must not be opened inside a transaction: nobody could see its progress")
    with transaction.atomic():
        row = SyncRun.objects.create(corp_id=corp_id, kind=kind, started_at=now(), reconciliation_id=reconciliation_id)
        _alive("pg_advisory_lock", row.pk)
    handle = Run(id=row.pk, corp_id=corp_id, kind=kind)
    try:
        yield from _closing(handle)
    finally:
        _alive("pg_advisory_unlock", row.pk)


def left_off(*, corp_id: int, kind: str, within: timedelta) -> dict[str, Any]:
    """Where the last run of this kind stood when it failed or its process died, not longer ago than that; else {}."""
    row = SyncRun.objects.filter(corp_id=corp_id, kind=kind).order_by("-started_at", "-id").first()
    broken = row is not None and row.state in {SyncRun.State.FAILED, SyncRun.State.RUNNING}
    return row.cursor if row is not None and broken and now() - row.started_at <= within else {}


def fail_dead_runs() -> list[int]:
    """Close as failed, with the reason, the runs whose process is gone; returns their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_FAIL_DEAD, [now(), _DIED])
        return [row[0] for row in cursor.fetchall()]


def _alive(function: str, run_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtext('connect.run'), %s::int)", [run_id])


def _closing(handle: Run) -> Iterator[Run]:
    try:
        yield handle
    except RunCancelled:
        _close(handle, SyncRun.State.CANCELLED)
        raise
    except Exception as error:
        why = str(explain_error(error)) if isinstance(error, WecomError) else f"{type(error).__name__}: {error}"
        handle.missing.append({"what": handle.kind, "why": why})
        _close(handle, SyncRun.State.FAILED)
        trouble.keep(corp_id=handle.corp_id, error=error)
        raise
    if handle.done:  # WeCom showed something
        trouble.clear(corp_id=handle.corp_id)
    _close(handle, SyncRun.State.PARTIAL if handle.missing else SyncRun.State.DONE)


@transaction.atomic
def _close(handle: Run, state: SyncRun.State) -> None:
    access.system_act(
        corp_id=handle.corp_id, action="connect.run_ended", subject=f"run:{handle.id}",
        after={"kind": handle.kind, "state": str(state), "done": handle.done, "missing": len(handle.missing)},
    )  # fmt: skip
    SyncRun.objects.filter(id=handle.id, corp_id=handle.corp_id).update(
        state=state, finished_at=now(), **handle.fields()
    )
