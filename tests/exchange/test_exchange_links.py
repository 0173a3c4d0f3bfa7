"""Acquisition links: made, opened by people, and the quota they use up (wire.md C.10, F.4)."""

import time

import pytest

from linli.wecom.acquisition_link_calls import (
    ANYBODY_KNOWN,
    LISTED_KNOWN,
    SILENT,
    WROTE,
    LinkChange,
    LinkPriority,
    LinkRange,
    NewLink,
    channel_url,
    scheme_url,
)
from linli.wecom.errors import BadValue, MessageTooLong, MissingArgument, TooMany
from tests.exchange.asking import refused
from tests.sandbox.stage import SEED, Receiver

DAY = 86_400
ZHANG = LinkRange(users=("zhangsan",))
SHOP = LinkRange(departments=(3,))
WIRE = {"link_name": "门店", "range": {"user_list": ["zhangsan"]}}


@pytest.fixture
def rich(stage):
    """A corp with quota."""
    stage.act("admin_buys_quota", count=100)
    return stage


@pytest.fixture
def heard(rich):
    receiver = Receiver()
    rich.listen(receiver)
    yield receiver
    receiver.hosted.stop()


def new(name="门店", span=ZHANG, **more):
    return NewLink(name=name, range=span, **more)


def person(number):
    return {"unionid": f"union{number}", "name": f"顾客{number}"}


def opens(stage, url, number=1, **more):
    return stage.act("opens_link", url=url, person=person(number), **more)


