"""Older forms that clients in the field send, the older result of mass messages, and files that other things name."""

from tests.sandbox.stage import AGENT, CORP, Receiver, Stage

TEXT = {"text": {"content": "上新了"}}


def test_older_forms_are_taken_until_they_are_not(heard_stage: Stage, receiver: Receiver) -> None:
    stage = heard_stage
    stage.way()
    stage.own_files()
    external = stage.befriend()
    kf = stage.post("kf/account/add", {"name": "售后", "media_id": "image"})["open_kfid"]
    stage.act("kf_write", open_kfid=kf, external_userid=external, text="在吗")
    stage.settle()
    token = receiver.heard[-1].fields["Token"]
    page = stage.http.get(
        "/connect/oauth2/authorize",
        params={"appid": CORP, "redirect_uri": "https://h5.example/", "userid": "lisi", "agentid": AGENT},
    )
    code = page.headers["location"].split("code=")[1].split("&")[0]
    asked = {"userid": "zhangsan"}

    def signed_in(wanted: int) -> dict[str, object]:
        params = {"access_token": stage.token(), "code": code}
        answer: dict[str, object] = stage.http.get("/cgi-bin/user/getuserinfo", params=params).json()
        assert answer["errcode"] == wanted
        return answer

    stage.control("tunables", {"old_forms": False})
    assert stage.contact("batch/get_by_user", asked, code=40058)["external_contact_list"] == []
    assert stage.get("kf/account/list", code=40063)["account_list"] == []
    stage.post("kf/sync_msg", {"token": token}, code=95000)
    signed_in(48005)
    stage.control("tunables", {"old_forms": True})
    (row,) = stage.contact("batch/get_by_user", asked)["external_contact_list"]
    assert row["external_contact"]["external_userid"] == external
    assert [one["open_kfid"] for one in stage.get("kf/account/list")["account_list"]] == [kf]
    assert stage.post("kf/sync_msg", {"token": token})["msg_list"][0]["text"] == {"content": "在吗"}
    assert signed_in(0)["UserId"] == "lisi"


def test_the_older_result_tells_of_every_receiver_at_once(stage: Stage) -> None:
    stage.way()
    stage.way("other", users=("lisi",))
    people = {"zhangsan": stage.befriend(1), "lisi": stage.befriend(2, "other")}
    task = stage.contact("add_msg_template", {"external_userid": list(people.values()), **TEXT})["msgid"]
    stage.act("confirm", msgid=task, userid="lisi")
    told = stage.contact("get_group_msg_result", {"msgid": task})
    assert told["check_status"] == 1
    assert {(row["userid"], row["external_userid"], row["status"]) for row in told["detail_list"]} == {
        ("zhangsan", people["zhangsan"], 0), ("lisi", people["lisi"], 1),
    }  # fmt: skip
    for body, code in (({}, 41046), ({"msgid": "no"}, 41047)):
        assert stage.contact("get_group_msg_result", body, code=code)["detail_list"] == []
    stage.control("tunables", {"dispatch_s": 3600})
    fresh = stage.contact("add_msg_template", {"external_userid": [people["lisi"]], **TEXT})["msgid"]
    stage.contact("get_group_msg_result", {"msgid": fresh}, code=41063)
    stage.control("tunables", {"dispatch_s": 0})
    chat = stage.act("create_group", owner="lisi", name="群", members=[people["lisi"]])["chat_id"]
    grouped = stage.contact("add_msg_template", {"chat_type": "group", "sender": "lisi", **TEXT})["msgid"]
    assert stage.contact("get_group_msg_result", {"msgid": grouped})["detail_list"] == [], (
        "of groups only the sent ones"
    )
    stage.act("confirm", msgid=grouped, userid="lisi")
    (row,) = stage.contact("get_group_msg_result", {"msgid": grouped})["detail_list"]
    assert (row["chat_id"], row["status"]) == (chat, 1)


def test_a_remarks_picture_is_a_picture(stage: Stage) -> None:
    stage.way()
    stage.own_files()
    about = {"userid": "zhangsan", "external_userid": stage.befriend()}
    for media_id in ("nowhere", "file"):
        stage.contact("remark", {**about, "remark": "新", "remark_pic_mediaid": media_id}, code=40007)
    stage.contact("remark", {**about, "remark_pic_mediaid": "image"})
    shown = stage.get("externalcontact/get", external_userid=about["external_userid"])["follow_user"][0]
    assert shown["remark"] == "", "what was refused changed nothing"


def test_the_picture_of_conclusions_stays_when_its_file_has_ended(stage: Stage) -> None:
    stage.own_files()
    way = {"type": 1, "scene": 2, "user": ["lisi"], "is_temp": True, "state": "temp"}
    for image in ({"media_id": "nowhere"}, {"media_id": "voice"}, {}, "x"):
        wanted = 40058 if image == "x" else 0 if not image else 40007
        stage.contact("add_contact_way", {**way, "state": "t0", "conclusions": {"image": image}}, code=wanted)
    stage.contact("add_contact_way", {**way, "conclusions": {"miniprogram": {"pic_media_id": "file"}}}, code=40007)
    config_id = stage.contact("add_contact_way", {**way, "conclusions": {"image": {"media_id": "image"}}})["config_id"]
    stage.control("clock", {"advance": 4 * 86_400})
    url = stage.contact("get_contact_way", {"config_id": config_id})["contact_way"]["conclusions"]["image"]["pic_url"]
    assert stage.http.get(url).content == b"image"
    external = stage.act("scan", config_id=config_id, person={"unionid": "u1", "name": "客"})["external_userid"]
    stage.contact("close_temp_chat", {"userid": "lisi", "external_userid": external})
    (end,) = stage.control(f"inbox/{external}")["messages"]
    assert [one["msgtype"] for one in end["attachments"]] == ["image"]
