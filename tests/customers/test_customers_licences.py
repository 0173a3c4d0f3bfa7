"""A member without an interop licence: their customers are unknown, not gone (wire.md C.1, 701008)."""

from linli.connect import api as connect
from linli.customers import api as customers
from linli.customers.models import Follow
from linli.directory import api as directory
from tests.connect.staged import befriend

NOT_LICENSED = "701008"


def licence(stage, userid, has):
    stage.control("act", {"kind": "admin_edits_member", "userid": userid, "licensed": has})


def unread(line):
    """What the last reading of customers could not fetch, and why."""
    return {one["what"]: one["why"] for one in connect.latest_runs(corp_id=line.id)[0].missing}


def alive(line):
    return set(Follow.objects.filter(corp_id=line.id, live=True).values_list("staff__userid", flat=True))


def test_customers_of_who_lost_the_licence_stay_and_are_named_unread(line, stage):
    near, far = befriend(stage, 1, "clerk0-0"), befriend(stage, 2, "clerk1-0")
    directory.sync(corp_id=line.id)
    customers.sync(corp_id=line.id)
    assert alive(line) == {"clerk0-0", "clerk1-0"}
    licence(stage, "clerk1-0", False)
    stage.control("act", {"kind": "staff_deletes", "userid": "clerk1-0", "external_userid": far})
    stage.control("act", {"kind": "staff_deletes", "userid": "clerk0-0", "external_userid": near})
    customers.sync(corp_id=line.id)
    assert alive(line) == {"clerk1-0"}
    (why,) = [why for what, why in unread(line).items() if "clerk1-0" in what]
    assert NOT_LICENSED in why
    licence(stage, "clerk1-0", True)
    customers.sync(corp_id=line.id)
    assert (alive(line), unread(line)) == (set(), {})


def test_a_corp_without_any_licence_loses_nobody(line, stage):
    befriend(stage, 1, "clerk0-0")
    directory.sync(corp_id=line.id)
    customers.sync(corp_id=line.id)
    for one in directory.staff(corp_id=line.id):
        licence(stage, one.userid, False)
    customers.sync(corp_id=line.id)
    assert alive(line) == {"clerk0-0"}
    assert all(NOT_LICENSED in why for why in unread(line).values())
    assert len(unread(line)) == 7
