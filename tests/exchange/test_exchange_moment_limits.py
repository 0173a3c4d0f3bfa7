"""Moments: what each side refuses by itself, and the caps (wire.md C.9)."""

import pytest

from linli.wecom.errors import EmptyMessage, MessageTooLong, MissingArgument, RateLimited, TooMany, WrongMix
from linli.wecom.media_calls import MediaKind
from linli.wecom.moment_calls import MomentLink, MomentSpec
from tests.exchange.asking import refused
from tests.exchange.samples import file, mp4, picture, png

DAY = 86_400
TEXT = MomentSpec(text="夏日上新")

LONG = [
    (MomentSpec(), EmptyMessage),
    (MomentSpec(text="x" * 2001), MessageTooLong),
    (MomentSpec(text="字" * 1334), MessageTooLong),
    (MomentSpec(images=("m",) * 10), TooMany),
    (MomentSpec(text="t", senders=("u",) * 100_001), TooMany),
    (MomentSpec(images=("m",), video="v"), WrongMix),
    (MomentSpec(video="v", link=MomentLink(url="https://x.example", media_id="m")), WrongMix),
    (MomentSpec(link=MomentLink(url="", media_id="m")), MissingArgument),
    (MomentSpec(link=MomentLink(url="https://x.example")), MissingArgument),
    (MomentSpec(link=MomentLink(url="https://x.example", media_id="m", title="题" * 22)), MessageTooLong),
    (MomentSpec(link=MomentLink(url="https://x.example/" + "y" * 2031, media_id="m")), MessageTooLong),
]


@pytest.mark.parametrize(("spec", "error"), LONG)
def test_what_wecom_would_refuse_is_never_sent(client, stage, spec, error):
    with pytest.raises(error):
        client.add_moment(spec)
    assert stage.control("counters")["api_calls"] == {}


def test_the_sandbox_refuses_by_itself(client, stage):
    image, video = picture(client), picture(client, MediaKind.VIDEO, mp4())
    other = client.upload_media(MediaKind.IMAGE, file(png())).media_id

    def part(kind, **body):
        return {"msgtype": kind, kind: body}

    link = {"url": "https://x.example", "media_id": image}
    for number, (body, code) in enumerate([
        ({}, 41089), ({"text": {"content": "x" * 2001}}, 45002), ({"text": {"content": "字" * 1334}}, 45002),
        ({"text": {"content": 1}}, 40058), ({"attachments": {"a": 1}}, 40058), ({"attachments": [1]}, 40058),
        ({"attachments": [part("image", media_id=image), part("video", media_id=video)]}, 41065),
        ({"attachments": [part("file", media_id=image)]}, 41065), ({"attachments": [{"msgtype": "image"}]}, 41065),
        ({"attachments": [part("image", media_id=image)] * 10}, 41064),
        ({"attachments": [part("video", media_id=video)] * 2}, 41064), ({"attachments": [part("link", **link)] * 2}, 41064),
        ({"attachments": [part("video")]}, 41090), ({"attachments": [part("image")]}, 40007),
        ({"attachments": [part("image", media_id=video)]}, 40007), ({"attachments": [part("image", media_id=other)]}, 40007),
        ({"attachments": [part("link", **{**link, "url": ""})]}, 41065),
        ({"attachments": [part("link", **{**link, "media_id": ""})]}, 40007),
        ({"attachments": [part("link", **link, title="题" * 22)]}, 45002),
        ({"visible_range": {"sender_list": {"user_list": ["u"] * 100_001}}, "text": {"content": "t"}}, 40058),
        ({"visible_range": {"sender_list": {"department_list": ["1"]}}, "text": {"content": "t"}}, 40058),
        ({"visible_range": {"sender_list": 1}, "text": {"content": "t"}}, 40058),
    ]):  # fmt: skip
        if number % 10 == 9:
            stage.control("tunables", {})  # lifts the block of the minute
        stage.contact("add_moment_task", body, code=code)
    stage.control("tunables", {})
    stage.control("clock", {"advance": 3 * DAY + 60})
    stage.contact("add_moment_task", {"attachments": [part("image", media_id=image)]}, code=40145)
    stage.get("externalcontact/get_moment_task_result", code=40058)


def test_caps_of_the_minute_the_month_the_jobs_and_the_corp(client, stage):
    for _ in range(10):
        client.add_moment(TEXT)
    with pytest.raises(RateLimited) as caught:
        client.add_moment(TEXT)
    assert caught.value.code == 45009
    stage.control("tunables", {"moments_per_minute": 100, "moments_per_month": 11})
    client.add_moment(TEXT)
    with refused(41210):
        client.add_moment(TEXT)
    stage.control("clock", {"advance": 31 * DAY})
    stage.control("tunables", {"moment_job_s": 60, "moment_jobs_most": 1})
    client.add_moment(TEXT)
    with refused(41078):
        client.add_moment(TEXT)
    stage.control("clock", {"advance": 61})
    client.add_moment(TEXT)
    stage.control("tunables", {"moments_enabled": False})
    with refused(41211):
        client.add_moment(TEXT)


TUNED = [
    ("moment_text_most_characters", 3, MomentSpec(text="夏日上新"), 45002),
    ("moment_text_most_bytes", 11, MomentSpec(text="夏日上新"), 45002),
    ("moment_images_most", 1, lambda media_id: MomentSpec(images=(media_id, media_id)), 41064),
    ("moment_senders_most", 1, MomentSpec(text="t", senders=("zhangsan", "lisi")), 40058),
    ("moment_title_most_bytes", 2, lambda one: MomentSpec(link=MomentLink(url="u", title="题", media_id=one)), 45002),
    ("moment_link_most_bytes", 2, lambda one: MomentSpec(link=MomentLink(url="url", media_id=one)), 45002),
]


@pytest.mark.parametrize(("name", "value", "spec", "code"), TUNED)
def test_a_limit_that_wecom_changes_is_a_tunable(client, stage, name, value, spec, code):
    wish = spec if isinstance(spec, MomentSpec) else spec(picture(client))
    assert client.add_moment(wish)
    stage.control("tunables", {name: value})
    with refused(code):
        client.add_moment(wish)
