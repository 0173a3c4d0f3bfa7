"""What became of calls, customers and groups: each a short transaction, rows and facts together."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from linli.customers import api as customers
from linli.handover import facts, limits
from linli.handover.models import OPEN, Call, CustomerMove, GroupMove, MoveState
from linli.kit.clock import now
from linli.ledger import api as ledger
from linli.ledger.api import NewFact

CALL, RESULT, EVENT = "call", "result", "event"
NOT_STARTED = (MoveState.PLANNED, MoveState.UNKNOWN)
TAKEN_UP = (MoveState.DONE, MoveState.REFUSED, MoveState.FULL)  # ends that only a hand-over has that WeCom began
Move = CustomerMove | GroupMove


def not_started(call: Call) -> list[CustomerMove]:
    """The customers of a call of whom nobody knows yet that WeCom took them up, always in the same order."""
    return list(_customers(call).filter(state__in=NOT_STARTED).select_related("customer").order_by("id"))


def groups_not_started(call: Call) -> list[GroupMove]:
    """The groups of a call, the same way."""
    return list(_groups(call).filter(state__in=NOT_STARTED).select_related("group", "taker").order_by("id"))


def calling(call: Call) -> None:
    """The call is about to be made: from here on it is looked up before it is made again."""
    call.called_at, call.lookups, call.looked_at = now(), 0, None
    call.save(update_fields=["called_at", "lookups", "looked_at"])


@transaction.atomic
def not_called(call: Call) -> None:
    """The call certainly had no effect on those not started: it may be made for them."""
    call.called_at, call.lookups, call.looked_at, call.state = None, 0, None, Call.State.INTENT
    call.save(update_fields=["called_at", "lookups", "looked_at", "state"])
    for rows in (_customers(call), _groups(call)):
        rows.filter(state=MoveState.UNKNOWN).update(state=MoveState.PLANNED, state_at=now())


@transaction.atomic
def unknown(call: Call) -> None:
    """Nobody can tell yet whether WeCom took it up."""
    call.state = Call.State.UNKNOWN
    call.save(update_fields=["state"])
    for rows in (_customers(call), _groups(call)):
        rows.filter(state=MoveState.PLANNED).update(state=MoveState.UNKNOWN, state_at=now())


@transaction.atomic
def customers_begun(call: Call, codes: Mapping[str, int], *, takeover_at: Mapping[str, datetime] | None = None) -> None:
    """WeCom answered for each customer: 0 has begun, and waits a day; other codes are refusals of this one."""
    at, dues = now(), takeover_at or {}
    for move in not_started(call):
        code = codes.get(move.external_userid)
        if code == 0:
            move.state, move.began_at, move.state_at = MoveState.WAITING, call.called_at or at, at
            move.takeover_at = dues.get(move.external_userid, at + limits.DAY_OF_GRACE)
            move.save(update_fields=["state", "began_at", "takeover_at", "state_at"])
        elif code is not None:
            settle(move, MoveState.FAILED, code=code, cause=CALL)
    _begun(call)


@transaction.atomic
def groups_begun(call: Call, codes: Mapping[str, int]) -> None:
    """The same for groups; what has begun is often done at once, which a reading of the group tells."""
    at = now()
    for move in groups_not_started(call):
        code = codes.get(move.chat_id)
        if code == 0:
            move.state, move.began_at, move.state_at = MoveState.WAITING, call.called_at or at, at
            move.save(update_fields=["state", "began_at", "state_at"])
        elif code is not None:
            settle(move, MoveState.FAILED, code=code, cause=CALL)
    _begun(call)


@transaction.atomic
def put_off(call: Call, chat_ids: Sequence[str], until: datetime) -> None:
    """These groups met a day's limit: they go with a call of their own on another day."""
    moves = _groups(call).filter(chat_id__in=chat_ids, state__in=NOT_STARTED)
    later = Call.objects.create(
        corp_id=call.corp_id, handover_id=call.handover_id, taker_id=call.taker_id, what=call.what, size=moves.count(),
        not_before=until,
    )  # fmt: skip
    moves.update(call=later, state=MoveState.PLANNED, state_at=now())


