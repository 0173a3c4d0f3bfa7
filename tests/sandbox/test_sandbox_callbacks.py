"""Events as an app hears them: their form, order, retries and faults."""

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from tests.sandbox.stage import AES_KEY, AGENT, CORP, RIVAL, TOKEN, Receiver, Stage, until
from wecom_sandbox.server import listen

HEADER = ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Event"]
ADDED = [*HEADER, "ChangeType", "UserID", "ExternalUserID", "State", "WelcomeCode"]
MEMBERS = [
    "ChatId",
    "ChangeType",
    "UpdateDetail",
    "JoinScene",
    "QuitScene",
    "MemChangeCnt",
    "MemChangeList",
    "LastMemVer",
    "CurMemVer",
]

# Sample file -> the change that the sandbox must tell in the same elements.
SAMPLES = {
    "event.change_external_contact.add_external_contact.xml": "add_external_contact",
    "event.change_external_contact.edit_external_contact.xml": "edit_external_contact",
    "event.change_external_contact.del_external_contact.xml": "del_external_contact",
    "event.change_external_contact.del_follow_user.xml": "del_follow_user",
    "event.change_external_chat.update.add_member.xml": "update",
    "event.change_external_chat.dismiss.xml": "dismiss",
    "event.change_external_tag.create.xml": "create",
    "event.change_external_tag.delete.xml": "delete",
}
# Only hand-overs have a Source, only strategy tags a StrategyId.
NOT_OURS = {"Source", "StrategyId"}


def shape(xml: str) -> list[tuple[str, bool]]:
    """Name each element and tell whether its text is CDATA."""
    names = [child.tag for child in ET.fromstring(xml)]
    return [(name, f"<{name}><![CDATA[" in xml) for name in names]


def play_everything(stage: Stage) -> None:
    """Let every kind of event happen once or more."""
    stage.way()
    stage.way("second", ("lisi",))
    one = stage.befriend(1)
    stage.befriend(1, "second")
    tag_id = stage.act("admin_creates_tags", group_name="等级", names=["金"])["tag_ids"][0]
    stage.act("staff_tags", userid="zhangsan", external_userid=one, add=[tag_id])
    chat_id = stage.act("create_group", owner="zhangsan", name="福利群", members=[])["chat_id"]
    stage.act("invite", chat_id=chat_id, external_userids=[one])
    stage.act("kick", chat_id=chat_id, external_userid=one)
    stage.act("dismiss_group", chat_id=chat_id)
    stage.act("customer_deletes", userid="zhangsan", external_userid=one)
    stage.act("staff_deletes", userid="lisi", external_userid=one)
    stage.act("admin_deletes_tag", id=tag_id)
    stage.settle()


@pytest.mark.parametrize(("name", "change"), SAMPLES.items())
def test_events_have_the_elements_of_the_samples(
    heard_stage: Stage, receiver: Receiver, sample_text: Callable[[str], str], name: str, change: str
) -> None:
    wanted = sample_text(name)
    play_everything(heard_stage)
    kind = ET.fromstring(wanted).findtext("Event")
    ours = [one for one in receiver.heard if (one.fields["Event"], one.fields["ChangeType"]) == (kind, change)]
    expected = [row for row in shape(wanted) if row[0] not in NOT_OURS]
    assert ours
    assert all(shape(one.xml) == expected for one in ours)


