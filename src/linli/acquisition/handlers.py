"""What acquisition hears: somebody became a customer by a code, a group is there or belongs to another shop."""

from collections.abc import Sequence

from procrastinate.contrib.django import app

from linli.acquisition.codes import waiting_for_a_group
from linli.acquisition.jobs import start_group_codes
from linli.acquisition.models import LiveCodeTag
from linli.customers import api as customers
from linli.ledger.api import Fact


def on_follow_added(fact: Fact) -> None:
    """Give the relation its code's tags (fact customers.follow_added); again is harmless, a tag is on it once."""
    state, follow_id = fact.data.get("state"), fact.data.get("follow")
    if not state or not follow_id:
        return
    rows = list(LiveCodeTag.objects.filter(corp_id=fact.corp_id, code__state=state).order_by("id"))
    known = [row.tag_id for row in rows if row.tag_id is not None]
    if known:
        customers.tag_follow(corp_id=fact.corp_id, follow_id=follow_id, tag_ids=known)
    if len(known) < len(rows):
        # The tags are not at WeCom yet; making them is a call, which this transaction may not wait for.
        app.configure_task("acquisition.tag_follow").defer(
            corp_id=fact.corp_id, code_id=rows[0].code_id, follow_id=follow_id
        )


def on_groups_placed(facts: Sequence[Fact]) -> None:
    """A shop's first group is there (facts groups.opened, groups.changed): the group code that waited for it is made."""
    placed = {fact.corp_id for fact in facts if "fields" not in fact.data or "shop" in fact.data["fields"]}
    for corp_id in sorted(placed):
        if waiting_for_a_group(corp_id):
            start_group_codes(corp_id=corp_id)
