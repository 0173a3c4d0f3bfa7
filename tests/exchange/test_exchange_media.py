"""Files: uploads, their limits and lives, pieces, and what an id may be used for (wire.md D)."""

import httpx
import pytest

from linli.wecom import attachments as a
from linli.wecom.errors import BadAnswer, MissingArgument, NoAnswer, OutcomeUnknown, UnfitFile, WrongMix
from linli.wecom.files import Piece, Upload
from linli.wecom.media_calls import MediaKind, Use
from linli.wecom.message_calls import ChatType, MassMessageSpec
from linli.wecom.tokens import fetch_token
from tests.exchange.asking import refused
from tests.exchange.conftest import client_of
from tests.exchange.samples import amr, file, jpeg, mp4, png
from tests.sandbox.stage import SECRET, SEED, Stage
from wecom_sandbox.server import Options

IMAGE, VOICE, VIDEO, FILE = MediaKind
DAY = 86_400
MB = 1024 * 1024

KINDS = [
    (IMAGE, png(), "海报.png", "image/png"),
    (IMAGE, jpeg(), "poster.jpg", "image/jpeg"),
    (VOICE, amr(60), "voice.amr", "audio/amr"),
    (VIDEO, mp4(31), "film.mp4", "video/mp4"),
    (FILE, "一,二\n三,四".encode(), '价目 "表".csv', "text/csv"),
]


@pytest.mark.parametrize(("kind", "data", "name", "content_type"), KINDS)
def test_an_uploaded_file_is_fetched_as_it_was_by_every_app(client, rival, stage, kind, data, name, content_type):
    media = client.upload_media(kind, Upload(name=name, data=data))
    assert media.type == kind
    assert abs(media.created_at - stage.control("clock")["now"]) < 5
    for app in (client, rival):
        got = app.get_media(media.media_id)
        assert (got.data, got.name, got.content_type, got.total) == (data, name, content_type, len(data))


def test_a_file_ends_after_three_days(client, stage):
    media_id = client.upload_media(IMAGE, file(png())).media_id
    stage.control("clock", {"advance": 3 * DAY - 60})
    assert client.get_media(media_id).data == png()
    stage.control("clock", {"advance": 120})
    for code in (40145, 40007):
        stage.control("tunables", {"ended_media_code": code})
        with refused(code):
            client.get_media(media_id)
    stage.control("tunables", {"ended_media_code": 1}, status=400)


def test_an_unknown_id_is_refused(client):
    for read in (client.get_media, client.get_jssdk_media):
        with refused(40007):
            read("1nobody")
        with pytest.raises(MissingArgument):
            read("")


def test_another_corp_knows_nothing_of_it(client, stage):
    media_id = client.upload_media(IMAGE, file(png())).media_id
    stage.control("seed", {**SEED, "corp_id": "ww2", "apps": [{"agentid": 1, "name": "a", "secret": "other"}]})
    token = fetch_token(stage.hosted.url, "ww2", "other", stage.http).value
    answer = stage.http.get("/cgi-bin/media/get", params={"access_token": token, "media_id": media_id})
    assert answer.json()["errcode"] == 40007


def test_a_file_comes_in_pieces(client, stage):
    data = bytes(range(256)) * 40
    media_id = client.upload_media(FILE, file(data)).media_id
    piece = client.get_media(media_id, Piece(10, 19))
    assert (piece.data, piece.total) == (data[10:20], len(data))
    assert client.get_media(media_id, Piece(len(data) - 5, len(data) + 5)).data == data[-5:]
    stage.control("tunables", {"range_most_bytes": 4096})
    for read in (lambda: client.get_media(media_id), lambda: client.get_media(media_id, Piece(0, 4096))):
        with refused(830002):
            read()
    pieces = list(client.media_pieces(media_id, 4096))
    assert [len(one) for one in pieces] == [4096, 4096, 2048]
    assert b"".join(pieces) == data
    with pytest.raises(BadAnswer, match="416"):
        client.get_media(media_id, Piece(len(data), len(data) + 1))


def test_open_ended_ranges(client, stage):
    media_id = client.upload_media(FILE, file(b"0123456789")).media_id
    params = {"access_token": stage.token(), "media_id": media_id}
    for span, expected in [("bytes=7-", b"789"), ("bytes=-4", b"6789"), ("bytes=-99", b"0123456789")]:
        answer = stage.http.get("/cgi-bin/media/get", params=params, headers={"Range": span})
        assert (answer.status_code, answer.content) == (206, expected)
    assert stage.http.get("/cgi-bin/media/get", params=params, headers={"Range": "lines=1-2"}).status_code == 200


TOO_LARGE = [(IMAGE, png()), (VOICE, amr()), (VIDEO, mp4()), (FILE, b"x")]
UNFIT = [
    *((kind, start + b"\0" * (most * MB + 1 - len(start))) for (kind, start), most in zip(TOO_LARGE, (10, 2, 10, 20), strict=True)),
    *((kind, b"12345") for kind in MediaKind),
    (IMAGE, b"GIF89a and more"), (VOICE, b"ID3 an MP3 voice"), (VIDEO, b"RIFF an AVI film"), (VOICE, amr(60.1)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "data"), UNFIT)
