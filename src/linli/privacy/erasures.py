"""Taking a person out of the house: planned, confirmed, done step by step, searched for at the end, proven.

Each step is one transaction with its row in `privacy_erasurestep`; a killed erasure goes on behind its last step and ends
the same. First of all the person is held back (customers.suppressions), so that nothing brings them in while it runs.

That first transaction is the point of no return: until then nothing was touched and whoever asked may cancel; afterwards
it cannot be cancelled, because half of a person helps nobody and what is gone is gone. What a person asked for begins
after GRACE, so that there is a time in which to think better of it.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.customers import api as customers
from linli.kit.clock import now, wall
from linli.kit.errors import BadInput, NotFound, Refused, Unavailable
from linli.kit.personal import Act, Part, Subject
from linli.ledger import api as ledger
from linli.privacy import facts, journal, vault
from linli.privacy.models import Erasure, ErasureStep, State
from linli.privacy.parts import carry_out, count, must_wait, parts, textual_columns

REASONS = {
    "asked": _("the person asked for it"),
    "withdrawn": _("consent was taken back"),
    "authority": _("an authority asked for it"),
    "mistake": _("the data were never ours to keep"),
}
OWN_REASONS = {"retention": _("kept long enough"), "restored": _("erased before, came back with a backup")}
SUPPRESSION = "customers_suppression"
GRACE = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """What would be done to one table, and why."""

    title: str
    act: str
    why: str
    rows: int


def plan(*, corp_id: int, customer_id: int) -> list[PlanLine]:
    """What an erasure of this person would do now; tables without a row of theirs are left out."""
    given = customers.subject(corp_id=corp_id, customer_id=customer_id).parameters(now())
    lines = [PlanLine(title=one.title, act=one.act.value, why=one.why, rows=count(one, given)) for one in parts()]
    return [line for line in lines if line.rows]


def ask(*, corp_id: int, customer_id: int, author: str, reason: str, typed: str) -> int:
    """Have erased, GRACE from now, whom a person confirmed by typing the customer's number; returns the erasure's id."""
    if reason not in REASONS:
        raise BadInput("reason", _("Choose the reason."))
    if typed.strip() != str(_number(corp_id, customer_id)):
        raise BadInput("not_confirmed", _("Type the customer’s number to confirm. Nothing was erased."))
    return begin(corp_id=corp_id, customer_id=customer_id, author=author, reason=reason, begins_at=wall() + GRACE)


@transaction.atomic
def begin(
    *,
    corp_id: int,
    customer_id: int,
    author: str,
    reason: str,
    suppress: bool = True,
    begins_at: datetime | None = None,
) -> int:
    """The row and its job, at once or at that moment of the wall's clock; one that is under way already is that one."""
    from linli.privacy.jobs import erase

    open_ = Erasure.objects.filter(corp_id=corp_id, customer_id=customer_id, state__in=(State.WAITING, State.RUNNING))
    if (row := open_.first()) is not None:
        return row.pk
    made = Erasure.objects.create(
        corp_id=corp_id, customer_id=customer_id, customer_no=_number(corp_id, customer_id), author=author,
        reason=reason, suppress=suppress, asked_at=now(), begins_at=begins_at,
    )  # fmt: skip
    erase.configure(schedule_at=begins_at).defer(corp_id=corp_id, erasure_id=made.pk)
    return made.pk


def _number(corp_id: int, customer_id: int) -> int:
    found = customers.profiles(corp_id=corp_id, customer_ids=[customer_id]).get(customer_id)
    if found is None or found.erased:
        raise NotFound("no_customer", _("This customer is not there."))
    return found.no


def run(*, corp_id: int, erasure_id: int) -> bool:
    """Go on with an erasure to its end; False when another process has it in hand, or its time has not come.

    Raises Unavailable when it must wait for somebody else's work; calling again goes on.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('privacy.erasure'), %s::int)", [erasure_id])
        if not cursor.fetchone()[0]:
            return False
    try:
        row = Erasure.objects.get(corp_id=corp_id, id=erasure_id)
        if row.state == State.WAITING and _too_early(row):
            return False
        if row.state in {State.WAITING, State.RUNNING}:
            _go_on(row)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('privacy.erasure'), %s::int)", [erasure_id])
    return True


def _too_early(row: Erasure) -> bool:
    """More than GRACE ahead is no time that anybody set: the clock went back since, and nobody waits that out."""
    return row.begins_at is not None and timedelta(0) < row.begins_at - wall() <= GRACE


def _go_on(row: Erasure) -> None:
    if row.state == State.WAITING:
        _may_begin(row)
    subject = _begun(row)
    if subject is None:
        return
    given = subject.parameters(row.asked_at)
    for position, part in enumerate(parts(), start=1):
        while not _step(row, position, part, given):
            pass
    pattern = str(given["free"])
    columns = textual_columns()
    left = sorted({one.table for one in columns if one.holds(row.corp_id, pattern)})
    _finish(row, searched=len(columns), left=left)


def _may_begin(row: Erasure) -> None:
    """While somebody else's work on them is half done nothing is touched: it would have to stop in the middle, for good."""
    given = customers.subject(corp_id=row.corp_id, customer_id=row.customer_id).parameters(row.asked_at)
    if any(must_wait(part, given) for part in parts()):
        raise _waits()


def _waits() -> Unavailable:
    return Unavailable("erasure_waits", _("A message to this person is being handed over. The erasure goes on soon."))


