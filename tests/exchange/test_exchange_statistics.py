"""Figures of what really happened (wire.md C.6, C.10)."""

import pytest

from linli.wecom.acquisition_link_calls import LinkRange, NewLink
from linli.wecom.errors import BadValue, MissingArgument, TooMany
from linli.wecom.intercept_calls import BLOCK, NewInterceptRule, Scope
from linli.wecom.statistic_calls import GroupOrder
from tests.exchange.asking import DAY, pass_days, refused
from tests.sandbox.stage import SEED

CHINA_S = 8 * 3600


@pytest.fixture
def noon(stage):
    """Let the clock stand at noon in China; gives that day's 0:00."""
    now = stage.control("clock")["now"]
    start = int(now + CHINA_S) // DAY * DAY - CHINA_S + DAY
    stage.control("clock", {"to": start + DAY // 2})
    return start


def pass_minutes(stage, minutes):
    stage.control("clock", {"advance": minutes * 60, "force": True})


def room(stage, owner, *members, **more):
    return stage.act("create_group", owner=owner, name="群", members=list(members), **more)["chat_id"]


def says(stage, chat, userid):
    stage.act("staff_writes", userid=userid, chat_id=chat, text="好")


def test_groups_are_counted_by_owner_and_by_day(client, stage, noon):
    stage.way("shop")
    one, two, three = (stage.befriend(number) for number in range(3))
    first = room(stage, "zhangsan", one, staff=["lisi"])
    room(stage, "lisi")
    stage.act("invite", chat_id=first, external_userids=[two])
    says(stage, first, "zhangsan")
    stage.act("customer_writes", chat_id=first, external_userid=one)
    stage.act("customer_writes", chat_id=first, external_userid=one)
    pass_days(stage)
    stage.act("invite", chat_id=first, external_userids=[three])
    stage.act("kick", chat_id=first, external_userid=two)
    stage.act("leave", chat_id=first, external_userid=one)
    second = room(stage, "zhangsan")
    pass_days(stage)
    stage.act("dismiss_group", chat_id=second)  # today, which no figure covers

    def counts(x):
        f = x.figures
        mine = (f.new_groups, f.groups, f.groups_active, f.new_members, f.members, f.members_active, f.messages)
        return (*mine, f.migrated_trainee_groups)

    days = client.group_statistics_by_day(["zhangsan"], noon, noon + DAY)
    assert [one.day for one in days] == [noon, noon + DAY]
    # Those with whom a group is opened are no new members of it.
    assert [counts(one) for one in days] == [(1, 1, 1, 1, 4, 2, 3, None), (1, 2, 0, 1, 4, 0, 0, None)]
    rows = {row.owner: counts(row) for row in client.group_statistics(["zhangsan", "lisi", "wangwu"], noon, noon + DAY)}
    assert rows == {"zhangsan": (2, 2, 1, 2, 4, 2, 3, None), "lisi": (1, 1, 0, 0, 1, 0, 0, None)}
    (only,) = client.group_statistics(["zhangsan"], noon + 3600)  # one day, from its 0:00
    assert counts(only) == (1, 1, 1, 1, 4, 2, 3, None)


def test_figures_follow_the_group_to_its_new_owner(client, stage, noon):
    chat = room(stage, "zhangsan")
    pass_days(stage)
    client.transfer_groups_on_the_job([chat], "lisi")
    pass_days(stage)
    for day, owner, other in ((noon, "zhangsan", "lisi"), (noon + DAY, "lisi", "zhangsan")):
        (row,) = client.group_statistics([owner, other], day)
        assert (row.owner, row.figures.groups) == (owner, 1)


def test_a_confirmed_mass_message_is_a_message_in_the_group(client, stage, noon):
    stage.way("shop")
    chat = room(stage, "zhangsan", stage.befriend())
    task = {"chat_type": "group", "sender": "zhangsan", "chat_id_list": [chat], "text": {"content": "hi"}}
    stage.act("confirm", msgid=stage.contact("add_msg_template", task)["msgid"], userid="zhangsan")
    pass_days(stage)
    (row,) = client.group_statistics(["zhangsan"], noon)
    assert (row.figures.messages, row.figures.groups_active, row.figures.members_active) == (1, 1, 1)


def test_owners_are_sorted_and_paged(client, stage, noon):
    for owner, groups in (("zhangsan", 1), ("lisi", 3), ("wangwu", 2)):
        for number in range(groups):
            room(stage, owner, staff=["lisi", "zhangsan"] if owner == "zhangsan" and not number else [])
    pass_days(stage)
    everybody = ["zhangsan", "lisi", "wangwu"]

    def order(**how):
        return [row.owner for row in client.group_statistics(everybody, noon, **how)]

    assert order() == order(limit=1) == order(order_by=GroupOrder.GROUPS) == ["lisi", "wangwu", "zhangsan"]
    assert order(ascending=True, limit=2) == ["zhangsan", "wangwu", "lisi"]
    assert order(offset=2) == ["zhangsan"]
    says_most_members = order(order_by=GroupOrder.MEMBERS)
    assert says_most_members[0] == "lisi"


def test_behavior_counts_chats_answers_and_friends(client, stage, noon):
    stage.way("shop")
    asked, unanswered, greeted = (stage.befriend(number) for number in range(3))
    chat = {"userid": "zhangsan"}
    stage.act("customer_writes", external_userid=asked, **chat)
    pass_minutes(stage, 6)
    stage.act("staff_writes", external_userid=asked, text="好", **chat)
    stage.act("staff_writes", external_userid=asked, text="请", **chat)
    stage.act("customer_writes", external_userid=unanswered, **chat)
    stage.act("staff_writes", external_userid=greeted, text="您好", **chat)
    stage.act("staff_applies", **chat)
    stage.act("customer_deletes", external_userid=greeted, **chat)
    assert stage.control(f"inbox/{asked}")["messages"][-1]["text"] == {"content": "请"}
    stage.act("customer_writes", external_userid=greeted, status=409, **chat)
    pass_days(stage)
    first, second = client.staff_behavior(noon, noon + DAY, userids=["zhangsan"])
    assert (first.day, first.chats, first.messages) == (noon, 2, 3)
    assert (first.reply_percentage, first.average_reply_minutes) == (50.0, 6)
    assert (first.negative_feedbacks, first.applications, first.new_customers) == (1, 1, 3)
    assert (second.chats, second.new_customers, second.reply_percentage) == (0, 0, None)
    assert second.average_reply_minutes is None


def test_behavior_of_several_is_summed_and_a_department_is_its_members(client, stage, noon):
    stage.way("shop")
    stage.way("other", users=("lisi",))
    for number, state, userid in ((1, "shop", "zhangsan"), (2, "other", "lisi")):
        external = stage.befriend(number, state=state)
        stage.act("customer_writes", userid=userid, external_userid=external)
        pass_minutes(stage, 2 * number)
        stage.act("staff_writes", userid=userid, external_userid=external)
    by_name = client.staff_behavior(noon, noon, userids=["zhangsan", "lisi"])
    assert (by_name[0].chats, by_name[0].average_reply_minutes, by_name[0].reply_percentage) == (2, 3, 100.0)
    assert client.staff_behavior(noon, noon, departments=[2]) == by_name
    assert client.staff_behavior(noon, noon, userids=["lisi"], departments=[3]) == by_name
    with refused(60111):
        client.staff_behavior(noon, noon, userids=["nobody"])
    with refused(60123):
        client.staff_behavior(noon, noon, departments=[99])


def test_who_comes_by_a_link_counts_and_what_a_rule_stops_does_not(client, stage, noon):
    link = client.create_acquisition_link(NewLink(name="门店", range=LinkRange(users=("zhangsan",))))
    stage.act("admin_buys_quota", count=1)
    person = {"unionid": "u1", "name": "客"}
    external = stage.act("opens_link", url=link.url, person=person)["external_userid"]
    stage.act("customer_writes", userid="zhangsan", external_userid=external)
    scope = Scope(users=("zhangsan",))
    client.add_intercept_rule(NewInterceptRule(name="承诺", words=("稳赚",), type=BLOCK, scope=scope))
    for text in ("稳赚", "你好"):
        stage.act("staff_writes", userid="zhangsan", external_userid=external, text=text)
    (day,) = client.staff_behavior(noon, noon, userids=["zhangsan"])
    assert (day.new_customers, day.messages) == (1, 1)


SPANS = {
    "begins 181 days ago": (-181, -181, 40058, 40058),
    "begins 180 days ago": (-180, -180, 0, 0),
    "today": (0, 0, 40058, 0),
    "tomorrow": (1, 1, 40058, 40058),
    "30 days": (-31, -1, 0, 0),
}


@pytest.mark.parametrize("name", SPANS)
def test_spans_that_wecom_answers(client, noon, name):
    begin, end, groups, behavior = SPANS[name]
    start, stop = noon + begin * DAY, noon + end * DAY
    calls = {
        lambda: list(client.group_statistics(["zhangsan"], start, stop)): groups,
        lambda: client.group_statistics_by_day(["zhangsan"], start, stop): groups,
        lambda: client.staff_behavior(start, stop, userids=["zhangsan"]): behavior,
    }
    for call, code in calls.items():
        if not code:
            call()
            continue
        with refused(code):
            call()


def test_limits_are_known_before_the_call(client, stage, noon):
    backwards = {"start_time": noon - 2 * DAY, "end_time": noon - 3 * DAY, "userid": ["zhangsan"]}
    stage.contact("get_user_behavior_data", backwards, code=40058)
    too_long = (noon - 40 * DAY, noon - 40 * DAY + 30 * DAY + 1)
    calls = {
        lambda: list(client.group_statistics(["u"], *too_long)): TooMany,
        lambda: client.group_statistics_by_day(["u"] * 101, noon): TooMany,
        lambda: client.group_statistics_by_day([], noon): MissingArgument,
        lambda: client.staff_behavior(*too_long, userids=["u"]): TooMany,
        lambda: client.staff_behavior(noon, noon, userids=["u"] * 101): TooMany,
        lambda: client.staff_behavior(noon, noon, departments=[1] * 101): TooMany,
        lambda: client.staff_behavior(noon, noon): MissingArgument,
        lambda: client.staff_behavior(noon, noon - DAY, userids=["u"]): BadValue,
        lambda: client.group_statistics_by_day(["u"], noon, noon - DAY): BadValue,
    }
    for call, error in calls.items():
        with pytest.raises(error):
            call()


def test_the_sandbox_keeps_the_limits_too(stage, noon):
    filters = {"owner_filter": {"userid_list": ["zhangsan"]}, "day_begin_time": noon - DAY}
    for path, body in (
        ("groupchat/statistic", {**filters, "day_begin_time": noon - 40 * DAY, "day_end_time": noon - 9 * DAY}),
        ("groupchat/statistic", {**filters, "owner_filter": {"userid_list": ["u"] * 101}}),
        ("groupchat/statistic", {**filters, "order_by": 5}),
        ("groupchat/statistic_group_by_day", {"day_begin_time": noon - DAY}),
        ("get_user_behavior_data", {"start_time": noon, "end_time": noon}),
        ("get_user_behavior_data", {"start_time": noon, "end_time": noon, "userid": ["u"] * 101}),
        ("get_user_behavior_data", {"start_time": noon, "end_time": noon, "partyid": [1] * 101}),
    ):
        stage.contact(path, body, code=40058)
    assert stage.contact("groupchat/statistic", filters)["total"] == 0


def test_who_left_can_still_be_counted_and_a_stranger_cannot(client, stage, noon):
    room(stage, "wangwu")
    stage.act("staff_leaves", userid="wangwu")
    pass_days(stage)
    (row,) = client.group_statistics(["wangwu"], noon)
    assert row.figures.groups == 1
    with refused(60111):
        client.group_statistics_by_day(["nobody"], noon)
    assert "nobody" not in [user["userid"] for user in SEED["users"]]
