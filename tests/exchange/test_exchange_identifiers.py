"""Ids of other worlds, all whom the corp serves, and temporary chats (wire.md C.1, C.2, C.6)."""

import pytest

from linli.wecom import attachments as parts
from linli.wecom.contact_way_calls import MULTI, SCENE_QR, SINGLE, Conclusions, ContactWaySpec
from linli.wecom.errors import MessageTooLong, MissingArgument, TooMany
from linli.wecom.identifier_calls import CUSTOMER, FORM, MEETING, KnownTemporary
from tests.exchange.asking import refused

HOUR, DAY = 3600, 86_400
PARTNER = {"unionid": "p", "name": "伙伴", "type": 2}
NOBODY = "wmnobody"


def pass_time(stage, seconds):
    stage.control("clock", {"advance": seconds, "force": True})


def wise(**more):
    return ContactWaySpec(type=SINGLE, scene=SCENE_QR, users=("zhangsan",), state="temp", is_temporary=True, **more)


def said(stage, external):
    return [one for one in stage.control(f"inbox/{external}")["messages"] if one["kind"] == "conclusion"]


def test_everybody_whom_the_corp_serves(client, stage):
    stage.way("shop")
    friend, met = stage.befriend(1), stage.befriend(2)
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[friend])["chat_id"]
    stage.act("staff_deletes", userid="zhangsan", external_userid=met)
    stage.act("staff_meets", userid="lisi", person={"unionid": "union1", "name": "小开"})
    added, grouped, stranger = client.served_contacts(limit=1)
    assert (added.is_customer, added.external_userid, added.userid, added.chat_id) == (True, friend, "zhangsan", None)
    assert (grouped.is_customer, grouped.external_userid, grouped.userid, grouped.chat_id) == (True, friend, None, chat)
    assert (stranger.is_customer, stranger.external_userid, stranger.name) == (False, None, "***开")
    assert (stranger.userid, stranger.added_at > 0) == ("lisi", True)
    # One person, three rows; another traversal calls them something else.
    assert added.tmp_openid == grouped.tmp_openid == stranger.tmp_openid
    assert next(client.served_contacts()).tmp_openid != added.tmp_openid


def test_a_traversal_sees_one_state_belongs_to_its_app_and_lives_four_hours(client, rival, stage):
    stage.way("shop")
    first, second = stage.befriend(1), stage.befriend(2)
    cursor = stage.contact("contact_list", {"limit": 1})["next_cursor"]
    stage.act("staff_deletes", userid="zhangsan", external_userid=first)
    with refused(50100):
        list(rival.served_contacts(cursor=cursor))
    pass_time(stage, 4 * HOUR - 60)
    assert [one.external_userid for one in client.served_contacts(cursor=cursor)] == [second]
    pass_time(stage, 120)
    for dead in (cursor, "nonsense"):
        with refused(50100):
            list(client.served_contacts(cursor=dead))


def test_openid_and_back(client, stage):
    stage.way("shop")
    external = stage.befriend(1)
    partner = stage.act("scan", state="shop", person=PARTNER)["external_userid"]
    openid = client.openid_of(external)
    assert openid != client.openid_of(stage.befriend(2))
    assert client.external_userid_of("union1") == client.external_userid_of("union1", openid=openid) == external
    for call, code in (
        (lambda: client.openid_of(partner), 41056),
        (lambda: client.openid_of(NOBODY), 40096),
        (lambda: client.external_userid_of("nobody"), 610014),
        (lambda: client.external_userid_of("union1", openid="o-another"), 610014),
    ):
        with refused(code):
            call()
    stage.act("staff_deletes", userid="zhangsan", external_userid=external)
    with refused(610004):
        client.external_userid_of("union1")


def test_without_a_developer_account_there_is_no_unionid(client, stage):
    stage.way("shop")
    external = stage.befriend(1)
    stage.control("tunables", {"developer_bound": False})
    for call in (lambda: client.openid_of(external), lambda: client.external_userid_of("union1")):
        with refused(41057):
            call()


def test_temporary_ids_of_a_meeting(client, stage):
    stage.way("shop")
    external = stage.befriend()
    guest = stage.act("joins_meeting", external_userid=external)["tmp_external_userid"]
    host = stage.act("joins_meeting", userid="zhangsan")["tmp_external_userid"]
    found = client.known_temporaries([guest, host, "ou3"], business_type=MEETING, user_type=CUSTOMER)
    corp = stage.sandbox.world.the_corp().corp_id
    assert found.known == (
        KnownTemporary(tmp_external_userid=guest, external_userid=external, corp_id=None, userid=None),
        KnownTemporary(tmp_external_userid=host, external_userid=None, corp_id=corp, userid="zhangsan"),
    )
    assert found.invalid == ("ou3",)
    other = client.known_temporaries([guest], business_type=FORM, user_type=CUSTOMER)
    assert (other.known, other.invalid) == ((), (guest,))
    with refused(40058):
        client.known_temporaries([guest], business_type=9, user_type=CUSTOMER)


