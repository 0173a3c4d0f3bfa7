"""WeCom's samples of hand-overs, figures and ids pass through the types and come out equal (wire.md C.1, C.2, C.5, C.6, C.10)."""

import httpx
import pytest

from linli.wecom.errors import ApiError, BadAnswer, OutcomeUnknown
from linli.wecom.handover_calls import GroupNotTransferred, Transfer, TransferStart, Unassigned
from linli.wecom.identifier_calls import KnownTemporary, ServedContact, Temporaries
from linli.wecom.statistic_calls import BehaviorDay, GroupDay, GroupFigures
from tests.wecom.support import Line, json_fixture, ok, refusal

WO = "woAJ2GCAAAXtWyujaWJHDDGi0mAC"
ENDS = {
    "transfer_result": "customer",
    "resigned.transfer_result": "customer",
    "get_unassigned_list": "info",
    "contact_list": "info_list",
}


def line_for(name):
    """Play a sample, and after it an empty last page where the list comes in pages."""
    last = [ok(**{ENDS[name]: []}, is_last=True)] if name in ENDS else []
    return Line(json_fixture(f"externalcontact.{name}.response.json"), *last)


TRANSFERS = [Transfer(WO + "CCC", 1, 1588262400), Transfer(WO + "BBBB", 2, 1588482400), Transfer(WO + "AAAA", 3, 0)]
FIGURES = GroupFigures(
    new_groups=2, groups=2, groups_active=0, new_members=0, members=6, members_active=0, messages=0,
    migrated_trainee_groups=3,
)  # fmt: skip
BEHAVIOR = BehaviorDay(
    day=1536508800, chats=100, messages=80, reply_percentage=60.25, average_reply_minutes=1, negative_feedbacks=0,
    applications=6, new_customers=5,
)  # fmt: skip
PERSON = {"tmp_openid": "TMP_ID", "added_at": 1694418699}
NONE = {"external_userid": None, "name": "", "userid": None, "chat_id": None, "chat_name": ""}
SERVED = [
    {"is_customer": False, "name": "***开", "userid": "USER_ID", "chat_name": "外联群1"},
    {"is_customer": True, "external_userid": WO + "HAAA", "userid": "USER_ID"},
    {"is_customer": True, "external_userid": WO + "HAAA", "chat_id": "CHATID"},
    {"is_customer": False, "name": "***开", "userid": "USER_ID"},
]