def told(stage, receiver):
    """The acquisition events that were heard, without their headers; forgets them."""
    stage.settle()
    head = {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Event"}
    events = [one.fields for one in receiver.heard if one.fields["Event"] == "customer_acquisition"]
    receiver.heard.clear()
    return [{name: value for name, value in one.items() if name not in head} for one in events]


def test_a_link_is_made_read_changed_and_deleted(client):
    made = client.create_acquisition_link(new(mark_source=True))
    read = client.acquisition_link(made.link_id)
    assert (read.name, read.url, read.created_at) == ("门店", made.url, made.created_at)
    assert (read.skip_verify, read.mark_source, read.range, read.priority) == (True, True, ZHANG, None)
    priority = LinkPriority(type=LISTED_KNOWN, userids=("wangwu",))
    change = LinkChange(name="一店", range=SHOP, skip_verify=False, priority=priority, mark_source=False)
    client.update_acquisition_link(made.link_id, change)
    read = client.acquisition_link(made.link_id)
    assert (read.name, read.skip_verify, read.mark_source) == ("一店", False, False)
    assert (read.range, read.priority) == (SHOP, priority)
    client.update_acquisition_link(made.link_id, LinkChange(name="二店"))
    assert client.acquisition_link(made.link_id).range == SHOP
    assert list(client.acquisition_links()) == [made.link_id]
    client.delete_acquisition_link(made.link_id)
    assert list(client.acquisition_links()) == []
    with refused(40058):
        client.acquisition_link(made.link_id)


def test_a_person_who_comes_by_a_link_is_a_customer_of_its_channel(client, rich, heard):
    link = client.create_acquisition_link(new())
    url = channel_url(link.url, "地铁 A&B")
    came = opens(rich, scheme_url(url))
    rich.settle()
    (event,) = heard.heard
    assert (event.fields["ChangeType"], event.fields["State"]) == ("add_external_contact", "地铁 A&B")
    assert event.fields["WelcomeCode"] == came["welcome_code"]
    (follow,) = client.customer(came["external_userid"]).follows
    assert (follow.userid, follow.add_way, follow.state) == ("zhangsan", 16, "地铁 A&B")
    (listed,) = client.link_customers(link.link_id)
    assert (listed.external_userid, listed.userid) == (came["external_userid"], "zhangsan")
    assert (listed.chat_status, listed.state) == (SILENT, "地铁 A&B")
    assert (client.link_quota().used, client.link_quota().balance) == (1, 99)
    rich.act("customer_writes", userid="zhangsan", external_userid=came["external_userid"])
    assert next(client.link_customers(link.link_id)).chat_status == WROTE
    # Who knows the member already costs nothing.
    assert opens(rich, link.url)["already"] is True
    assert client.link_quota().used == 1
    # Somebody who comes again is listed once.
    rich.act("staff_deletes", userid="zhangsan", external_userid=came["external_userid"])
    opens(rich, channel_url(link.url, "B"))
    assert [one.state for one in client.link_customers(link.link_id)] == ["B"]


def test_customers_and_links_page(client, rich):
    links = [client.create_acquisition_link(new(f"{number}")) for number in range(3)]
    rich.act("link_fails", link_id=links[1].link_id)
    assert list(client.acquisition_links(limit=1)) == [links[0].link_id, links[2].link_id]
    came = [opens(rich, links[0].url, number)["external_userid"] for number in range(5)]
    assert [one.external_userid for one in client.link_customers(links[0].link_id, limit=2)] == came
    first = rich.contact("customer_acquisition/customer", {"link_id": links[0].link_id, "limit": 2})
    other = {"link_id": links[2].link_id, "cursor": first["next_cursor"]}
    rich.contact("customer_acquisition/customer", other, code=50100)


def test_a_link_leads_to_whom_the_visitor_knows(client, rich):
    rich.way("shop", ("wangwu",))
    rich.befriend(1, "shop")
    link = client.create_acquisition_link(new(priority=LinkPriority(type=LISTED_KNOWN, userids=("wangwu",))))
    assert opens(rich, link.url)["userid"] == "wangwu"
    anybody = client.create_acquisition_link(new(priority=LinkPriority(type=ANYBODY_KNOWN)))
    assert opens(rich, anybody.url)["userid"] == "wangwu"
    plain = client.create_acquisition_link(new())
    assert opens(rich, plain.url)["userid"] == "zhangsan"


def test_the_quota_runs_low_out_and_is_bought_again(client, rich, heard):
    link = client.create_acquisition_link(new(span=SHOP))
    changes = []
    for number in range(100):
        opens(rich, link.url, number)
        changes += [(number, one["ChangeType"]) for one in told(rich, heard)] if number in (79, 80, 98, 99) else []
    assert changes == [(80, "balance_low"), (99, "balance_exhausted")]
    quota = client.link_quota()
    assert (quota.used, quota.balance, quota.lots) == (100, 0, ())
    assert "used up" in rich.act("opens_link", url=link.url, person=person(100), status=409)["error"]
    assert len(list(client.link_customers(link.link_id))) == 100
    rich.act("admin_buys_quota", count=1, days=400)
    assert [one["ChangeType"] for one in told(rich, heard)] == ["balance_increased"]
    opens(rich, link.url, 100)
    assert [one["ChangeType"] for one in told(rich, heard)] == ["balance_exhausted"]


def test_quota_can_be_charged_at_the_first_message(client, rich):
    rich.control("tunables", {"quota_charges": "chat"})
    link = client.create_acquisition_link(new())
    came = opens(rich, link.url)
    assert client.link_quota().used == 0
    for _ in range(2):
        rich.act("customer_writes", userid="zhangsan", external_userid=came["external_userid"])
    assert (client.link_quota().used, client.link_quota().balance) == (1, 99)
    rich.control("tunables", {"quota_charges": "never"}, status=400)


def test_quota_is_told_before_it_ends_and_ends(client, rich, heard):
    rich.act("admin_buys_quota", count=5, days=20)
    before = client.link_quota()
    assert (before.balance, [lot.balance for lot in before.lots]) == (105, [5, 100])
    soon = before.lots[0].expires_at
    ends = []
    for days in (5, 2, 5, 1):  # 15, 13, 8, 7 days before
        rich.control("clock", {"advance": days * DAY})
        ends.append([(one["ExpireTime"], one["ExpireQuotaNum"]) for one in told(rich, heard)])
    assert ends == [[], [(str(soon), "5")], [], [(str(soon), "5")]]
    rich.control("clock", {"advance": 6.5 * DAY})  # Over 3, 2 and 1 at once.
    assert [one["ChangeType"] for one in told(rich, heard)] == ["quota_expire_soon"]
    rich.control("clock", {"advance": 1 * DAY})
    assert (told(rich, heard), client.link_quota().balance) == ([], 100)
    rich.control("clock", {"advance": 400 * DAY})
    assert [one["ChangeType"] for one in told(rich, heard)] == ["balance_low", "balance_exhausted"]
    assert client.link_quota().lots == ()


def test_what_a_customer_writes_is_told_and_can_be_asked_about(client, rival, rich, heard):
    link = client.create_acquisition_link(new())
    came = opens(rich, channel_url(link.url, "A"))
    who = {"userid": "zhangsan", "external_userid": came["external_userid"]}
    for _ in range(10):
        rich.act("customer_writes", **who)
    start, *messages = told(rich, heard)
    assert start == {
        "ChangeType": "customer_start_chat",
        "UserID": "zhangsan",
        "ExternalUserID": came["external_userid"],
        "LinkId": link.link_id,
    }
    assert [(one["ChangeType"], one["LinkId"]) for one in messages] == [("message_from_customer", link.link_id)] * 3
    chats = [client.link_chat(one["ChatKey"]) for one in messages]
    assert sorted(one.received for one in chats) == [3, 5, 10]
    assert {(one.userid, one.external_userid, one.link_id, one.state) for one in chats} == {
        ("zhangsan", came["external_userid"], link.link_id, "A")
    }
    with refused(41201):
        rival.link_chat(messages[0]["ChatKey"])
    rich.control("clock", {"advance": 1801, "force": True})
    for key in (messages[0]["ChatKey"], "no", ""):
        with refused(41201):
            client.link_chat(key)


def test_only_what_people_do_to_a_link_is_told(client, rich, heard):
    kept, failed, deleted = (client.create_acquisition_link(new(f"{number}")) for number in range(3))
    client.update_acquisition_link(kept.link_id, LinkChange(name="改"))
    client.delete_acquisition_link(kept.link_id)
    rich.act("link_fails", link_id=failed.link_id)
    rich.act("admin_deletes_link", link_id=deleted.link_id)
    assert sorted(told(rich, heard), key=lambda one: one["ChangeType"]) == [
        {"ChangeType": "delete_link", "LinkId": deleted.link_id},
        {"ChangeType": "link_unavailable", "LinkId": failed.link_id},
    ]
    rich.act("opens_link", url=failed.url, person=person(1), status=410)
    rich.act("opens_link", url=deleted.url, person=person(1), status=404)


def test_some_industries_hear_of_who_looks_and_asks(client, rich, heard):
    link = client.create_acquisition_link(new())
    opens(rich, link.url, adds=False)
    assert told(rich, heard) == []
    rich.control("tunables", {"link_profile_events": True})
    opens(rich, channel_url(link.url, "A"))
    assert told(rich, heard) == [
        {"ChangeType": change, "LinkId": link.link_id, "State": "A"} for change in ("open_profile", "friend_request")
    ]


def test_statistic_counts_whole_days(client, rich):
    link = client.create_acquisition_link(new())
    now = rich.control("clock")["now"]
    first = int(now + DAY - (now + 8 * 3600) % DAY + DAY // 2)  # Noon in China, far from any other day.
    rich.control("clock", {"to": first})
    opens(rich, link.url, 1)
    opens(rich, link.url, 1)
    opens(rich, link.url, 2, adds=False)
    rich.control("clock", {"advance": DAY, "force": True})
    opens(rich, link.url, 3)
    today, both = (
        client.link_statistic(link.link_id, first, first),
        client.link_statistic(link.link_id, first, first + DAY),
    )
    assert (today.clicked, today.came, both.clicked, both.came) == (2, 1, 3, 2)
    rich.control("clock", {"advance": 200 * DAY, "force": True})
    with refused(40058):
        client.link_statistic(link.link_id, first, first)


def test_another_app_does_not_know_a_link(client, rival):
    made = client.create_acquisition_link(new())
    assert list(rival.acquisition_links()) == []
    for call in (
        lambda: rival.acquisition_link(made.link_id),
        lambda: rival.update_acquisition_link(made.link_id, LinkChange(name="别家")),
        lambda: rival.delete_acquisition_link(made.link_id),
        lambda: list(rival.link_customers(made.link_id)),
        lambda: rival.link_statistic(made.link_id, 1, 2),
        lambda: client.acquisition_link("no"),
    ):
        with refused(40058):
            call()
    assert client.acquisition_link(made.link_id).name == "门店"


def test_the_cap_of_links(client, stage):
    stage.control("tunables", {"links_most": 1})
    client.create_acquisition_link(new())
    with refused(41095):
        client.create_acquisition_link(new())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"link_name": "长" * 31}, 40058),
        ({"range": {"user_list": ["nobody"]}}, 60111),
        ({"range": {"department_list": [9]}}, 60123),
        ({"range": {"department_list": ["3"]}}, 60123),
        ({"range": {"user_list": []}}, 40058),
        ({"range": {"user_list": ["zhangsan"] * 501}}, 40058),
        ({"range": {"department_list": [3]}, "crowd": 500}, 40058),
        ({"skip_verify": "yes"}, 40058),
        ({"priority_option": {"priority_type": 3}}, 40058),
        ({"priority_option": {"priority_type": 2}}, 40058),
        ({"priority_option": {"priority_type": 2, "priority_userid_list": ["nobody"]}}, 60111),
        ({"priority_option": {"priority_type": 2, "priority_userid_list": ["lisi"] * 1001}}, 40058),
    ],
)
def test_what_wecom_refuses(client, stage, change, code):
    crowd = [{"userid": f"s{one}", "name": "员工", "department": [3]} for one in range(change.pop("crowd", 0))]
    stage.control("seed", {**SEED, "users": SEED["users"] + crowd, "reset": True})
    stage._tokens.clear()
    stage.contact("customer_acquisition/create_link", {**WIRE, **change}, code=code)
    assert list(client.acquisition_links()) == []
    made = client.create_acquisition_link(new())
    before = client.acquisition_link(made.link_id)
    stage.contact("customer_acquisition/update_link", {"link_id": made.link_id, **change}, code=code)
    assert client.acquisition_link(made.link_id) == before


