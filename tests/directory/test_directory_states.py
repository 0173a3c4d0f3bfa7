"""What WeCom says of a member's state, and a corp too large for one answer, as the sandbox plays them."""

from linli.directory import api as directory
from linli.directory.models import Staff
from tests.connect.staged import seed

ACTIVE, DISABLED, NOT_ACTIVATED = 1, 2, 4


def states(line):
    return dict(Staff.objects.filter(corp_id=line.id).values_list("userid", "status"))


def test_a_members_state_is_as_wecom_says_and_comes_back(line, stage):
    world = seed()
    for userid, status in (("clerk0-0", DISABLED), ("clerk0-1", NOT_ACTIVATED)):
        next(one for one in world["users"] if one["userid"] == userid)["status"] = status
    stage.control("seed", {**world, "reset": True})
    directory.sync(corp_id=line.id)
    found = states(line)
    assert (found["clerk0-0"], found["clerk0-1"], found["boss"]) == (DISABLED, NOT_ACTIVATED, ACTIVE)
    working = {one.userid for one in directory.staff(corp_id=line.id) if one.active}
    assert not working & {"clerk0-0", "clerk0-1"}
    stage.control("act", {"kind": "admin_edits_member", "userid": "clerk0-0", "status": ACTIVE})
    directory.sync(corp_id=line.id)
    assert states(line)["clerk0-0"] == ACTIVE


def test_a_corp_too_large_for_one_answer_is_read_whole(line, stage):
    stage.control("tunables", {"user_list_most": 2})
    directory.sync(corp_id=line.id)
    assert stage.control("counters")["errors"]["45029"] == 1
    assert set(states(line).values()) == {ACTIVE}
    assert len(states(line)) == 7
