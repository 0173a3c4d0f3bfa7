"""The catalogue's samples of acquisition links pass through the types and come out equal."""

import pytest

from linli.wecom.acquisition_link_calls import (
    Link,
    LinkChange,
    LinkChat,
    LinkCustomer,
    LinkPriority,
    LinkQuota,
    LinkRange,
    LinkStatistic,
    MadeLink,
    NewLink,
    QuotaLot,
    channel_url,
    scheme_url,
)
from tests.wecom.support import Line, json_fixture, ok

RANGE = LinkRange(users=("zhangsan", "lisi"), departments=(2, 3))
PRIORITY = LinkPriority(type=2, userids=("tom", "lisi"))
SAME = {"name": "获客链接1号", "range": RANGE, "skip_verify": True, "priority": PRIORITY, "mark_source": True}

# The call that sends the sample, and what its sample answer becomes.
EXACT = {
    "create_link": (
        lambda c: c.create_acquisition_link(NewLink(**SAME)),
        MadeLink("LINK_ID", "获客链接1号", "URL", 1667232000),
    ),
    "update_link": (lambda c: c.update_acquisition_link("LINK_ID", LinkChange(**SAME)), None),
    "delete_link": (lambda c: c.delete_acquisition_link("LINK_ID"), None),
    "statistic": (lambda c: c.link_statistic("caxxxxxxx", 1688140800, 1688486400), LinkStatistic(1000, 500)),
    "get_chat_info": (
        lambda c: c.link_chat("CHAT_KEY"),
        LinkChat(
            userid="zhangsan", external_userid="woAJ2GCAAAXtWyujaWJHDDGi0mACAAA", received=3, link_id="caXXXXXXX",
            state="STATE",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_a_call_sends_the_sample_and_reads_its_answer(name):
    call, read = EXACT[name]
    line = Line(json_fixture(f"externalcontact.customer_acquisition.{name}.response.json"))
    assert call(line.client) == read
    assert line.paths == [f"externalcontact/customer_acquisition/{name}"]
    assert line.bodies == [json_fixture(f"externalcontact.customer_acquisition.{name}.request.json")]


WO = "woAJ2GCAAAXtWyujaWJHDDGi0m"
CUSTOMERS = [
    LinkCustomer(external_userid=WO + "ACAAA", userid="zhangsan", chat_status=0, state="CHANNEL_A"),
    LinkCustomer(external_userid=WO + "ACAAA", userid="lisi", chat_status=0, state="CHANNEL_B"),
    LinkCustomer(external_userid=WO + "BCBBB", userid="rocky", chat_status=1, state="CHANNEL_A"),
]
PAGED = {
    "list_link": ("link_id_list", lambda c: c.acquisition_links(), ["LINK_ID_AAA", "LINK_ID_BBB", "LINK_ID_CCC"]),
    "customer": ("customer_list", lambda c: c.link_customers("LINK_ID"), CUSTOMERS),
}


@pytest.mark.parametrize("name", PAGED)
def test_a_second_page_sends_the_sample(name):
    rows, call, read = PAGED[name]
    expected = json_fixture(f"externalcontact.customer_acquisition.{name}.request.json")
    answer = json_fixture(f"externalcontact.customer_acquisition.{name}.response.json")
    line = Line(answer, ok(**{rows: []}, next_cursor=""))
    assert list(call(line.client)) == read
    assert answer["next_cursor"] == expected["cursor"]
    assert line.bodies == [{**expected, "cursor": ""}, expected]


# The catalogue has no sample of these: the fields as its rows name them.
def test_a_link_and_the_quota():
    told = {"link_name": "N", "url": "U", "create_time": 5, "skip_verify": False, "mark_source": True}
    span = {"user_list": ["a"], "department_list": [2]}
    option = {"priority_type": 1, "priority_userid_list": []}
    read = Line(ok(link=told, range=span, priority_option=option)).client.acquisition_link("l")
    plain = {"name": "N", "url": "U", "created_at": 5, "skip_verify": False, "mark_source": True}
    assert read == Link(**plain, range=LinkRange(users=("a",), departments=(2,)), priority=LinkPriority(type=1))
    lots = [{"expire_date": 1689350400, "balance": 30}, {"expire_date": 1689436800, "balance": 70}]
    line = Line(ok(total=1000, balance=100, quota_list=lots))
    assert line.client.link_quota() == LinkQuota(1000, 100, (QuotaLot(1689350400, 30), QuotaLot(1689436800, 70)))
    assert line.requests[0].method == "GET"


def test_addresses_of_a_channel():
    url = channel_url("https://work.example/ca/cawcde", "甲&乙")
    assert url == "https://work.example/ca/cawcde?customer_channel=%E7%94%B2%26%E4%B9%99"
    assert scheme_url(url) == (
        "weixin://biz/ww/profile/https%3A%2F%2Fwork.example%2Fca%2Fcawcde"
        "%3Fcustomer_channel%3D%25E7%2594%25B2%2526%25E4%25B9%2599"
    )
