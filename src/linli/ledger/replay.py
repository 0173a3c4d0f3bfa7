"""Replay of one subscriber from a position: the real one puts its cursor back, a dry one says what would change.

A replay is delivery itself: same steps, same locks, same parking; it goes on after a kill where the cursor stands, and new
facts follow when it has caught up. A dry run calls the handlers in a transaction that is rolled back.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.kit.clock import wall
from linli.kit.errors import BadInput, NotFound, Refused
from linli.ledger.aside import Hand
from linli.ledger.delivery import top_position
from linli.ledger.models import Cursor, ReplayRun
from linli.ledger.reading import facts_between
from linli.ledger.subscription import Replay, Subscription, subscription
from linli.ledger.trouble import told
from linli.ledger.types import Fact

CHUNK = 20_000
FIRST_FAILING = 20
_TOUCHED = "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
_OWN_TABLES = ("ledger_handled",)


@dataclass(frozen=True, kw_only=True)
class ReplayInfo:
    """A replay over (from_position, to_position]; `changes`: table → [inserted, updated, deleted] rows of a dry run.

    `failing`: the first facts that would fail, as {fact, corp, position, kind, subject, error}. `exact` is False when a dry run was
    judged in chunks: a row that two chunks touch is counted in both.
    """

    id: int
    subscriber: str
    dry: bool
    state: str
    from_position: int
    to_position: int
    position: int
    facts: int
    changes: dict[str, list[int]]
    failing: list[dict[str, object]]
    failing_count: int
    exact: bool
    error: str
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None

    @property
    def share(self) -> float:
        """How far, 0 to 1."""
        whole = self.to_position - self.from_position
        return (self.position - self.from_position) / whole if whole else 1.0


def start_replay(*, subscriber: str, from_position: int, dry: bool, by: str) -> int:
    """Ask for a replay of everything after `from_position`; returns its id. Raises what cannot be replayed, and why."""
    one = subscription(subscriber)
    if one.replay is Replay.NEVER:
        raise Refused("no_replay", _("This subscriber may not be replayed: what it does cannot be done twice."))
    with transaction.atomic():
        Cursor.objects.get_or_create(name=subscriber)
        cursor = Cursor.objects.select_for_update().get(name=subscriber)
        if not 0 <= from_position < cursor.position:
            raise BadInput("position", _("Choose a position that the subscriber has passed already."))
        try:
            with transaction.atomic():
                run = ReplayRun.objects.create(
                    subscriber=subscriber, dry=dry, from_position=from_position, to_position=cursor.position,
                    position=from_position, asked_by=by, asked_at=wall(),
                )  # fmt: skip
        except IntegrityError:
            raise Refused(
                "replaying", _("A replay of this subscriber is going on: wait for it, or cancel it.")
            ) from None
        if not dry:
            cursor.position, cursor.replay_id = from_position, run.pk
            cursor.save(update_fields=["position", "replay_id"])
    return run.pk


def position_at(*, subscriber: str, at: datetime) -> int:
    """The position to replay from so that nothing the subscriber hears that happened at or after `at` is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(position) FROM ledger_fact WHERE kind = ANY(%s) AND occurred_at >= %s",
            [list(subscription(subscriber).kinds), at],
        )
        first = cursor.fetchone()[0]
    return top_position() if first is None else first - 1


def cancel_replay(*, replay_id: int) -> None:
    """Stop: what was replayed stays, and the subscriber goes on where it stood before."""
    with transaction.atomic():
        run = ReplayRun.objects.filter(id=replay_id).first()
        if run is None:
            raise NotFound("no_replay", _("This replay is not there."))
        cursor = Cursor.objects.select_for_update().get(name=run.subscriber)
        run = ReplayRun.objects.select_for_update().get(id=replay_id)
        if run.state != ReplayRun.State.OPEN:
            return
        run.state, run.finished_at = ReplayRun.State.CANCELLED, wall()
        run.save(update_fields=["state", "finished_at"])
        if cursor.replay_id == run.pk:
            cursor.position, cursor.replay_id = max(cursor.position, run.to_position), None
            cursor.save(update_fields=["position", "replay_id"])


def replays(*, subscriber: str | None = None, limit: int = 10) -> list[ReplayInfo]:
    """The latest replays, newest first."""
    rows = ReplayRun.objects.all() if subscriber is None else ReplayRun.objects.filter(subscriber=subscriber)
    return [_info(row) for row in rows.order_by("-id")[:limit]]