def test_what_wecom_would_not_take_is_never_sent(client, stage, kind, data):
    with pytest.raises(UnfitFile) as caught:
        client.upload_media(kind, file(data))
    assert caught.value.zh != caught.value.en
    with pytest.raises(MissingArgument):
        client.upload_media(kind, Upload(name="", data=data))
    assert stage.control("counters")["api_calls"] == {}


def raw(stage, path, data=b"", *, field="media", **query):
    """Upload without the client, which would refuse; gives the errcode."""
    params = {"access_token": stage.token(), **query}
    answer = stage.http.post(f"/cgi-bin/{path}", params=params, files={field: ("x.bin", data)})
    return answer.json()["errcode"]


REFUSED = [
    ({"type": "gif"}, png(), {}, 40005), ({}, png(), {}, 40005),
    ({"type": "image"}, b"", {}, 44001), ({"type": "file"}, b"12345", {}, 40006),
    ({"type": "image"}, b"GIF89a and more", {}, 40004), ({"type": "voice"}, mp4(), {}, 40004),
    ({"type": "video"}, png(), {}, 40004),
    ({"type": "image"}, png(), {"image_most_bytes": 20}, 40009),
    ({"type": "video"}, mp4(), {"video_most_bytes": 20}, 40011),
    ({"type": "voice"}, amr(), {"voice_most_bytes": 20}, 45001),
    ({"type": "file"}, b"123456", {"file_most_bytes": 5}, 45001),
    ({"type": "voice"}, amr(60.1, mode=15), {}, 45007), ({"type": "voice"}, amr(2, mode=0), {"voice_most_s": 1}, 45007),
]  # fmt: skip


@pytest.mark.parametrize(("query", "data", "tunables", "code"), REFUSED)
def test_the_sandbox_refuses_by_itself(stage, query, data, tunables, code):
    stage.control("tunables", tunables)
    assert raw(stage, "media/upload", data, **query) == code


def test_a_form_without_the_field_is_empty(stage):
    assert raw(stage, "media/upload", png(), field="file", type="image") == 44001
    token = {"access_token": stage.token(), "type": "image"}
    assert stage.http.post("/cgi-bin/media/upload", params=token, json={}).json()["errcode"] == 44001


def test_a_picture_stays_and_counts(client, stage):
    stage.control("tunables", {"pictures_per_day": 2, "pictures_per_month": 3})
    stage.control("clock", {"to": "2099-03-01T08:00:00+08:00"})
    url = client.upload_picture(file(png()))
    client.upload_picture(file(jpeg()))
    with refused(45009):
        client.upload_picture(file(png()))
    stage.control("clock", {"advance": DAY})
    client.upload_picture(file(png()))
    with refused(45009):
        client.upload_picture(file(png()))
    stage.control("clock", {"advance": 31 * DAY})
    client.upload_picture(file(png()))
    shown = httpx.get(url, trust_env=False)
    assert (shown.content, shown.headers["content-type"]) == (png(), "image/png")
    assert httpx.get(f"{url}x", trust_env=False).status_code == 404


def test_a_picture_has_limits_of_its_own(client, stage):
    for data in (b"12345", b"GIF89a and more", png() + b"\0" * 2 * MB):
        with pytest.raises(UnfitFile):
            client.upload_picture(file(data))
    assert raw(stage, "media/uploadimg", png() + b"\0" * 2 * MB) == 40009
    assert raw(stage, "media/uploadimg", b"12345") == 40009
    assert raw(stage, "media/uploadimg", mp4()) == 40004


@pytest.mark.parametrize(
    ("kind", "use", "data"),
    [
        (IMAGE, Use.MOMENT, png(1080, 10_800)),
        (IMAGE, Use.MOMENT, jpeg(10_800, 1080)),
        (VIDEO, Use.MOMENT, mp4(30)),
        (VIDEO, Use.MOMENT, mp4(30, version=1)),
        (IMAGE, Use.ALBUM, png(9000, 9000)),
    ],
)
def test_an_attachment_is_taken_at_its_limit(client, kind, use, data):
    media = client.upload_attachment(kind, use, file(data))
    assert media.type == kind
    assert client.get_media(media.media_id).data == data


ATTACHMENTS = [
    (FILE, Use.MOMENT, b"123456", WrongMix, 41072), (VOICE, Use.MOMENT, amr(), WrongMix, 41072),
    (VIDEO, Use.ALBUM, mp4(), WrongMix, 41072),
    (IMAGE, Use.MOMENT, png(1081, 1081), UnfitFile, 41081), (IMAGE, Use.MOMENT, jpeg(10_801, 10), UnfitFile, 41081),
    (VIDEO, Use.MOMENT, mp4(30.1), UnfitFile, 41082), (VIDEO, Use.MOMENT, mp4(31, version=1), UnfitFile, 41082),
    (IMAGE, Use.ALBUM, png() + b"\0" * 10 * MB, UnfitFile, 41080), (IMAGE, Use.MOMENT, b"12345", UnfitFile, 41080),
    (IMAGE, Use.MOMENT, mp4(), UnfitFile, 40004), (IMAGE, Use.ALBUM, b"GIF89a and more", UnfitFile, 40004),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "use", "data", "error", "code"), ATTACHMENTS)
