"""From inbox rows to effects: objects are claimed some at a time, each has one worker, and its events happen in order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from django.db import connection

from linli.kit.clock import monotonic
from linli.kit.killpoints import passing
from linli.kit.metrics import APPLIED
from linli.ledger.claiming import LEASE_S, Claimed, claim, put_off, release, settle
from linli.ledger.durably import durably
from linli.wecom.errors import CallbackError
from linli.wecom.event_types import Event
from linli.wecom.events import parse_event

_BEGIN_S = 60  # what no thread has begun by then goes back


@dataclass(frozen=True, kw_only=True)
class Route:
    """Which events go to which handler. `kinds` are prefixes; handlers are idempotent and may call WeCom.

    `rereads` names what an event asks to be read again, where it tells nothing else (else None): of several that wait for
    one object, only the last is handled, and settles all.
    `together`, where events of many objects cost less at once and their order does not matter, takes them all and returns
    what failed, by object key; if it raises, each object goes its own way.
    """

    kinds: tuple[str, ...]
    handler: Callable[..., None]
    rereads: Callable[[Event], str | None] = lambda _event: None
    together: Callable[..., Mapping[str, Exception]] | None = None


@dataclass(frozen=True, kw_only=True)
class DrainResult:
    """What one round did, in rows."""

    claimed: int
    applied: int
    failed: int


def drain_some(
    routes: Sequence[Route], *, executor: Executor, objects: int, pieces: int = 1
) -> list[Future[tuple[int, int]]]:
    """Claim up to `objects` objects for at most so many `pieces` of work; a future (claimed, applied) for each piece."""
    groups = [list(rows) for _, rows in groupby(claim(objects), key=lambda row: (row.corp_id, row.object_key))]
    size = -(-len(groups) // pieces) or 1
    until = monotonic() + _BEGIN_S
    return [
        executor.submit(_apply, routes, groups[first : first + size], until) for first in range(0, len(groups), size)
    ]


def drain_once(routes: Sequence[Route], *, executor: Executor, objects: int = 64, pieces: int = 64) -> DrainResult:
    """The same, waited for: what one round did."""
    done = [future.result() for future in drain_some(routes, executor=executor, objects=objects, pieces=pieces)]
    claimed, applied = sum(one for one, _ in done), sum(one for _, one in done)
    return DrainResult(claimed=claimed, applied=applied, failed=claimed - applied)


def _apply(routes: Sequence[Route], objects: list[list[Claimed]], begin_until: float) -> tuple[int, int]:
    """Some objects, on one thread."""
    passing("drain.claimed")
    connection.close_if_unusable_or_obsolete()  # a thread that waited may hold the connection of a database that died
    applied = 0
    for route, some in _alike(routes, objects):
        if monotonic() > begin_until:
            durably(partial(release, [row for rows in some for row in rows]), within_s=LEASE_S)
            continue
        done = _apply_together(route, some) if route and route.together and len(some) > 1 else None
        applied += sum(_apply_object(routes, rows) for rows in some) if done is None else done
    return sum(map(len, objects)), applied


def _alike(routes: Sequence[Route], objects: list[list[Claimed]]) -> Iterator[tuple[Route | None, list[list[Claimed]]]]:
    """Objects of one corp whose events all go to one route that takes many; the others one by one."""

    def key(rows: list[Claimed]) -> tuple[int, int]:
        found = {_number(routes, row.kind) for row in rows}
        alike = len(found) == 1 and (number := found.pop()) >= 0 and routes[number].together
        return (rows[0].corp_id, number) if alike else (-rows[0].id, -1)

    for (_corp, number), some in groupby(objects, key=key):
        yield (routes[number] if number >= 0 else None), list(some)


def _apply_together(route: Route, objects: list[list[Claimed]]) -> int | None:
    """How many rows were applied; None when it must be tried object by object."""
    assert route.together is not None
    try:
        events = [parse_event(row.payload) for rows in objects for row in rows]
        failed = route.together(events, corp_id=objects[0][0].corp_id)
    except Exception:  # noqa: BLE001 - whose fault it is shows when each goes its own way
        return None
    passing("drain.handled")
    good = [row for rows in objects if rows[0].object_key not in failed for row in rows]
    durably(partial(settle, good), within_s=LEASE_S)
    APPLIED.labels("applied").inc(len(good))
    for rows in objects:
        if (error := failed.get(rows[0].object_key)) is not None:
            _fail(rows, error)
    return len(good)


def _apply_object(routes: Sequence[Route], rows: list[Claimed]) -> int:
    """Events of one object in order; after a failure the later ones wait for the next round. Returns how many were applied."""
    waiting = list(rows)
    try:
        for settled in _steps(routes, rows):
            _handle(routes, settled[-1])
            passing("drain.handled")
            durably(partial(settle, settled), within_s=LEASE_S)
            APPLIED.labels("applied").inc(len(settled))
            waiting = [row for row in waiting if row not in settled]
    except Exception as error:  # noqa: BLE001 - kept with the row, tried again with growing pauses, then parked
        _fail(waiting, error)
    return len(rows) - len(waiting)


def _fail(rows: list[Claimed], error: Exception) -> None:
    durably(partial(put_off, rows, error), within_s=LEASE_S)
    APPLIED.labels("failed").inc()


def _steps(routes: Sequence[Route], rows: list[Claimed]) -> list[list[Claimed]]:
    """The rows in the order of their handling: the last of each list is handled, and settles those before it."""
    steps: list[list[Claimed]] = []
    covered: dict[str, list[Claimed]] = {}
    keys = [_rereads(routes, row) for row in rows] if len(rows) > 1 else [None]
    for at, (row, key) in enumerate(zip(rows, keys, strict=True)):
        if key is None:
            steps.append([row])
        elif key in keys[at + 1 :]:
            covered.setdefault(key, []).append(row)
        else:
            steps.append([*covered.get(key, ()), row])
    return steps


def _rereads(routes: Sequence[Route], row: Claimed) -> str | None:
    number = _number(routes, row.kind)
    try:
        return routes[number].rereads(parse_event(row.payload)) if number >= 0 else None
    except CallbackError:
        return None  # its own handling says so


def _number(routes: Sequence[Route], kind: str) -> int:
    return next((number for number, route in enumerate(routes) if kind.startswith(route.kinds)), -1)


def _handle(routes: Sequence[Route], row: Claimed) -> None:
    event = parse_event(row.payload)
    if (number := _number(routes, row.kind)) >= 0:
        routes[number].handler(event, corp_id=row.corp_id)
    # Else no room asks for this event yet: it stays in the inbox, readable, and counts as applied.
