"""kill -9 between the transaction of the known and that of the newcomers: callbacks that waited together are written in two."""

import hashlib

import pytest
from django.db.models import Count

from linli.customers import api as customers
from linli.customers.handlers import on_external_contacts
from linli.customers.models import Customer, Follow, FollowChange
from linli.customers.queries import checksums
from linli.directory import api as directory
from linli.kit.clock import now
from linli.ledger.models import FactRow, InboxRow
from tests.connect.staged import befriend
from tests.customers.acting import created, event, ours, payload, theirs
from tests.customers.test_customers_killed import read

ADD, EDIT, LEFT = "add_external_contact", "edit_external_contact", "del_follow_user"
DRAIN = """
import django; django.setup()
from concurrent.futures import ThreadPoolExecutor
from linli.ledger import api as ledger
from linli.project.routes import ROUTES
ledger.release_claims()
with ThreadPoolExecutor(1) as pool:
    done = ledger.drain_once(ROUTES, executor=pool, pieces=1)
assert done.failed == 0, done
"""


@pytest.fixture
def waiting(line, stage):
    """Of known customers one is edited, one has left, one found a second clerk; two newcomers came; all wait in the inbox."""
    directory.sync(corp_id=line.id)
    known = [befriend(stage, n, "clerk0-0") for n in (1, 2, 3)]
    on_external_contacts(
        [
            event(ADD, "clerk0-0", one, created(stage, "clerk0-0", one), State="s-clerk0-0", WelcomeCode=f"w{one}")
            for one in known
        ],
        corp_id=line.id,
    )
    stage.control("clock", {"advance": 100})
    stage.act("staff_remarks", userid="clerk0-0", external_userid=known[0], remark="熟客")
    stage.act("customer_deletes", userid="clerk0-0", external_userid=known[1])
    befriend(stage, 3, "clerk1-0")
    fresh = [befriend(stage, n, "clerk0-1") for n in (4, 5)]
    at = created(stage, "clerk1-0", known[2])
    for change, clerk, one, when in (
        (EDIT, "clerk0-0", known[0], at), (LEFT, "clerk0-0", known[1], at), (ADD, "clerk1-0", known[2], at),
        (ADD, "clerk0-1", fresh[0], created(stage, "clerk0-1", fresh[0])),
        (ADD, "clerk0-1", fresh[1], created(stage, "clerk0-1", fresh[1])),
    ):  # fmt: skip
        text = payload(change, clerk, one, when)
        InboxRow.objects.create(
            corp_id=line.id, payload_hash=hashlib.sha256(text).digest(), kind=f"change_external_contact.{change}",
            object_key=f"customer:{one}", payload=text, event_at=now(), received_at=now(),
        )  # fmt: skip
    return known, fresh


def written(corp_id: int) -> tuple[set[str], int]:
    """Who is there, and how many relations live."""
    names = Customer.objects.filter(corp_id=corp_id).values_list("external_userid", flat=True)
    return {str(one) for one in names}, Follow.objects.filter(corp_id=corp_id, live=True).count()


@pytest.mark.parametrize("next_is", ["the drain", "a reading, then the drain", "a reading, and the callbacks are lost"])
def test_killed_between_known_and_newcomers_nothing_is_lost_and_nothing_doubled(
    line, stage, waiting, tmp_path, next_is
):
    known, fresh = waiting
    assert read(line.id, tmp_path / "dies", "customers.known_kept", DRAIN) == -9
    between = (set(known), 3)
    assert written(line.id) == between, "the known are written (one left, one has two clerks), nobody is new"
    assert Follow.objects.filter(remark="熟客").exists()
    assert set(InboxRow.objects.values_list("state", flat=True)) == {0}, "nothing of it counts as applied"
    if next_is == "a reading, and the callbacks are lost":
        InboxRow.objects.all().delete()
        customers.sync(corp_id=line.id)
    else:
        if next_is == "a reading, then the drain":
            customers.sync(corp_id=line.id)
            assert written(line.id) == between, "of whom a callback waits a reading writes nothing"
        assert read(line.id, tmp_path / "goes-on", "", DRAIN) == 0
        assert set(InboxRow.objects.values_list("state", flat=True)) == {1}
    assert checksums(ours(line.id)) == checksums(theirs(stage))
    assert written(line.id) == ({*known, *fresh}, 5)
    numbers = list(Customer.objects.order_by("no").values_list("no", flat=True))
    assert numbers == [1, 2, 3, 4, 5], "no number was drawn for nothing that stayed"
    doubled = FollowChange.objects.values("follow", "kind", "at").annotate(n=Count("id")).filter(n__gt=1)
    assert not doubled.exists()
    facts = FactRow.objects.filter(kind__in=["customers.follow_added", "customers.follow_lost", "customers.joined"])
    said = list(facts.values_list("kind", "subject", "data__follow"))
    assert len(said) == len(set(said)), "each said once"
    assert sorted(kind for kind, *_ in said) == [
        *["customers.follow_added"] * 6, "customers.follow_lost", *["customers.joined"] * 5,
    ]  # fmt: skip
