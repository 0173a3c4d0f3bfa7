"""Customers and groups change hands (wire.md C.5)."""

import pytest

from linli.wecom.errors import MessageTooLong, MissingArgument, OutcomeUnknown, TooMany
from linli.wecom.event_types import FollowAdded, FollowDeletedByStaff, TransferFailed
from linli.wecom.events import parse_event
from linli.wecom.handover_calls import TransferStart, TransferStatus, Unassigned
from tests.exchange.asking import DAY, pass_days, refused
from tests.sandbox.stage import SEED

NOBODY = "wmnobody"


def hand_over(client, external, giver="zhangsan", taker="lisi"):
    (start,) = client.transfer_customers(giver, taker, [external])
    return start.errcode


def states(rows):
    return {row.external_userid: row.status for row in rows}


def heard_of(stage, receiver, external):
    """Read what the app heard about a customer as Linli reads it."""
    stage.settle()
    events = [parse_event(one.xml.encode()) for one in receiver.heard]
    about = [one for one in events if getattr(one, "external_user_id", "") == external]
    return [
        (type(one), one.user_id, getattr(one, "source", None) or getattr(one, "fail_reason", None)) for one in about
    ]


def test_a_customer_changes_hands_after_a_day_with_tags_and_words(client, stage, receiver):
    stage.way("shop")
    external = stage.befriend()
    stage.settle()
    receiver.heard.clear()
    stage.act("staff_remarks", userid="zhangsan", external_userid=external, remark="老客户")
    stage.settle()
    receiver.heard.clear()
    assert client.transfer_customers("zhangsan", "lisi", [external], success_message="李四接替我") == (
        TransferStart(external, 0),
    )
    assert heard_of(stage, receiver, external) == []  # what an app does fires nothing
    (waiting,) = client.transfers("zhangsan", "lisi")
    now = stage.control("clock")["now"]
    assert waiting.status == TransferStatus.WAITING
    assert now + DAY - 60 < waiting.takeover_at < now + DAY + 60
    pass_days(stage)
    (done,) = client.transfers("zhangsan", "lisi")
    assert (done.status, done.takeover_at) == (TransferStatus.DONE, waiting.takeover_at)
    (follow,) = client.customer(external).follows
    assert (follow.userid, follow.add_way, follow.remark, follow.created_at) == (
        "lisi",
        202,
        "老客户",
        waiting.takeover_at,
    )
    assert stage.control(f"inbox/{external}")["messages"][-1]["text"] == {"content": "李四接替我"}
    assert heard_of(stage, receiver, external) == [
        (FollowDeletedByStaff, "zhangsan", "DELETE_BY_TRANSFER"),
        (FollowAdded, "lisi", None),
    ]


def test_no_new_friend_is_announced_where_they_were_friends_or_the_taker_once_gave_them_away(client, stage, receiver):
    stage.way("shop")
    stage.way("other", users=("lisi",))
    friend, returned = stage.befriend(1), stage.befriend(2)
    stage.befriend(1, state="other")
    client.transfer_customers("zhangsan", "lisi", [friend, returned])
    pass_days(stage)
    hand_over(client, returned, "lisi", "zhangsan")
    stage.settle()
    receiver.heard.clear()
    pass_days(stage)
    assert client.customer(returned).follows[0].userid == "zhangsan"
    assert heard_of(stage, receiver, returned) == [(FollowDeletedByStaff, "lisi", "DELETE_BY_TRANSFER")]
    assert [follow.userid for follow in client.customer(friend).follows] == ["lisi"]


def test_a_customer_refuses_and_a_full_taker_fails(client, stage, receiver):
    stage.way("shop")
    stage.way("other", users=("wangwu",))
    shy, late = stage.befriend(1), stage.befriend(2)
    client.transfer_customers("zhangsan", "wangwu", [shy, late])
    stage.act("customer_refuses_transfer", external_userid=shy)
    stage.befriend(3, state="other")  # wangwu takes one customer only
    stage.settle()
    receiver.heard.clear()
    pass_days(stage)
    assert states(client.transfers("zhangsan", "wangwu")) == {
        shy: TransferStatus.REFUSED,
        late: TransferStatus.TAKEOVER_FULL,
    }
    assert [row.takeover_at for row in client.transfers("zhangsan", "wangwu")] == [0, 0]
    assert heard_of(stage, receiver, late) == [(TransferFailed, "wangwu", "customer_limit_exceed")]
    assert client.customer(shy).follows[0].userid == "zhangsan"
    stage.act("customer_refuses_transfer", external_userid=shy, status=409)


def test_the_refusal_is_heard_at_once(client, stage, receiver):
    stage.way("shop")
    external = stage.befriend()
    hand_over(client, external)
    stage.settle()
    receiver.heard.clear()
    stage.act("customer_refuses_transfer", external_userid=external)
    assert heard_of(stage, receiver, external) == [(TransferFailed, "lisi", "customer_refused")]


