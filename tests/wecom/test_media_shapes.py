"""Files on the wire: WeCom's samples become typed values, and an upload has the form it asks for."""

import email

import httpx
import pytest

from linli.wecom import errors
from linli.wecom import media_shapes as shapes
from linli.wecom.files import Piece, Received, Upload
from linli.wecom.media_calls import JobStatus, Media, MediaKind, UrlUpload, UrlUploadResult, Use
from tests.exchange.samples import amr, jpeg, mp4, png
from tests.wecom.support import Line, json_fixture, ok, refusal


def test_an_upload_is_a_form_with_the_field_media():
    line = Line(ok(type="image", media_id="m", created_at="1380000000"))
    name = '海报 "夏".png'
    assert line.client.upload_media(MediaKind.IMAGE, Upload(name=name, data=png(), content_type="image/png")) == Media(
        "image", "m", 1380000000
    )
    (request,) = line.requests
    assert (request.method, line.paths, line.query()) == ("POST", ["media/upload"], {"type": "image"})
    form = email.message_from_bytes(
        f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode() + request.content
    )
    assert form.get_content_type() == "multipart/form-data"
    (part,) = form.get_payload()
    assert part.get_content_type() == "image/png"
    head = f'form-data; name="media"; filename="海报 %22夏%22.png"; filelength={len(png())}'
    assert head.encode() in request.content
    assert png() + b"\r\n--" in request.content
    assert request.headers["content-length"] == str(len(request.content))


def test_the_samples_of_uploads():
    file = Upload(name="x.png", data=png())
    line = Line(json_fixture("media.upload_attachment.response.json"))
    assert line.client.upload_attachment(MediaKind.IMAGE, Use.MOMENT, file) == Media(
        "image", "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", 1380000000
    )
    assert line.query() == {"media_type": "image", "attachment_type": "1"}
    line = Line(ok(url="http://p.qpic.cn/x"))
    assert (line.client.upload_picture(file), line.paths) == ("http://p.qpic.cn/x", ["media/uploadimg"])


def test_the_samples_of_an_upload_by_url():
    line = Line(json_fixture("media.get_upload_by_url_result.response.json"))
    assert line.client.upload_by_url_result("JOBID") == UrlUploadResult(
        status=JobStatus.DONE, errcode=0, errmsg="ok", created_at=1380000000,
        media_id="3*1*G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0",
    )  # fmt: skip
    assert line.bodies == [json_fixture("media.get_upload_by_url_result.request.json")]
    line = Line(ok(jobid="j"))
    wish = UrlUpload(type=MediaKind.FILE, filename="f", url="https://x.example/f", md5="0")
    assert line.client.upload_by_url(wish) == "j"
    assert line.bodies == [{"scene": 1, "type": "file", "filename": "f", "url": "https://x.example/f", "md5": "0"}]
    with pytest.raises(errors.BadAnswer):
        Line(ok(status=4, detail={})).client.upload_by_url_result("j")


DATA = b'{"errcode": 40007, "errmsg": "looks like an error"}'
NAMED = {"content-disposition": 'attachment; filename="a.json"', "content-type": "application/json"}


def test_a_file_is_told_from_an_error_by_its_name():
    named = httpx.Response(200, content=DATA, headers=NAMED)
    assert Line(named).client.get_media("m") == Received(
        name="a.json", content_type="application/json", data=DATA, total=len(DATA)
    )
    with pytest.raises(errors.ApiError):
        Line(httpx.Response(200, content=DATA)).client.get_media("m")
    nameless = httpx.Response(200, content=b"pixels", headers={"content-type": "image/png"})
    assert Line(nameless).client.get_media("m").data == b"pixels"


def test_a_piece_is_asked_for_and_says_how_large_the_whole_is():
    headers = {**NAMED, "content-range": "bytes 2-4/100"}
    line = Line(httpx.Response(206, content=b"abc", headers=headers))
    assert line.client.get_media("m", Piece(2, 4)).total == 100
    assert line.requests[0].headers["range"] == "bytes=2-4"
    assert line.query() == {"media_id": "m"}


def test_an_answer_without_a_file_is_no_file():
    with pytest.raises(errors.BadAnswer, match="a file was expected"):
        Line(json_fixture("media.get.response.json")).client.get_media("m")
    with pytest.raises(errors.BadAnswer):
        Line(httpx.Response(416)).client.get_media("m")
    line = Line(refusal(42001), httpx.Response(200, content=b"x", headers=NAMED))
    assert line.client.get_jssdk_media("m").data == b"x"
    assert line.paths == ["media/get/jssdk"] * 2


def test_uploads_are_never_repeated_and_fetches_are():
    file = httpx.Response(200, content=b"x", headers=NAMED)
    line = Line(httpx.ReadTimeout("slow"), file)
    assert line.client.get_media("m").data == b"x"
    line = Line(httpx.ReadTimeout("slow"), ok(type="image", media_id="m", created_at=1))
    with pytest.raises(errors.OutcomeUnknown):
        line.client.upload_media(MediaKind.IMAGE, Upload(name="x", data=png()))
    assert len(line.requests) == 1


def test_shapes():
    assert [shapes.pixels(one) for one in (png(4, 5), jpeg(6, 7), mp4(), b"", png()[:20], jpeg()[:9])] == [
        (4, 5), (6, 7), None, None, None, None,
    ]  # fmt: skip
    assert [shapes.video_seconds(one) for one in (mp4(2), mp4(3, version=1), png(), b"", mp4()[:30])] == [
        2, 3, None, None, None,
    ]  # fmt: skip
    assert [shapes.voice_seconds(amr(2, mode)) for mode in (0, 7, 15)] == [2, 2, 2]
    assert repr(Upload(name="x", data=b"secret")) == "Upload(name='x', content_type='application/octet-stream')"


@pytest.mark.parametrize("data", [png(), jpeg(), mp4(), amr()])
def test_no_broken_file_breaks_the_reading(data):
    for at in range(len(data)):
        for broken in (data[:at], data[:at] + b"\xff" + data[at + 1 :], data[:at] + b"\0" + data[at + 1 :]):
            shapes.pixels(broken)
            shapes.video_seconds(broken)
            shapes.voice_seconds(broken)
