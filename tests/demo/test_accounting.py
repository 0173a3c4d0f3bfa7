"""What became of callbacks that never came: found by a reading, or not revealed by the platform, or lost, which must show."""

from linli_demo.faulty import account, arrived, same

ADDED, DELETED = "change_external_contact.add_external_contact", "change_external_contact.del_follow_user"


def relation(external: str, userid: str = "anna", **more):
    return {
        "userid": userid,
        "external_userid": external,
        "createtime": 1,
        "state": "s",
        "add_way": 1,
        "remark": "",
        "tags": [],
        **more,
    }


def card(external: str):
    return {"external_userid": external, "name": external, "unionid": external, "type": 1, "gender": 0}


def world(*externals: str, one_way: tuple[str, ...] = (), gone: tuple[str, ...] = ()):
    return {
        "customers": [card(one) for one in (*externals, *gone)],
        "follows": [relation(one) for one in externals],
        "one_way": [{"userid": "anna", "external_userid": one} for one in one_way],
        "groups": [], "members": [], "tags": [],
    }  # fmt: skip


def never(kind: str, about: str, *, welcome: bool = False):
    return {"kind": kind, "about": about, "userid": "anna", "at": 1, "welcome": welcome, "why": "dropped"}


def test_a_dropped_addition_is_reconciled_and_its_welcome_is_not_revealed():
    told = account([never(ADDED, "wm1", welcome=True)], world("wm1"), world("wm1"))
    assert told == {
        "dropped": 1,
        "reconciled": 1,
        "differing": 0,
        "undetectable": {"welcomes": 1, "one_way_deletions": 0},
    }


def test_what_a_reading_should_have_found_and_did_not_is_lost():
    told = account([never(ADDED, "wm1")], world("wm1"), world())
    assert (told["reconciled"], told["differing"]) == (0, 1)


def test_a_dropped_one_way_deletion_is_not_revealed_and_a_told_one_is_known():
    wecom = world("wm1", "wm2", one_way=("wm1", "wm2"))
    undelivered = [never(DELETED, "wm1")]
    linli = world("wm1") | {"customers": [card("wm1"), card("wm2")]}
    told = account(undelivered, wecom, linli)
    assert (told["undetectable"]["one_way_deletions"], told["reconciled"], told["differing"]) == (1, 0, 0)
    assert all(one["linli"] == one["wecom"] for one in same(wecom, undelivered, linli).values())
    # Had the second deletion not reached Linli either, that would show.
    assert same(wecom, undelivered, world("wm1", "wm2"))["follows"]["differing"] == 1


def test_an_earlier_deletion_that_never_came_says_nothing_of_the_one_that_did():
    """Deleted (never came), added again, deleted again (came): Linli knows that the relation is one-way."""
    wecom = world("wm1", one_way=("wm1",))
    wecom["follows"][0]["createtime"] = 5
    linli = world() | {"customers": [card("wm1")]}
    undelivered = [never(DELETED, "wm1")]
    told = account(undelivered, wecom, linli)
    assert (told["undetectable"]["one_way_deletions"], told["reconciled"], told["differing"]) == (0, 1, 0)
    assert all(one["linli"] == one["wecom"] for one in same(wecom, undelivered, linli).values())


def test_whom_the_api_shows_no_more_is_left_out_and_whom_wecom_never_had_is_not():
    wecom = world("wm1", gone=("wm2",))
    stub = card("wm2") | {"name": ""}
    linli = world("wm1") | {"customers": [card("wm1"), stub]}
    assert same(wecom, [], linli)["customers"]["differing"] == 0
    assert same(wecom, [], linli | {"customers": [card("wm1"), card("wm3")]})["customers"]["differing"] == 1


def test_a_callback_that_is_called_missed_and_of_whose_kind_none_stayed_away_shows():
    contact, joined = "change_external_contact", "change_external_chat.update.add_member"
    assert arrived({f"{contact}.del": 2, ADDED: 1, joined: 0}, [ADDED, DELETED]) == set()
    assert arrived({ADDED: 1, joined: 1}, [ADDED, DELETED]) == {joined}
    assert arrived({joined: 1}, ["change_external_chat.update"]) == set()
