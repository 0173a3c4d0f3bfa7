"""What waits for a person: facts that a subscriber, and callbacks that a room, failed on again and again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from linli.kit.clock import wall
from linli.kit.errors import BadInput
from linli.ledger.models import InboxRow, Parked

_REASON_MOST = 500
_STATES = {"parked": Parked.State.PARKED, "retrying": Parked.State.RETRYING, "dropped": Parked.State.DROPPED}
_HELD = """
SELECT head.id, count(held.id) FROM ledger_parked head JOIN ledger_parked held
    ON held.subscriber = head.subscriber AND held.corp_id = head.corp_id AND held.subject = head.subject
   AND held.position > head.position AND held.state = 1
WHERE head.id = ANY(%s) GROUP BY 1
"""


@dataclass(frozen=True, kw_only=True)
class ParkedInfo:
    """One that was set aside; `subscriber` is "" for a callback, `held` counts what waits behind it."""

    id: int
    subscriber: str
    kind: str
    subject: str
    fact_id: int | None
    inbox_id: int | None
    position: int | None
    state: str
    tries: int
    error: str
    trace: str
    noted_at: datetime
    next_try_at: datetime | None
    parked_at: datetime | None
    settled_at: datetime | None
    settled_by: str
    reason: str
    held: int


@dataclass(frozen=True, kw_only=True)
class ParkedGroup:
    """All that wait for a person with one error of one subscriber ("" for callbacks)."""

    subscriber: str
    error: str
    count: int
    first_at: datetime
    last_at: datetime


def parked(*, corp_id: int, state: str = "parked", subscriber: str | None = None, error: str | None = None,
           limit: int = 50, offset: int = 0) -> list[ParkedInfo]:  # fmt: skip
    """What is "parked", "retrying" or "dropped", oldest first (dropped: newest first)."""
    rows = _narrowed(Parked.objects.filter(corp_id=corp_id, state=_STATES[state]), subscriber, error)
    order = ("-settled_at", "-id") if state == "dropped" else ("noted_at", "id")
    found = list(rows.order_by(*order)[offset : offset + limit])
    return _infos(found)


def parked_one(*, corp_id: int, parked_id: int) -> ParkedInfo | None:
    """One of them, in any state; None when it is not there (any more)."""
    return next(iter(_infos(list(Parked.objects.filter(corp_id=corp_id, id=parked_id)))), None)


def parked_groups(*, corp_id: int) -> list[ParkedGroup]:
    """What waits for a person, by subscriber and error, the most frequent first."""
    rows = Parked.objects.filter(corp_id=corp_id, state=Parked.State.PARKED).values("subscriber", "error")
    counted = rows.annotate(count=Count("id"), first_at=Min("parked_at"), last_at=Max("parked_at"))
    return [ParkedGroup(**row) for row in counted.order_by("-count", "subscriber", "error")]


def parked_counts(*, corp_id: int) -> dict[str, int]:
    """How many are parked, retrying, held and dropped."""
    rows = Parked.objects.filter(corp_id=corp_id).values_list("state").annotate(Count("id"))
    counted = {Parked.State(state).name.lower(): n for state, n in rows.order_by()}
    return {state.name.lower(): counted.get(state.name.lower(), 0) for state in Parked.State}


def set_going(*, corp_id: int, ids: Sequence[int] = (), subscriber: str | None = None, error: str | None = None) -> int:
    """Try them again now, with all their tries before them: the chosen ones, or all of one subscriber's error; returns how many."""
    with transaction.atomic():
        rows = _chosen(corp_id, ids, subscriber, error)
        going = {"state": Parked.State.RETRYING, "tries": 0, "next_try_at": wall(), "parked_at": None}
        facts = Parked.objects.filter(id__in=[row.pk for row in rows if row.inbox_id is None]).update(**going)
        callbacks = [row for row in rows if row.inbox_id is not None]
        InboxRow.objects.filter(corp_id=corp_id, id__in=[row.inbox_id for row in callbacks]).update(
            state=InboxRow.State.WAITING, tries=0, next_try_at=None, claimed_until=None
        )
        Parked.objects.filter(id__in=[row.pk for row in callbacks]).delete()
        with connection.cursor() as cursor:
            cursor.execute("NOTIFY linli_inbox")
    return facts + len(callbacks)