def test_each_customer_has_an_answer_of_their_own(client, stage):
    stage.way("shop")
    stage.way("other", users=("lisi",))
    stage.way("third", users=("wangwu",))
    mine, theirs, both = stage.befriend(1), stage.befriend(2, state="other"), stage.befriend(3)
    stage.befriend(3, state="other")
    stage.befriend(4, state="third")
    codes = [one.errcode for one in client.transfer_customers("zhangsan", "lisi", [mine, theirs, NOBODY, both])]
    assert codes == [0, 40131, 40096, 0]
    assert hand_over(client, mine) == 40100
    assert hand_over(client, both, "lisi", "zhangsan") == 40129
    assert hand_over(client, theirs, "lisi", "wangwu") == 40099


def test_two_hand_overs_within_ninety_natural_days(client, stage):
    stage.way("shop")
    external = stage.befriend()
    for giver, taker in (("zhangsan", "lisi"), ("lisi", "zhangsan")):
        assert hand_over(client, external, giver, taker) == 0
        pass_days(stage)
    assert hand_over(client, external) == 40128
    pass_days(stage, 88)  # the first lies 90 days back
    assert hand_over(client, external) == 0


def test_a_refused_hand_over_does_not_count(client, stage):
    stage.way("shop")
    external = stage.befriend()
    for _ in range(2):
        assert hand_over(client, external) == 0
        stage.act("customer_refuses_transfer", external_userid=external)
    assert hand_over(client, external) == 0


def test_who_may_neither_give_nor_take(client, stage):
    users = [*SEED["users"], {"userid": "banned", "name": "甲", "banned": True}]
    stage.control(
        "seed", {**SEED, "users": [*users, {"userid": "new", "name": "乙", "verified": False}], "reset": True}
    )
    stage.way("shop")
    external = stage.befriend()
    for taker, code in (("zhangsan", 40130), ("banned", 40143), ("new", 40098), ("nobody", 60111)):
        with refused(code):
            hand_over(client, external, taker=taker)
    with refused(60111):
        hand_over(client, external, giver="nobody")
    with refused(40097):
        client.transfer_resigned_customers("zhangsan", "lisi", [external])
    with refused(60111):
        client.transfer_resigned_customers("nobody", "lisi", [external])


@pytest.mark.parametrize("away", ["zhangsan", "lisi"])
def test_both_have_logged_in_within_a_year(client, stage, away):
    stage.way("shop")
    external = stage.befriend()
    stage.act("staff_stays_away", userid=away, days=366)
    with refused(40205):
        hand_over(client, external)
    stage.act("staff_applies", userid=away)
    assert hand_over(client, external) == 0


def test_customers_of_one_who_left_wait_and_are_taken_over(client, stage, receiver):
    stage.way("shop")
    first, second = stage.befriend(1), stage.befriend(2)
    assert list(client.unassigned_customers()) == []
    stage.act("staff_leaves", userid="zhangsan")
    left_at = int(stage.control("clock")["now"])
    waiting = list(client.unassigned_customers(page_size=1))
    assert waiting == [Unassigned("zhangsan", one, waiting[0].left_at) for one in (first, second)]
    assert left_at - 60 <= waiting[0].left_at <= left_at
    with refused(84061):
        client.customer(first)
    with refused(60111):
        client.user_get("zhangsan")
    assert client.transfer_resigned_customers("zhangsan", "lisi", [first]) == (TransferStart(first, 0),)
    assert [row.external_userid for row in client.unassigned_customers()] == [second]
    stage.settle()
    receiver.heard.clear()
    pass_days(stage)
    assert states(client.resigned_transfers("zhangsan", "lisi")) == {first: TransferStatus.DONE}
    assert list(client.transfers("zhangsan", "lisi")) == []
    assert client.customer(first).follows[0].userid == "lisi"
    assert heard_of(stage, receiver, first) == [(FollowAdded, "lisi", None)]
    codes = client.transfer_resigned_customers("zhangsan", "lisi", [first, NOBODY])
    assert [one.errcode for one in codes] == [40131, 40096]


def test_the_older_numbered_pages_of_those_who_wait(stage):
    stage.way("shop")
    customers = [stage.befriend(number) for number in range(3)]
    stage.act("staff_leaves", userid="zhangsan")
    pages = [stage.contact("get_unassigned_list", {"page_id": page, "page_size": 2}) for page in range(2)]
    assert [[one["external_userid"] for one in page["info"]] for page in pages] == [customers[:2], customers[2:]]
    assert [page["is_last"] for page in pages] == [False, True]


def test_who_left_last_comes_first_and_a_page_is_not_shifted_by_what_is_given_away(client, stage):
    stage.way("shop")
    stage.way("other", users=("lisi",))
    first = [stage.befriend(number) for number in range(2)]
    last = stage.befriend(2, state="other")
    for userid in ("zhangsan", "lisi"):
        stage.act("staff_leaves", userid=userid)
        pass_days(stage)
    rows = client.unassigned_customers(page_size=1)
    assert next(rows).external_userid == last
    client.transfer_resigned_customers("lisi", "wangwu", [last])
    assert [row.external_userid for row in rows] == first


