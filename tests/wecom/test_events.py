import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.wecom import event_types as ev
from linli.wecom.errors import BadEvent, BadXml, BodyTooLarge, WecomError
from linli.wecom.events import Peek, known_kinds, parse_event, peek
from tests.wecom.event_expectations import EXPECTED
from tests.wecom.support import FIXTURES, fixture, sample

HEAD = "<ToUserName>c</ToUserName><FromUserName>sys</FromUserName><CreateTime>9</CreateTime><MsgType>event</MsgType>"


def _xml(inside: str) -> bytes:
    return f"<xml>{HEAD}{inside}</xml>".encode()


def _event(event: str, change: str, inside: str = "") -> bytes:
    return _xml(f"<Event>{event}</Event><ChangeType>{change}</ChangeType>{inside}")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_value_of_every_fixture(name):
    raw = fixture(f"event.{name}.xml")
    expected = EXPECTED[name]
    got = parse_event(raw)
    assert got == expected
    assert type(got) is type(expected)
    glance = peek(raw)
    assert (glance.kind, glance.object_key) == (got.kind, got.object_key)
    assert (glance.created_at, glance.welcome_code) == (got.created_at, got.welcome_code)


def test_no_fixture_is_left_out():
    fixture("_index.json")
    assert {path.name[6:-4] for path in FIXTURES.glob("event.*.xml")} == set(EXPECTED)


def test_own_samples():
    added = parse_event(sample("follow_added.xml"))
    assert added == ev.FollowAdded(
        corp_id="ww00linlisample01", created_at=1751700000, event="change_external_contact",
        change_type="add_external_contact", welcome_code="WELCOME-1", user_id="chenyu",
        external_user_id="wmLinliSample0001", state="店-07",
    )  # fmt: skip
    assert added.kind == "change_external_contact.add_external_contact"
    assert peek(sample("follow_added.xml")) == Peek(
        kind="change_external_contact.add_external_contact", object_key="customer:wmLinliSample0001",
        created_at=1751700000, welcome_code="WELCOME-1", user_id="chenyu",
        external_user_id="wmLinliSample0001", state="店-07",
    )  # fmt: skip
    left = parse_event(sample("chat_updated.xml"))
    assert isinstance(left, ev.ChatUpdated)
    assert (left.object_key, left.update_detail, left.quit_scene) == ("chat:wrLinliSample0001", "del_member", 1)
    assert left.member_ids == ("wmLinliSample0001", "wmLinliSample0002")
    assert (left.last_member_version, left.current_member_version) == ("v1", "v2")


FOLLOW = "<UserID>u</UserID><ExternalUserID>wm1</ExternalUserID>"


@pytest.mark.parametrize(
    ("raw", "kind", "key"),
    [
        (_event("change_external_contact", "msg_audit_approved", FOLLOW), ev.ArchiveAgreed, "customer:wm1"),
        (_event("change_external_chat", "create", "<ChatId>wr1</ChatId>"), ev.ChatCreated, "chat:wr1"),
        (_event("change_external_tag", "update", "<Id>et</Id><TagType>tag_group</TagType>"), ev.TagUpdated, "tags"),
        (_event("change_contact", "delete_party", "<Id>7</Id>"), ev.DepartmentDeleted, "contact"),
        (_event("change_external_tag", "shuffle"), ev.TagsShuffled, "tags"),
    ],
)
def test_kinds_without_a_fixture(raw, kind, key):
    event = parse_event(raw)
    assert type(event) is kind
    assert event.object_key == peek(raw).object_key == key


def test_staff_fields_that_were_not_sent_are_none_and_cleared_ones_are_empty():
    brief = parse_event(_event("change_contact", "update_user", "<UserID>u</UserID><Position></Position>"))
    assert isinstance(brief, ev.StaffUpdated)
    assert (brief.position, brief.name, brief.department_ids, brief.extra) == ("", None, None, None)


