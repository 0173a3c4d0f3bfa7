"""Uploads by URL: the sandbox fetches in ranges, and the app that asked hears of the end (wire.md D)."""

import hashlib
import threading
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from linli.wecom.app_event_types import MediaUploadFinished
from linli.wecom.attachments import File, Video
from linli.wecom.errors import MessageTooLong, MissingArgument, WrongMix
from linli.wecom.events import parse_event
from linli.wecom.group_welcome_calls import GroupWelcome
from linli.wecom.media_calls import JobStatus, MediaKind, UrlUpload
from linli.wecom.message_calls import ChatType, MassMessageSpec
from tests.exchange.asking import refused
from tests.exchange.conftest import client_of
from tests.exchange.samples import mp4, png
from tests.sandbox.stage import RIVAL, SECRET, SEED, Hosted, Receiver, Stage, until
from wecom_sandbox.server import Options

FILM = mp4(20) + b"\0" * 2_500_000


class Shop:
    """A web server with files; `slow` answers only when it is let."""

    def __init__(self):
        self.let = threading.Event()
        self.hosted = Hosted(Starlette(routes=[Route("/{name}", self.answer)]))

    def url(self, name):
        return f"{self.hosted.url}/{name}"

    def answer(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "slow":
            self.let.wait(20)
        if name == "gone":
            return Response(status_code=404)
        data = png() if name == "picture" else FILM
        first, last = (int(word) for word in request.headers["range"].removeprefix("bytes=").split("-"))
        if name == "whole":
            return Response(data)
        body = data[first : last + 1]
        span = f"bytes {first}-{first + len(body) - 1}/{len(data)}"
        return Response(b"" if name == "empty" else body, status_code=206, headers={"Content-Range": span})


@pytest.fixture
def shop():
    shop = Shop()
    yield shop
    shop.let.set()
    shop.hosted.stop()


@pytest.fixture
def receivers(stage):
    both = [Receiver(), Receiver()]
    stage.listen(both[0])
    stage.listen(both[1], RIVAL)
    yield both
    for one in both:
        one.hosted.stop()


def wish(shop, name="film", data=FILM, kind=MediaKind.VIDEO):
    md5 = hashlib.md5(data).hexdigest()
    return UrlUpload(type=kind, filename="宣传片.mp4", url=shop.url(name), md5=md5)


def ended(client, jobid):
    until(lambda: client.upload_by_url_result(jobid).status is not JobStatus.RUNNING)
    return client.upload_by_url_result(jobid)


def test_a_film_is_fetched_and_told_of(client, stage, shop, receivers):
    jobid = client.upload_by_url(wish(shop))
    result = ended(client, jobid)
    assert (result.status, result.errcode) == (JobStatus.DONE, 0)
    assert abs(result.created_at - stage.control("clock")["now"]) < 5
    assert b"".join(client.media_pieces(result.media_id, 1_000_000)) == FILM
    assert client.get_media(result.media_id).name == "宣传片.mp4"
    until(lambda: receivers[0].heard)
    event = parse_event(receivers[0].heard[0].xml.encode())
    assert isinstance(event, MediaUploadFinished)
    assert event.job_id == jobid
    stage.settle()
    assert receivers[1].heard == []
    assert stage.control("counters")["kinds"]["upload_media_job_finish"] == {"made": 1, "heard": 1}


def test_its_id_serves_templates_only(client, shop):
    film = ended(client, client.upload_by_url(wish(shop))).media_id
    paper = ended(client, client.upload_by_url(wish(shop, kind=MediaKind.FILE))).media_id
    assert client.add_group_welcome(GroupWelcome(video=Video(media_id=film)))
    assert client.add_group_welcome(GroupWelcome(file=File(media_id=paper)))
    for part in (Video(media_id=film), File(media_id=paper)):
        with refused(40007):
            client.add_mass_message(
                MassMessageSpec(chat_type=ChatType.SINGLE, sender="zhangsan", text="t", attachments=(part,))
            )


FAILURES = [
    ("whole", FILM, {}, 830001), ("gone", FILM, {}, 830003), ("empty", FILM, {}, 830003),
    ("film", b"another", {}, 301019), ("picture", png(), {}, 40004), ("film", FILM, {"url_media_most_bytes": 100}, 45001),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "tunables", "code"), FAILURES)
def test_a_failure_is_told_of_too(client, stage, shop, receivers, name, data, tunables, code):
    stage.control("tunables", tunables)
    result = ended(client, client.upload_by_url(wish(shop, name, data)))
    assert (result.status, result.errcode, result.media_id) == (JobStatus.FAILED, code, None)
    assert result.errmsg
    until(lambda: receivers[0].heard)


def test_nobody_at_the_address_is_a_failure(client):
    upload = UrlUpload(type=MediaKind.FILE, filename="x", url="http://127.0.0.1:9/x", md5="0" * 32)
    assert ended(client, client.upload_by_url(upload)).errcode == 830003


def test_a_job_runs_and_lives_for_an_hour(client, stage, shop):
    jobid = client.upload_by_url(wish(shop, "slow"))
    running = client.upload_by_url_result(jobid)
    assert (running.status, running.media_id, running.created_at) == (JobStatus.RUNNING, None, None)
    assert stage.control("outstanding")["downloads"] == 1
    shop.let.set()
    ended(client, jobid)
    stage.control("clock", {"advance": 3601})
    for unknown in (jobid, "JOBID"):
        with refused(40058):
            client.upload_by_url_result(unknown)


def test_what_a_stop_cut_goes_on_after_it(tmp_path, shop):
    stage = Stage(Options(state_file=tmp_path / "world.json"))
    stage.control("seed", SEED)
    jobid = client_of(stage, SECRET).upload_by_url(wish(shop, "slow"))
    until(lambda: stage.control("outstanding")["downloads"] == 1)
    stage.stop()
    shop.let.set()
    again = Stage(Options(state_file=tmp_path / "world.json"))
    assert ended(client_of(again, SECRET), jobid).status is JobStatus.DONE
    again.stop()


def test_limits_on_both_sides(client, stage, shop):
    good = wish(shop)
    for change, error in [
        ({"type": MediaKind.IMAGE}, WrongMix), ({"filename": ""}, MissingArgument), ({"url": ""}, MissingArgument),
        ({"md5": ""}, MissingArgument), ({"filename": "名" * 43}, MessageTooLong),
        ({"url": "https://x.example/" + "y" * 1007}, MessageTooLong),
    ]:  # fmt: skip
        with pytest.raises(error):
            client.upload_by_url(replace(good, **change))
    with pytest.raises(MissingArgument):
        client.upload_by_url_result("")
    body = {"scene": 1, "type": "video", "filename": "x", "url": good.url, "md5": good.md5}
    for change, code in [
        ({"type": "image"}, 40005), ({"scene": 2}, 40058), ({"scene": None}, 40058), ({"md5": ""}, 40058),
        ({"filename": "名" * 43}, 40058), ({"url": "https://x.example/" + "y" * 1007}, 40058),
        ({"url": "ftp://x.example/y"}, 40058),
    ]:  # fmt: skip
        stage.post("media/upload_by_url", {**body, **change}, code=code)
    stage.post("media/get_upload_by_url_result", {}, code=40058)
