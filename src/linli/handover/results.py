"""What became of hand-overs: WeCom's list of results, asked until each has its end; the customers' and groups' rows follow."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from linli.customers import api as customers
from linli.groups import api as groups
from linli.handover import operations, outcomes
from linli.handover.models import Call, CustomerMove, GroupMove, Handover, MoveState
from linli.kit.clock import from_unix, now
from linli.wecom.catalogue import Retry
from linli.wecom.client import Client
from linli.wecom.errors import ApiError, WecomError
from linli.wecom.handover_calls import Transfer, TransferStatus

log = logging.getLogger(__name__)
PATIENCE = timedelta(hours=72)  # after the moment at which WeCom said it would be done
AT_MOST, AFTER, AT_LEAST = timedelta(hours=6), timedelta(minutes=1), timedelta(minutes=10)
TRY_AGAIN = timedelta(seconds=30)
INHERITED = 3  # groupchat/list's word
_CHUNK = 20
_ENDED = {TransferStatus.REFUSED: MoveState.REFUSED, TransferStatus.TAKEOVER_FULL: MoveState.FULL}


def read(client: Client, row: Handover, *, at_once: bool = False) -> list[ApiError]:
    """Read the results that are due (`at_once`: all that are open), and say when to look again; what WeCom would not show."""
    refused: list[ApiError] = []
    calls = Call.objects.filter(corp_id=row.corp_id, handover=row, settled_at=None, called_at__isnull=False)
    due = calls if at_once else calls.filter(next_look_at__lte=now())
    of_taker: defaultdict[int, list[Call]] = defaultdict(list)
    for call in due.select_related("taker").order_by("id"):
        of_taker[call.taker_id].append(call)
    for same in of_taker.values():
        refused += _customers(client, row, [one for one in same if one.what == Call.What.CUSTOMERS])
        _groups(row, [one for one in same if one.what == Call.What.GROUPS])
        for call in same:
            _next_look(call)
    return refused


def carry_remarks(client: Client, row: Handover) -> None:
    """Set the remark of the ended relation on the new one, where WeCom did not. Setting it twice is setting it once."""
    moves = CustomerMove.objects.filter(corp_id=row.corp_id, handover=row, remark_due=True).select_related("taker")
    for move in moves.order_by("id"):
        assert move.taker is not None
        assert move.customer_id is not None
        remark = customers.remark_to_carry(
            corp_id=row.corp_id, giver_id=move.giver_id, taker_id=move.taker.pk, customer_id=move.customer_id
        )
        try:
            if remark:
                client.set_remark(move.taker.userid, move.external_userid, remark=remark)
        except ApiError as error:
            if error.meaning.retry is not Retry.NEVER:
                raise
            remark = ""
        with transaction.atomic():
            if remark:
                customers.remarked(
                    corp_id=row.corp_id, taker_id=move.taker.pk, customer_id=move.customer_id, remark=remark
                )
            CustomerMove.objects.filter(id=move.pk).update(remark_due=False)


def plan_next(row: Handover) -> None:
    """End the hand-over when all is settled, else keep when it is due again."""
    with transaction.atomic():
        ended = operations.close_if_done(row)
        calls = Call.objects.filter(corp_id=row.corp_id, handover=row, settled_at=None)
        moments = [_due(call) for call in calls] if not ended else []
        if CustomerMove.objects.filter(corp_id=row.corp_id, handover=row, remark_due=True).exists():
            moments.append(now() + TRY_AGAIN)
        Handover.objects.filter(id=row.pk).update(due_at=min(moments, default=None))


def _due(call: Call) -> datetime:
    soon = now() + TRY_AGAIN
    if call.state in {Call.State.INTENT, Call.State.UNKNOWN}:
        return max(soon, call.not_before) if call.not_before else soon
    return call.next_look_at or soon


def _customers(client: Client, row: Handover, calls: Sequence[Call]) -> list[ApiError]:
    waiting = list(
        CustomerMove.objects.filter(corp_id=row.corp_id, call__in=calls, state=MoveState.WAITING)
        .select_related("handover", "giver", "taker")
        .order_by("id")
    )
    if not waiting:
        return []
    refused = []
    ask = client.resigned_transfers if row.resigned else client.transfers
    shown: dict[str, Transfer] = {}
    try:
        shown = {one.external_userid: one for one in ask(row.giver.userid, calls[0].taker.userid)}
    except ApiError as error:
        if error.meaning.retry is not Retry.NEVER:  # else nothing is shown: after a time there is no result
            raise
        refused.append(error)
    done = [move for move in waiting if _note(move, shown.get(move.external_userid)) == TransferStatus.DONE]
    for start in range(0, len(done), _CHUNK):
        part = done[start : start + _CHUNK]
        seen = [_seen(client, row, move) for move in part]
        outcomes.taken_over(row.corp_id, part, seen)
    return refused


def _note(move: CustomerMove, shown: Transfer | None) -> int:
    """Keep what WeCom says of one customer; returns its status, 0 when it says nothing (any more)."""
    status = shown.status if shown else 0
    if shown is not None and shown.takeover_at:
        move.takeover_at = from_unix(shown.takeover_at)
    if status in _ENDED:
        with transaction.atomic():
            outcomes.settle(move, _ENDED[TransferStatus(status)], cause=outcomes.RESULT)
    elif status != TransferStatus.DONE:
        CustomerMove.objects.filter(id=move.pk).update(takeover_at=move.takeover_at)
        expected = move.takeover_at or move.state_at
        if now() - expected > PATIENCE:
            with transaction.atomic():
                outcomes.settle(
                    move, MoveState.NO_RESULT, reason=f"status_{status}" if status else "", cause=outcomes.RESULT
                )
    return status


def _seen(client: Client, row: Handover, move: CustomerMove) -> customers.Seen:
    assert move.taker is not None
    moved = customers.Moved(
        external_userid=move.external_userid, giver=row.giver.userid, taker=move.taker.userid,
        at=move.takeover_at or now(), resigned=row.resigned,
    )  # fmt: skip
    return customers.look_after(client, corp_id=row.corp_id, moved=moved, sure=True)


def _groups(row: Handover, calls: Sequence[Call]) -> None:
    moves = GroupMove.objects.filter(corp_id=row.corp_id, call__in=calls, state=MoveState.WAITING)
    for move in moves.select_related("handover", "taker").order_by("id"):
        assert move.taker is not None
        try:
            owner = groups.reread(
                corp_id=row.corp_id, chat_id=move.chat_id, status=INHERITED if row.resigned else None,
                only_if_owned_by=move.taker.userid,
            )  # fmt: skip
        except ApiError as error:
            if error.meaning.retry is not Retry.NEVER:
                raise
            owner = None  # one group that WeCom will not show does not hold up the others
        with transaction.atomic():
            if owner == move.taker.userid:
                outcomes.settle(move, MoveState.DONE, cause=outcomes.RESULT)
            elif now() - move.state_at > PATIENCE:
                outcomes.settle(move, MoveState.NO_RESULT, cause=outcomes.RESULT)


def _next_look(call: Call) -> None:
    """Refusals are heard as callbacks; the looks between are for those that do not come."""
    if call.state in {Call.State.INTENT, Call.State.UNKNOWN}:
        return
    of_customers = CustomerMove.objects.filter(call=call, state=MoveState.WAITING).order_by("takeover_at")
    of_groups = GroupMove.objects.filter(call=call, state=MoveState.WAITING)
    at = now()
    if (first := of_customers.values_list("takeover_at", flat=True).first()) is not None:
        late = at - first
        pause = min(first + AFTER - at, AT_MOST) if late < AFTER else max(late / 4, AT_LEAST)
        call.next_look_at = at + min(pause, AT_MOST)
    elif of_customers.exists() or of_groups.exists():
        call.next_look_at = at + AT_LEAST
    else:
        call.next_look_at, call.settled_at = None, at
    call.save(update_fields=["next_look_at", "settled_at"])


def log_trouble(row: Handover, step: Callable[..., object], error: WecomError | Exception) -> None:
    """What kept a step from going on; it is due again."""
    log.warning("hand-over %s: %s waits: %s", row.pk, step.__name__, error)