def replay(*, replay_id: int) -> ReplayInfo:
    """One replay; raises NotFound."""
    row = ReplayRun.objects.filter(id=replay_id).first()
    if row is None:
        raise NotFound("no_replay", _("This replay is not there."))
    return _info(row)


def open_dry_runs() -> list[int]:
    """Dry runs that were asked for and have not ended."""
    return list(
        ReplayRun.objects.filter(dry=True, state=ReplayRun.State.OPEN).order_by("id").values_list("id", flat=True)
    )


def dry_run(replay_id: int, *, chunk: int = CHUNK, stop: Callable[[], bool] = lambda: False) -> None:
    """Go on with a dry run until it is done or cancelled; does nothing while another process has it in hand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('ledger.dry_run'), %s)", [replay_id])
        if not cursor.fetchone()[0]:
            return
    try:
        while not stop() and _dry_chunk(replay_id, chunk):
            pass
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('ledger.dry_run'), %s)", [replay_id])


def _dry_chunk(replay_id: int, chunk: int) -> bool:
    """The next facts of a dry run; False when there are none left to look at."""
    run = ReplayRun.objects.get(id=replay_id)
    if run.state != ReplayRun.State.OPEN:
        return False
    one = subscription(run.subscriber)
    facts = facts_between(one.kinds, after=run.position, until=run.to_position, limit=chunk)
    try:
        changes, failing = would_change(one, facts)
    except Exception as error:
        ReplayRun.objects.filter(id=run.pk, state=ReplayRun.State.OPEN).update(
            state=ReplayRun.State.FAILED, error=told(error)[0], finished_at=wall()
        )
        raise
    whole = Counter({(table, n): rows for table, three in run.changes.items() for n, rows in enumerate(three)})
    whole.update({(table, n): rows for table, three in changes.items() for n, rows in enumerate(three)})
    done = len(facts) < chunk
    room = FIRST_FAILING - len(run.failing)
    ReplayRun.objects.filter(id=run.pk, state=ReplayRun.State.OPEN).update(
        position=run.to_position if done else facts[-1].position,
        facts=run.facts + len(facts),
        changes={table: [whole[table, n] for n in range(3)] for table in sorted({table for table, _n in whole})},
        failing=[*run.failing, *(_told(fact, error) for fact, error in failing[: max(0, room)])],
        failing_count=run.failing_count + len(failing),
        exact=run.exact and (done and run.position == run.from_position),
        state=ReplayRun.State.DONE if done else ReplayRun.State.OPEN,
        finished_at=wall() if done else None,
    )
    return not done


def would_change(one: Subscription, facts: Sequence[Fact]) -> tuple[dict[str, list[int]], list[tuple[Fact, Exception]]]:
    """What these facts would do, tried and rolled back: table → [inserted, updated, deleted] rows, and what would fail."""
    if not facts:
        return {}, []
    failed: list[tuple[Fact, Exception]] = []
    changes, hand = _tried(one, facts)
    if hand.failed:
        # What a failing attempt wrote before it failed is in the counts as well: count again without those that fail.
        failed, taken = hand.failed, set(hand.taken)
        changes, _hand = _tried(one, [fact for fact in facts if fact.id in taken])
    return changes, failed


def _tried(one: Subscription, facts: Sequence[Fact]) -> tuple[dict[str, list[int]], Hand]:
    hand = Hand(one, known=(), shut=set())
    changes: dict[str, list[int]] = {}
    if not facts:
        return changes, hand
    with transaction.atomic():
        before = _touched()
        hand.over(facts)
        for table, counts in _touched().items():
            delta = [now - then for now, then in zip(counts, before.get(table, (0, 0, 0)), strict=True)]
            if any(delta) and table not in _OWN_TABLES:
                changes[table] = delta
        transaction.set_rollback(True)
    return changes, hand


def _touched() -> dict[str, tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED)
        return {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}


def _told(fact: Fact, error: Exception) -> dict[str, object]:
    return {
        "fact": fact.id, "corp": fact.corp_id, "position": fact.position, "kind": fact.kind, "subject": fact.subject,
        "error": told(error)[0],
    }  # fmt: skip


def _info(row: ReplayRun) -> ReplayInfo:
    return ReplayInfo(**{name: getattr(row, name) for name in ReplayInfo.__annotations__})
