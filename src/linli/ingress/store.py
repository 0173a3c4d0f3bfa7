"""Rows into the inbox: gathered for about 3 ms, one INSERT, one commit, and everyone in the batch is told."""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import AsyncConnection

from linli.kit.killpoints import passing

log = logging.getLogger(__name__)
_GATHER_S = 0.003
_MOST = 500
_PAUSE_S = 0.2
_PATIENCE_S = (
    6.0  # WeCom has given up after 5 s and comes again; an error within them might end its tries (wire.md F.1)
)
_MOST_WAITING = 50_000  # about 100 MB: beyond that, callbacks are turned away at once
_READY_S = 3.0
_READY = "SELECT to_regclass('ledger_inbox_rest') IS NOT NULL AND to_regclass('connect_callbackline') IS NOT NULL"
_LINE = "SELECT corp_id, wecom_id, token_sealed, aes_key_sealed FROM connect_callbackline WHERE key = %s"
_INSERT = """
INSERT INTO ledger_inbox (corp_id, payload_hash, kind, object_key, payload, event_at, welcome_code, user_id,
    channel_state, received_at, state, tries, error, copies, welcome_state, welcome_error)
SELECT corp_id, payload_hash, kind, object_key, payload, to_timestamp(event_at), welcome_code, user_id, channel_state,
    received_at, 0, 0, '', copies, CASE WHEN welcome_code IS NULL THEN 0 ELSE 1 END, ''
FROM unnest(%s::bigint[], %s::bytea[], %s::text[], %s::text[], %s::bytea[], %s::bigint[], %s::text[], %s::text[],
    %s::text[], %s::timestamptz[], %s::int[]) AS new (corp_id, payload_hash, kind, object_key, payload, event_at,
    welcome_code, user_id, channel_state, received_at, copies)
ON CONFLICT (corp_id, payload_hash, event_at) DO UPDATE SET copies = ledger_inbox.copies + excluded.copies + 1
"""
_COUNT = """
INSERT INTO ledger_ingresscount (corp_id, what, count) VALUES (%s, %s, %s)
ON CONFLICT (corp_id, what) DO UPDATE SET count = ledger_ingresscount.count + excluded.count
"""


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """What the ingress knows of a callback; `event_at` is WeCom's CreateTime in unix seconds."""

    corp_id: int
    payload_hash: bytes
    kind: str
    object_key: str
    payload: bytes
    event_at: int
    welcome_code: str | None
    user_id: str
    channel_state: str


_COLUMNS = [field.name for field in fields(InboxRow)]


