"""Who may be archived and who agreed (wire.md G.3)."""

import pytest

from linli.wecom.archive_calls import Agreement, ArchiveEdition, ArchiveRobot, ChatConsent
from linli.wecom.errors import MessageError
from linli.wecom.events import parse_event
from tests.exchange.asking import refused
from tests.exchange.conftest import client_of
from tests.sandbox.stage import SEED


@pytest.fixture
def archive(stage):
    """A client with the archive's secret, two seats bought."""
    app = {"agentid": 2000004, "name": "会话存档", "secret": "the-archive", "archive": True}
    stage.control("seed", {**SEED, "apps": [*SEED["apps"], app], "reset": True})
    stage.act("admin_sets_archive", userids=["zhangsan"], edition=2)
    stage.act("admin_sets_archive", userids=["lisi"], edition=3)
    client = client_of(stage, "the-archive")
    yield client
    client.close()


def test_seats_by_edition(archive):
    assert archive.archived_staff() == ("zhangsan", "lisi")
    assert archive.archived_staff(ArchiveEdition.SERVICE) == ("zhangsan",)
    assert archive.archived_staff(ArchiveEdition.OFFICE) == ()


def test_the_last_answer_of_a_customer_counts_and_silence_is_none(archive, stage):
    stage.way()
    userid, external = "zhangsan", stage.befriend()

    def answer():
        (consent,) = archive.single_consents([(userid, external)])
        assert (consent.userid, consent.external_userid) == (userid, external)
        return consent.agreement, consent.changed_at

    assert answer() == (Agreement.DISAGREE, 0)
    stage.control("tunables", {"archive_silence_agrees": True})
    assert answer() == (Agreement.DEFAULT, 0)
    stage.act("agree_to_archive", userid=userid, external_userid=external)
    agreed, at = answer()
    assert (agreed, at > 0) == (Agreement.AGREE, True)
    stage.control("clock", {"advance": 60, "force": True})
    stage.act("refuse_archive", userid=userid, external_userid=external)
    refused_, later = answer()
    assert (refused_, later >= at + 60) == (Agreement.DISAGREE, True)


def test_agreeing_is_told_to_apps_and_refusing_is_not(archive, stage, listening):
    listener = listening()
    stage.way()
    external = stage.befriend()
    for kind in ("agree_to_archive", "refuse_archive"):
        stage.act(kind, userid="zhangsan", external_userid=external)
    stage.settle()
    assert listener.changes() == ["add_external_contact", "msg_audit_approved"]
    assert parse_event(listener.heard[1].xml.encode()).external_user_id == external
    stage.act("agree_to_archive", userid="lisi", external_userid=external, status=409)


def test_a_group_is_asked_person_by_person(archive, stage):
    stage.way()
    one, two = stage.befriend(1), stage.befriend(2)
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[one, two], staff=["lisi"])["chat_id"]
    stage.act("agree_to_archive", external_userid=two, chat_id=chat)
    silent, agreed = archive.room_consents(chat)
    assert silent == ChatConsent(userid=None, external_userid=one, agreement=Agreement.DISAGREE, changed_at=0)
    assert (agreed.external_userid, agreed.agreement) == (two, Agreement.AGREE)
    stage.act("agree_to_archive", external_userid=stage.befriend(3), chat_id=chat, status=409)
    for room in ("nowhere", stage.act("create_inner_group", owner="lisi", name="内部")["roomid"]):
        with refused(90501):
            archive.room_consents(room)


def test_a_group_without_customers_is_read_and_no_other(archive, stage):
    room = stage.act("create_inner_group", owner="lisi", name="内部", staff=["zhangsan"], notice="早")["roomid"]
    group = archive.inner_group(room)
    assert (group.name, group.creator, group.notice) == ("内部", "lisi", "早")
    assert group.members == (("lisi", group.created_at), ("zhangsan", group.created_at))
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[])["chat_id"]
    for other in (chat, "nowhere"):
        with refused(301059):
            archive.inner_group(other)


def test_a_robot_600_times_a_minute(archive, stage):
    robot = stage.act("add_robot", userid="lisi", name="小助手")["robot_id"]
    assert archive.archive_robot(robot) == ArchiveRobot(id=robot, name="小助手", creator_userid="lisi")
    with refused(40058):
        archive.archive_robot("wbnobody")
    stage.control("tunables", {"robot_infos_per_minute": 2})
    with refused(45009):
        archive.archive_robot(robot)


def test_a_hundred_pairs_at_a_time_and_only_people_of_the_corp(archive, stage):
    stage.way()
    external = stage.befriend()
    assert len(archive.single_consents([("zhangsan", external)] * 100)) == 100
    with pytest.raises(MessageError):
        archive.single_consents([("zhangsan", external)] * 101)
    pair = {"userid": "zhangsan", "exteranalopenid": external}
    params = {"access_token": stage.token("the-archive")}
    answer = stage.http.post("/cgi-bin/msgaudit/check_single_agree", params=params, json={"info": [pair] * 101}).json()
    assert (answer["errcode"], answer["agreeinfo"]) == (301060, [])
    for stranger in (("nobody", external), ("zhangsan", "wmnobody")):
        with refused(301061):
            archive.single_consents([stranger])


CALLS = [
    lambda c: c.archived_staff(),
    lambda c: c.single_consents([("zhangsan", "wm")]),
    lambda c: c.room_consents("wr"),
    lambda c: c.inner_group("wr"),
    lambda c: c.archive_robot("wb"),
]


@pytest.mark.parametrize("call", CALLS)
def test_the_archives_secret_only_and_while_the_archive_lives(archive, client, stage, call):
    with refused(48002):
        call(client)
    ends = int(stage.control("clock")["now"]) + 60
    stage.act("admin_sets_archive", userids=["zhangsan"], ends=ends)
    stage.control("clock", {"advance": 61})
    with refused(301052):
        call(archive)
    for edition in (1, 2, 3):
        stage.act("admin_sets_archive", userids=[], edition=edition)
    with refused(301053):
        call(archive)


def test_the_archives_secret_opens_nothing_else(archive):
    with refused(48002):
        archive.contact_tags()
