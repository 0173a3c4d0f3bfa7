"""Writes hand-overs, their calls and their moves: one step, one transaction. Nothing here calls WeCom."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from linli.access import api as access
from linli.handover import facts, limits, queries
from linli.handover.models import Call, CustomerMove, GroupMove, Handover, MoveState, Rule
from linli.handover.planning import Plan, plan
from linli.handover.wishes import SPLITS, Wish, from_json
from linli.kit.clock import now
from linli.kit.errors import BadInput, NotFound, Refused
from linli.ledger import api as ledger
from linli.ledger.api import NewFact

_Line = TypeVar("_Line")
HALF_OPEN = (Handover.State.PROPOSED, Handover.State.RUNNING)


@transaction.atomic
def start(*, corp_id: int, wish: Wish, author: str, by_rule: bool = False, handover_id: int | None = None) -> int:
    """Plan as of now and write the intents; the calls follow by a job. Returns the hand-over's id.

    `handover_id` is the proposal that becomes this. Raises Refused when nobody and nothing would go.
    """
    one_at_a_time(corp_id)
    made = plan(corp_id=corp_id, wish=wish)
    if not made.giving and not made.groups_giving:
        raise Refused("nothing_goes", _("Nobody would be handed over: see who is left out, and why."))
    row = _row(corp_id, made, wish, author, by_rule=by_rule, handover_id=handover_id)
    row.state, row.started_at = Handover.State.RUNNING, now()
    row.author, row.due_at = author or row.author, now()
    row.save()
    _write_customers(row, made)
    _write_groups(row, made)
    data = {
        "handover": row.pk, "giver": row.giver_id, "shop": row.shop_id, "resigned": row.resigned,
        "customers": made.giving, "groups": made.groups_giving,
        "left_out": len(made.customers) + len(made.groups) - made.giving - made.groups_giving,
    }  # fmt: skip
    say(row, facts.STARTED, data)
    queue_soon(row)
    return row.pk


@transaction.atomic
def propose(*, corp_id: int, wish: Wish) -> int | None:
    """Lay a plan before the operator because a member left; None when one is there already, or nothing is to be given."""
    one_at_a_time(corp_id)
    if Handover.objects.filter(corp_id=corp_id, giver_id=wish.giver_id, state__in=HALF_OPEN).exists():
        return None
    made = plan(corp_id=corp_id, wish=wish)
    if not made.customers and not made.groups:
        return None
    row = _row(corp_id, made, wish, "", by_rule=True, handover_id=None)
    row.state = Handover.State.PROPOSED
    row.save()
    say(
        row,
        facts.PROPOSED,
        {"handover": row.pk, "giver": row.giver_id, "shop": row.shop_id, "resigned": row.resigned},
    )
    access.system_act(
        corp_id=corp_id, action="handover.proposed", subject=f"handover:{row.pk}",
        after={"customers": len(made.customers), "groups": len(made.groups)},
    )  # fmt: skip
    return row.pk


@transaction.atomic
def dismiss(*, corp_id: int, handover_id: int, author: str) -> None:
    """A proposal is not wanted."""
    row = locked(corp_id, handover_id, (Handover.State.PROPOSED,))
    row.state, row.ended_at, row.stopped_by = Handover.State.DISMISSED, now(), author
    row.save(update_fields=["state", "ended_at", "stopped_by"])


@transaction.atomic
def cancel(*, corp_id: int, handover_id: int, author: str) -> int:
    """Stop what WeCom has not been asked for yet; what has begun there cannot be called back. Returns how many stay."""
    row = locked(corp_id, handover_id, (Handover.State.RUNNING,))
    calls = list(
        Call.objects.select_for_update().filter(corp_id=corp_id, handover=row, state=Call.State.INTENT, called_at=None)
    )
    stopped = 0
    for model in (CustomerMove, GroupMove):
        moves = model.objects.filter(corp_id=corp_id, call__in=calls, state=MoveState.PLANNED)
        stopped += moves.update(state=MoveState.CANCELLED, reason="by_operator", state_at=now())
    Call.objects.filter(id__in=[call.pk for call in calls]).update(state=Call.State.DROPPED, settled_at=now())
    row.stopped_by = author
    row.save(update_fields=["stopped_by"])
    close_if_done(row)
    return stopped


@transaction.atomic
def set_rule(*, corp_id: int, mode: str, split: str, groups_to: str, customer_cap: int, author: str) -> None:
    """What happens when a clerk leaves, and the customers a clerk may have at WeCom."""
    if mode not in Rule.Mode.values or split not in SPLITS or groups_to not in {"keeper", "shared", "stay"}:
        raise BadInput("bad_rule", _("Choose one of the ways shown."))
    if not 1 <= customer_cap <= 50_000:
        raise BadInput("bad_cap", _("The cap of customers is a number from 1 to 50,000."))
    values = {
        "mode": mode, "split": split, "groups_to": groups_to, "customer_cap": customer_cap,
        "author": author, "changed_at": now(),
    }  # fmt: skip
    Rule.objects.update_or_create(corp_id=corp_id, defaults=values)


def close_if_done(row: Handover) -> bool:
    """End a hand-over when nothing in it is open; the caller has a transaction."""
    row = Handover.objects.select_for_update().get(id=row.pk)
    if row.state != Handover.State.RUNNING:
        return True
    found = queries.progress(row.corp_id, [row.pk])[row.pk]
    if found.open:
        return False
    done = found.customers[MoveState.DONE] + found.groups[MoveState.DONE]
    all_stopped = row.stopped_by and not any(
        found.customers[one] + found.groups[one] for one in (MoveState.DONE, *queries.SETTLED)
    )
    row.state = Handover.State.CANCELLED if all_stopped else Handover.State.DONE
    row.ended_at = now()
    row.save(update_fields=["state", "ended_at"])
    not_done = sum(found.customers[one] + found.groups[one] for one in queries.SETTLED)
    say(row, facts.ENDED, {"handover": row.pk, "giver": row.giver_id, "done": done, "not_done": not_done})
    access.system_act(
        corp_id=row.corp_id, action="handover.ended", subject=f"handover:{row.pk}",
        after={"done": done, "not_done": not_done},
    )  # fmt: skip
    return True


def locked(corp_id: int, handover_id: int, states: Sequence[str]) -> Handover:
    """The row, locked; NotFound, or Refused in another state."""
    row = Handover.objects.select_for_update().filter(corp_id=corp_id, id=handover_id).first()
    if row is None:
        raise NotFound("no_handover", _("This hand-over is not there."))
    if row.state not in states:
        raise Refused("wrong_state", _("This hand-over is in another state by now. Look again."))
    return row


@transaction.atomic
def locked_running(corp_id: int, handover_id: int) -> None:
    """Raises when this hand-over is not there, or not going on."""
    locked(corp_id, handover_id, (Handover.State.RUNNING,))


def one_at_a_time(corp_id: int) -> None:
    """Two plans of a corp do not give the same customers, or the same room of a taker, away at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('linli.handover.plan'), %s::int)", [corp_id])


