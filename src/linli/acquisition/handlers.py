"""What acquisition hears: somebody became a customer by a code."""

from procrastinate.contrib.django import app

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
