"""Groups go to new owners, on the job and after a resignation, over real HTTP."""

from linli.groups.models import GroupChat
from linli.handover.models import GroupMove

TAKER = "clerk0-2"
NOBODY = {"customers": False}


def owner(chat: str) -> str:
    return GroupChat.objects.get(chat_id=chat).owner_userid


def theirs(firm, chat: str) -> str:
    (found,) = [one["owner"] for one in firm.stage.control("state")["groups"] if one["chat_id"] == chat]
    return str(found)


def test_on_the_job_the_shops_keeper_gets_them_at_once(firm):
    chat = firm.room()
    key = firm.begin(groups_to="keeper", **NOBODY)
    assert (firm.rooms(key), firm.state(key)) == ({chat: "done"}, "done")
    assert owner(chat) == theirs(firm, chat) == "clerk0-0"
    (fact,) = firm.said("handover.group_handed_over")
    assert (fact["taker"], fact["cause"]) == (firm.staff("clerk0-0"), "result")


def test_the_groups_of_one_who_left_are_inherited_and_say_so(firm):
    chats = {firm.room(), firm.room(name="一店福利群2")}
    firm.leaves()
    key = firm.begin(takers=(TAKER, "clerk0-0"), groups_to="shared", **NOBODY)
    assert set(firm.rooms(key).values()) == {"done"}
    assert {theirs(firm, one) for one in chats} == {TAKER, "clerk0-0"}, "evenly"
    assert set(GroupChat.objects.values_list("status", flat=True)) == {3}


def test_an_inheritance_that_takes_its_time_is_waited_for(firm):
    firm.stage.control("tunables", {"room_transfer_s": 3600})
    chat = firm.room()
    firm.leaves()
    key = firm.begin(takers=(TAKER,), groups_to="one", groups_taker_id=firm.staff(TAKER), **NOBODY)
    assert (firm.rooms(key), firm.state(key)) == ({chat: "waiting"}, "running")
    firm.stage.control("clock", {"advance": 3700})
    firm.clock.forward(hours=2)
    firm.work(key)
    assert (firm.rooms(key), owner(chat)) == ({chat: "done"}, TAKER)


def test_above_a_days_limit_the_rest_goes_on_the_next_day(firm):
    firm.stage.control("tunables", {"room_transfers_a_day": 1})
    chats = [firm.room(), firm.room(name="一店福利群2")]
    firm.leaves()
    key = firm.begin(takers=(TAKER,), groups_to="shared", **NOBODY)
    assert sorted(firm.rooms(key).values()) == ["done", "planned"]
    firm.work(key)
    assert firm.calls("groupchat/transfer") == 1, "not before its day"
    firm.a_day()
    firm.work(key)
    assert (set(firm.rooms(key).values()), firm.state(key)) == ({"done"}, "done")
    assert [theirs(firm, one) for one in chats] == [TAKER, TAKER]


def test_a_limit_that_is_known_puts_groups_off_before_any_call(firm, monkeypatch):
    monkeypatch.setattr("linli.handover.limits.GROUPS_A_DAY", 1)
    firm.room(), firm.room(name="一店福利群2")
    firm.leaves()
    made = firm.plan(takers=(TAKER,), groups_to="shared", **NOBODY)
    assert [line.later for line in made.groups] == [False, True]
    key = firm.begin(takers=(TAKER,), groups_to="shared", **NOBODY)
    assert sorted(firm.rooms(key).values()) == ["done", "planned"]
    firm.a_day()
    firm.work(key)
    assert set(firm.rooms(key).values()) == {"done"}


def test_each_group_has_the_code_that_wecom_gave(firm):
    chat = firm.room()
    firm.leaves()
    firm.stage.contact("groupchat/transfer", {"chat_id_list": [chat], "new_owner": "clerk0-0"})
    key = firm.begin(takers=(TAKER,), groups_to="shared", **NOBODY)
    assert firm.rooms(key) == {chat: "failed"}
    assert GroupMove.objects.get().code == 90508


def test_a_third_time_within_ninety_days_is_foreseen(firm):
    chat = firm.room()
    for giver, taker in (("clerk0-1", TAKER), (TAKER, "clerk0-1")):
        firm.begin(giver, groups_to="one", groups_taker_id=firm.staff(taker), **NOBODY)
        assert owner(chat) == taker
    wish = {"groups_to": "one", "groups_taker_id": firm.staff(TAKER), **NOBODY}
    (line,) = firm.plan(**wish).groups
    assert line.reason == "too_often"
    firm.clock.forward(days=91)
    (line,) = firm.plan(**wish).groups
    assert line.taker_id == firm.staff(TAKER)


def test_whose_answer_was_lost_is_told_by_its_owner(firm):
    chat = firm.room()
    firm.lose_answer("externalcontact/groupchat/onjob_transfer")
    key = firm.begin(groups_to="keeper", **NOBODY)
    assert firm.rooms(key) == {chat: "unknown"}
    firm.work(key)
    assert (firm.rooms(key), owner(chat), firm.calls("onjob_transfer")) == ({chat: "done"}, "clerk0-0", 1)