def test_an_added_customer_brings_state_and_welcome_code(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.way("渠道]]>一")
    external_userid = heard_stage.befriend(1, "渠道]]>一")
    heard_stage.settle()
    fields = receiver.heard[0].fields
    assert [name for name, _ in shape(receiver.heard[0].xml)] == ADDED
    assert (fields["ToUserName"], fields["FromUserName"], fields["MsgType"]) == (CORP, "sys", "event")
    assert (fields["UserID"], fields["ExternalUserID"]) == ("zhangsan", external_userid)
    assert (fields["State"], bool(fields["WelcomeCode"])) == ("渠道]]>一", True)
    again = heard_stage.act("scan", state="渠道]]>一", external_userid=external_userid)
    assert again["already"] is True
    heard_stage.settle()
    assert len(receiver.heard) == 1


def test_member_changes_form_a_chain(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.way()
    people = [heard_stage.befriend(number) for number in range(3)]
    chat_id = heard_stage.act("create_group", owner="zhangsan", name="群", members=people[:1])["chat_id"]
    heard_stage.act("invite", chat_id=chat_id, external_userids=people[1:])
    heard_stage.act("leave", chat_id=chat_id, external_userid=people[0])
    heard_stage.act("kick", chat_id=chat_id, external_userid=people[1])
    heard_stage.settle()
    steps = [one for one in receiver.heard if one.fields["ChangeType"] == "update"]
    assert [name for name, _ in shape(steps[0].xml)] == [*HEADER, *MEMBERS]
    wanted = ("UpdateDetail", "JoinScene", "QuitScene", "MemChangeCnt")
    told = [tuple(one.fields[name] for name in wanted) for one in steps]
    assert told == [("add_member", "0", "0", "2"), ("del_member", "0", "0", "1"), ("del_member", "0", "1", "1")]
    assert re.findall("<Item>(.*?)</Item>", steps[0].xml) == people[1:]
    for before, after in itertools.pairwise(steps):
        assert before.fields["CurMemVer"] == after.fields["LastMemVer"]
    version = heard_stage.contact("groupchat/get", {"chat_id": chat_id})["group_chat"]["member_version"]
    assert version == steps[-1].fields["CurMemVer"]


def test_what_the_api_writes_fires_no_callback(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.way()
    external_userid = heard_stage.befriend()
    group = heard_stage.contact("add_corp_tag", {"group_name": "g", "tag": [{"name": "t"}]})["tag_group"]
    who = {"userid": "zhangsan", "external_userid": external_userid}
    heard_stage.contact("mark_tag", {**who, "add_tag": [group["tag"][0]["id"]]})
    heard_stage.contact("remark", {**who, "remark": "x"})
    heard_stage.contact("del_corp_tag", {"group_id": [group["group_id"]]})
    heard_stage.settle()
    assert receiver.changes() == ["add_external_contact"]


def test_a_refused_connection_is_tried_three_more_times(stage: Stage) -> None:
    stage.control("tunables", {"callback_backoff_s": 0.01})
    probe = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    probe.close()
    config = {"corp_id": CORP, "agentid": AGENT, "url": url, "token": TOKEN, "aes_key": AES_KEY}
    stage.control("callback", config, status=422)
    stage.control("callback", {**config, "verify": False})
    stage.way()
    stage.befriend()
    stage.settle()
    tally = stage.control("counters")
    assert (tally["events"], tally["retried"], tally["failed"], tally["deliveries"]) == (1, 3, 1, 0)


def test_a_timeout_is_tried_again_and_an_http_error_is_not(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.control("tunables", {"callback_backoff_s": 0.01, "callback_timeout_s": 0.05})
    heard_stage.way()
    receiver.status = 500
    heard_stage.befriend(1)
    heard_stage.settle()
    assert receiver.attempts == 1
    receiver.delay, receiver.status = 0.3, 200
    heard_stage.befriend(2)
    until(lambda: receiver.attempts == 2)
    receiver.delay = 0.0
    heard_stage.settle()
    tally = heard_stage.control("counters")
    assert (tally["refused_http"], tally["failed"], tally["callbacks_sent"]) == (1, 0, 1)
    assert tally["retried"] >= 1


def test_the_url_must_answer_the_exact_plaintext(stage: Stage, receiver: Receiver) -> None:
    receiver.echo_suffix = "\n"
    config = {"corp_id": CORP, "agentid": AGENT, "url": receiver.url, "token": TOKEN, "aes_key": AES_KEY}
    assert "plaintext" in stage.control("callback", config, status=422)["error"]
    stage.control("callback", {**config, "aes_key": "short"}, status=400)
    stage.control("callback", {**config, "agentid": 1}, status=404)
    receiver.echo_suffix = ""
    assert stage.control("callback", {**config, "url": receiver.url + "?shop=1"})["verified"] is True


def test_one_object_is_told_in_order_without_faults(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.way()
    people = [heard_stage.befriend(number) for number in range(20)]
    remarks = [
        {"kind": "staff_remarks", "userid": "zhangsan", "external_userid": one, "remark": str(turn)}
        for turn in range(5)
        for one in people
    ]
    ends = [{"kind": "staff_deletes", "userid": "zhangsan", "external_userid": one} for one in people]
    heard_stage.control("acts", {"acts": remarks + ends})
    heard_stage.settle()
    for one in people:
        told = [heard.fields["ChangeType"] for heard in receiver.heard if heard.fields["ExternalUserID"] == one]
        assert told == ["add_external_contact", *["edit_external_contact"] * 5, "del_external_contact"]


def test_doubles_are_the_same_event_under_another_seal(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.control("faults", {"double": 1, "reorder": 0, "seed": 7})
    heard_stage.way()
    heard_stage.befriend()
    heard_stage.settle()
    first, second = receiver.heard
    assert first.xml == second.xml
    assert first.query["msg_signature"] != second.query["msg_signature"]
    tally = heard_stage.control("counters")
    assert (tally["callbacks_sent"], tally["deliveries"], tally["doubled"]) == (1, 2, 1)


def test_a_reordered_event_comes_behind_later_ones(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.way()
    one = heard_stage.befriend()
    heard_stage.control("faults", {"reorder": 1, "seed": 1})
    heard_stage.act("staff_remarks", userid="zhangsan", external_userid=one, remark="x")
    heard_stage.control("faults", {"reorder": 0})
    for _ in range(3):
        heard_stage.act("staff_deletes", userid="zhangsan", external_userid=one)
        one = heard_stage.befriend()
    heard_stage.settle()
    changes = receiver.changes()
    assert changes.index("edit_external_contact") > changes.index("del_external_contact")
    assert heard_stage.control("counters")["reordered"] == 1


def test_the_last_held_event_is_let_go_in_silence(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.control("faults", {"reorder": 1, "seed": 1})
    heard_stage.way()
    heard_stage.befriend()
    assert heard_stage.control("outstanding")["callbacks_queued"] == 1
    heard_stage.settle()
    assert len(receiver.heard) == 1


def test_every_listening_app_hears_and_one_welcome_wins(heard_stage: Stage, receiver: Receiver) -> None:
    heard_stage.listen(receiver, RIVAL)
    heard_stage.way()
    heard_stage.befriend()
    heard_stage.settle()
    assert len({one.xml for one in receiver.heard}) == 1
    assert len(receiver.heard) == 2