def test_the_group_in_which_a_mini_program_was_opened(client, stage):
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[])["chat_id"]
    opengid = stage.act("opens_mini_program", chat_id=chat)["opengid"]
    assert client.chat_id_of(opengid) == chat
    with refused(90509):
        client.chat_id_of(stage.act("opens_mini_program")["opengid"])
    with refused(90511):
        client.chat_id_of("oGnobody")
    stage.act("dismiss_group", chat_id=chat)
    with refused(90501):
        client.chat_id_of(opengid)


def test_a_temporary_chat_ends_with_its_conclusions(client, stage):
    link = parts.Link(title="再见", url="https://example.com")
    stage.own_files()
    page = parts.MiniProgram(title="t", pic_media_id="image", appid="wx", page="p")
    client.add_contact_way(wise(conclusions=Conclusions(text="祝您健康", link=link, mini_program=page)))
    external = stage.befriend(state="temp")
    assert said(stage, external) == []
    client.close_temporary_chat("zhangsan", external)
    (end,) = said(stage, external)
    assert end["text"] == {"content": "祝您健康"}
    assert [one["msgtype"] for one in end["attachments"]] == ["link"]
    with refused(84061):
        client.close_temporary_chat("zhangsan", external)
    pass_time(stage, 2 * DAY)
    assert len(said(stage, external)) == 1


@pytest.mark.parametrize(("life", "told"), [(None, DAY), (2 * DAY, 2 * DAY)])
def test_a_temporary_chat_ends_by_itself(client, stage, life, told):
    client.add_contact_way(wise(chat_expires_in=life, conclusions=Conclusions(text="祝您健康")))
    external = stage.befriend(state="temp")
    pass_time(stage, told - 60)
    assert said(stage, external) == []
    pass_time(stage, 60)
    assert len(said(stage, external)) == 1
    with refused(84061):
        client.close_temporary_chat("zhangsan", external)


def test_only_a_chat_of_a_temporary_code_can_be_closed(client, stage):
    stage.way("shop")
    external = stage.befriend()
    for userid, who, code in (("zhangsan", external, 84061), ("nobody", external, 60111), ("zhangsan", NOBODY, 40096)):
        with refused(code):
            client.close_temporary_chat(userid, who)


def test_a_temporary_code_is_for_one_scan_one_person_and_its_time(client, stage):
    client.add_contact_way(wise(unionid="union1"))
    stage.act("scan", state="temp", person={"unionid": "union2", "name": "别人"}, status=403)
    stage.befriend(1, state="temp")
    stage.act("scan", state="temp", person={"unionid": "union1", "name": "顾客"}, status=404)
    late = client.add_contact_way(wise(expires_in=HOUR))
    assert client.get_contact_way(late.config_id).spec.chat_expires_in == DAY
    pass_time(stage, HOUR + 1)
    stage.act("scan", state="temp", person={"unionid": "union3", "name": "顾客"}, status=410)
    with refused(41044):
        client.update_contact_way(late.config_id, wise())


def test_the_next_temporary_chat_of_friends_takes_the_place_of_the_last(client, stage):
    for words in ("一", "二"):
        client.add_contact_way(wise(conclusions=Conclusions(text=words)))
        external = stage.befriend(state="temp")
    client.close_temporary_chat("zhangsan", external)
    pass_time(stage, 2 * DAY)
    assert [one["text"]["content"] for one in said(stage, external)] == ["二"]


def test_temporary_codes_are_counted_by_day_and_lead_to_one_member(client, stage):
    stage.control("tunables", {"temp_ways_a_day": 1})
    both = ContactWaySpec(type=MULTI, scene=SCENE_QR, users=("zhangsan", "lisi"), is_temporary=True)
    with refused(41039):
        client.add_contact_way(both)
    client.add_contact_way(wise())
    with refused(41045):
        client.add_contact_way(wise())
    pass_time(stage, DAY)
    client.add_contact_way(wise())


def test_limits_are_known_before_the_call(client):
    calls = {
        lambda: client.known_temporaries(["t"] * 101, business_type=1, user_type=1): TooMany,
        lambda: client.known_temporaries([], business_type=1, user_type=1): MissingArgument,
        lambda: client.openid_of(""): MissingArgument,
        lambda: client.external_userid_of(""): MissingArgument,
        lambda: client.chat_id_of(""): MissingArgument,
        lambda: client.close_temporary_chat("zhangsan", ""): MissingArgument,
        lambda: client.add_contact_way(wise(conclusions=Conclusions(text="字" * 1334))): MessageTooLong,
    }
    for call, error in calls.items():
        with pytest.raises(error):
            call()


def test_the_sandbox_keeps_the_limits_too(stage):
    way = {"type": 1, "scene": 2, "user": ["zhangsan"], "is_temp": True}
    long = {"type": 1, "user_type": 1, "business_type": 1, "tmp_external_userid_list": ["t"] * 101}
    for path, body, code in (
        ("externalcontact/convert_to_openid", {}, 41035),
        ("externalcontact/unionid_to_external_userid", {}, 40058),
        ("externalcontact/opengid_to_chatid", {}, 40058),
        ("idconvert/convert_tmp_external_userid", long, 40058),
        ("externalcontact/add_contact_way", {**way, "conclusions": {"text": {"content": "字" * 1334}}}, 40058),
        ("externalcontact/add_contact_way", {**way, "conclusions": {"link": {"title": "字" * 43}}}, 40058),
    ):
        stage.post(path, body, code=code)
