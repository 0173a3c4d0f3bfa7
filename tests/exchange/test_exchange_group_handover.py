"""Groups change hands (wire.md C.5)."""

from tests.exchange.asking import pass_days, refused


def test_the_group_of_one_who_left_is_inherited(client, stage, receiver):
    stage.way("shop")
    external = stage.befriend()
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[external])["chat_id"]
    (failed,) = client.transfer_groups([chat], "lisi")
    assert (failed.chat_id, failed.errcode, failed.errmsg != "") == (chat, 90500, True)
    stage.act("staff_leaves", userid="zhangsan")
    assert list(client.group_chats()) == []
    assert [ref.status for ref in client.group_chats(["zhangsan"])] == [1]
    stage.settle()
    receiver.heard.clear()
    assert client.transfer_groups([chat], "lisi") == ()
    group = client.group_chat(chat)
    assert (group.owner, [member.userid for member in group.members]) == ("lisi", [external, "lisi"])
    assert [(ref.chat_id, ref.status) for ref in client.group_chats(["lisi"], status=3)] == [(chat, 3)]
    stage.settle()
    assert receiver.heard == []  # what an app does fires nothing
    assert [one.errcode for one in client.transfer_groups([chat, "wrnone"], "wangwu")] == [90508, 90501]


def test_an_inheritance_may_take_its_time(client, stage):
    stage.control("tunables", {"room_transfer_s": 3600})
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[])["chat_id"]
    stage.act("staff_leaves", userid="zhangsan")
    assert client.transfer_groups([chat], "lisi") == ()
    assert [ref.status for ref in client.group_chats(["zhangsan"])] == [2]
    (failed,) = client.transfer_groups([chat], "lisi")
    assert failed.errcode == 90507
    stage.control("clock", {"advance": 3600})
    assert [ref.status for ref in client.group_chats(["lisi"])] == [3]


def test_a_group_changes_hands_on_the_job_twice_in_ninety_days(client, stage):
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[])["chat_id"]
    for taker in ("lisi", "zhangsan"):
        assert client.transfer_groups_on_the_job([chat], taker) == ()
        assert client.group_chat(chat).owner == taker
    assert [ref.status for ref in client.group_chats(["zhangsan"])] == [0]
    codes = []
    for taker in ("zhangsan", "lisi"):
        (failed,) = client.transfer_groups_on_the_job([chat], taker)
        codes.append(failed.errcode)
    assert codes == [90504, 40128]
    pass_days(stage, 90)
    assert client.transfer_groups_on_the_job([chat], "lisi") == ()
    stage.act("staff_leaves", userid="lisi")
    (failed,) = client.transfer_groups_on_the_job([chat], "zhangsan")
    assert failed.errcode == 90502
    (failed,) = client.transfer_groups_on_the_job(["wrnone"], "zhangsan")
    assert failed.errcode == 90501
    with refused(60111):
        client.transfer_groups_on_the_job([chat], "nobody")


def test_a_full_group_needs_the_owner_to_be_inside(client, stage):
    stage.control("tunables", {"room_member_limit": 2})
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[], staff=["lisi"])["chat_id"]
    (failed,) = client.transfer_groups_on_the_job([chat], "wangwu")
    assert failed.errcode == 90503
    assert client.transfer_groups_on_the_job([chat], "lisi") == ()


def test_so_many_groups_of_one_person_a_day(client, stage):
    stage.control("tunables", {"room_transfers_a_day": 1})
    chats = [stage.act("create_group", owner="zhangsan", name="群", members=[])["chat_id"] for _ in range(2)]
    stage.act("staff_leaves", userid="zhangsan")
    assert [(one.chat_id, one.errcode) for one in client.transfer_groups(chats, "lisi")] == [(chats[1], 45009)]
    pass_days(stage)
    assert client.transfer_groups(chats[1:], "lisi") == ()


def test_one_who_leaves_is_gone_from_the_groups_of_others(client, stage, receiver):
    chat = stage.act("create_group", owner="zhangsan", name="群", members=[], staff=["lisi"])["chat_id"]
    stage.settle()
    receiver.heard.clear()
    stage.act("staff_leaves", userid="lisi")
    stage.settle()
    assert [one.fields["UpdateDetail"] for one in receiver.heard] == ["del_member"]
    assert [member.userid for member in client.group_chat(chat).members] == ["zhangsan"]
