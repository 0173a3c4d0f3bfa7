"""The rule for clerks who leave: a plan is laid before the operator, or carried out, whoever noticed first that they left."""

from collections.abc import Sequence

from linli.directory import api as directory
from linli.handover import operations, queries
from linli.handover.models import Handover, Rule, Unassigned
from linli.handover.wishes import Wish
from linli.kit.errors import Refused
from linli.ledger.api import Fact


def on_staff_left(facts: Sequence[Fact]) -> None:
    """A member left (fact directory.staff_left)."""
    for fact in facts:
        follow_rule(corp_id=fact.corp_id, staff_id=fact.data["staff_id"])


def on_staff_joined(facts: Sequence[Fact]) -> None:
    """Who is back (fact directory.staff_joined) keeps what they have: a proposal is no longer one.

    The fact may be an old one, heard late: what counts is whether they are there now.
    """
    for fact in facts:
        staff_id = fact.data["staff_id"]
        staff = directory.staff_by_ids(corp_id=fact.corp_id, staff_ids=[staff_id]).get(staff_id)
        if staff is None or staff.left_at is not None:
            continue
        rows = Handover.objects.filter(corp_id=fact.corp_id, giver_id=staff_id, state=Handover.State.PROPOSED)
        for handover_id in rows.values_list("id", flat=True):
            operations.dismiss(corp_id=fact.corp_id, handover_id=handover_id, author="")


def look(*, corp_id: int) -> int:
    """Members with unassigned customers of whom nothing was proposed since they left; returns how many are looked after now."""
    rows = Unassigned.objects.filter(corp_id=corp_id, gone_at=None)
    waiting = set(rows.values_list("staff_id", flat=True).distinct())
    left = {one.id: one.left_at for one in directory.leavers(corp_id=corp_id) if one.id in waiting}
    for handover in Handover.objects.filter(corp_id=corp_id, giver_id__in=list(left)):
        at = left.get(handover.giver_id)
        if at is None or handover.created_at >= at:
            left.pop(handover.giver_id, None)
    return sum(follow_rule(corp_id=corp_id, staff_id=staff_id) for staff_id in sorted(left))


def follow_rule(*, corp_id: int, staff_id: int) -> bool:
    """Do for one member what the corp's rule says; False when it says nothing, or there is nothing to give."""
    rule = queries.rule(corp_id)
    if rule.mode == Rule.Mode.OFF:
        return False
    staff = directory.staff_by_ids(corp_id=corp_id, staff_ids=[staff_id]).get(staff_id)
    if staff is None or staff.left_at is None:
        return False
    wish = Wish(giver_id=staff_id, split=rule.split, groups_to=rule.groups_to)
    if rule.mode == Rule.Mode.CARRY_OUT and not _has_one(corp_id, staff_id):
        try:
            operations.start(corp_id=corp_id, wish=wish, author="", by_rule=True)
        except Refused:  # nobody there to take over: a person must choose
            pass
        else:
            return True
    return operations.propose(corp_id=corp_id, wish=wish) is not None


def _has_one(corp_id: int, staff_id: int) -> bool:
    return Handover.objects.filter(corp_id=corp_id, giver_id=staff_id, state__in=operations.HALF_OPEN).exists()