@transaction.atomic
def failed(call: Call, code: int, text: str) -> None:
    """WeCom refused the whole call for good."""
    call.state, call.error_code, call.error_text, call.settled_at = Call.State.FAILED, code, text[:500], now()
    call.save(update_fields=["state", "error_code", "error_text", "settled_at"])
    moves: list[Move] = [*not_started(call), *groups_not_started(call)]
    for move in moves:
        settle(move, MoveState.FAILED, code=code, cause=CALL)


@transaction.atomic
def never_told(call: Call, code: int, text: str) -> None:
    """WeCom neither answered nor lets us look it up: nobody knows, and a person must look."""
    call.state, call.error_code, call.error_text, call.settled_at = Call.State.FAILED, code, text[:500], now()
    call.save(update_fields=["state", "error_code", "error_text", "settled_at"])
    moves: list[Move] = [*not_started(call), *groups_not_started(call)]
    for move in moves:
        settle(move, MoveState.NO_RESULT, code=code, cause=RESULT)


def settle(move: Move, state: MoveState, *, code: int = 0, reason: str = "", cause: str) -> bool:
    """Give a move its end and say so, once; False when it had one already. The caller has a transaction."""
    rows = type(move).objects.filter(id=move.pk, state__in=OPEN)
    began = {}
    if state in TAKEN_UP and move.began_at is None and move.call is not None:  # nobody had the call's answer yet
        began["began_at"] = move.call.called_at
    if not rows.update(state=state, code=code, reason=reason, state_at=now(), **began):
        return False
    move.state = state
    of_group = isinstance(move, GroupMove)
    data: dict[str, object] = {
        "handover": move.handover_id, "giver": move.giver_id, "taker": move.taker_id, "cause": cause,
    }  # fmt: skip
    if state == MoveState.DONE:
        kind = facts.GROUP_HANDED_OVER if of_group else facts.HANDED_OVER
        data |= {} if of_group else {"resigned": move.handover.resigned}
    else:
        kind = facts.GROUP_NOT_HANDED_OVER if of_group else facts.NOT_HANDED_OVER
        data |= {"why": str(state), "code": code}
    if isinstance(move, GroupMove):
        fact = NewFact(kind=kind, subject=f"group:{move.group_id}", data={**data, "group": move.group_id})
    else:
        about = f"customer:{move.customer_id}" if move.customer_id else f"handover:{move.handover_id}"
        fact = NewFact(kind=kind, subject=about, data=data, customer_id=move.customer_id)
    ledger.publish_many(corp_id=move.corp_id, facts=[fact])
    return True


@transaction.atomic
def taken_over(corp_id: int, moves: Sequence[CustomerMove], seen: Sequence[customers.Seen]) -> None:
    """WeCom handed these customers over: their rows follow, tags and remark go along, and it is said once for each."""
    known = customers.write_takeovers(corp_id=corp_id, seen=seen)
    for move in moves:
        if move.customer_id is None and move.external_userid in known:
            move.customer_id = known[move.external_userid]
        if not settle(move, MoveState.DONE, cause=RESULT):
            continue
        remark = ""
        if move.customer_id is not None and move.taker_id is not None:
            remark = customers.remark_to_carry(
                corp_id=corp_id, giver_id=move.giver_id, taker_id=move.taker_id, customer_id=move.customer_id
            )
        move.remark_due = bool(remark)
        move.save(update_fields=["customer", "remark_due", "takeover_at"])


def _begun(call: Call) -> None:
    """Not started ones stay to be looked up: an answer that leaves somebody out says nothing about them."""
    left = bool(not_started(call) or groups_not_started(call))
    call.state = Call.State.UNKNOWN if left else Call.State.BEGUN
    call.next_look_at = now()
    call.save(update_fields=["state", "next_look_at"])
    if left:
        unknown(call)


def _customers(call: Call) -> QuerySet[CustomerMove]:
    return CustomerMove.objects.filter(corp_id=call.corp_id, call=call).select_related("handover")


def _groups(call: Call) -> QuerySet[GroupMove]:
    return GroupMove.objects.filter(corp_id=call.corp_id, call=call).select_related("handover")