@pytest.mark.parametrize("missing", ["link_name", "range"])
def test_a_link_needs_a_name_and_a_range(stage, missing):
    body = {name: value for name, value in WIRE.items() if name != missing}
    stage.contact("customer_acquisition/create_link", body, code=40058)


@pytest.mark.parametrize(
    ("wrong", "call"),
    [
        (MissingArgument, lambda c: c.create_acquisition_link(new(name=""))),
        (MessageTooLong, lambda c: c.create_acquisition_link(new(name="长" * 31))),
        (MissingArgument, lambda c: c.create_acquisition_link(new(span=LinkRange()))),
        (TooMany, lambda c: c.create_acquisition_link(new(span=LinkRange(users=("u",) * 501)))),
        (BadValue, lambda c: c.create_acquisition_link(new(priority=LinkPriority(type=3)))),
        (MissingArgument, lambda c: c.create_acquisition_link(new(priority=LinkPriority(type=2)))),
        (TooMany, lambda c: c.create_acquisition_link(new(priority=LinkPriority(type=2, userids=("u",) * 1001)))),
        (MissingArgument, lambda c: c.update_acquisition_link("l", LinkChange(name=""))),
        (MissingArgument, lambda c: c.update_acquisition_link("l", LinkChange(range=LinkRange()))),
        (BadValue, lambda c: c.link_statistic("l", 0, 31 * DAY)),
        (BadValue, lambda c: c.link_statistic("l", 2, 1)),
        (MessageTooLong, lambda _c: channel_url("https://x.example/ca/l", "道" * 22)),
        (MissingArgument, lambda _c: channel_url("https://x.example/ca/l", "")),
    ],
)
def test_the_client_refuses_first(client, stage, wrong, call):
    with pytest.raises(wrong):
        call(client)
    assert not [path for path in stage.control("counters")["api_calls"] if "customer_acquisition" in path]


@pytest.mark.parametrize(
    "body", [{"start_time": 0, "end_time": 31 * DAY}, {"start_time": 2, "end_time": 1}, {"start_time": 1}]
)
def test_wecom_refuses_the_same_spans(client, stage, body):
    made = client.create_acquisition_link(new())
    now = int(time.time()) - 32 * DAY
    asked = {name: now + value for name, value in body.items()}
    stage.contact("customer_acquisition/statistic", {"link_id": made.link_id, **asked}, code=40058)


def test_what_people_cannot_do(client, rich):
    link = client.create_acquisition_link(new())
    for kind, wishes, status in (
        ("opens_link", {"url": link.url}, 400),
        ("opens_link", {"url": link.url, "person": {"unionid": 5}}, 400),
        ("opens_link", {"url": f"{link.url}?customer_channel={'x' * 65}", "person": person(1)}, 400),
        ("admin_buys_quota", {"count": 0}, 400),
        ("admin_buys_quota", {"count": 1, "days": 0}, 400),
        ("admin_deletes_link", {"link_id": "no"}, 404),
    ):
        rich.act(kind, **wishes, status=status)
    assert client.link_statistic(link.link_id, int(time.time()), int(time.time())).clicked == 0
