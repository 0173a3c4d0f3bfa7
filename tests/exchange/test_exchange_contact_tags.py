"""Tags on staff, and the rest of the address book (wire.md B)."""

import pytest

from linli.wecom.contact_tag_calls import ContactTag, InvalidMembers, TaggedStaff
from linli.wecom.directory_calls import Department
from linli.wecom.errors import MessageError, OutcomeUnknown
from tests.exchange.asking import refused
from tests.exchange.conftest import client_of
from tests.sandbox.stage import SEED

STORE = {"agentid": 1000009, "name": "Store", "secret": "narrow", "visible": [3]}


@pytest.fixture
def narrow(stage):
    """An app that sees one store only."""
    users = [{**SEED["users"][0], "biz_mail": "z@corp.example", "email": "z@mail.example"}, *SEED["users"][1:]]
    stage.control("seed", {**SEED, "users": users, "apps": [*SEED["apps"], STORE], "reset": True})
    client = client_of(stage, "narrow")
    yield client
    client.close()


def test_a_tag_is_made_worn_renamed_and_deleted(client):
    assert client.create_contact_tag("导购", tag_id=12) == 12
    assert client.create_contact_tag("店长") == 13
    assert client.tag_staff(12, ["zhangsan", "lisi"], [2]) == InvalidMembers(userids=(), department_ids=())
    client.untag_staff(12, ["lisi"])
    client.rename_contact_tag(12, "金牌导购")
    worn = TaggedStaff(name="金牌导购", staff=(("zhangsan", "张三"),), department_ids=(2,))
    assert client.contact_tag(12) == worn
    client.delete_contact_tag(13)
    assert client.contact_tags() == (ContactTag(12, "金牌导购"),)


def test_whom_it_does_not_take_is_told_and_the_others_are_done(client):
    tag = client.create_contact_tag("导购")
    for change in (client.tag_staff, client.untag_staff):
        told = change(tag, ["zhangsan", "nobody"], [2, 99])
        assert told == InvalidMembers(userids=("nobody",), department_ids=(99,))
        with refused(40070):
            change(tag, ["nobody"], [99])
    assert client.contact_tag(tag).staff == ()


REFUSED = [
    (40071, lambda c: c.create_contact_tag("导购")),
    (40068, lambda c: c.create_contact_tag("别的", tag_id=12)),
    (40071, lambda c: c.rename_contact_tag(13, "导购")),
    (40068, lambda c: c.contact_tag(99)),
    (40068, lambda c: c.rename_contact_tag(99, "别的")),
    (40068, lambda c: c.delete_contact_tag(99)),
    (40068, lambda c: c.tag_staff(99, ["lisi"])),
]


@pytest.mark.parametrize(("code", "call"), REFUSED)
def test_unknown_tags_and_taken_names_are_refused(client, code, call):
    client.create_contact_tag("导购", tag_id=12)
    client.create_contact_tag("店长", tag_id=13)
    with refused(code):
        call(client)
    assert len(client.contact_tags()) == 2


def test_what_another_app_made_is_not_ours_to_change(client, rival):
    tag = client.create_contact_tag("导购")
    for call in (
        lambda: rival.rename_contact_tag(tag, "别的"),
        lambda: rival.delete_contact_tag(tag),
        lambda: rival.tag_staff(tag, ["lisi"]),
        lambda: rival.untag_staff(tag, ["lisi"]),
    ):
        with refused(60011):
            call()


def test_limits_on_both_sides(client, stage):
    client.create_contact_tag("字" * 32, tag_id=1)
    for call in (
        lambda: client.create_contact_tag("字" * 33),
        lambda: client.tag_staff(1, ["u"] * 1001),
        lambda: client.tag_staff(1, [], [1] * 101),
        lambda: client.untag_staff(1),
    ):
        with pytest.raises(MessageError):
            call()
    stage.post("tag/create", {"tagname": "字" * 33}, code=40072)
    stage.post("tag/addtagusers", {"tagid": 1, "userlist": ["u"] * 1001}, code=40058)
    stage.post("tag/addtagusers", {"tagid": 1, "partylist": [1] * 101}, code=40058)
    stage.post("tag/deltagusers", {"tagid": 1}, code=40058)


def test_a_lost_answer_to_a_deletion_is_not_repeated_though_it_is_a_get(client, stage):
    client.create_contact_tag("导购", tag_id=12)
    stage.control("faults", {"rules": [{"fault": "answer_lost", "odds": 1, "paths": ["tag/delete"]}]})
    with pytest.raises(OutcomeUnknown):
        client.delete_contact_tag(12)
    assert stage.control("counters")["api_calls"]["tag/delete"] == 1
    assert client.contact_tags() == ()


def test_a_department_by_its_id(client, narrow):
    store = Department(id=3, name="一店", name_en="", parent_id=2, order=3, leaders=())
    assert client.department_get(3) == narrow.department_get(3) == store
    with refused(60123):
        client.department_get(99)
    with refused(60030):
        narrow.department_get(2)


def test_staff_by_phone_and_mail_as_far_as_the_app_sees(client, narrow):
    assert client.userid_by_mobile("13800000000") == narrow.userid_by_mobile("13800000000") == "zhangsan"
    assert client.userid_by_email("z@corp.example") == client.userid_by_email("z@mail.example", personal=True)
    for call in (lambda: client.userid_by_mobile("110"), lambda: client.userid_by_email("z@mail.example")):
        with refused(46004):
            call()
    openid = client.staff_openid("zhangsan")
    assert openid != client.staff_openid("lisi")
    with refused(60111):
        client.staff_openid("nobody")


def test_a_phone_out_of_sight_is_nobodys(client, stage, narrow):
    users = [{**SEED["users"][2], "mobile": "13900000000"}]
    stage.control("seed", {**SEED, "users": users, "apps": [*SEED["apps"], STORE], "reset": True})
    assert client_of(stage, SEED["apps"][0]["secret"]).userid_by_mobile("13900000000") == "wangwu"
    with refused(46004):
        client_of(stage, "narrow").userid_by_mobile("13900000000")