def test_an_attachment_beyond_is_refused_on_both_sides(client, stage, kind, use, data, error, code):
    with pytest.raises(error):
        client.upload_attachment(kind, use, file(data))
    query = {"media_type": str(kind), "attachment_type": int(use)}
    assert raw(stage, "media/upload_attachment", data, **query) == code


def test_an_attachment_of_no_known_use_is_refused(stage):
    for query in ({"media_type": "image"}, {"attachment_type": 1}, {"media_type": "image", "attachment_type": 3}):
        assert raw(stage, "media/upload_attachment", png(), **query) == 41072


def messages(client, stage):
    """The two calls that carry attachments to customers."""
    stage.way("shop")
    external = stage.befriend()
    spec = {"chat_type": ChatType.SINGLE, "sender": "zhangsan", "external_userids": (external,)}
    return (
        lambda part: client.send_welcome("code", attachments=[part]),
        lambda part: client.add_mass_message(MassMessageSpec(**spec, attachments=(part,))),
    )


def test_a_message_takes_living_files_of_its_kind_only(client, stage):
    welcome, mass = messages(client, stage)
    mini = {"title": "t", "appid": "wx", "page": "p"}
    image, video, other = (
        client.upload_media(kind, file(data)).media_id for kind, data in ((IMAGE, png()), (VIDEO, mp4()), (FILE, mp4()))
    )
    moment = client.upload_attachment(IMAGE, Use.MOMENT, file(png())).media_id
    url = client.upload_picture(file(png()))
    good = [
        a.Image(media_id=image), a.Image(pic_url=url), a.Image(media_id=image, pic_url="https://elsewhere.example/x"),
        a.MiniProgram(**mini, pic_media_id=image), a.Video(media_id=video), a.File(media_id=other),
    ]  # fmt: skip
    bad = [
        (a.Image(media_id="MEDIA_ID"), 40007), (a.Image(media_id=video), 40007), (a.Video(media_id=other), 40007),
        (a.File(media_id=image), 40007), (a.Image(media_id=moment), 40007),
        (a.MiniProgram(**mini, pic_media_id=video), 40007), (a.Image(pic_url="https://elsewhere.example/x"), 41065),
        (a.Image(pic_url=f"{url}x"), 41065),
    ]  # fmt: skip
    for part in good:
        assert mass(part).msgid
        with refused(41050):  # the code is unknown, the part was well
            welcome(part)
    for part, code in bad:
        for send in (welcome, mass):
            with refused(code):
                send(part)
    stage.control("clock", {"advance": 3 * DAY + 60, "force": True})
    for send in (welcome, mass):
        with refused(40145):
            send(a.Image(media_id=image))
    assert mass(a.Image(pic_url=url)).msgid


def test_a_recorded_voice_has_a_fine_form(client, stage):
    media_id = stage.act("record_voice", userid="zhangsan", speex="U3BlZXggaGVyZQ==")["media_id"]
    fine = client.get_jssdk_media(media_id)
    assert (fine.data, fine.content_type) == (b"Speex here", "voice/speex")
    assert client.get_media(media_id).data.startswith(b"#!AMR\n")
    with refused(40007):
        client.get_jssdk_media(client.upload_media(VOICE, file(amr())).media_id)
    stage.act("record_voice", userid="zhangsan", speex="?", status=400)


def test_files_live_over_a_restart(tmp_path):
    state = tmp_path / "world.json"
    stage = Stage(Options(state_file=state))
    stage.control("seed", SEED)
    url = stage.http.post(
        "/cgi-bin/media/uploadimg", params={"access_token": stage.token()}, files={"media": ("x.png", png(7, 7))}
    ).json()["url"]
    client = client_of(stage, SECRET)
    media_id = client.upload_media(FILE, file(b"stay here")).media_id
    stage.stop()
    again = Stage(Options(state_file=state))
    assert client_of(again, SECRET).get_media(media_id).data == b"stay here"
    assert again.http.get(httpx.URL(url).path).content == png(7, 7)
    # What ended long ago is forgotten with its bytes, and only that.
    again.control("clock", {"advance": 40 * DAY})
    again.sandbox.world.sweep()
    with refused(40007):
        client_of(again, SECRET).get_media(media_id)
    assert [path.read_bytes() for path in tmp_path.glob("*.files/*")] == [png(7, 7)]
    again.stop()


def test_a_lost_answer_is_unknown_for_an_upload_and_asked_again_for_a_read(client, stage):
    media_id = client.upload_media(IMAGE, file(png())).media_id
    stage.control("faults", {"answer_lost": 1.0})
    for upload in (
        lambda: client.upload_media(IMAGE, file(png())),
        lambda: client.upload_picture(file(png())),
        lambda: client.upload_attachment(IMAGE, Use.MOMENT, file(png())),
    ):
        with pytest.raises(OutcomeUnknown):
            upload()
    with pytest.raises(NoAnswer):
        client.get_media(media_id)
