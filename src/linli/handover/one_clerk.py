"""Hand-overs that were written under two rows of one clerk, who has another UserID now (fact directory.staff_merged)."""

from django.db import transaction
from django.db.models import Exists, OuterRef

from linli.connect import api as connect
from linli.handover.models import OPEN, Call, CustomerMove, GroupMove, Handover, MoveState, Unassigned
from linli.kit.clock import now
from linli.ledger.api import Fact

_PROPOSED = Handover.State.PROPOSED


@transaction.atomic
def on_staff_merged(fact: Fact) -> None:
    """Whatever names the one row names the other; of two proposals, and of two open moves of one customer, one stays."""
    corp_id, was, to = fact.corp_id, fact.data["was_staff_id"], fact.data["staff_id"]
    rows = Handover.objects.filter(corp_id=corp_id)
    if rows.filter(giver_id=to, state=_PROPOSED).exists():
        rows.filter(giver_id=was, state=_PROPOSED).update(state=Handover.State.DISMISSED, ended_at=now())
    rows.filter(giver_id=was).update(giver_id=to)
    for row in rows.select_for_update().filter(state=_PROPOSED):
        row.wish = _now(row.wish, was, to)
        row.save(update_fields=["wish"])
    moves = CustomerMove.objects.filter(corp_id=corp_id)
    twice = moves.filter(giver_id=to, external_userid=OuterRef("external_userid"), state__in=OPEN)
    moves.filter(Exists(twice), giver_id=was, state__in=OPEN).update(state=MoveState.NO_RESULT, state_at=now())
    for model in (CustomerMove, GroupMove):
        model.objects.filter(corp_id=corp_id, giver_id=was).update(giver_id=to)
        model.objects.filter(corp_id=corp_id, taker_id=was).update(taker_id=to)
    Call.objects.filter(corp_id=corp_id, taker_id=was).update(taker_id=to)
    unassigned = Unassigned.objects.filter(corp_id=corp_id)
    better = unassigned.filter(staff_id=was, external_userid=OuterRef("external_userid"), gone_at=None)
    unassigned.filter(Exists(better), staff_id=to).exclude(gone_at=None).delete()
    connect.hand_on(unassigned, "staff_id", was, to, once=("external_userid",))


def _now(wish: dict[str, object], was: int, to: int) -> dict[str, object]:
    """The wish with the one row's number where it had the other's."""

    def number(value: object) -> object:
        return to if value == was else value

    takers = wish["taker_ids"]
    assert isinstance(takers, list)
    given = {name: number(wish[name]) for name in ("giver_id", "groups_taker_id")}
    return {**wish, **given, "taker_ids": sorted({number(one) for one in takers}, key=str)}
