"""The judgement of the second kind finds what is lost, doubled or different, and nothing where all is well."""

from copy import deepcopy

import pytest

from linli_chaos.turnover.judging import stale, unheard, wrongs

CODES = ["own"]
SAID = {"m1": ("c1", "text", "在吗"), "m2": ("anna", "image", "md5")}
HELD = {
    "staff": [("anna", "安娜"), ("bo", "博")], "ids": [("anna",), ("bo",), ("left",)], "left": [("left",)], "unseen": [],
    "departments": [(1, "小邻里")], "unassigned": [("left", "c3")], "doubled": [],
    "moves": [("c1", "done", 0, True, True, "left", "anna"), ("c2", "refused", 0, True, False, "anna", "bo")],
    "rooms": [("g1", "done", 0, True, "anna", "bo")], "own_codes": [("w1", "own")], "other_codes": [("w2", "other-1")],
    "links": [("l1", "other-2", 1)], "moments": [("mo1", "朋友圈", 1, 0)],
    "messages": [("m1", "c1", "text", "在吗"), ("m2", "anna", "image", "md5"), ("m3", "c1", "agree", "")],
    "files": [("m2", "done", "md5")], "strays": [],
}  # fmt: skip
CENSUS = {
    "staff": [{"userid": "anna", "name": "安娜"}, {"userid": "bo", "name": "博"}],
    "departments": [{"id": 1, "name": "小邻里"}], "unassigned": [{"userid": "left", "external_userid": "c3"}],
    "transfers": [{"external_userid": "c1", "status": 1}, {"external_userid": "c2", "status": 3}],
    "room_transfers": [{"chat_id": "g1", "status": 1}],
    "contact_ways": [{"config_id": "w1", "state": "own"}, {"config_id": "w2", "state": "other-1"}],
    "links": [{"link_id": "l1", "name": "other-2", "customers": 1, "unavailable": False}],
    "moments": [{"moment_id": "mo1", "text": "朋友圈", "copies": [{"published": True, "comments": 0}]}],
}  # fmt: skip


def judged(part: str, rows: list[tuple], unknown: frozenset[str] = frozenset()) -> list[str]:
    return wrongs({**deepcopy(HELD), part: rows}, CENSUS, SAID, CODES, set(unknown))


def test_what_is_well_is_well():
    assert wrongs(HELD, CENSUS, SAID, CODES, set()) == []


@pytest.mark.parametrize(
    ("part", "rows", "word"),
    [
        ("messages", HELD["messages"][1:], "messages differ"),
        ("messages", [*HELD["messages"], HELD["messages"][0]], "messages differ"),
        ("files", [("m2", "waiting", "md5")], "files differ"),
        ("staff", HELD["staff"][1:], "staff differ"),
        ("unassigned", [], "unassigned differ"),
        ("other_codes", [], "codes of others differ"),
        ("links", [("l1", "other-2", 2)], "links differ"),
        ("moments", [("mo1", "朋友圈", 1, 3)], "moments differ"),
        ("moves", [*HELD["moves"], HELD["moves"][0]], "begun at WeCom otherwise"),
        ("moves", HELD["moves"][1:], "begun at WeCom otherwise"),
        ("moves", [*HELD["moves"], ("c1", "failed", 40100, False, True, "left", "anna")], "while under way"),
        ("moves", [HELD["moves"][0], ("c2", "waiting", 0, True, False, "anna", "bo")], "without an end"),
        ("moves", [HELD["moves"][0], ("c2", "done", 0, True, False, "anna", "bo")], "ended otherwise"),
        ("rooms", [], "groups handed over otherwise"),
        ("strays", [("customers_follow", "staff_id", 2)], "an id that was"),
        ("doubled", [("handover.handed_over", "customer:1", "1", 2)], "said twice"),
    ],
)
def test_what_is_lost_doubled_or_different_is_found(part, rows, word):
    assert any(word in one for one in judged(part, rows))


def test_of_an_id_that_wecom_knows_no_more_only_the_end_is_let_be():
    moves = [HELD["moves"][0], ("c2", "no_result", 0, True, False, "was", "bo")]
    assert judged("moves", moves, frozenset({"was"})) == []
    assert judged("moves", moves) != []
    assert judged("moves", HELD["moves"][:1], frozenset({"was"})) != []
    assert stale(HELD, {"left", "gone"}) == {"left"}
    never = [
        {"kind": "change_contact.update_user", "userid": "was"},
        {"kind": "change_contact.delete_user", "userid": "x"},
    ]
    assert unheard(never) == {"was"}
