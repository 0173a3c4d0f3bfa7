"""What acquisition hears: somebody became a customer by a code, a group is there or belongs to another shop."""

from collections import defaultdict
from collections.abc import Sequence

from procrastinate.contrib.django import app

from linli.acquisition.codes import waiting_for_a_group
from linli.acquisition.jobs import start_group_codes
from linli.acquisition.models import LiveCodeStaff, LiveCodeTag
from linli.connect import api as connect
from linli.customers import api as customers
from linli.ledger.api import Fact


def on_follow_added(facts: Sequence[Fact]) -> None:
    """Give relations their codes' tags (facts customers.follow_added, follow_merged); again is harmless, a tag is on one once."""
    told: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for fact in facts:
        if (state := fact.data.get("state")) and (follow_id := fact.data.get("follow")):
            told[fact.corp_id, state].append(follow_id)
    if not told:
        return
    rows: defaultdict[tuple[int, str], list[LiveCodeTag]] = defaultdict(list)
    wanted = LiveCodeTag.objects.filter(
        corp_id__in={corp_id for corp_id, _ in told}, code__state__in={state for _, state in told}
    )
    for row in wanted.select_related("code").order_by("id"):
        rows[row.corp_id, row.code.state].append(row)
    for place, of_code in rows.items():
        for follow_id in told.get(place, ()):
            _tag(follow_id, of_code)


def _tag(follow_id: int, rows: Sequence[LiveCodeTag]) -> None:
    corp_id = rows[0].corp_id
    known = [row.tag_id for row in rows if row.tag_id is not None]
    if known:
        customers.tag_follow(corp_id=corp_id, follow_id=follow_id, tag_ids=known)
    if len(known) < len(rows):
        # The tags are not at WeCom yet; making them is a call, which this transaction may not wait for.
        app.configure_task("acquisition.tag_follow").defer(
            corp_id=corp_id, code_id=rows[0].code_id, follow_id=follow_id
        )


def on_staff_merged(fact: Fact) -> None:
    """Two rows were one clerk: codes lead to one (fact directory.staff_merged)."""
    rows = LiveCodeStaff.objects.filter(corp_id=fact.corp_id)
    connect.hand_on(rows, "staff_id", fact.data["was_staff_id"], fact.data["staff_id"], once=("code",))


def on_groups_placed(facts: Sequence[Fact]) -> None:
    """A shop's first group is there (facts groups.opened, groups.changed): the group code that waited for it is made."""
    placed = {fact.corp_id for fact in facts if "fields" not in fact.data or "shop" in fact.data["fields"]}
    for corp_id in sorted(placed):
        if waiting_for_a_group(corp_id):
            start_group_codes(corp_id=corp_id)