ANSWERS = {
    "transfer_customer": (
        lambda c: c.transfer_customers("a", "b", ["w"]),
        (TransferStart(WO + "AAAA", 40096), TransferStart(WO + "BBBB", 0)),
    ),
    "resigned.transfer_customer": (
        lambda c: c.transfer_resigned_customers("a", "b", ["w"]),
        (TransferStart(WO + "BBBB", 0), TransferStart(WO + "AAAA", 40096)),
    ),
    "transfer_result": (lambda c: list(c.transfers("a", "b")), TRANSFERS),
    "resigned.transfer_result": (lambda c: list(c.resigned_transfers("a", "b")), TRANSFERS),
    "get_unassigned_list": (
        lambda c: list(c.unassigned_customers()),
        [
            Unassigned("zhangsan", "woAJ2GCAAAd4uL12hdfsdasassdDmAAAAA", 1550838571),
            Unassigned("lisi", "wmAJ2GCAAAzLTI123ghsdfoGZNqqAAAA", 1550661468),
        ],
    ),
    "groupchat.transfer": (
        lambda c: c.transfer_groups(["c"], "b"),
        (GroupNotTransferred("wrOgQhDgAAcwMTB7YmDkbeBsgT_KAAAA", 90500, "the owner of this chat is not resigned"),),
    ),
    "groupchat.statistic_group_by_day": (
        lambda c: c.group_statistics_by_day(["u"], 1600272000),
        (GroupDay(1600272000, FIGURES), GroupDay(1600358400, FIGURES)),
    ),
    "get_user_behavior_data": (lambda c: c.staff_behavior(1, 2, userids=["u"])[0], BEHAVIOR),
    "contact_list": (
        lambda c: list(c.served_contacts()),
        [ServedContact(**{**NONE, **PERSON, **one}) for one in SERVED],
    ),
    "convert_to_openid": (lambda c: c.openid_of("w"), "ooAAAAAAAAAAA"),
    "opengid_to_chatid": (lambda c: c.chat_id_of("o"), "ooAAAAAAAAAAA"),
    "close_temp_chat": (lambda c: c.close_temporary_chat("u", "w"), None),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_becomes_typed(name):
    call, expected = ANSWERS[name]
    line = line_for(name)
    assert call(line.client) == expected
    assert set(line.paths) == {f"externalcontact/{name.replace('.', '/')}"}


def test_temporary_ids_become_typed():
    line = Line(json_fixture("idconvert.convert_tmp_external_userid.response.json"))
    assert line.client.known_temporaries(["t"], business_type=1, user_type=1) == Temporaries(
        known=(
            KnownTemporary(tmp_external_userid="ouXXX1", external_userid="EXTERNAL_USER_ID", corp_id=None, userid=None),
            KnownTemporary(tmp_external_userid="ouXXX2", external_userid=None, corp_id="CORPID", userid="USERID"),
        ),
        invalid=("ouXXX3",),
    )
    assert line.paths == ["idconvert/convert_tmp_external_userid"]


HANDS = ("zhangsan", "lisi")
REQUESTS = {
    "externalcontact.transfer_customer": lambda c, wire: c.transfer_customers(
        *HANDS, wire["external_userid"], success_message=wire["transfer_success_msg"]
    ),
    "externalcontact.resigned.transfer_customer": lambda c, wire: c.transfer_resigned_customers(
        *HANDS, wire["external_userid"]
    ),
    "externalcontact.transfer_result": lambda c, _: list(c.transfers(*HANDS, cursor="CURSOR")),
    "externalcontact.resigned.transfer_result": lambda c, _: list(c.resigned_transfers(*HANDS, cursor="CURSOR")),
    "externalcontact.get_unassigned_list": lambda c, _: list(c.unassigned_customers(page_size=100)),
    "externalcontact.groupchat.transfer": lambda c, wire: c.transfer_groups(wire["chat_id_list"], "zhangsan"),
    "externalcontact.groupchat.statistic_group_by_day": lambda c, _: c.group_statistics_by_day(
        ["zhangsan"], 1600272000, 1600358400
    ),
    "externalcontact.get_user_behavior_data": lambda c, _: c.staff_behavior(
        1536508800, 1536595200, userids=["zhangsan", "lisi"], departments=[1001, 1002]
    ),
    "externalcontact.contact_list": lambda c, _: list(c.served_contacts(cursor="CURSOR")),
    "externalcontact.convert_to_openid": lambda c, _: c.openid_of("wmAAAAAAA"),
    "externalcontact.unionid_to_external_userid": lambda c, _: c.external_userid_of("oAAAAAAA"),
    "externalcontact.opengid_to_chatid": lambda c, _: c.chat_id_of("oAAAAAAA"),
    "externalcontact.close_temp_chat": lambda c, _: c.close_temporary_chat("zhangyisheng", WO + "HAAA"),
    "idconvert.convert_tmp_external_userid": lambda c, _: c.known_temporaries(
        ["ouXXX1", "ouXXX2", "ouXXX3"], business_type=1, user_type=1
    ),
}
LISTS = ("customer", "info", "failed_chat_list", "items", "behavior_data", "info_list", "results")
NOTHING = ok(**{name: [] for name in LISTS}, openid="o", external_userid="w", chat_id="c", is_last=True)


@pytest.mark.parametrize("name", REQUESTS)
def test_a_call_sends_the_sample(name):
    expected = json_fixture(f"{name}.request.json")
    line = Line(NOTHING)
    REQUESTS[name](line.client, expected)
    assert (line.paths, line.bodies) == ([name.replace(".", "/")], [expected])


def test_a_group_is_given_on_the_job_by_its_own_path():
    line = Line(NOTHING)
    assert line.client.transfer_groups_on_the_job(["c"], "u") == ()
    assert (line.paths, line.bodies) == (
        ["externalcontact/groupchat/onjob_transfer"],
        [{"chat_id_list": ["c"], "new_owner": "u"}],
    )


def test_figures_of_owners_go_on_from_the_offset_until_the_total():
    data = {"new_chat_cnt": 2, "chat_total": 2, "msg_total": 7}
    pages = [
        ok(items=[{"owner": "a", "data": data}], total=2, next_offset=1),
        ok(items=[{"owner": "b", "data": data}], total=2, next_offset=2),
    ]
    line = Line(*pages)
    rows = list(line.client.group_statistics(["a", "b"], 100, 200, ascending=True, limit=1))
    assert [(row.owner, row.figures.messages, row.figures.migrated_trainee_groups) for row in rows] == [
        ("a", 7, None),
        ("b", 7, None),
    ]
    body = {
        "day_begin_time": 100, "day_end_time": 200, "owner_filter": {"userid_list": ["a", "b"]},
        "order_by": 1, "order_asc": 1, "limit": 1,
    }  # fmt: skip
    assert line.bodies == [{**body, "offset": 0}, {**body, "offset": 1}]


def test_the_waiting_customers_end_with_the_last_page_whatever_the_cursor_says():
    row = {"handover_userid": "u", "external_userid": "w", "dimission_time": 5}
    line = Line(ok(info=[row], is_last=False, next_cursor="n"), ok(info=[row], is_last=True, next_cursor="m"))
    assert len(list(line.client.unassigned_customers())) == 2
    assert [body["cursor"] for body in line.bodies] == ["", "n"]


NEVER_ENDING = {
    "offset": (lambda c: list(c.group_statistics(["u"], 1)), ok(items=[], total=5, next_offset=0)),
    "cursor": (lambda c: list(c.unassigned_customers()), ok(info=[], is_last=False, next_cursor="n")),
    "lists": (lambda c: list(c.transfers("a", "b")), ok(customer=[], next_cursor="n")),
}


@pytest.mark.parametrize("name", NEVER_ENDING)
def test_a_list_that_never_ends_is_a_bad_answer(name):
    call, answer = NEVER_ENDING[name]
    with pytest.raises(BadAnswer):
        call(Line(answer).client)


@pytest.mark.parametrize("name", [name for name in REQUESTS if name != "externalcontact.close_temp_chat"])
def test_an_answer_without_its_main_part_is_no_answer(name):
    wire = json_fixture(f"{name}.request.json")
    with pytest.raises(BadAnswer):
        REQUESTS[name](Line(ok()).client, wire)


WRITES = ("transfer_customer", "resigned.transfer_customer", "groupchat.transfer", "close_temp_chat")


@pytest.mark.parametrize("name", REQUESTS)
def test_only_reads_are_repeated(name):
    wire = json_fixture(f"{name}.request.json")
    line = Line(httpx.ReadTimeout("lost"), NOTHING)
    if name.removeprefix("externalcontact.") in WRITES:
        with pytest.raises(OutcomeUnknown):
            REQUESTS[name](line.client, wire)
        assert len(line.requests) == 1
    else:
        REQUESTS[name](line.client, wire)
        assert line.bodies == [wire, wire]


def test_a_fraction_that_is_none_is_a_bad_answer():
    row = {"stat_time": 1, "reply_percentage": "many"}
    with pytest.raises(BadAnswer):
        Line(ok(behavior_data=[row])).client.staff_behavior(1, 2, userids=["u"])


def test_a_refusal_never_reads_as_nobody():
    line = Line(refusal(40097, customer=[]))
    with pytest.raises(ApiError, check=lambda error: error.code == 40097):
        line.client.transfer_resigned_customers("a", "b", ["w"])
