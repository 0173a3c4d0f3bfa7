"""Uploading and fetching files (wire.md D)."""

import re
from urllib.parse import quote, urlsplit

from wecom_sandbox.clock import day_start, month_start
from wecom_sandbox.errors import TEXTS, WireError
from wecom_sandbox.library import ALBUM, DONE, FAILED, JSSDK, MOMENT, UPLOAD, Picture, UrlJob
from wecom_sandbox.mediaprobe import Probe, probe
from wecom_sandbox.records import Json
from wecom_sandbox.wire.call import Call, Served
from wecom_sandbox.wire.media_use import BAD_MEDIA, Incoming, alive, picture_url, store
from wecom_sandbox.wire.multipart import FormFile

KINDS = ("image", "voice", "video", "file")
SMALLEST = 6
USES = {1: (MOMENT, ("image", "video")), 2: (ALBUM, ("image",))}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
# Where a file of this kind is too large.
_TOO_LARGE = {"image": 40009, "voice": 45001, "video": 40011, "file": 45001}


def upload(call: Call) -> Json:
    """Answer media/upload."""
    kind = call.text("type")
    if kind not in KINDS:
        raise WireError(40005)
    file = _sent(call)
    if len(file.data) < SMALLEST:
        raise WireError(40006)
    if len(file.data) > _most_bytes(call, kind):
        raise WireError(_TOO_LARGE[kind])
    found = _right(kind, file)
    if kind == "voice" and found.seconds > call.world.tunables.voice_most_s:
        raise WireError(45007)
    media = store(call, Incoming(kind, UPLOAD, file.name, file.data, found))
    # This page's samples show no "ok", and the time as a text (wire.md 0.1, D).
    return {"errmsg": "", "type": kind, "media_id": media.media_id, "created_at": str(media.created_at)}


def upload_picture(call: Call) -> Json:
    """Answer media/uploadimg: a picture for good, within the quota of a day and a month."""
    file, tunables = _sent(call), call.world.tunables
    if len(file.data) < SMALLEST or len(file.data) > tunables.picture_most_bytes:
        raise WireError(40009)
    found = _right("image", file)
    now = call.world.now()
    times = [one.created_at for one in call.corp.library.pictures.values() if one.counted]
    if sum(at >= day_start(now) for at in times) >= tunables.pictures_per_day:
        raise WireError(45009)
    if sum(at >= month_start(now) for at in times) >= tunables.pictures_per_month:
        raise WireError(45009)
    picture = Picture(call.corp.new_id("p"), call.world.vault.put(file.data), found.content_type, now)
    call.corp.library.pictures[picture.key] = picture
    return {"errmsg": "", "url": picture_url(call, picture.key)}


def upload_attachment(call: Call) -> Json:
    """Answer media/upload_attachment: for moments (1) or albums (2)."""
    kind = call.text("media_type", missing=41072)
    origin, kinds = USES.get(call.integer("attachment_type", missing=41072), ("", ()))
    if kind not in kinds:
        raise WireError(41072)
    file, tunables = _sent(call), call.world.tunables
    if not SMALLEST <= len(file.data) <= _most_bytes(call, kind):
        raise WireError(41080)
    found = _right(kind, file)
    sides = sorted((found.width, found.height))
    if origin == MOMENT and (sides[0] > tunables.moment_short_side or sides[1] > tunables.moment_long_side):
        raise WireError(41081)
    if origin == MOMENT and found.seconds > tunables.moment_video_most_s:
        raise WireError(41082)
    media = store(call, Incoming(kind, origin, file.name, file.data, found))
    return {"errmsg": "", "type": kind, "media_id": media.media_id, "created_at": media.created_at}


def get(call: Call) -> Served:
    """Answer media/get: the file, or the piece that Range names; a large one comes in pieces only."""
    media = call.corp.library.files.get(call.text("media_id", missing=BAD_MEDIA))
    if media is None:
        raise WireError(BAD_MEDIA)
    alive(call, media)
    piece = _piece(call.range, media.size)
    first, last = piece or (0, media.size - 1)
    if first >= media.size or last < first:
        return Served(b"", {"Content-Range": f"bytes */{media.size}"}, status=416)
    most = call.world.tunables.range_most_bytes
    if media.size > most and last - first >= most:
        raise WireError(830002)
    data = call.world.vault.get(media.digest)[first : last + 1]
    headers = {"Content-Type": media.content_type, "Accept-Ranges": "bytes", **_disposition(media.name)}
    if piece is None:
        return Served(data, headers)
    return Served(data, {**headers, "Content-Range": f"bytes {first}-{last}/{media.size}"}, status=206)


def get_jssdk(call: Call) -> Served:
    """Answer media/get/jssdk: only what a member recorded by JS has a fine voice."""
    media = call.corp.library.files.get(call.text("media_id", missing=BAD_MEDIA))
    if media is None or media.origin != JSSDK:
        raise WireError(BAD_MEDIA)
    alive(call, media)
    headers = {"Content-Type": "voice/speex", **_disposition(f"{media.media_id}.speex")}
    return Served(call.world.vault.get(media.fine), headers)


def upload_by_url(call: Call) -> Json:
    """Answer media/upload_by_url: the download begins at once and goes on by itself."""
    if call.integer("scene") != 1:
        raise WireError(40058)
    kind = call.text("type")
    if kind not in ("video", "file"):
        raise WireError(40005)
    name, url, md5 = (call.text(one, missing=40058) for one in ("filename", "url", "md5"))
    tunables = call.world.tunables
    if len(name.encode()) > tunables.url_name_most_bytes or len(url.encode()) > tunables.url_most_bytes:
        raise WireError(40058)
    if urlsplit(url).scheme not in ("http", "https"):
        raise WireError(40058, "invalid url")
    job = UrlJob(call.corp.new_id("jobid_"), call.app.agentid, kind, name, url, md5.lower(), call.world.now())
    call.corp.library.jobs[job.jobid] = job
    call.world.download(call.corp, job)
    return {"jobid": job.jobid}


def get_upload_by_url_result(call: Call) -> Json:
    """Answer media/get_upload_by_url_result."""
    job = call.corp.library.jobs.get(call.text("jobid", missing=40058))
    if job is None or job.created_at + call.world.tunables.url_job_life_s <= call.world.now():
        raise WireError(40058, "invalid jobid")
    text = TEXTS[job.errcode] if job.status == FAILED else "ok"
    detail: Json = {"errcode": job.errcode, "errmsg": text, "media_id": "", "created_at": ""}
    if job.status == DONE:
        detail = {**detail, "media_id": job.media_id, "created_at": str(job.media_created_at)}
    return {"status": job.status, "detail": detail}


def _sent(call: Call) -> FormFile:
    if call.file is None or not call.file.data:
        raise WireError(44001)
    return call.file


def _most_bytes(call: Call, kind: str) -> int:
    tunables = call.world.tunables
    return {
        "image": tunables.image_most_bytes,
        "voice": tunables.voice_most_bytes,
        "video": tunables.video_most_bytes,
        "file": tunables.file_most_bytes,
    }[kind]


def _right(kind: str, file: FormFile) -> Probe:
    found = probe(file.data)
    if kind not in ("file", found.kind):
        raise WireError(40004)
    return found


def _piece(asked: str, size: int) -> tuple[int, int] | None:
    """Read a Range header; None where there is none, or none that is understood."""
    found = _RANGE.fullmatch(asked)
    if found is None or not any(found.groups()):
        return None
    if not found[1]:
        return (max(size - int(found[2]), 0), size - 1)
    return (int(found[1]), min(int(found[2] or size - 1), size - 1))


def _disposition(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
