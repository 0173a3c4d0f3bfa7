"""Moments and group welcomes: WeCom's samples through the types."""

import pytest

from linli.wecom import attachments as a
from linli.wecom.errors import BadAnswer
from linli.wecom.group_welcome_calls import GroupWelcome
from linli.wecom.moment_calls import (
    CORP,
    PERSONAL,
    Location,
    Moment,
    MomentCustomer,
    MomentJob,
    MomentJobStatus,
    MomentLink,
    MomentSpec,
    MomentTask,
    MomentVideo,
    Reaction,
    Reactions,
)  # fmt: skip
from tests.wecom.support import Line, json_fixture, ok

WO = "woAJ2GCAAAXtWyujaWJHDDGi0mACCCC"
HERE = "externalcontact"


def _line(name, *more):
    return Line(json_fixture(f"{HERE}.{name}.response.json"), *more)


def test_a_moment_job():
    line = _line("get_moment_task_result")
    assert line.client.moment_job("JOBID") == MomentJob(
        status=MomentJobStatus.STARTED, errcode=0, errmsg="ok", moment_id="xxxx", invalid_users=("zhangshan", "lisi"),
        invalid_departments=(2, 3), invalid_tags=("xxx",),
    )  # fmt: skip
    assert (line.requests[0].method, line.query()) == ("GET", {"jobid": "JOBID"})
    running = Line(ok(status=2, type="add_moment_task")).client.moment_job("j")
    assert (running.status, running.moment_id) == (MomentJobStatus.RUNNING, None)
    with pytest.raises(BadAnswer):
        Line(ok(result={})).client.moment_job("j")


def test_the_list_of_moments():
    end = ok(moment_list=[{"moment_id": "m", "create_time": 1, "create_type": 0, "visible_type": 0}])
    line = _line("get_moment_list", end)
    personal, ours = line.client.moments(1605000000, 1605172726, creator="zhangsan", filter_type=PERSONAL, limit=10)
    assert personal == Moment(
        moment_id="momxxx", creator="xxxx", created_at=1605000000, create_type=PERSONAL, public=True, text="test",
        images=("WWCISP_xxxxx",), video=MomentVideo("WWCISP_xxxxx", "WWCISP_xxxxx"),
        link=MomentLink(title="腾讯网-QQ.COM", url="https://www.qq.com"),
        location=Location("23.10647", "113.32446", "广州市 · 广州塔"),
    )  # fmt: skip
    assert (ours.creator, ours.create_type, ours.public, ours.video, ours.link) == (None, CORP, False, None, None)
    sample = json_fixture(f"{HERE}.get_moment_list.request.json")
    assert line.bodies == [{**sample, "cursor": ""}, sample]


PAGED = {
    "get_moment_task": (
        lambda c: c.moment_tasks("momxxx", limit=10), [MomentTask("zhangsan", True)], "task_list",
    ),
    "get_moment_customer_list": (
        lambda c: c.moment_customers("momxxx", "xxx", limit=10), [MomentCustomer("xxx", WO)], "customer_list",
    ),
    "get_moment_send_result": (lambda c: c.moment_results("momxxx", "xxx", limit=100), [WO], "customer_list"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGED)
def test_what_became_of_a_moment(name):
    read, expected, rows = PAGED[name]
    line = _line(name, ok(**{rows: []}))
    assert list(read(line.client)) == expected
    sample = json_fixture(f"{HERE}.{name}.request.json")
    assert line.bodies == [{**sample, "cursor": ""}, sample]
    with pytest.raises(BadAnswer):
        list(read(Line(ok()).client))


def test_reactions():
    line = Line(
        ok(
            comment_list=[{"external_userid": WO, "create_time": 5}],
            like_list=[{"userid": "zhangsan", "create_time": 6}],
        )
    )
    assert line.client.moment_reactions("m", "u") == Reactions(
        (Reaction(WO, None, 5),), (Reaction(None, "zhangsan", 6),)
    )
    assert line.bodies == [{"moment_id": "m", "userid": "u"}]
    for lame in (ok(), ok(comment_list=[]), ok(like_list=[])):
        with pytest.raises(BadAnswer):
            Line(lame).client.moment_reactions("m", "u")


def test_a_new_moment_sends_only_what_is_given():
    line = Line(ok(jobid="j"))
    link = MomentLink(title="t", url="https://x.example", media_id="cover")
    spec = MomentSpec(text="文", link=link, senders=("u",), departments=(2,), tags=("et",))
    assert line.client.add_moment(spec) == "j"
    line.client.add_moment(MomentSpec(images=("a", "b")))
    line.client.add_moment(MomentSpec(video="v"))
    line.client.cancel_moment("mom")
    assert line.bodies == [
        {
            "text": {"content": "文"},
            "attachments": [
                {"msgtype": "link", "link": {"title": "t", "url": "https://x.example", "media_id": "cover"}}
            ],
            "visible_range": {
                "sender_list": {"user_list": ["u"], "department_list": [2]},
                "external_contact_list": {"tag_list": ["et"]},
            },
        },
        {"attachments": [{"msgtype": "image", "image": {"media_id": one}} for one in "ab"]},
        {"attachments": [{"msgtype": "video", "video": {"media_id": "v"}}]},
        {"moment_id": "mom"},
    ]


def welcome(**changes):
    link = a.Link(
        title="消息标题", picurl="https://example.pic.com/path", desc="消息描述", url="https://example.link.com/path"
    )
    mini = a.MiniProgram(title="消息标题", pic_media_id="MEDIA_ID", appid="wx8bd80126147df384", page="/path/index")
    file = a.File(media_id="1Yv-zXfHjSjU-7LH-GwtYqDGS-zz6w22KmWAT5COgP7o")
    parts = {"link": link, "mini_program": mini, "file": file, "video": a.Video(media_id="MEDIA_ID")}
    return GroupWelcome(text="文本消息内容", **parts, **changes)


TEMPLATE = f"{HERE}.group_welcome_template"


def test_a_group_welcome():
    shown = a.Image(pic_url="http://p.qpic.cn/pic_wework/XXXXX")
    line = Line(json_fixture(f"{TEMPLATE}.get.response.json"))
    assert line.client.group_welcome("msgXXXXXXX") == welcome(image=shown)
    assert line.bodies == [json_fixture(f"{TEMPLATE}.get.request.json")]
    image = a.Image(media_id="MEDIA_ID", pic_url="http://p.qpic.cn/pic_wework/3474110808/7a6344sdadfwehe42060/0")
    line = Line(json_fixture(f"{TEMPLATE}.edit.response.json"))
    line.client.edit_group_welcome("msgXXXXXXX", welcome(image=image), agentid=1000014)
    assert line.bodies == [json_fixture(f"{TEMPLATE}.edit.request.json")]
    line = Line(json_fixture(f"{TEMPLATE}.del.response.json"))
    line.client.del_group_welcome("msgXXXXXXX", agentid=1000014)
    assert line.bodies == [json_fixture(f"{TEMPLATE}.del.request.json")]


def test_a_new_group_welcome_tells_the_owners_unless_told_not_to():
    line = Line(ok(template_id="t"))
    assert line.client.add_group_welcome(GroupWelcome(text="早")) == "t"
    line.client.add_group_welcome(GroupWelcome(text="早"), agentid=7, notify=False)
    assert line.bodies == [{"text": {"content": "早"}}, {"text": {"content": "早"}, "agentid": 7, "notify": 0}]
