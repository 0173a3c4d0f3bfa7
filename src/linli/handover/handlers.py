"""What handover hears: that a hand-over failed, that relations ended or began, that members left or came back."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from linli.directory import api as directory
from linli.handover import outcomes
from linli.handover.calling import SLACK
from linli.handover.leavers import on_staff_joined, on_staff_left
from linli.handover.models import Call, CustomerMove, Handover, MoveState
from linli.handover.one_clerk import on_staff_merged
from linli.kit.clock import from_unix, now
from linli.ledger.api import Fact
from linli.wecom.event_types import Event, TransferFailed

__all__ = ["on_follow_changed", "on_staff_joined", "on_staff_left", "on_staff_merged", "on_transfer_failed"]

REASONS = {"customer_refused": MoveState.REFUSED, "customer_limit_exceed": MoveState.FULL}
UNDER_WAY = (MoveState.UNKNOWN, MoveState.WAITING)


def on_transfer_failed(event: Event, *, corp_id: int) -> None:
    """A customer refused, or the taker is full; one that tells of an earlier hand-over of the two changes nothing."""
    if not isinstance(event, TransferFailed):
        return
    at = from_unix(event.created_at)
    taker = directory.present_ids(corp_id=corp_id, userids=[event.user_id]).get(event.user_id, event.user_id)
    moves = CustomerMove.objects.filter(
        corp_id=corp_id, external_userid=event.external_user_id, taker__userid=taker, state__in=UNDER_WAY,
        call__called_at__lte=at + SLACK,
    )  # fmt: skip
    with transaction.atomic():
        for move in moves.select_related("handover"):
            state = REASONS.get(event.fail_reason, MoveState.FAILED)
            outcomes.settle(move, state, reason=event.fail_reason, cause=outcomes.EVENT)
        soon(corp_id, [event.external_user_id], states=MoveState.values)


def on_follow_changed(facts: Sequence[Fact]) -> None:
    """Relations ended or began (facts of customers): who is being handed over may be through, so results are read soon."""
    of_corp: defaultdict[int, set[str]] = defaultdict(set)
    for fact in facts:
        if external := fact.data.get("external_userid"):
            of_corp[fact.corp_id].add(external)
    for corp_id, externals in of_corp.items():
        soon(corp_id, sorted(externals), states=UNDER_WAY)


def soon(corp_id: int, external_userids: Sequence[str], *, states: Sequence[str]) -> None:
    """Have the results of these customers' hand-overs read at the ticker's next look."""
    moves = CustomerMove.objects.filter(
        corp_id=corp_id, external_userid__in=list(external_userids), state__in=list(states),
        handover__state=Handover.State.RUNNING,
    )  # fmt: skip
    calls = list(moves.values_list("call_id", flat=True))
    if calls:
        Call.objects.filter(id__in=calls, settled_at=None, next_look_at__isnull=False).update(next_look_at=now())
        Handover.objects.filter(id__in=moves.values("handover_id")).update(due_at=now())