def test_empty_state_and_code_mean_none():
    event = parse_event(
        _event("change_external_contact", "add_external_contact", FOLLOW + "<State></State><WelcomeCode/>")
    )
    assert isinstance(event, ev.FollowAdded)
    assert (event.state, event.welcome_code) == (None, None)


def test_unknown_events_are_kept_whole():
    raw = _event("new_thing", "grow", "<ExternalUserID>wm1</ExternalUserID><L><I>1</I><I>2</I><K><V>x</V></K></L>")
    event = parse_event(raw)
    assert isinstance(event, ev.UnknownEvent)
    assert (event.kind, event.object_key) == ("new_thing.grow", "customer:wm1")
    assert event.elements["L"] == {"I": ("1", "2"), "K": {"V": "x"}}
    assert event.elements["ChangeType"] == "grow"


def test_unknown_change_types_of_known_families_keep_their_order():
    for raw, key in [
        (_event("change_external_chat", "new", "<ChatId>wr1</ChatId>"), "chat:wr1"),
        (_event("change_external_tag", "new"), "tags"),
        (_event("change_contact", "new"), "contact"),
        (_event("wild", ""), "event:wild"),
    ]:
        assert parse_event(raw).object_key == peek(raw).object_key == key


def test_a_chat_message_to_the_app_is_no_event_but_is_kept():
    raw = b"<xml><ToUserName>c</ToUserName><CreateTime>5</CreateTime><MsgType>text</MsgType><Content>hi</Content></xml>"
    event = parse_event(raw)
    assert isinstance(event, ev.UnknownEvent)
    assert event.kind == peek(raw).kind == "message.text"
    assert event.elements["Content"] == "hi"


@pytest.mark.parametrize(
    "raw",
    [
        _event("change_external_contact", "add_external_contact", "<UserID>u</UserID>"),
        _event("change_external_contact", "add_external_contact", "<UserID>u</UserID><ExternalUserID/>"),
        _event("change_external_chat", "update", "<ChatId>wr1</ChatId>"),
        _event("change_contact", "create_party", "<Id>x</Id>"),
        _event("change_contact", "create_party", "<Id>" + "9" * 30 + "</Id>"),
        _xml("<Event>batch_job_result</Event>"),
        b"<xml><Event>click</Event><CreateTime>now</CreateTime></xml>",
    ],
)
def test_an_incomplete_event_is_refused_but_can_still_be_put_into_the_inbox(raw):
    with pytest.raises(BadEvent):
        parse_event(raw)
    assert peek(raw).kind


def test_peek_takes_a_missing_or_absurd_time():
    for text in ("", "now", "-5", "9" * 40, "١٢"):
        assert peek(f"<xml><Event>click</Event><CreateTime>{text}</CreateTime></xml>".encode()).created_at == 0


def test_dangerous_xml_is_refused_inside_as_well():
    bad = [b"", b"<xml>", b'<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>', _xml("<A>" * 30 + "</A>" * 30)]
    for raw in bad:
        with pytest.raises(BadXml):
            parse_event(raw)
    with pytest.raises(BodyTooLarge):
        peek(b"<xml>" + b" " * 65536 + b"</xml>")


def test_the_deep_body_can_still_be_peeked():
    assert peek(_xml("<Event>e</Event>" + "<A>" * 3000 + "</A>" * 3000)).kind == "e"


@given(st.sampled_from(sorted(EXPECTED)), st.data())
def test_mutated_events_raise_only_our_errors(name, data):
    raw = fixture(f"event.{name}.xml")
    at = data.draw(st.integers(0, len(raw) - 1))
    until = data.draw(st.integers(at, len(raw)))
    body = raw[:at] + data.draw(st.binary(max_size=8)) + raw[until:]
    for read in (parse_event, peek):
        try:
            assert read(body).kind is not None
        except WecomError as error:
            assert error.code < 0


def test_the_table_of_kinds_covers_the_wire():
    assert known_kinds() >= {e.kind for e in EXPECTED.values()}
    assert len(known_kinds()) == 40
