"""One person, whatever their UserID: events of a change in any order, ids met before them, ids taken back or by another."""

from datetime import timedelta
from itertools import permutations

import pytest

from linli.directory import api as directory
from linli.directory.models import Staff
from linli.directory.renaming import rename_staff
from linli.kit.clock import now
from linli.kit.errors import Refused
from linli.ledger.models import FactRow
from tests.sandbox.stage import CORP

A, B, C = "clerk0-0", "lin.ke", "lin-ke-2"


def people(line) -> dict[str, str]:
    """Every id that is known, with the present id that it leads to."""
    return {
        row.userid: row.now.userid if row.now else row.userid
        for row in Staff.every_id.filter(corp_id=line.id).select_related("now")
    }


def renames(line, *changes: tuple[str, str, int]) -> None:
    start = now().replace(microsecond=0)
    for was, userid, second in changes:
        rename_staff(corp_id=line.id, was=was, userid=userid, at=start + timedelta(seconds=second))


CHAIN = ((A, B, 1), (B, C, 2))
BACK = ((A, B, 1), (B, A, 2))
AT_ONCE = ((A, B, 1), (B, C, 1))


@pytest.mark.parametrize("order", list(permutations((*CHAIN, CHAIN[0]))), ids=str)
@pytest.mark.parametrize("met", [(), (B,), (C,), (C, B)], ids=str)
def test_changes_in_any_order_and_twice_end_with_the_last_id(line, order, met):
    person = directory.ensure_staff(corp_id=line.id, userids=[A])[A].id
    for one in met:  # by a reading or an event, before the change itself was heard of
        directory.ensure_staff(corp_id=line.id, userids=[one])
    renames(line, *order)
    assert people(line) == {A: C, B: C, C: C}
    assert directory.ensure_staff(corp_id=line.id, userids=[A, B, C])[A].id == person  # who was known first stays


@pytest.mark.parametrize("order", list(permutations(BACK)), ids=str)
def test_an_id_that_was_changed_back_is_the_present_one(line, order):
    directory.ensure_staff(corp_id=line.id, userids=[A])
    renames(line, *order)
    assert people(line) == {A: A, B: A}


def test_two_changes_in_one_second_follow_each_other(line):
    directory.ensure_staff(corp_id=line.id, userids=[A])
    renames(line, *AT_ONCE, *AT_ONCE)
    assert people(line) == {A: C, B: C, C: C}


def test_an_id_that_somebody_else_takes_leads_to_them(line):
    first, second = (one.id for one in directory.ensure_staff(corp_id=line.id, userids=[A, B]).values())
    renames(line, (A, C, 1), (B, A, 2))
    found = directory.ensure_staff(corp_id=line.id, userids=[A, B, C])
    assert {userid: one.id for userid, one in found.items()} == {A: second, B: second, C: first}


def test_a_member_known_before_the_change_is_somebody_else(line):
    directory.ensure_staff(corp_id=line.id, userids=[A, B])
    rename_staff(corp_id=line.id, was=A, userid=B, at=now() + timedelta(minutes=2))
    assert people(line) == {A: A, B: B}
    assert not FactRow.objects.filter(kind__startswith="directory.staff_").exists()


def test_a_list_older_than_the_change_makes_nobody_and_a_later_one_knows_them(line, stage):
    directory.sync(corp_id=line.id)
    person = Staff.objects.get(userid=A).pk
    renames(line, (A, B, 0))  # heard before WeCom's list shows it
    found = directory.reconcile(corp_id=line.id)
    assert (found.added, found.ended) == (0, 0)
    assert Staff.objects.get(pk=person).userid == A  # the list and the member's own answer say that it is A


def test_an_id_given_to_a_new_member_is_theirs_once_wecom_shows_both(line, stage):
    directory.sync(corp_id=line.id)
    person = Staff.objects.get(userid=A).pk
    corp = stage.sandbox.world.corps[CORP]
    renames(line, (A, B, 0))
    first = corp.users[A]
    corp.users[B] = type(first)(**{**vars(first), "userid": B})  # who was A is B, and a new member is called A
    found = directory.reconcile(corp_id=line.id)
    assert found.added == 0  # the list is passed over once; asked by name, WeCom shows both
    assert Staff.objects.get(userid=A).pk != person
    assert directory.reconcile(corp_id=line.id).added == 1
    assert (Staff.objects.get(userid=B).pk, Staff.objects.get(userid=A).status) == (person, 1)


def test_an_administrator_says_that_two_are_one(line, stage):
    directory.sync(corp_id=line.id)
    was, other = Staff.objects.get(userid=A), Staff.objects.get(userid="clerk1-0")
    with pytest.raises(Refused):
        directory.join(corp_id=line.id, was_id=was.pk, staff_id=other.pk)  # both are at work
    corp = stage.sandbox.world.corps[CORP]
    user = corp.users.pop(A)
    user.userid = B
    corp.users[B] = user
    directory.reconcile(corp_id=line.id)
    shown = Staff.objects.get(userid=B)
    directory.join(corp_id=line.id, was_id=was.pk, staff_id=shown.pk)
    kept = Staff.objects.get(userid=B)
    assert (kept.pk, kept.name, kept.status, kept.out_of_sight_at) == (was.pk, user.name, 1, None)
    said = FactRow.objects.filter(kind="directory.staff_merged").values_list("data", flat=True)
    assert list(said) == [{"staff_id": was.pk, "was_staff_id": shown.pk, "userid": B}]
    assert directory.reconcile(corp_id=line.id).unread == ()
