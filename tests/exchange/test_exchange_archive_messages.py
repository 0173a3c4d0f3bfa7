"""Archived messages and their files, from what people do to what the client opens, over real HTTP (wire.md G.1, G.2)."""

import base64
import hashlib
import json
from contextlib import suppress

import httpx
import pytest

from linli.wecom.app_event_types import ArchiveNotified
from linli.wecom.archive import Keyring, NoBack, load_key, media_chunks, open_message
from linli.wecom.archive_bodies import Revoke, Text, Unknown
from linli.wecom.archive_errors import ArchiveOff, ContentExpired, KeyMissing, NotDecrypted, SdkError
from linli.wecom.archive_messages import build_message, media_of
from linli.wecom.archive_sandbox import SandboxBack
from linli.wecom.errors import ApiError, NoAnswer, NotSent
from linli.wecom.events import parse_event
from tests.archive.sealing import pem, public_pem
from tests.exchange.asking import DAY, pass_days, refused
from tests.sandbox.stage import CORP, SEED, Stage
from tests.wecom.test_archive_messages import BODIES, WITH_MEDIA, said

SECRET = "the-archive"
PICTURE = bytes(range(256)) * 5 * 1024  # 1.25 MB


class Talk:
    """A corp whose archive is bought for zhangsan, with a customer of his who agreed; lisi has no seat."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        app = {"agentid": 2000004, "name": "会话存档", "secret": SECRET, "archive": True}
        stage.control("seed", {**SEED, "apps": [*SEED["apps"], app], "reset": True})
        stage.act("admin_sets_archive", userids=["zhangsan"])
        assert stage.act("admin_sets_archive_key", public_key=public_pem(1))["publickey_ver"] == 1
        stage.way()
        self.customer = stage.befriend()
        self.http = httpx.Client(trust_env=False)
        self.back = SandboxBack(stage.hosted.url, CORP, SECRET, self.http)
        self.keys = Keyring({1: load_key(pem(1))})
        self.pair = {"userid": "zhangsan", "external_userid": self.customer}

    def says(self, who: str = "customer", **wishes):
        return self.stage.act(f"{who}_writes", **{**self.pair, **wishes})

    def agree(self) -> None:
        self.stage.act("agree_to_archive", **self.pair)

    def read(self, seq: int = 0, limit: int = 1000):
        return [open_message(self.back, self.keys, row) for row in self.back.chat_data(seq, limit)]

    def kinds(self) -> list[str]:
        return [one.kind for one in self.read()]


@pytest.fixture
def talk(stage):
    made = Talk(stage)
    yield made
    made.http.close()


def test_what_two_say_is_opened_with_the_private_key_alone(talk):
    talk.agree()
    sent = talk.says(text="在吗")
    talk.says("staff", text="在的，您说")
    agreed, asked, answered = talk.read()
    assert (agreed.kind, agreed.sender, agreed.body.userid) == ("agree", talk.customer, talk.customer)
    assert (asked.sender, asked.to, asked.room_id, asked.body) == (
        talk.customer,
        ("zhangsan",),
        "",
        Text(content="在吗"),
    )
    assert (answered.sender, answered.to) == ("zhangsan", (talk.customer,))
    assert sent == {"ok": True, "msgid": asked.msgid, "archived": True}
    assert asked.msgid.endswith("_external")
    assert abs(asked.sent_at_ms / 1000 - talk.stage.control("clock")["now"]) < 60, "milliseconds"


def test_what_nobody_agreed_to_or_bought_is_not_archived(talk):
    assert talk.says(text="还没同意")["archived"] is False
    talk.agree()
    assert talk.says(text="同意了")["archived"] is True
    talk.stage.act("refuse_archive", **talk.pair)
    assert talk.says(text="不同意了")["archived"] is False
    assert talk.kinds() == ["agree", "text", "disagree"]
    talk.stage.way("lisi's", ("lisi",))
    other = talk.stage.befriend(2, "lisi's")
    talk.stage.act("agree_to_archive", userid="lisi", external_userid=other)
    assert talk.says(userid="lisi", external_userid=other, text="没有席位")["archived"] is False
    talk.stage.control("tunables", {"archive_silence_agrees": True})
    third = talk.stage.befriend(3)
    assert talk.says(external_userid=third, text="沉默也算同意的企业")["archived"] is True


def test_without_a_public_key_nothing_is_archived(stage):
    app = {"agentid": 2000004, "name": "会话存档", "secret": SECRET, "archive": True}
    stage.control("seed", {**SEED, "apps": [*SEED["apps"], app], "reset": True})
    stage.act("admin_sets_archive", userids=["zhangsan"])
    stage.way()
    pair = {"userid": "zhangsan", "external_userid": stage.befriend()}
    stage.act("agree_to_archive", **pair)
    assert stage.act("customer_writes", **pair, text="x")["archived"] is False
    stage.act("admin_sets_archive_key", public_key="no key", status=400)


def test_in_a_group_everybody_else_is_a_receiver_and_each_customer_is_asked(talk):
    two = talk.stage.befriend(2)
    chat = talk.stage.act("create_group", owner="zhangsan", name="群", members=[talk.customer, two], staff=["lisi"])[
        "chat_id"
    ]
    talk.stage.act("agree_to_archive", external_userid=two, chat_id=chat)
    assert (
        talk.stage.act("customer_writes", chat_id=chat, external_userid=talk.customer, text="没同意")["archived"]
        is False
    )
    talk.stage.act("customer_writes", chat_id=chat, external_userid=two, text="我也要")
    talk.stage.act("staff_writes", chat_id=chat, userid="lisi", text="收到")
    _, asked, answered = talk.read()
    assert (asked.room_id, set(asked.to)) == (chat, {"zhangsan", "lisi", talk.customer})
    assert (answered.sender, set(answered.to)) == ("lisi", {"zhangsan", talk.customer, two}), "the group has a seat"


def test_members_among_themselves_and_one_who_goes_to_another_company(talk):
    room = talk.stage.act("create_inner_group", owner="lisi", name="内部", staff=["zhangsan"])["roomid"]
    talk.stage.act("staff_writes", userid="lisi", chat_id=room, text="开会")
    talk.stage.act("staff_writes", userid="lisi", colleague="zhangsan", text="单独说")
    assert talk.stage.act("staff_writes", userid="lisi", colleague="wangwu", text="都没有席位")["archived"] is False
    talk.stage.act("staff_writes", userid="wangwu", chat_id=room, text="x", status=409)
    talk.stage.act("staff_switches", userid="zhangsan")
    messages = talk.read()
    assert [(one.kind, one.sender, one.to, one.room_id) for one in messages] == [
        ("text", "lisi", ("zhangsan",), room), ("text", "lisi", ("zhangsan",), ""), ("switch", "zhangsan", None, None),
    ]  # fmt: skip
    assert not messages[0].msgid.endswith("_external")


def test_every_kind_can_be_said_and_comes_through(talk):
    talk.agree()
    kinds = sorted(set(BODIES) - {"text", "revoke", "agree", "disagree"})
    msgids = [talk.says(content=said(kind))["msgid"] for kind in kinds]
    _, *messages = talk.read()
    assert [(one.msgid, one.kind, one.known) for one in messages] == [
        (msgid, kind, True) for msgid, kind in zip(msgids, kinds, strict=True)
    ]
    for kind, message in zip(kinds, messages, strict=True):
        assert said(kind).items() <= build_message(message).items()


def test_an_unknown_kind_comes_through_whole(talk):
    talk.agree()
    talk.says(content={"msgtype": "hologram", "hologram": {"beam": [1]}})
    message = talk.read()[-1]
    assert isinstance(message.body, Unknown)
    assert message.body.more == {"hologram": {"beam": [1]}}


def test_who_takes_a_message_back_leaves_both(talk):
    talk.agree()
    msgid = talk.says(text="说错了")["msgid"]
    talk.stage.act("takes_back", msgid=msgid)
    *_, first, back = talk.read()
    assert (first.msgid, back.action, back.kind, back.body) == (msgid, "recall", "revoke", Revoke(pre_msgid=msgid))
    assert (back.sender, back.to) == (talk.customer, ("zhangsan",))
    talk.stage.act("takes_back", msgid="nothing", status=404)


@pytest.mark.parametrize("kind", sorted(WITH_MEDIA & {"image", "voice", "video", "emotion", "file"}))
def test_a_file_comes_in_pieces_of_512_kb_from_any_index_on(talk, kind):
    talk.agree()
    body = {name: value for name, value in BODIES[kind].items() if name not in {"md5sum", "sdkfileid"}}
    talk.says(content={"msgtype": kind, kind: body}, file=base64.b64encode(PICTURE).decode())
    (media,) = media_of(talk.read()[-1])
    assert (media.md5sum, media.size) == (hashlib.md5(PICTURE).hexdigest(), len(PICTURE))
    pieces = list(media_chunks(talk.back, media.sdkfileid))
    assert [(len(one.data), one.finished) for one in pieces] == [(524_288, False), (524_288, False), (262_144, True)]
    assert b"".join(one.data for one in pieces) == PICTURE
    assert next(iter(media_chunks(talk.back, media.sdkfileid, pieces[1].index))).data == PICTURE[2 * 524_288 :]


def test_keys_rotate_and_old_messages_need_the_old_one(talk):
    talk.agree()
    assert talk.stage.act("admin_sets_archive_key", public_key=public_pem(2))["publickey_ver"] == 2
    talk.says(text="新钥匙")
    old, new = talk.back.chat_data(0, 1000)
    assert (old.key_version, new.key_version) == (1, 2)
    assert open_message(talk.back, talk.keys, old).kind == "agree"
    with pytest.raises(KeyMissing):
        open_message(talk.back, talk.keys, new)
    with pytest.raises((NotDecrypted, KeyMissing)):
        open_message(talk.back, Keyring({2: load_key(pem(1))}), new)
    both = Keyring({1: load_key(pem(1)), 2: load_key(pem(2))})
    assert open_message(talk.back, both, new).body.content == "新钥匙"


def test_rows_come_behind_a_seq_a_page_at_a_time_and_an_empty_page_is_the_end(talk):
    talk.agree()
    for n in range(5):
        talk.says(text=str(n))
    first = talk.back.chat_data(0, 4)
    assert [one.seq for one in first] == [1, 2, 3, 4]
    assert [one.seq for one in talk.back.chat_data(4, 4)] == [5, 6]
    assert talk.back.chat_data(6, 4) == ()
    body = {"corpid": CORP, "secret": SECRET, "seq": 0, "limit": 1001}
    for wrong in (body, {**body, "limit": 0}, {**body, "limit": 5, "seq": -1}, {**body, "limit": "5"}):
        answer = talk.http.post(f"{talk.stage.hosted.url}/archive/chatdata", json=wrong).json()
        assert (answer["errcode"], answer["chatdata"]) == (10000, [])


def test_after_five_days_messages_and_files_are_gone(talk):
    talk.agree()
    talk.says(
        content={"msgtype": "file", "file": {"filename": "a", "fileext": "a"}}, file=base64.b64encode(b"x").decode()
    )
    (media,) = media_of(talk.read()[-1])
    pass_days(talk.stage, 4)
    talk.says(text="第四天")
    talk.stage.control("clock", {"advance": DAY + 60, "force": True})
    assert talk.kinds() == ["text"], "what is older is not given, and the first within five days begins the page"
    with pytest.raises(ContentExpired):
        list(media_chunks(talk.back, media.sdkfileid))
    talk.stage.control("tunables", {"archive_old_seq_refused": True})
    with pytest.raises(ContentExpired):
        talk.back.chat_data(1, 10)
    assert [one.seq for one in talk.back.chat_data(0, 10)] == [3], "0 begins anew"
    assert [one.seq for one in talk.back.chat_data(2, 10)] == [3]


def test_what_is_wrong_is_said(talk):
    for corp, secret, code in ((CORP, "secret-one", 40001), ("nobody", SECRET, 40013)):
        with refused(code):
            SandboxBack(talk.stage.hosted.url, corp, secret, talk.http).chat_data(0, 10)
    for file, index, code in (("nothing", "", 10005), ("nothing", "Range:bytes=0-1", 10005)):
        with pytest.raises(SdkError) as error:
            talk.back.media_chunk(file, index)
        assert error.value.code == code
    ends = int(talk.stage.control("clock")["now"]) + 60
    talk.stage.act("admin_sets_archive", userids=["zhangsan"], ends=ends)
    talk.stage.control("clock", {"advance": 61, "force": True})
    with refused(301052):
        talk.back.chat_data(0, 10)


@pytest.mark.parametrize(("tunable", "call"), [
    ("archive_chatdata_per_minute", lambda back: back.chat_data(0, 10)),
    ("archive_media_per_minute", lambda back: back.media_chunk("nothing", "")),
])  # fmt: skip
def test_rates_of_the_wire(talk, tunable, call):
    assert talk.stage.control("tunables")["archive_chatdata_per_minute"] == 4000
    assert talk.stage.control("tunables")["archive_media_per_minute"] == 25_000
    talk.stage.control("tunables", {tunable: 1})
    with suppress(SdkError):
        call(talk.back)
    with refused(45009):
        call(talk.back)


def test_faults_reach_the_archive_too(talk):
    talk.agree()
    talk.stage.control("faults", {"seed": 1, "rules": [
        {"fault": "45009", "counts": [1, 1], "paths": ["archive/chatdata"]},
        {"fault": "answer_lost", "counts": [2, 2], "paths": ["archive/chatdata"]},
    ]})  # fmt: skip
    with pytest.raises(ApiError):
        talk.back.chat_data(0, 10)
    with pytest.raises(NoAnswer):
        talk.back.chat_data(0, 10)
    assert len(talk.back.chat_data(0, 10)) == 1
    with pytest.raises(NotSent):
        SandboxBack("http://127.0.0.1:1", CORP, SECRET, talk.http).chat_data(0, 10)


def test_only_the_archives_app_hears_that_something_was_said(talk, listening):
    own, other = listening(2000004), listening()
    talk.agree()
    talk.says(text="在吗")
    talk.stage.settle()
    events = [parse_event(one.xml.encode()) for one in own.heard]
    assert [event.event for event in events if event.change_type == ""] == ["msgaudit_notify"] * 2
    assert {event.agent_id for event in events if isinstance(event, ArchiveNotified)} == {2000004}
    assert all("msgaudit_notify" not in one.xml for one in other.heard)


def test_a_saved_world_keeps_its_archive(talk):
    talk.agree()
    talk.says(content={"msgtype": "image", "image": {}}, file=base64.b64encode(b"picture").decode())
    chatlog = talk.stage.sandbox.world.corps[CORP].office.chatlog
    again = type(chatlog)()
    again.thaw(json.loads(json.dumps(chatlog.freeze(), default=vars)))
    assert again == chatlog
    talk.stage.sandbox.world.sweep()
    (media,) = media_of(talk.read()[-1])
    assert talk.back.media_chunk(media.sdkfileid, "").data == b"picture", "its bytes are still of use"


def test_nothing_is_read_where_nothing_is_chosen():
    for call in (lambda b: b.chat_data(0, 1), lambda b: b.decrypt(b"", ""), lambda b: b.media_chunk("", "")):
        with pytest.raises(ArchiveOff):
            call(NoBack())