@transaction.atomic
def _begun(row: Erasure) -> Subject | None:
    """Who it is: from the rows at first (and they are held back from then on), from the sealed note afterwards.

    None when it was cancelled at the last moment.
    """
    row.refresh_from_db(from_queryset=Erasure.objects.select_for_update())
    if row.state == State.CANCELLED:
        return None
    place = f"privacy.erasure:{row.pk}"
    if row.subject_sealed is not None:
        values = json.loads(vault.unseal(row.corp_id, bytes(row.subject_sealed), place=place))
        return Subject(
            corp_id=row.corp_id, customer_id=row.customer_id, values=tuple((kind, value) for kind, value in values)
        )
    subject, tokens = customers.begin_erasure(
        corp_id=row.corp_id, customer_id=row.customer_id, at=row.asked_at, suppress=row.suppress
    )
    row.subject_sealed = vault.seal(row.corp_id, json.dumps(subject.values).encode(), place=place)
    row.state, row.started_at, row.tokens = State.RUNNING, now(), len(tokens)
    row.save(update_fields=["subject_sealed", "state", "started_at", "tokens"])
    if tokens:
        journal.write_erasure(corp_id=row.corp_id, customer_id=row.customer_id, tokens=tokens, at=row.asked_at)
    return subject


@transaction.atomic
def _step(row: Erasure, position: int, part: Part, given: dict[str, Any]) -> bool:
    """One transaction of one part; True when the part is done."""
    step, _made = ErasureStep.objects.select_for_update().get_or_create(
        corp_id=row.corp_id, erasure=row, position=position,
        defaults={"table": part.table, "act": part.act.value, "at": now()},
    )  # fmt: skip
    if step.done:
        return True
    if must_wait(part, given):
        raise _waits()
    rows, reached = carry_out(part, given, step.reached)
    step.rows += rows
    step.at = now()
    step.reached, step.done = (step.reached, True) if reached is None else (reached, False)
    step.save(update_fields=["rows", "reached", "done", "at"])
    return step.done


@transaction.atomic
def _finish(row: Erasure, *, searched: int, left: list[str]) -> None:
    row.searched, row.left = searched, left
    row.state = State.FAILED if left else State.DONE
    row.error = ", ".join(left)
    row.finished_at = now()
    if not left:
        row.subject_sealed = None
    row.save(update_fields=["searched", "left", "state", "error", "finished_at", "subject_sealed"])
    row.digest = digest(proof(corp_id=row.corp_id, erasure_id=row.pk))
    row.save(update_fields=["digest"])
    ledger.publish(
        corp_id=row.corp_id, kind=facts.PERSON_ERASED, subject=f"customer:{row.customer_id}",
        data={"erasure": row.pk, "reason": row.reason, "complete": not left}, customer_id=row.customer_id,
    )  # fmt: skip


@transaction.atomic
def cancel(*, corp_id: int, erasure_id: int, author: str) -> None:
    """Before it has begun: nothing was touched, nothing will be. Refused from then on; NotFound for another corp's."""
    row = Erasure.objects.select_for_update().filter(corp_id=corp_id, id=erasure_id).first()
    if row is None:
        raise NotFound("no_erasure", _("This erasure is not there."))
    if row.state == State.CANCELLED:
        return
    if row.state != State.WAITING:
        raise Refused("erasure_begun", _("The erasure has begun and cannot be cancelled: what is erased is gone."))
    row.state, row.cancelled_by, row.finished_at = State.CANCELLED, author, now()
    row.save(update_fields=["state", "cancelled_by", "finished_at"])


@transaction.atomic
def again(*, corp_id: int, erasure_id: int) -> None:
    """A finished search found something: do every step once more."""
    from linli.privacy.jobs import erase

    row = Erasure.objects.select_for_update().filter(corp_id=corp_id, id=erasure_id).first()
    if row is None or row.state != State.FAILED:
        raise Refused("not_failed", _("This erasure is complete."))
    ErasureStep.objects.filter(corp_id=corp_id, erasure=row).update(done=False, reached=0)
    row.state = State.RUNNING
    row.save(update_fields=["state"])
    erase.defer(corp_id=corp_id, erasure_id=row.pk)


def proof(*, corp_id: int, erasure_id: int) -> dict[str, Any]:
    """What was done, table by table, by whom and when; it names nobody. NotFound when there is no such erasure."""
    row = Erasure.objects.filter(corp_id=corp_id, id=erasure_id).first()
    if row is None:
        raise NotFound("no_erasure", _("This erasure is not there."))
    why = {one.table: one.why for one in parts() if one.act is Act.KEEP}
    steps = ErasureStep.objects.filter(corp_id=corp_id, erasure=row).order_by("position")
    return {
        "erasure": row.pk,
        "customer_number": row.customer_no,
        "reason": row.reason,
        "asked_by": row.author,
        "asked_at": row.asked_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        "held_back_identifiers": row.tokens,
        "steps": [
            {
                "table": one.table,
                "act": one.act,
                "rows": one.rows,
                "at": one.at.isoformat(),
                "why": why.get(one.table, ""),
            }
            for one in steps
        ],
        "searched_columns": row.searched,
        "still_found_in": row.left,
    }


def digest(content: dict[str, Any]) -> str:
    """SHA-256 over the proof as compact JSON with sorted keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def open_erasures(*, corp_id: int) -> list[int]:
    """Erasures that have not ended, oldest first."""
    rows = Erasure.objects.filter(corp_id=corp_id, state__in=(State.WAITING, State.RUNNING))
    return list(rows.order_by("id").values_list("id", flat=True))