def wake_callbacks(*, errors: Sequence[str], after_s: float = 300) -> int:
    """Give callbacks parked for so long with one of these errors (names of classes) one more try; returns how many.

    For what passes by itself: an outage parks all that comes during it, and nobody should have to press a button afterwards.
    """
    named = Q()
    for error in errors:
        named |= Q(error=error) | Q(error__startswith=f"{error}:")
    due = Parked.objects.filter(named, state=Parked.State.PARKED, inbox_id__isnull=False)
    with transaction.atomic():
        due = due.filter(parked_at__lt=wall() - timedelta(seconds=after_s)).select_for_update(skip_locked=True)
        found = dict(due.order_by("id").values_list("id", "inbox_id")[:1000])
        woken = InboxRow.objects.filter(id__in=[one for one in found.values() if one is not None]).update(
            state=InboxRow.State.WAITING, tries=F("tries") - 1, next_try_at=None, claimed_until=None
        )
        Parked.objects.filter(id__in=found).delete()
        with connection.cursor() as cursor:
            cursor.execute("NOTIFY linli_inbox")
    return woken


def drop(*, corp_id: int, reason: str, by: str, ids: Sequence[int] = (), subscriber: str | None = None,
         error: str | None = None) -> int:  # fmt: skip
    """Give them up for good: kept with who, when and why; what was held behind them follows. Returns how many."""
    reason = reason.strip()
    if not reason or len(reason) > _REASON_MOST:
        raise BadInput("reason", _("Say in a sentence why it is dropped; it is kept with your name."))
    with transaction.atomic():
        rows = _chosen(corp_id, ids, subscriber, error)
        callbacks = [row.inbox_id for row in rows if row.inbox_id is not None]
        InboxRow.objects.filter(corp_id=corp_id, id__in=callbacks).update(state=InboxRow.State.DROPPED)
        settled = {"state": Parked.State.DROPPED, "settled_at": wall(), "settled_by": by, "reason": reason}
        return Parked.objects.filter(id__in=[row.pk for row in rows]).update(next_try_at=None, **settled)


def park_callback(row_id: int, corp_id: int, kind: str, object_key: str, tries: int, trouble: tuple[str, str]) -> None:
    """A callback that failed for the last time, in the caller's transaction."""
    at = wall()
    Parked.objects.update_or_create(
        corp_id=corp_id, inbox_id=row_id,
        defaults={
            "kind": kind, "subject": object_key, "state": Parked.State.PARKED, "tries": tries, "error": trouble[0],
            "trace": trouble[1], "noted_at": at, "parked_at": at,
        },
    )  # fmt: skip


def _chosen(corp_id: int, ids: Sequence[int], subscriber: str | None, error: str | None) -> list[Parked]:
    """Parked (or still retrying) rows, locked; by id, else by subscriber and error."""
    if not ids and (subscriber is None or error is None):
        return []
    rows = Parked.objects.select_for_update().filter(
        corp_id=corp_id, state__in=(Parked.State.PARKED, Parked.State.RETRYING)
    )
    return list(rows.filter(id__in=ids) if ids else _narrowed(rows, subscriber, error))


def _narrowed(rows: QuerySet[Parked], subscriber: str | None, error: str | None) -> QuerySet[Parked]:
    if subscriber is not None:
        rows = rows.filter(subscriber=subscriber)
    return rows if error is None else rows.filter(error=error)


def _infos(rows: list[Parked]) -> list[ParkedInfo]:
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [[row.pk for row in rows]])
        held = dict(cursor.fetchall())
    own = set(ParkedInfo.__annotations__) - {"state", "held"}
    return [
        ParkedInfo(
            state=Parked.State(row.state).name.lower(), held=held.get(row.pk, 0), **{name: getattr(row, name) for name in own}
        )
        for row in rows
    ]  # fmt: skip
