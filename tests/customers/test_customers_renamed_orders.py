"""A clerk's UserID changes while their customers come, are edited and go: whatever is heard and read first, it ends the same."""

from itertools import permutations

import pytest

from linli.customers import api as customers
from linli.customers.handlers import on_external_contact
from linli.customers.models import Follow, FollowChange
from linli.directory import api as directory
from linli.directory.handlers import on_contact
from linli.directory.models import Staff
from tests.connect.dropping import hand_on
from tests.connect.staged import befriend
from tests.customers.acting import created, event, theirs
from tests.customers.test_customers_special import NEW, OLD, rename_at_wecom, renamed
from tests.sandbox.stage import CORP


@pytest.fixture
def house(line, stage):
    directory.sync(corp_id=line.id)
    before, after = befriend(stage, 1, OLD), befriend(stage, 2, OLD)
    at = created(stage, OLD, before)
    rename_at_wecom(stage, OLD, NEW)
    corp = stage.sandbox.world.corps[CORP]
    corp.remove_follow(corp.follows[NEW, after])
    return before, after, at


def state(line) -> tuple[object, ...]:
    follows = Follow.objects.order_by("customer__external_userid").values_list(
        "staff__userid", "live", "lost_by", "incomplete"
    )
    changes = FollowChange.objects.order_by("follow__customer__external_userid", "at", "kind")
    ids = Staff.every_id.order_by("userid").values_list("userid", "now__userid")
    return list(follows), list(changes.values_list("kind", "at", "by")), [one for one in ids if NEW in one]


STEPS = ("came", "deleted", "renamed", "read", "told")


@pytest.mark.parametrize("first", STEPS)
def test_in_any_order(line, stage, house, first, transactional_db):
    before, after, at = house
    steps = {
        "came": lambda: on_external_contact(event("add_external_contact", OLD, before, at), corp_id=line.id),
        "deleted": lambda: on_external_contact(event("del_follow_user", NEW, after, at + 60), corp_id=line.id),
        "renamed": lambda: on_contact(renamed(OLD, NEW), corp_id=line.id),
        "read": lambda: customers.sync(corp_id=line.id),
        "told": hand_on,
    }
    ended = {}
    rest = [one for one in STEPS if one != first]
    for order in permutations(rest):
        for one in (first, *order, "told"):
            steps[one]()
        ended[first, *order] = state(line)
        customers.sync(corp_id=line.id)
        assert customers.digest(corp_id=line.id)["follows"] == theirs(stage)["follows"], order
        _forget(line)
    assert len({str(one) for one in ended.values()}) == 1, ended


def _forget(line) -> None:
    FollowChange.objects.all().delete()
    Follow.objects.all().delete()
    Staff.every_id.filter(now__isnull=False).delete()
    Staff.every_id.filter(userid__in=[OLD, NEW]).delete()
    directory.ensure_staff(corp_id=line.id, userids=[OLD])