class _Wire:
    """One connection, made when it is needed and again after it broke.

    A pool waits longer and longer between its attempts; a welcome has 20 seconds, so here each attempt comes soon.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: AsyncConnection[Any] | None = None
        self._making = asyncio.Lock()

    async def get(self) -> AsyncConnection[Any]:
        async with self._making:
            if self._connection is None or self._connection.closed:
                self._connection = await AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=3)
            return self._connection

    async def drop(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None


class NotKept(Exception):
    """The row is not durable, so WeCom must not hear 200."""


class Store:
    """The ingress's only way to the database."""

    def __init__(self, dsn: str) -> None:
        self._writer, self._reader = _Wire(dsn), _Wire(dsn)
        self._waiting: list[tuple[InboxRow, datetime, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._counted: Counter[tuple[int, str]] = Counter()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._write_forever()), asyncio.create_task(self._count_forever())]

    async def stop(self) -> None:
        await asyncio.gather(*(done for _, _, done in self._waiting))
        for task in self._tasks:
            task.cancel()
        await self._flush_counts()
        await self._writer.drop()
        await self._reader.drop()

    async def keep(self, row: InboxRow) -> None:
        """Returns when the row is durable, or was so already; NotKept when it cannot be made so (the disk is full).

        A row that was given up is still written if the database comes back: WeCom's next try is then the same row.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise NotKept
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, datetime.now(UTC), done))
        self._wake.set()
        try:
            await asyncio.wait_for(asyncio.shield(done), _PATIENCE_S)
        except TimeoutError as error:
            raise NotKept from error

    async def line(self, key: str) -> tuple[int, str, bytes, bytes] | None:
        """The keys of a callback address; waits while the database is away, as `keep` does."""
        while True:
            try:
                return await self._line(key)
            except psycopg.Error as error:
                log.warning("a line waits for the database: %s", type(error).__name__)
                await self._reader.drop()
                await asyncio.sleep(_PAUSE_S)

    async def _line(self, key: str) -> tuple[int, str, bytes, bytes] | None:
        connection = await self._reader.get()
        cursor = await connection.execute(_LINE, [key])
        row: tuple[int, str, bytes, bytes] | None = await cursor.fetchone()
        return row

    async def parts(self) -> dict[str, str]:
        """What /readyz says: "ok" or a word for each part. A batch that waits is the database's or a lock's fault."""
        try:
            connection = await asyncio.wait_for(self._reader.get(), _READY_S)
            cursor = await asyncio.wait_for(connection.execute(_READY), _READY_S)
            found = await cursor.fetchone()
        except (psycopg.Error, TimeoutError):
            await self._reader.drop()
            return {"database": "away", "tables": "unknown", "writing": "unknown"}
        oldest = self._waiting[0][1] if self._waiting else datetime.now(UTC)
        stuck = (datetime.now(UTC) - oldest).total_seconds() > _READY_S
        return {
            "database": "ok", "tables": "ok" if found and found[0] else "missing", "writing": "stuck" if stuck else "ok",
        }  # fmt: skip

    def count(self, corp_id: int, what: str) -> None:
        """Refusals are counted in memory and written each second: a flood of them must not cost the database."""
        self._counted[corp_id, what] += 1

    async def _write_forever(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER_S)
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            if not self._waiting:
                self._wake.clear()
            await self._write_until_done(batch)

    async def _write_until_done(self, batch: list[tuple[InboxRow, datetime, asyncio.Future[None]]]) -> None:
        while True:
            try:
                await self._write(batch)
            except psycopg.Error as error:
                log.warning("inbox waits for the database: %s", type(error).__name__)
                await self._writer.drop()
                await asyncio.sleep(_PAUSE_S)
            else:
                break
        passing("ingress.kept")
        for _, _, done in batch:
            if not done.done():
                done.set_result(None)

    async def _write(self, batch: list[tuple[InboxRow, datetime, asyncio.Future[None]]]) -> None:
        first: dict[tuple[int, bytes], tuple[InboxRow, datetime]] = {}
        seen: Counter[tuple[int, bytes]] = Counter()
        for row, at, _ in batch:
            first.setdefault((row.corp_id, row.payload_hash), (row, at))
            seen[row.corp_id, row.payload_hash] += 1
        rows = [row for row, _ in first.values()]
        columns = [[getattr(row, name) for row in rows] for name in _COLUMNS]
        copies = [seen[key] - 1 for key in first]
        connection = await self._writer.get()
        async with connection.transaction():
            await connection.execute(_INSERT, [*columns, [at for _, at in first.values()], copies])
            await connection.execute("NOTIFY linli_inbox")

    async def _count_forever(self) -> None:
        while True:
            await asyncio.sleep(1)
            try:
                await self._flush_counts()
            except psycopg.Error as error:
                log.warning("counts wait for the database: %s", type(error).__name__)

    async def _flush_counts(self) -> None:
        if not self._counted:
            return
        counted, self._counted = self._counted, Counter()
        try:
            connection = await self._reader.get()
            async with connection.cursor() as cursor:
                await cursor.executemany(_COUNT, [(corp, what, n) for (corp, what), n in counted.items()])
        except psycopg.Error:
            self._counted.update(counted)
            await self._reader.drop()
            raise