def queue_soon(row: Handover) -> None:
    """Queue the job when the caller's transaction has committed; the ticker finds again what a lost one left."""
    from linli.handover.working import queue

    transaction.on_commit(lambda: queue(corp_id=row.corp_id, handover_id=row.pk, at=now()))


def say(row: Handover, kind: str, data: Mapping[str, object]) -> None:
    """Publish a fact about the hand-over itself."""
    ledger.publish_many(corp_id=row.corp_id, facts=[NewFact(kind=kind, subject=f"handover:{row.pk}", data=dict(data))])


def _parts(lines: Sequence[_Line], size: int) -> Iterator[Sequence[_Line]]:
    return (lines[start : start + size] for start in range(0, len(lines), size))


def _row(corp_id: int, made: Plan, wish: Wish, author: str, *, by_rule: bool, handover_id: int | None) -> Handover:
    row = Handover(corp_id=corp_id, created_at=now(), author=author, by_rule=by_rule)
    if handover_id is not None:
        row = locked(corp_id, handover_id, (Handover.State.PROPOSED,))
        if row.giver_id != made.giver.id:
            raise Refused("wrong_giver", _("This proposal is about another clerk."))
    row.giver_id, row.shop_id, row.resigned = made.giver.id, made.giver.shop_id, made.resigned
    row.wish, row.message = wish.to_json(), "" if made.resigned else wish.message
    return row


def _write_customers(row: Handover, made: Plan) -> None:
    at, of_taker = now(), defaultdict(list)
    for line in made.customers:
        of_taker[line.taker_id].append(line)
    for taker_id, lines in sorted(of_taker.items(), key=lambda one: one[0] or 0):
        for part in _parts(lines, limits.CUSTOMERS_A_CALL):
            call = _call(row, taker_id, Call.What.CUSTOMERS, len(part))
            CustomerMove.objects.bulk_create(
                CustomerMove(
                    corp_id=row.corp_id, handover=row, call=call, giver_id=row.giver_id, taker_id=taker_id,
                    customer_id=line.customer_id, external_userid=line.external_userid, reason=line.reason,
                    state=MoveState.PLANNED if taker_id else MoveState.LEFT_OUT, state_at=at,
                )
                for line in part
            )  # fmt: skip


def _write_groups(row: Handover, made: Plan) -> None:
    at, of_taker = now(), defaultdict(list)
    zone = access.corp(corp_id=row.corp_id).zone
    for line in made.groups:
        of_taker[line.taker_id, line.later].append(line)
    for (taker_id, later), lines in sorted(of_taker.items(), key=lambda one: (one[0][0] or 0, one[0][1])):
        for part in _parts(lines, limits.GROUPS_A_CALL):
            not_before = limits.next_day(at, zone) if later else None
            call = _call(row, taker_id, Call.What.GROUPS, len(part), not_before)
            GroupMove.objects.bulk_create(
                GroupMove(
                    corp_id=row.corp_id, handover=row, call=call, giver_id=row.giver_id, taker_id=taker_id,
                    group_id=line.group_id, chat_id=line.chat_id, reason=line.reason,
                    state=MoveState.PLANNED if taker_id else MoveState.LEFT_OUT, state_at=at,
                )
                for line in part
            )  # fmt: skip


def _call(row: Handover, taker_id: int | None, what: str, size: int, not_before: datetime | None = None) -> Call | None:
    """The intent of one call; nobody's lines need none."""
    if taker_id is None:
        return None
    return Call.objects.create(
        corp_id=row.corp_id, handover=row, taker_id=taker_id, what=what, size=size, not_before=not_before
    )


def proposal(row: Handover) -> Wish:
    """The wish of a hand-over."""
    return from_json(row.wish)
