"""A sync run is a row that anyone can look at while it goes on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from linli.access import api as access
from linli.connect import trouble, unread
from linli.connect.compared import Compared, Finds, compared
from linli.connect.models import SyncRun
from linli.kit.clock import monotonic, now
from linli.kit.errors import LinliError, Refused
from linli.wecom.errors import WecomError

_EVERY_S = 0.5
# WeCom keeps a cursor for hours (wire.md C.1: 4 for contact_list); what was read longer ago is read again.
_STILL_FRESH = timedelta(hours=4)
# A run holds an advisory lock of its session: it is gone at the moment in which the process (or its connection) is.
_FAIL_DEAD = """
    UPDATE connect_syncrun r
    SET state = 'failed', finished_at = %s,
        missing = missing || jsonb_build_array(jsonb_build_object('what', kind) || %s::jsonb)
    WHERE state = 'running' AND NOT EXISTS (
        SELECT 1 FROM pg_locks
        WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = (hashtext('connect.run')::bigint & 4294967295)::oid AND objid = r.id::oid AND objsubid = 2
    )
    RETURNING id
"""
_DIED = {
    "why": "运行中途进程退出，已经读到的都在，会从停下的地方接着读",
    "why_en": "the process ended before the run did; what it read is kept, and it goes on from there",
}


class RunCancelled(Refused):
    """Somebody asked the run to stop; what it committed so far stays."""


@dataclass
class Run:
    """The handle of a run that is going on. `cursor` is what a later run may go on from; it begins with what the one
    before it, that did not come to its end, had reached, and with what that one found and could not read before there."""

    id: int
    corp_id: int
    kind: str
    cursor: dict[str, Any] = field(default_factory=dict)
    missing: list[dict[str, str]] = field(default_factory=list)
    finds: Finds = field(default_factory=Finds)
    done: int = 0
    total: int | None = None
    first: bool = False  # nothing of this kind was ever read to its end
    _passed_over: int = 0  # entries of `missing` that lie before the cursor: no run that goes on from it meets them
    _taken_over: int = 0
    _written: float = 0.0
    _begun: float = 0.0
    _parts: tuple[float, float] | None = None

    def progress(self, done: int, total: int | None = None) -> None:
        """Say how far it is (kept at most twice a second); raises RunCancelled when asked to stop."""
        self.done = done
        self.total = total if total is not None else self.total
        if monotonic() - self._written >= _EVERY_S:
            self._written = monotonic()
            self.save()

    def reached(self, cursor: dict[str, Any]) -> None:
        """Everything before `cursor` is written: a run that follows this one, should it die, begins there."""
        self.cursor, self._passed_over = cursor, len(self.missing)
        self.save()

    @contextmanager
    def step(self, cursor: dict[str, Any]) -> Iterator[None]:
        """What is written in this block, what it counts, and that everything before `cursor` is written, are kept as one."""
        before = self.cursor, self._passed_over, self.done, deepcopy(self.finds)
        try:
            with transaction.atomic():
                yield
                self.cursor, self._passed_over = cursor, len(self.missing)
                asked = self._write()
        except BaseException:
            self.cursor, self._passed_over, self.done, self.finds = before
            raise
        self._written = monotonic()
        _stop(asked)

    def part(self, done: float, total: float) -> None:
        """How much of the work is done, where things are counted that nobody knows the number of: time left follows."""
        self._parts = (done, total)

    def remaining_s(self) -> int | None:
        """Seconds that the rest will take at the pace so far; None before anything is done, and without an end known."""
        done, total = self._parts or (float(self.done), float(self.total or 0))
        if not done or total < done:
            return None
        return round((monotonic() - self._begun) / done * (total - done))

    def could_not(self, what: object, why: object, *, key: str = "") -> None:
        """Note what could not be fetched, and why: it is "not fetched", never "deleted".

        `why` is WeCom's error or a sentence; by `key` the room finds the thing when it is asked to try again.
        """
        found = unread.entry(what, why, key=key)
        if found not in self.missing[: self._taken_over]:
            self.missing.append(found)
        self.save()

    def compared(self) -> Compared:
        """What it came to so far."""
        return compared(read=self.done, found=self.finds.as_json(), unread=self.missing)

    def fields(self) -> dict[str, Any]:
        """What its row keeps."""
        return {
            "done": self.done, "total": self.total, "cursor": self.cursor, "missing": self.missing,
            "found": self.finds.as_json(), "remaining_s": self.remaining_s(), "passed_over": self._passed_over,
        }  # fmt: skip

    def save(self) -> None:
        """Write the row now."""
        _stop(self._write())

    def _write(self) -> bool:
        """Write the row; was it asked to stop? One plain statement, because a large reading writes it a page."""
        kept = {**self.fields(), "saved_at": now()}
        values: list[Any] = [Jsonb(value) if isinstance(value, dict | list) else value for value in kept.values()]
        values += [self.id, self.corp_id]
        columns = ", ".join(f"{name} = %s" for name in kept)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE connect_syncrun SET {columns} WHERE id = %s AND corp_id = %s RETURNING cancel_asked",  # noqa: S608 - names of fields
                values,
            )
            row = cursor.fetchone()
        return row is not None and bool(row[0])


def _stop(asked: bool) -> None:
    if asked:
        raise RunCancelled("run_cancelled", "this run was asked to stop")


@contextmanager
def run(*, corp_id: int, kind: str, reconciliation_id: int | None = None) -> Iterator[Run]:
    """Open a run row, and close it as done, partial, cancelled or failed; it may be a part of a reconciliation.

    The run before it of this kind (and reconciliation), if it failed, died or was stopped within the last hours, leaves
    its cursor: what it had read by then need not be read again. What it found is counted on, and what it could not read
    before that place is listed on: nobody would come by there again.
    """
    if connection.in_atomic_block:
        raise RuntimeError("a sync run must not be opened inside a transaction: nobody could see its progress")
    fail_dead_runs()  # the one before it may have died a moment ago
    with transaction.atomic():
        before = _unfinished(corp_id, kind, reconciliation_id)
        row = SyncRun(corp_id=corp_id, kind=kind, started_at=now(), reconciliation_id=reconciliation_id, resumes=before)
        if before is not None:
            row.cursor, row.saved_at, row.found = before.cursor, before.saved_at, before.found
            row.missing, row.passed_over = before.missing[: before.passed_over], before.passed_over
        row.save()
        _alive("pg_advisory_lock", row.pk)
    ended = SyncRun.objects.filter(corp_id=corp_id, kind=kind, state__in=(SyncRun.State.DONE, SyncRun.State.PARTIAL))
    handle = Run(
        id=row.pk, corp_id=corp_id, kind=kind, cursor=dict(row.cursor), first=not ended.exists(), _begun=monotonic(),
        missing=list(row.missing), finds=Finds.of(row.found), _passed_over=row.passed_over, _taken_over=row.passed_over,
    )  # fmt: skip
    try:
        yield from _closing(handle)
    finally:
        _alive("pg_advisory_unlock", row.pk)


def fail_dead_runs() -> list[int]:
    """Close as failed, with the reason, the runs whose process is gone; returns their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_FAIL_DEAD, [now(), json.dumps(_DIED)])
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
        expected = isinstance(error, LinliError | WecomError)
        handle.missing.append(unread.entry(handle.kind, error if expected else f"{type(error).__name__}: {error}"))
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
    whole = state in {SyncRun.State.DONE, SyncRun.State.PARTIAL}
    ended = {**handle.fields(), "remaining_s": None} | ({"cursor": {}} if whole else {})
    SyncRun.objects.filter(id=handle.id, corp_id=handle.corp_id).update(state=state, finished_at=now(), **ended)


def _unfinished(corp_id: int, kind: str, reconciliation_id: int | None) -> SyncRun | None:
    """The run to go on from: the last of its kind, if it did not come to its end and kept a place."""
    rows = SyncRun.objects.filter(corp_id=corp_id, kind=kind)
    if reconciliation_id is None:
        rows = rows.filter(reconciliation=None)
    else:
        rows = rows.filter(reconciliation_id=reconciliation_id)
    last = rows.order_by("-id").first()
    if last is None or not last.cursor or last.state not in {SyncRun.State.FAILED, SyncRun.State.CANCELLED}:
        return None
    return last if now() - (last.saved_at or last.started_at) <= _STILL_FRESH else None
