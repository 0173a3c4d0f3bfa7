"""Files, moments and group welcomes answer with the keys of WeCom's own samples."""

import xml.etree.ElementTree as ET

import pytest

from tests.exchange.samples import mp4, png
from tests.sandbox.stage import CORP
from tests.sandbox.test_sandbox_samples import missing
from wecom_sandbox.callbacks.events import render, upload_event

HERE = "externalcontact"


@pytest.fixture
def names(stage):
    """Ids of a moment that was published, and of a member's own one."""
    stage.way("shop")
    stage.befriend()
    job = stage.contact("add_moment_task", {"text": {"content": "t"}})["jobid"]
    moment = stage.get(f"{HERE}/get_moment_task_result", jobid=job)["result"]["moment_id"]
    stage.act("publish_moment", moment_id=moment, userid="zhangsan")
    stage.act("post_moment", userid="zhangsan", text="t", location={"latitude": "1", "longitude": "2", "name": "x"})
    now = int(stage.control("clock")["now"])
    span = {"start_time": now - 9, "end_time": now + 9, "creator": "zhangsan"}
    return {"job": job, "span": span, "one": {"moment_id": moment, "userid": "zhangsan"}}


# Of the parts of a moment one has some only.
PARTS = {"image", "video", "link"}


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("get_moment_list", "span"),
        *((f"get_moment_{what}", "one") for what in ("task", "customer_list", "send_result")),
    ],
)
def test_moments(stage, names, sample, name, args):
    ours = stage.contact(name, names[args])
    wanted = sample(f"{HERE}.{name}.response.json")
    assert list(missing(wanted, ours, PARTS)) == []
    assert set(ours) == set(wanted)


def test_parts_of_a_moment(stage, sample):
    wanted = sample(f"{HERE}.get_moment_list.response.json")["moment_list"][0]
    for part, media, data in [("image", "image", png()), ("video", "video", mp4()), ("link", "image", png())]:
        media_id = upload(stage, "upload_attachment", data, media_type=media, attachment_type=1)["media_id"]
        body = {"media_id": media_id, **({"title": "t", "url": "https://x.example"} if part == "link" else {})}
        stage.contact("add_moment_task", {"attachments": [{"msgtype": part, part: body}]})
        now = int(stage.control("clock")["now"])
        ours = stage.contact("get_moment_list", {"start_time": now - 9, "end_time": now + 9})["moment_list"][-1]
        assert list(missing(wanted, ours, {"creator", "text", "location", *(PARTS - {part})})) == []


def test_a_moments_job(stage, names, sample):
    ours = stage.get(f"{HERE}/get_moment_task_result", jobid=names["job"])
    assert list(missing(sample(f"{HERE}.get_moment_task_result.response.json"), ours, set())) == []


def upload(stage, path, data, **query):
    params = {"access_token": stage.token(), **query}
    return stage.http.post(f"/cgi-bin/media/{path}", params=params, files={"media": ("x", data)}).json()


def test_files(stage, sample):
    wanted = sample("media.upload_attachment.response.json")
    ours = upload(stage, "upload_attachment", png(), media_type="image", attachment_type=1)
    assert list(missing(wanted, ours, set())) == []
    assert (ours["errmsg"], set(ours)) == ("", set(wanted))
    body = {"scene": 1, "type": "file", "filename": "x", "url": "http://127.0.0.1:9/", "md5": "0"}
    job = stage.post("media/upload_by_url", body)["jobid"]
    ours = stage.post("media/get_upload_by_url_result", {"jobid": job})
    assert list(missing(sample("media.get_upload_by_url_result.response.json"), ours, set())) == []


def test_group_welcomes(stage, sample):
    wanted = sample(f"{HERE}.group_welcome_template.get.response.json")
    media_id = upload(stage, "upload", png(), type="image")["media_id"]
    link = {"title": "t", "url": "u", "desc": "d", "picurl": "p"}
    for part, body in [("image", {"media_id": media_id}), ("link", link)]:
        wish = {"text": {"content": "t"}, part: body}
        template = stage.contact("group_welcome_template/add", wish)["template_id"]
        ours = stage.contact("group_welcome_template/get", {"template_id": template})
        others = {"image", "link", "miniprogram", "file", "video"} - {part}
        assert list(missing(wanted, ours, others)) == []


def test_the_event_of_an_upload(sample_text):
    wanted = ET.fromstring(sample_text("event.upload_media_job_finish.xml"))
    ours = ET.fromstring(render(upload_event("jobid_x"), corp_id=CORP, at=1))
    assert [child.tag for child in ours] == [child.tag for child in wanted]