def test_a_hand_over_whose_answer_was_lost_is_found_by_reading(client, stage):
    stage.way("shop")
    external = stage.befriend()
    lost = {"fault": "answer_lost", "counts": [1, 1], "paths": ["externalcontact/transfer_customer"]}
    stage.control("faults", {"seed": 1, "rules": [lost]})
    with pytest.raises(OutcomeUnknown):
        hand_over(client, external)
    assert states(client.transfers("zhangsan", "lisi")) == {external: TransferStatus.WAITING}


def test_a_customer_refuses_the_heir_and_waits_again(client, stage):
    stage.way("shop")
    external = stage.befriend()
    stage.act("staff_leaves", userid="zhangsan")
    client.transfer_resigned_customers("zhangsan", "lisi", [external])
    stage.act("customer_refuses_transfer", external_userid=external)
    assert states(client.resigned_transfers("zhangsan", "lisi")) == {external: TransferStatus.REFUSED}
    assert [row.external_userid for row in client.unassigned_customers()] == [external]


def test_a_member_who_leaves_during_a_hand_over_does_not_stop_it(client, stage):
    stage.way("shop")
    external = stage.befriend()
    hand_over(client, external)
    stage.act("staff_leaves", userid="zhangsan")
    pass_days(stage)
    assert client.customer(external).follows[0].userid == "lisi"
    assert list(client.unassigned_customers()) == []


@pytest.mark.parametrize(("away", "since_leaving"), [(0, 366), (366, 0)])
def test_the_heritage_of_a_year(client, stage, away, since_leaving):
    stage.way("shop")
    external = stage.befriend()
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[external])["chat_id"]
    if away:
        stage.act("staff_stays_away", userid="zhangsan", days=away)
    stage.act("staff_leaves", userid="zhangsan")
    pass_days(stage, since_leaving)
    with refused(40205):
        client.transfer_resigned_customers("zhangsan", "lisi", [external])
    (failed,) = client.transfer_groups([chat], "lisi")
    assert failed.errcode == 40205


def test_hand_overs_come_in_pages(client, stage, monkeypatch):
    monkeypatch.setattr("wecom_sandbox.wire.handover.MOST_A_PAGE", 2)
    stage.way("shop")
    customers = [stage.befriend(number) for number in range(3)]
    client.transfer_customers("zhangsan", "lisi", customers)
    assert [row.external_userid for row in client.transfers("zhangsan", "lisi")] == customers
    with refused(50100):
        list(client.transfers("zhangsan", "lisi", cursor="nonsense"))


LIMITS = {
    "customers": (TooMany, lambda c, n: c.transfer_customers("a", "b", ["w"] * n), 100),
    "resigned": (TooMany, lambda c, n: c.transfer_resigned_customers("a", "b", ["w"] * n), 100),
    "groups": (TooMany, lambda c, n: c.transfer_groups(["g"] * n, "b"), 100),
    "on the job": (TooMany, lambda c, n: c.transfer_groups_on_the_job(["g"] * n, "b"), 100),
    "words": (MessageTooLong, lambda c, n: c.transfer_customers("a", "b", ["w"], success_message="字" * n), 200),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_are_known_before_the_call(client, stage, name):
    error, call, most = LIMITS[name]
    with pytest.raises(error):
        call(client, most + 1)
    assert not any("transfer" in path for path in stage.control("counters")["api_calls"])
    with refused(60111):  # at the limit the call is made: nobody is called a or b
        call(client, most)


def test_nobody_and_nothing_are_known_before_the_call(client):
    for call in (lambda: client.transfer_customers("a", "b", []), lambda: client.transfer_groups([], "b")):
        with pytest.raises(MissingArgument):
            call()


RAW = {
    "too many customers": ("transfer_customer", {"external_userid": ["w"] * 101}),
    "no customer": ("resigned/transfer_customer", {"handover_userid": "wangwu", "external_userid": []}),
    "long words": ("transfer_customer", {"external_userid": ["w"], "transfer_success_msg": "字" * 201}),
    "too many groups": ("groupchat/transfer", {"chat_id_list": ["g"] * 101, "new_owner": "lisi"}),
    "no group": ("groupchat/onjob_transfer", {"chat_id_list": [], "new_owner": "lisi"}),
    "a page before the first": ("get_unassigned_list", {"page_id": -1}),
    "a long page": ("get_unassigned_list", {"page_size": 1001}),
}


@pytest.mark.parametrize("name", RAW)
def test_the_sandbox_keeps_the_limits_too(stage, name):
    path, body = RAW[name]
    stage.act("staff_leaves", userid="wangwu")
    stage.contact(path, {"handover_userid": "zhangsan", "takeover_userid": "lisi", **body}, code=40058)
